// Package version says which build of Pharos this is.
package version

import "runtime"

// Version is set by the linker (see Makefile).
var Version = "dev"

// String is one line for people: version, Go version, platform.
func String() string {
	return "pharos " + Version + " (" + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}

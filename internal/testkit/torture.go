package testkit

import (
	"os"
	"testing"
)

// Times is how often a test repeats what it does to the process: usual; under -short
// short; when $PHAROS_TORTURE is set, as make torture does, torture.
func Times(short, usual, torture int) int {
	switch {
	case Torture():
		return torture
	case testing.Short():
		return short
	}
	return usual
}

// Torture reports whether the long forms of tests are asked for.
func Torture() bool { return os.Getenv("PHAROS_TORTURE") != "" }

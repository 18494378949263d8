package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Shared returns a path inside the folder of outside data (answers of the real
// servers, files from the field), which $PHAROS_SHARED names. The test is skipped
// where it is not set: `make test` needs nothing from outside, `make acceptance`
// sets it.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("PHAROS_SHARED")
	if root == "" {
		t.Skip("PHAROS_SHARED is not set: there is no outside data to compare with")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("PHAROS_SHARED lacks what this test needs: %v", err)
	}
	return path
}

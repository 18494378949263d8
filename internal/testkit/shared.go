package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Shared returns a path inside the folder of outside data (answers of the real
// servers, files from the field): $PHAROS_SHARED or ../shared beside the
// repository. The test is skipped where it is absent.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("PHAROS_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				t.Fatal("BUG: the test does not run inside the repository")
			}
			dir = parent
		}
		root = filepath.Join(filepath.Dir(dir), "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there", path)
	}
	return path
}

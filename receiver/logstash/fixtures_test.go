package logstash

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestFixturesLoad reads configurations from the field. What is wrong with their inputs
// and outputs must be one of the refusals that the documentation names: an unknown
// setting of a plugin that we have is our fault.
func TestFixturesLoad(t *testing.T) {
	root := testkit.Shared(t, "fixtures", "logstash")
	unknown := map[string]int{}
	files, bad := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".conf") {
			return err
		}
		files++
		err = Check([]string{path}, DefaultConfig(), func(string) (string, bool) { return "1", true })
		if err == nil {
			return nil
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			_, what, _ := strings.Cut(strings.TrimPrefix(line, path), ": ")
			if strings.Contains(what, "has no setting") && !strings.Contains(what, "stdin has") { // the grammar's own tests invent some
				unknown[what]++
			}
		}
		bad++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for what := range unknown {
		all = append(all, what)
	}
	slices.Sort(all)
	t.Logf("%d files, %d with something to say; %d unknown settings", files, bad, len(all))
	for _, what := range all {
		if name, _, _ := strings.Cut(what, " "); inputs()[name] != nil || outputs()[name] != nil {
			t.Error(what)
		}
	}
}

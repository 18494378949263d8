package rowstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pharosd/pharos/internal/durable"
)

// sinceFile is a file of one line, its header and a number: from which one on rows are
// marked.
type sinceFile struct{ name, header string }

var (
	// distinctFile is about LateColumn.
	distinctFile = sinceFile{"distinct", "pharos-rowstore-distinct 1"}
	// marksFile is about lengthColumn and longColumn.
	marksFile = sinceFile{"marks", "pharos-rowstore-marks 1"}
)

// since reads from which number on rows are marked, or decides that it is from next on.
// A store that is opened without marks forgets it, as the rows that it gets then have
// none.
func (f sinceFile) since(dir string, wanted bool, next uint64) (uint64, error) {
	path := filepath.Join(dir, f.name)
	if !wanted {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("forget from when on rows are marked: %w", err)
		}
		return 0, nil
	}
	b, err := os.ReadFile(path)
	if err == nil {
		var since uint64
		if _, err := fmt.Sscanf(string(b), f.header+" %d\n", &since); err != nil {
			return 0, fmt.Errorf("read %s: damaged or of another version", path)
		}
		return since, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read from when on rows are marked: %w", err)
	}
	since := next
	if next <= 1 { // there is no row before
		since = 0
	}
	if err := durable.Replace(path, fmt.Appendf(nil, "%s %d\n", f.header, since)); err != nil {
		return 0, fmt.Errorf("write from when on rows are marked: %w", err)
	}
	return since, nil
}

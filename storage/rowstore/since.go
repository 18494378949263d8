package rowstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// distinctName is a file of one line: from which number on rows carry LateColumn.
const (
	distinctName   = "distinct"
	distinctHeader = "pharos-rowstore-distinct 1"
)

// markedSince reads from which number on rows carry LateColumn, or decides that it is
// from next on. A store that is opened without Config.Distinct forgets it, as the rows
// that it gets then are not marked.
func markedSince(dir string, wanted bool, next uint64) (uint64, error) {
	path := filepath.Join(dir, distinctName)
	if !wanted {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("forget from when on rows are marked: %w", err)
		}
		return 0, nil
	}
	b, err := os.ReadFile(path)
	if err == nil {
		var since uint64
		if _, err := fmt.Sscanf(string(b), distinctHeader+" %d\n", &since); err != nil {
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
	if err := writeFileSync(path, fmt.Appendf(nil, "%s %d\n", distinctHeader, since)); err != nil {
		return 0, fmt.Errorf("write from when on rows are marked: %w", err)
	}
	return since, nil
}

// Package durable writes files so that a crash or a power cut leaves either the old or the
// new content, and lists the files of logs that are cut into numbered segments.
package durable

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Replace replaces the file at path whole, with mode 0640. When it returns without an
// error the new content outlives a power cut. Calls for one path must not overlap.
func Replace(path string, content []byte) error {
	// One name for the temporary file, so that one left by a crash is overwritten.
	temporary := path + ".tmp"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return Rename(temporary, path)
}

// Rename renames a file, whose content is synced, for good.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

// SyncDir makes what was created, renamed or removed in a folder last through a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Segment is a file of a log: 16 hexadecimal digits, the number of the first record that
// it could have, and the log's suffix.
type Segment struct {
	Path  string
	First uint64
	Size  int64 // bytes
}

// SegmentPath is where the segment of a folder that begins with a number is.
func SegmentPath(dir string, first uint64, suffix string) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", first, suffix))
}

// Segments lists the segments of a folder, oldest first. Files with another suffix are
// passed over; one without a number for a name is an error.
func Segments(dir, suffix string) ([]Segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []Segment
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		first, err := strconv.ParseUint(name, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("file %s has no number for a name", e.Name())
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		out = append(out, Segment{filepath.Join(dir, e.Name()), first, info.Size()})
	}
	slices.SortFunc(out, func(a, b Segment) int { return cmp.Compare(a.First, b.First) })
	return out, nil
}

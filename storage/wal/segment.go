package wal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// segmentFile is what the log asks of a file; tests put failing ones in place.
type segmentFile interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// segment is one file: its records have numbers from first to before end.
type segment struct {
	path       string
	first, end uint64
	size       int64
	file       segmentFile // nil unless it is being written
}

const segmentSuffix = ".wal"

func segmentPath(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", first, segmentSuffix))
}

// createSegment opens a new file for appending. O_APPEND makes a write after a
// Truncate continue at the new end.
func createSegment(path string) (segmentFile, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
}

func listSegments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list write-ahead log: %w", err)
	}
	var out []segment
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		if !ok {
			continue
		}
		first, err := strconv.ParseUint(name, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("list write-ahead log: file %s has no number for a name", e.Name())
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("list write-ahead log: %w", err)
		}
		out = append(out, segment{path: filepath.Join(dir, e.Name()), first: first, size: info.Size()})
	}
	slices.SortFunc(out, func(a, b segment) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	return out, nil
}

// lastNumber returns the number after the last intact record of a file, 0 if it
// has none.
func lastNumber(path string) (uint64, error) {
	b, err := readSegment(path)
	if err != nil {
		return 0, err
	}
	var end uint64
	s := scanFile(b)
	for r, ok := s.next(); ok; r, ok = s.next() {
		end = max(end, r.First+uint64(r.Count))
	}
	return end, nil
}

func readSegment(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read write-ahead log: %w", err)
	}
	// A file of a later version must not be taken for a damaged one.
	if len(b) >= 16 && string(b[:8]) == fileMagic &&
		binary.LittleEndian.Uint32(b[12:]) == crc32.Checksum(b[:12], castagnoli) {
		if v := binary.LittleEndian.Uint32(b[8:]); v != version {
			return nil, fmt.Errorf("read write-ahead log %s: format version %d, this program knows %d", path, v, version)
		}
	}
	return b, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

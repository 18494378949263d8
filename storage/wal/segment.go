package wal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/pharosd/pharos/internal/durable"
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

// createSegment opens a new file for appending. O_APPEND makes a write after a
// Truncate continue at the new end.
func createSegment(path string) (segmentFile, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
}

func listSegments(dir string) ([]segment, error) {
	files, err := durable.Segments(dir, segmentSuffix)
	if err != nil {
		return nil, fmt.Errorf("list write-ahead log: %w", err)
	}
	out := make([]segment, len(files))
	for i, f := range files {
		out[i] = segment{path: f.Path, first: f.First, size: f.Size}
	}
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

// Package positions reads and writes Promtail's file of positions: a YAML mapping
// `positions` of paths to byte offsets (lines of compressed files), and of keys with
// the prefix cursor- to what other sources read up to. The queue knows better where
// each file was read up to; the file is for a move from Promtail and back.
package positions

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"gopkg.in/yaml.v3"
)

// maxSize bounds the file in bytes.
const maxSize = 64 << 20

// CursorPrefix begins the keys that are no files.
const CursorPrefix = "cursor-"

// journalPrefix begins the journal's keys of old Promtails.
const journalPrefix = "journal-"

// File is the contents of a positions file.
type File struct {
	// Positions are as they are written: offsets are decimal.
	Positions map[string]string
	// Sum is the hash of the file's bytes, "" if there is none.
	Sum string
}

type form struct {
	Positions map[string]string `yaml:"positions"`
}

// Read reads the file at path; one that does not exist is empty.
func Read(path string) (File, error) {
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return File{Positions: map[string]string{}}, nil
	}
	if err != nil {
		return File{}, fmt.Errorf("read positions: %w", err)
	}
	if !fi.Mode().IsRegular() || fi.Size() > maxSize {
		return File{}, fmt.Errorf("read positions: %s is no file of at most %d bytes", path, maxSize)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("read positions: %w", err)
	}
	var f form
	if err := yaml.Unmarshal(text, &f); err != nil {
		return File{}, fmt.Errorf("read positions %s: %w", path, err)
	}
	if f.Positions == nil {
		f.Positions = map[string]string{}
	}
	return File{f.Positions, sum(text)}, nil
}

func sum(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:8])
}

// Offset is the position of a path; ok is false if there is none or it is no number.
func (f File) Offset(path string) (offset int64, ok bool) {
	n, err := strconv.ParseInt(f.Positions[path], 10, 64)
	return n, err == nil && n >= 0
}

// Cursor is the position of a source that is no file, "" if there is none.
func (f File) Cursor(key string) string { return f.Positions[CursorPrefix+key] }

// Encode returns the file's text and its hash.
func Encode(positions map[string]string) (text []byte, hash string, err error) {
	text, err = yaml.Marshal(form{positions})
	if err != nil {
		return nil, "", fmt.Errorf("encode positions: %w", err)
	}
	return text, sum(text), nil
}

// Write replaces the file at path at once.
func Write(path string, text []byte) error {
	const mode = 0o600 // Promtail's
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write positions: %w", err)
	}
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write positions: %w", err)
	}
	return nil
}

// IsCursor reports whether a key is that of a source that is no file.
func IsCursor(key string) bool {
	return len(key) > len(CursorPrefix) && key[:len(CursorPrefix)] == CursorPrefix ||
		len(key) > len(journalPrefix) && key[:len(journalPrefix)] == journalPrefix
}

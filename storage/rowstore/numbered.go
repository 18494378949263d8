package rowstore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pharosd/pharos/internal/durable"
)

// identityHeader is what the file "id" of a store's folder begins with.
const identityHeader = "pharos-rowstore-id 1 "

// Numbered matches rows with First <= number < Before, see SequenceColumn. Numbers
// are below 2^53.
type Numbered struct{ First, Before uint64 }

func (Numbered) filter() {}

func renderNumbered(f Numbered) condition {
	if f.First >= f.Before {
		return condition{never: true}
	}
	return condition{text: f.text()}
}

// ID names the store for ever: numbers of rows are unique below it. It is a random
// word in the store's folder and goes with it.
func (s *Store) ID() (string, error) {
	path := filepath.Join(s.cfg.Path, "id")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b := make([]byte, 16)
		_, _ = rand.Read(b) // never fails
		text = []byte(identityHeader + hex.EncodeToString(b) + "\n")
		err = durable.Replace(path, text)
	}
	if err != nil {
		return "", fmt.Errorf("identity of the row store: %w", err)
	}
	id, ok := strings.CutPrefix(strings.TrimSpace(string(text)), identityHeader)
	if !ok || len(id) != 32 {
		return "", fmt.Errorf("read %s: %q is no identity of a row store", path, text)
	}
	return id, nil
}

// Settled returns a number such that every row with a smaller one is seen by the
// queries that follow, and no row will get a smaller one any more.
func (s *Store) Settled(ctx context.Context) (uint64, error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	if err := s.makeVisible(ctx); err != nil { // waits for the replay
		return 0, err
	}
	// No append is between the log and the engine at this moment.
	s.adding.Lock()
	defer s.adding.Unlock()
	return s.wal.Next(), nil
}

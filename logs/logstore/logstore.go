// Package logstore keeps log streams as rows of a rowstore: the log store of one
// machine. It knows how a stream, an entry and a query map to rows; the engine
// behind rowstore's interfaces is handed in.
package logstore

import (
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/storage/rowstore"
)

// Store implements logs.Appender and logs.Reader.
type Store struct {
	w     rowstore.Writer
	r     rowstore.Reader
	names parsedNames
}

var (
	_ logs.Appender = (*Store)(nil)
	_ logs.Reader   = (*Store)(nil)
)

// New returns a log store over rows. Both sides must belong to the same store.
func New(w rowstore.Writer, r rowstore.Reader) *Store {
	return &Store{w: w, r: r}
}

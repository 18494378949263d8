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
	// inLine is nil if all values of parsed fields are kept in columns.
	inLine  *inLineNames
	samples samples
}

var (
	_ logs.Appender = (*Store)(nil)
	_ logs.Reader   = (*Store)(nil)
)

// New returns a log store over rows. Both sides must belong to the same store.
func New(w rowstore.Writer, r rowstore.Reader) *Store {
	return &Store{w: w, r: r}
}

// DerivedFields is what a store of log rows sets rowstore.Config.Derived to.
const DerivedFields = parsedPrefix

// LeaveInLines makes the store keep no second copy of values that are nearly all
// different, such as ids. It notes the names of such fields in the file, which belongs
// to the rows, and must be called before the store is used, also by those that only
// read it. Other processes must not write the same rows.
func (s *Store) LeaveInLines(file string) (err error) {
	s.inLine, err = openInLineNames(file)
	return err
}

// LeaveAllInLines is LeaveInLines for every value that may be left. Queries are slower
// then: it is for tests of what asks the store.
func (s *Store) LeaveAllInLines(file string) error {
	s.samples.eager = true
	return s.LeaveInLines(file)
}

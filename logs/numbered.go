package logs

import (
	"context"
	"errors"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// ErrNotNumbered says that a store does not number its entries. Test with errors.Is.
var ErrNotNumbered = errors.New("the log store does not number its entries")

// NumberedAppender is an Appender that MAY be implemented by stores that number their
// entries: from 1 on, ascending in the order in which appends were taken, over all
// tenants, never used twice, kept over restarts. Numbers may be left out.
type NumberedAppender interface {
	// AppendNumbered is Append; first is the number of the first entry that is not among
	// the repeated ones, and the others of these follow in order without a gap. repeated
	// are the places, counted over all streams, ascending, of entries that were there
	// already and are not stored again.
	AppendNumbered(ctx context.Context, t tenant.ID, streams []model.LogStream) (first uint64, repeated []int, err error)
	// LastNumber returns the highest number that an entry may have by now; false says
	// that entries are not numbered after all, and first is always 0.
	LastNumber() (last uint64, ok bool)
}

// Numbered is a Reader that MAY be implemented by the same stores. Decorators of a
// Reader SHOULD forward it: without it a live tail resumes by time only.
type Numbered interface {
	// SelectNumbered is Select of the entries whose number is more than after and at
	// most upTo; numbers has one for each entry of the block and is valid as long as
	// it. With after 0, which is cheap, entries past upTo MAY come too: the caller looks
	// at the numbers. A store without numbers returns ErrNotNumbered, also when after is
	// not less than upTo, which selects nothing and never calls emit.
	SelectNumbered(ctx context.Context, t tenant.ID, q Query, after, upTo uint64, emit func(b *Block, numbers []uint64) error) error
}

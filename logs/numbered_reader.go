package logs

import (
	"context"

	"github.com/pharosd/pharos/tenant"
)

// NumberedRange selects entries by time and by the numbers that their store gave them.
type NumberedRange struct {
	// Start (inclusive) and End (exclusive) are nanoseconds since the Unix epoch.
	Start, End int64
	// First (inclusive) and Before (exclusive) bound the numbers.
	First, Before uint64
}

// NumberedReader is what a store can do whose entries are copied elsewhere exactly
// once, such as to an archive: numbers ascend in the order of appending and are never
// used twice below one ID. Safe for concurrent use.
type NumberedReader interface {
	// ID names the store for ever.
	ID() (string, error)
	// Tenants are all that ever wrote, sorted.
	Tenants() []tenant.ID
	// Settled returns a number such that every entry with a smaller one is seen by the
	// calls that follow, and no entry will get a smaller one any more.
	Settled(ctx context.Context) (uint64, error)
	// CountNumbered counts entries in buckets of step nanoseconds.
	CountNumbered(ctx context.Context, t tenant.ID, r NumberedRange, step int64) ([]Group, error)
	// SelectNumbered calls emit for blocks of entries with lines, all metadata and their
	// numbers, in no particular order. Calls do not overlap; everything is valid only
	// until emit returns. An error of emit ends the query and is returned.
	SelectNumbered(ctx context.Context, t tenant.ID, r NumberedRange, emit func(b *Block, numbers []uint64) error) error
}

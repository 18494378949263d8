package logstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// Numbered reads a store's entries with their numbers.
type Numbered struct{ rows *rowstore.Store }

var _ logs.NumberedReader = Numbered{}

// NewNumbered returns the numbered side of a log store over rows.
func NewNumbered(rows *rowstore.Store) Numbered { return Numbered{rows} }

// ID implements logs.NumberedReader.
func (n Numbered) ID() (string, error) { return n.rows.ID() }

// Tenants implements logs.NumberedReader.
func (n Numbered) Tenants() []tenant.ID { return n.rows.Tenants() }

// Settled implements logs.NumberedReader.
func (n Numbered) Settled(ctx context.Context) (uint64, error) { return n.rows.Settled(ctx) }

func numberedQuery(r logs.NumberedRange) rowstore.Query {
	return rowstore.Query{Start: r.Start, End: r.End, Filter: rowstore.Numbered{First: r.First, Before: r.Before}}
}

// CountNumbered implements logs.NumberedReader.
func (n Numbered) CountNumbered(ctx context.Context, t tenant.ID, r logs.NumberedRange, step int64) ([]logs.Group, error) {
	q := numberedQuery(r)
	q.Columns = []string{}
	counts, err := n.rows.Count(ctx, t, q, rowstore.Grouping{Step: step})
	if err != nil {
		return nil, err
	}
	out := make([]logs.Group, len(counts))
	for i, c := range counts {
		out[i] = logs.Group{Time: c.Time, Entries: c.Rows}
	}
	return out, nil
}

// SelectNumbered implements logs.NumberedReader.
func (n Numbered) SelectNumbered(ctx context.Context, t tenant.ID, r logs.NumberedRange, emit func(*logs.Block, []uint64) error) error {
	q := numberedQuery(r)
	q.Sequence = true
	var br blockReader
	var numbers []uint64
	return n.rows.Query(ctx, t, q, func(b *rowstore.Block) error {
		numbers = numbers[:0]
		for _, v := range b.Column(rowstore.SequenceColumn) {
			number, err := strconv.ParseUint(v, 10, 64)
			if err != nil || number < r.First || number >= r.Before {
				return fmt.Errorf("BUG: number of an entry is %q, want %d to %d", v, r.First, r.Before)
			}
			numbers = append(numbers, number)
		}
		if len(numbers) != len(b.Times) {
			return fmt.Errorf("BUG: %d entries with %d numbers", len(b.Times), len(numbers))
		}
		block := br.read(b)
		trimBlock(block, logs.Query{})
		return emit(block, numbers)
	})
}

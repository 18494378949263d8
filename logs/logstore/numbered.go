package logstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

var (
	_ logs.NumberedAppender = (*Store)(nil)
	_ logs.Numbered         = (*Store)(nil)
)

// SelectNumbered implements logs.Numbered: an entry's number is its row's.
func (s *Store) SelectNumbered(ctx context.Context, t tenant.ID, q logs.Query, after, upTo uint64, emit func(*logs.Block, []uint64) error) error {
	if after >= upTo {
		return nil
	}
	rq, err := s.rows(t, q)
	if err != nil {
		return err
	}
	if after > 0 {
		numbered := rowstore.NumberRange{Name: rowstore.SequenceColumn, Min: float64(after + 1), Max: math.Inf(1)}
		if upTo < math.MaxUint64 {
			numbered.Max = float64(upTo)
		}
		rq.Filter = both(numbered, rq.Filter)
	}
	rq.Sequence = true
	var r blockReader
	var numbers []uint64
	return s.r.Query(ctx, t, rq, func(b *rowstore.Block) error {
		numbers = numbers[:0]
		for _, text := range b.Column(rowstore.SequenceColumn) {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				return fmt.Errorf("read the number of a row: %w", err)
			}
			numbers = append(numbers, n)
		}
		if len(numbers) != len(b.Times) {
			return fmt.Errorf("BUG: %d rows have %d numbers", len(b.Times), len(numbers))
		}
		block := r.read(b)
		trimBlock(block, q)
		err := emit(block, numbers)
		if errors.Is(err, logs.ErrStop) {
			return rowstore.ErrStop
		}
		return err
	})
}

func both(f, g rowstore.Filter) rowstore.Filter {
	if g == nil {
		return f
	}
	return rowstore.And{f, g}
}

// numberedRows is the writing side of a store that tells the numbers of rows.
type numberedRows interface {
	AppendNumbered(ctx context.Context, t tenant.ID, rows []rowstore.Row) (first uint64, err error)
	LastNumber() uint64
}

// AppendNumbered implements logs.NumberedAppender.
func (s *Store) AppendNumbered(ctx context.Context, t tenant.ID, streams []model.LogStream) (first uint64, err error) {
	rows := rowsOf(streams)
	if w, ok := s.w.(numberedRows); ok {
		return w.AppendNumbered(ctx, t, rows)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	return 0, s.w.Append(ctx, t, rows)
}

// LastNumber implements logs.NumberedAppender.
func (s *Store) LastNumber() (last uint64, ok bool) {
	w, ok := s.w.(numberedRows)
	if !ok {
		return 0, false
	}
	return w.LastNumber(), true
}

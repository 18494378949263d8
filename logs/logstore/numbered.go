package logstore

import (
	"context"
	"errors"
	"fmt"
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
	defer s.inLine.reading()()
	rq, err := s.rows(t, q)
	if err != nil {
		return err
	}
	if after > 0 {
		rq.Filter = both(rowstore.Numbered{First: after + 1, Before: min(upTo, maxNumber) + 1}, rq.Filter)
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

// maxNumber is beyond all numbers of rows.
const maxNumber = 1<<53 - 2

func both(f, g rowstore.Filter) rowstore.Filter {
	if g == nil {
		return f
	}
	return rowstore.And{f, g}
}

// numberedRows is the writing side of a store that tells the numbers of rows.
type numberedRows interface {
	AppendNumbered(ctx context.Context, t tenant.ID, rows []rowstore.Row) (first uint64, repeated []int, err error)
	LastNumber() uint64
}

// AppendNumbered implements logs.NumberedAppender.
func (s *Store) AppendNumbered(ctx context.Context, t tenant.ID, streams []model.LogStream) (first uint64, repeated []int, err error) {
	w, ok := s.w.(numberedRows)
	if !ok {
		return 0, nil, s.Append(ctx, t, streams)
	}
	err = s.withRows(t, streams, func(rows []rowstore.Row) (err error) {
		first, repeated, err = w.AppendNumbered(ctx, t, rows)
		return err
	})
	return first, repeated, err
}

// LastNumber implements logs.NumberedAppender.
func (s *Store) LastNumber() (last uint64, ok bool) {
	w, ok := s.w.(numberedRows)
	if !ok {
		return 0, false
	}
	return w.LastNumber(), true
}

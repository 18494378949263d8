package esquery

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// run is one request under way: what it may take and what it took.
type run struct {
	engine *Engine
	tenant tenant.ID
	memory atomic.Int64
	bytes  atomic.Int64
}

// keep accounts for memory that the request holds.
func (r *run) keep(n int) error {
	if r.memory.Add(int64(n)) > r.engine.cfg.MaxMemory {
		return tooLarge("its limit of " + bytesText(r.engine.cfg.MaxMemory))
	}
	return nil
}

func tooLarge(limit string) error {
	return &Error{Status: 429, Type: "circuit_breaking_exception",
		Reason: "[request] Data too large: the request needs more memory than " + limit + "; ask for fewer hits or buckets, or for a shorter time"}
}

// read accounts for what the store handed out.
func (r *run) read(n int) error {
	if r.bytes.Add(int64(n)) > r.engine.cfg.MaxBytes {
		return &Error{Status: 429, Type: "circuit_breaking_exception",
			Reason: "[request] Data too large: the request reads more than its limit of " + bytesText(r.engine.cfg.MaxBytes) +
				"; ask for a shorter time or fewer indices"}
	}
	return nil
}

func bytesText(n int64) string {
	return string(appendWhole(nil, n)) + " bytes"
}

// scanner reads the documents that a query matches.
type scanner struct {
	*run
	// where is the store's filter; test the exact one, nil if where is exact.
	where logs.Filter
	test  query

	mu      sync.Mutex
	readers []*reader
}

// scan calls visit for each document with start <= time < end, for several at once
// but for one of each worker. It ends early, without an error, when visit returns
// logs.ErrStop.
func (s *scanner) scan(ctx context.Context, start, end int64, visit func(worker int, d *document) error) error {
	from, to := timeRange(s.where)
	q := logs.Query{Start: max(start, from), End: min(end, to), Where: s.where, Parallel: true}
	var may lineCheck
	if s.test != nil {
		q.Where, may = forStore(s.where), newLineCheck(s.where)
	}
	if q.Start >= q.End {
		return nil
	}
	return s.engine.reader.Select(ctx, s.tenant, q, func(b *logs.Block) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := s.reader(b.Worker)
		r.begin(b)
		size := 0
		for i := range b.Times {
			size += len(b.Lines[i])
			if may != nil && !may(b, b.Lines[i]) {
				continue
			}
			d := r.read(i)
			if s.test != nil && !s.test.match(d) {
				continue
			}
			if err := visit(b.Worker, d); err != nil {
				return err
			}
		}
		return s.read(size)
	})
}

func (s *scanner) reader(worker int) *reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.readers) <= worker {
		s.readers = append(s.readers, nil)
	}
	if s.readers[worker] == nil {
		s.readers[worker] = &reader{}
	}
	return s.readers[worker]
}

// count asks the store alone; where must be exact.
func (s *scanner) count(ctx context.Context) (int64, error) {
	start, end := timeRange(s.where)
	if start >= end {
		return 0, nil
	}
	groups, err := s.engine.reader.Count(ctx, s.tenant, logs.Query{Start: start, End: end, Where: s.where}, logs.Grouping{})
	var n int64
	for _, g := range groups {
		n += int64(g.Entries)
	}
	return n, err
}

// timedOut says whether an error is the end of the request's time, and not of its
// client's patience.
func timedOut(parent, own context.Context, err error) bool {
	return err != nil && parent.Err() == nil && errors.Is(own.Err(), context.DeadlineExceeded)
}

// perWorker holds a value for each worker.
type perWorker[T any] struct {
	mu  sync.Mutex
	all map[int]T
	new func() T
}

func newPerWorker[T any](f func() T) *perWorker[T] {
	return &perWorker[T]{all: map[int]T{}, new: f}
}

func (p *perWorker[T]) get(worker int) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.all[worker]
	if !ok {
		v = p.new()
		p.all[worker] = v
	}
	return v
}

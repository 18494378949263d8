package logstore

import (
	"context"
	"errors"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

var matchOps = map[labels.MatchType]rowstore.MatchOp{
	labels.MatchEqual:     rowstore.Equal,
	labels.MatchNotEqual:  rowstore.NotEqual,
	labels.MatchRegexp:    rowstore.Regex,
	labels.MatchNotRegexp: rowstore.NotRegex,
}

// rows translates a query.
func (s *Store) rows(t tenant.ID, q logs.Query) (rowstore.Query, error) {
	rq := rowstore.Query{Start: q.Start, End: q.End, Streams: streamMatchers(q.Matchers), Limit: q.Limit, OldestFirst: q.Forward}
	f := q.Filter()
	inLine := s.inLine.of(t)
	weak, exact := logs.Weaken(f, engineCanFor(inLine))
	var err error
	if rq.Filter, err = (rowFilters{inLine}).one(weak); err != nil {
		return rq, err
	}
	s.columns(&rq, t, q)
	if !exact {
		err = s.keepExact(&rq, t, f)
	}
	if q.AllParsed && len(inLine) > 0 || len(s.restored(t, q.Parsed)) > 0 {
		restoreLines(&rq)
	}
	return rq, err
}

// columns sets the columns that a query reads.
func (s *Store) columns(rq *rowstore.Query, t tenant.ID, q logs.Query) {
	rq.Late = q.MaybeEqual
	if q.Metadata == nil || q.AllParsed {
		if q.NoLines {
			rq.Without = append(rq.Without, rowstore.MessageField)
		}
		if !q.AllParsed {
			rq.Without = s.names.others(rq.Without, t, q.Parsed)
		}
		return
	}
	rq.Columns = []string{} // not nil: times only
	if !q.NoLines {
		rq.Columns = append(rq.Columns, rowstore.MessageField)
	}
	for _, name := range q.Metadata {
		rq.Columns = append(rq.Columns, metadataPrefix+name)
	}
	for _, name := range q.Parsed {
		rq.Columns = append(rq.Columns, parsedPrefix+name)
	}
	if q.Parsed != nil {
		rq.Columns = append(rq.Columns, formatColumn)
	}
}

// keepExact makes a query that selects more than f matches test its rows.
func (s *Store) keepExact(rq *rowstore.Query, t tenant.ID, f logs.Filter) error {
	m, err := logs.NewMatcher(f)
	if err != nil {
		return err
	}
	for _, field := range m.Fields() {
		addColumn(rq, fieldColumn(field))
		if field.Kind == logs.Parsed && s.inLine.of(t)[field.Name] {
			restoreLines(rq)
		}
	}
	addColumn(rq, formatColumn)
	rq.Late = rq.Late || asksMaybeEqual(f)
	rq.Keep = func(b *rowstore.Block, keep []bool) {
		var r blockReader
		m.Match(r.read(b), keep)
	}
	return nil
}

func asksMaybeEqual(f logs.Filter) bool {
	switch f := f.(type) {
	case logs.MaybeEqual:
		return true
	case logs.Not:
		return asksMaybeEqual(f.Filter)
	case logs.And:
		return slices.ContainsFunc(f, asksMaybeEqual)
	case logs.Or:
		return slices.ContainsFunc(f, asksMaybeEqual)
	}
	return false
}

func addColumn(rq *rowstore.Query, name string) {
	rq.Without = slices.DeleteFunc(rq.Without, func(n string) bool { return n == name })
	if rq.Columns != nil && !slices.Contains(rq.Columns, name) {
		rq.Columns = append(rq.Columns, name)
	}
}

// Select implements logs.Reader.
func (s *Store) Select(ctx context.Context, t tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	defer s.inLine.reading()()
	rq, err := s.rows(t, q)
	if err != nil {
		return err
	}
	rq.Parallel = q.Parallel
	if q.Number != "" && rq.Keep == nil && rq.Restore == nil { // nobody else reads its texts
		rq.Number = parsedPrefix + q.Number
	}
	var readers blockReaders
	return s.r.Query(ctx, t, rq, func(b *rowstore.Block) error {
		block := readers.of(b.Worker).read(b)
		block.Worker = b.Worker
		s.names.learn(t, block.Parsed)
		trimBlock(block, q)
		err := emit(block)
		if errors.Is(err, logs.ErrStop) {
			return rowstore.ErrStop
		}
		return err
	})
}

// Count implements logs.Reader.
func (s *Store) Count(ctx context.Context, t tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	defer s.inLine.reading()()
	q.Limit, q.NoLines, q.Metadata, q.Parsed, q.AllParsed, q.MaybeEqual = 0, true, []string{}, nil, false, false
	rq, err := s.rows(t, q)
	if err != nil {
		return nil, err
	}
	rg := rowstore.Grouping{Step: g.Step, Offset: g.Offset, SumLength: g.Bytes, By: make([]string, len(g.By))}
	for i, f := range g.By {
		rg.By[i] = fieldColumn(f)
	}
	if g.Number != nil {
		rg.Number, rg.ParseNumber = fieldColumn(*g.Number), logs.ParseNumber
	}
	for _, f := range g.By { // numbers are never in lines
		if f.Kind == logs.Parsed && s.inLine.of(t)[f.Name] {
			restoreLines(&rq)
		}
	}
	counts, err := s.r.Count(ctx, t, rq, rg)
	if errors.Is(err, rowstore.ErrMemory) {
		return nil, logs.ErrMemory // the engine's words tell of its own language
	}
	if err != nil {
		return nil, err
	}
	out := make([]logs.Group, len(counts))
	for i, c := range counts {
		out[i] = logs.Group{Time: c.Time, By: c.By, Entries: c.Rows, Bytes: c.Bytes,
			Numbers: c.Numbers, Sum: c.Sum, Min: c.Min, Max: c.Max}
	}
	return out, nil
}

// streamQuery asks for streams: by time and labels only.
func streamQuery(q logs.Query) rowstore.Query {
	return rowstore.Query{Start: q.Start, End: q.End, Streams: streamMatchers(q.Matchers)}
}

// LabelNames implements logs.Reader.
func (s *Store) LabelNames(ctx context.Context, t tenant.ID, q logs.Query) ([]string, error) {
	vs, err := s.r.StreamFieldNames(ctx, t, streamQuery(q))
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(vs))
	for _, v := range vs {
		out = append(out, fieldLabel(v.Value))
	}
	slices.Sort(out)
	return out, nil
}

// LabelValues implements logs.Reader.
func (s *Store) LabelValues(ctx context.Context, t tenant.ID, q logs.Query, name string) ([]string, error) {
	vs, err := s.r.StreamFieldValues(ctx, t, streamQuery(q), labelField(name), 0)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(vs))
	for _, v := range vs {
		if v.Value != "" {
			out = append(out, v.Value)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Series implements logs.Reader.
func (s *Store) Series(ctx context.Context, t tenant.ID, q logs.Query, limit int) ([]model.Labels, error) {
	streams, err := s.r.Streams(ctx, t, streamQuery(q), limit)
	if err != nil {
		return nil, err
	}
	out := make([]model.Labels, len(streams))
	for i, st := range streams {
		out[i] = cloneLabels(streamLabels(st))
	}
	return out, nil
}

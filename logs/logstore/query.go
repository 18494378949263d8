package logstore

import (
	"context"
	"errors"
	"slices"
	"strings"

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
func rows(q logs.Query) rowstore.Query {
	rq := rowstore.Query{Start: q.Start, End: q.End, Limit: q.Limit, OldestFirst: q.Forward}
	for _, m := range q.Matchers {
		rq.Streams = append(rq.Streams, rowstore.StreamMatcher{Name: labelField(m.Name), Op: matchOps[m.Type], Value: m.Value})
	}
	var and rowstore.And
	for _, l := range q.Lines {
		and = append(and, lineFilter(l))
	}
	if len(and) > 0 {
		rq.Filter = and
	}
	rq.Columns = columns(q)
	return rq
}

// columns are the fields that a query reads, nil for all.
func columns(q logs.Query) []string {
	if q.Metadata == nil {
		return nil
	}
	cs := []string{} // not nil: times only
	if !q.NoLines {
		cs = append(cs, rowstore.MessageField)
	}
	for _, name := range q.Metadata {
		cs = append(cs, metadataPrefix+name)
	}
	return cs
}

func lineFilter(l logs.LineFilter) rowstore.Filter {
	var f rowstore.Filter = rowstore.Contains{Name: rowstore.MessageField, Text: l.Text}
	if l.Regex != "" {
		f = rowstore.MatchRegex{Name: rowstore.MessageField, Expr: l.Regex}
	}
	if l.Not {
		f = rowstore.Not{Filter: f}
	}
	return f
}

// Select implements logs.Reader.
func (s *Store) Select(ctx context.Context, t tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	var (
		block logs.Block
		empty []string // lines of a block without any text, never written to
	)
	err := s.r.Query(ctx, t, rows(q), func(b *rowstore.Block) error {
		block.Stream = streamLabels(b.Stream)
		block.Times = b.Times
		block.Lines = nil
		block.Metadata = block.Metadata[:0]
		for _, c := range b.Columns {
			switch {
			case c.Name == rowstore.MessageField:
				block.Lines = c.Values
			case strings.HasPrefix(c.Name, metadataPrefix):
				block.Metadata = append(block.Metadata, logs.Column{Name: c.Name[len(metadataPrefix):], Values: c.Values})
			}
		}
		if q.NoLines {
			block.Lines = nil
		} else if block.Lines == nil {
			if len(empty) < len(b.Times) {
				empty = make([]string, len(b.Times))
			}
			block.Lines = empty[:len(b.Times)]
		}
		err := emit(&block)
		if errors.Is(err, logs.ErrStop) {
			return rowstore.ErrStop
		}
		return err
	})
	return err
}

// Count implements logs.Reader.
func (s *Store) Count(ctx context.Context, t tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	by := make([]string, len(g.By))
	for i, f := range g.By {
		by[i] = labelField(f.Name)
	}
	counts, err := s.r.Count(ctx, t, rows(q), rowstore.Grouping{Step: g.Step, Offset: g.Offset, By: by, SumLength: g.Bytes})
	if err != nil {
		return nil, err
	}
	out := make([]logs.Group, len(counts))
	for i, c := range counts {
		out[i] = logs.Group{Time: c.Time, By: c.By, Entries: c.Rows, Bytes: c.Bytes}
	}
	return out, nil
}

// LabelNames implements logs.Reader.
func (s *Store) LabelNames(ctx context.Context, t tenant.ID, q logs.Query) ([]string, error) {
	vs, err := s.r.StreamFieldNames(ctx, t, rows(q))
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
	vs, err := s.r.StreamFieldValues(ctx, t, rows(q), labelField(name), 0)
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
	rq := rows(q)
	rq.Filter = nil
	streams, err := s.r.Streams(ctx, t, rq, limit)
	if err != nil {
		return nil, err
	}
	out := make([]model.Labels, len(streams))
	for i, st := range streams {
		out[i] = cloneLabels(streamLabels(st))
	}
	return out, nil
}

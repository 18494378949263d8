package logql

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
)

// labelState says which of a query's streams have a label.
type labelState uint8

const (
	someStreams labelState = iota
	everyStream
	noStream
)

// labelSources says where the entries of a query have their labels from. It is what
// the store's index knows, and what a count of exceptions told.
type labelSources struct {
	q      *query
	base   logs.Query
	labels map[string]labelState
	// odd: there are entries that must be read, or that have metadata of a name that
	// is looked for in lines. noMetadata: there is none of that.
	odd, noMetadata bool
}

func newLabelSources(q *query, base logs.Query) *labelSources {
	return &labelSources{q: q, base: base, labels: map[string]labelState{}}
}

// lookAtStreams asks the index which streams have a label.
func (s *labelSources) lookAtStreams(ctx context.Context, name string) error {
	without, err := s.any(ctx, labels.MatchEqual, name)
	if err != nil {
		return err
	}
	if !without {
		s.labels[name] = everyStream
		return nil
	}
	with, err := s.any(ctx, labels.MatchNotEqual, name)
	if err != nil {
		return err
	}
	if !with {
		s.labels[name] = noStream
	}
	return nil
}

// any says whether there are streams whose label is empty, or is not.
func (s *labelSources) any(ctx context.Context, op labels.MatchType, name string) (bool, error) {
	for _, m := range s.base.Matchers {
		if m.Name == name && !m.Matches("") { // all have it
			return op == labels.MatchNotEqual, nil
		}
	}
	lq := s.base
	lq.Where, lq.Matchers = nil, append(lq.Matchers[:len(lq.Matchers):len(lq.Matchers)], labels.MustNewMatcher(op, name, ""))
	found, err := s.q.engine.reader.Series(ctx, s.q.tenant, lq, 1)
	return len(found) > 0, err
}

// sources is a resolver's.
func (s *labelSources) sources(name string, parsed bool) []logs.FieldKind {
	var out []logs.FieldKind
	state := s.labels[name]
	if state != noStream {
		out = append(out, logs.Label)
	}
	if state == everyStream {
		return out
	}
	if !parsed || !s.noMetadata {
		out = append(out, logs.Metadata)
	}
	if parsed {
		out = append(out, logs.Parsed)
	}
	return out
}

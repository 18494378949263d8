package tracestore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// maxNames is the most span names that one service is listed with.
const maxNames = 10_000

// Services implements traces.Reader.
func (s *Store) Services(ctx context.Context, t tenant.ID) ([]string, error) {
	q := rowstore.Query{Start: 0, End: s.endOfTime(), Streams: spanStreams()}
	values, err := s.rows.StreamFieldValues(ctx, t, q, streamService, 0)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v.Value != "" {
			out = append(out, v.Value)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Operations implements traces.Reader.
func (s *Store) Operations(ctx context.Context, t tenant.ID, service string) ([]traces.Operation, error) {
	var out []traces.Operation
	for kind := ptrace.SpanKindUnspecified; kind <= ptrace.SpanKindConsumer; kind++ {
		q := rowstore.Query{Start: 0, End: s.endOfTime(), Streams: []rowstore.StreamMatcher{
			{Name: streamService, Op: rowstore.Equal, Value: text(service)},
			{Name: streamKind, Op: rowstore.Equal, Value: traces.KindText(kind)},
		}}
		values, err := s.rows.StreamFieldValues(ctx, t, q, streamOperation, maxNames)
		if err != nil {
			return nil, fmt.Errorf("list operations: %w", err)
		}
		// Names beyond Config.MaxOperations are in their rows only.
		q.Streams = append(q.Streams, rowstore.StreamMatcher{Name: streamOperation, Op: rowstore.Equal, Value: ""})
		further, err := s.rows.FieldValues(ctx, t, q, colName, maxNames)
		if err != nil {
			return nil, fmt.Errorf("list operations: %w", err)
		}
		for _, v := range append(values, further...) {
			if v.Value != "" {
				out = append(out, traces.Operation{Name: v.Value, Kind: kind})
			}
		}
	}
	slices.SortFunc(out, func(a, b traces.Operation) int {
		if c := cmp.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return cmp.Compare(a.Kind, b.Kind)
	})
	return slices.Compact(out), nil
}

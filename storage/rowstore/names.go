package rowstore

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/tenant"
)

type lookup func(context.Context, []logstorage.TenantID, *logstorage.Query) ([]logstorage.ValueWithHits, error)

// values runs one of the engine's look-ups.
func (s *reads) values(ctx context.Context, t tenant.ID, q Query, run lookup) ([]ValueCount, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	eq, err := s.prepare(t, q, "")
	if err != nil {
		return nil, err
	}
	if eq.empty {
		return nil, ctx.Err()
	}
	parsed, err := eq.parse()
	if err != nil {
		return nil, err
	}
	vs, err := run(ctx, eq.tenants, parsed)
	if err != nil {
		return nil, err
	}
	out := make([]ValueCount, len(vs))
	for i, v := range vs {
		out[i] = ValueCount{Value: v.Value, Rows: v.Hits}
	}
	return out, ctx.Err()
}

// Streams implements Reader.
func (s *reads) Streams(ctx context.Context, t tenant.ID, q Query, limit int) ([][]Field, error) {
	vs, err := s.values(ctx, t, q, func(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query) ([]logstorage.ValueWithHits, error) {
		return s.source.GetStreams(ctx, ids, q, engineLimit(limit))
	})
	if err != nil {
		return nil, err
	}
	out := make([][]Field, len(vs))
	for i, v := range vs {
		if out[i], err = ParseStream(v.Value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FieldNames implements Reader. The engine counts by blocks: a name's count is
// the rows of the blocks that have the field, at least the rows that have it.
func (s *reads) FieldNames(ctx context.Context, t tenant.ID, q Query) ([]ValueCount, error) {
	vs, err := s.values(ctx, t, q, s.source.GetFieldNames)
	out, apart := []ValueCount{}, map[string]uint64{}
	for _, v := range vs {
		if name, ok := strings.CutPrefix(v.Value, apartPrefix); ok {
			apart[name] += v.Rows
		} else if !hiddenName(v.Value) {
			out = append(out, v)
		}
	}
	for i := range out {
		out[i].Rows += apart[out[i].Value]
		delete(apart, out[i].Value)
	}
	for _, name := range slices.Sorted(maps.Keys(apart)) {
		out = append(out, ValueCount{Value: name, Rows: apart[name]})
	}
	return out, err
}

// FieldValues implements Reader. Counts are 0 when the limit cut values off.
func (s *reads) FieldValues(ctx context.Context, t tenant.ID, q Query, name string, limit int) ([]ValueCount, error) {
	of := func(column string, which Filter) ([]ValueCount, error) {
		q := q
		q.Filter = And{which, q.Filter}
		vs, err := s.values(ctx, t, q, func(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query) ([]logstorage.ValueWithHits, error) {
			return s.source.GetFieldValues(ctx, ids, q, column, engineLimit(limit))
		})
		return withoutEmpty(vs), err
	}
	out, err := of(name, noneApart{name})
	if err != nil {
		return nil, err
	}
	apart, err := of(apartColumn(name), keptApart{name})
	for _, v := range apart {
		out = append(out, ValueCount{Value: strings.TrimPrefix(v.Value, apartMark), Rows: v.Rows})
	}
	if limit > 0 && len(out) > limit {
		out = out[:limit]
		for i := range out {
			out[i].Rows = 0
		}
	}
	return out, err
}

// StreamFieldNames implements Reader.
func (s *reads) StreamFieldNames(ctx context.Context, t tenant.ID, q Query) ([]ValueCount, error) {
	q.Filter = nil
	return s.values(ctx, t, q, s.source.GetStreamFieldNames)
}

// StreamFieldValues implements Reader. Counts are 0 when the limit cut values
// off.
func (s *reads) StreamFieldValues(ctx context.Context, t tenant.ID, q Query, name string, limit int) ([]ValueCount, error) {
	q.Filter = nil
	return s.values(ctx, t, q, func(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query) ([]logstorage.ValueWithHits, error) {
		return s.source.GetStreamFieldValues(ctx, ids, q, name, engineLimit(limit))
	})
}

// withoutEmpty leaves out the empty value, which stands for "no such field".
func withoutEmpty(vs []ValueCount) []ValueCount {
	out := vs[:0]
	for _, v := range vs {
		if v.Value != "" {
			out = append(out, v)
		}
	}
	return out
}

func engineLimit(n int) uint64 {
	if n <= 0 {
		return math.MaxUint64
	}
	return uint64(n)
}

package logql

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// entryTexts are the entries of an answer with their streams, in an order of their
// own: that of entries with equal times is not defined.
func entryTexts(v Value) (texts []string, times []int64) {
	for _, s := range v.(Streams) {
		for _, e := range s.Entries {
			texts = append(texts, fmt.Sprintf("%d %s %q %s %s", e.Time, s.Labels, e.Line, e.Metadata, e.Parsed))
			times = append(times, e.Time)
		}
	}
	slices.Sort(texts)
	slices.Sort(times)
	return texts, times
}

// alikeWhereEqual gives equal entries the same metadata: else any of theirs may be
// answered.
func alikeWhereEqual(streams []model.LogStream) []model.LogStream {
	for i := range streams {
		first := map[string]model.Labels{}
		for j := range streams[i].Entries {
			e := &streams[i].Entries[j]
			id := fmt.Sprint(e.Time, e.Line)
			if meta, ok := first[id]; ok {
				e.Metadata = meta
			}
			first[id] = e.Metadata
		}
	}
	return streams
}

// TestPlannedLogs compares entries that the planner finds with those that the
// pipeline alone lets through.
func TestPlannedLogs(t *testing.T) {
	found, cut := 0, 0
	for seed := range uint64(40) {
		g := planData{rand.New(rand.NewPCG(seed, 2))}
		store := &memStore{streams: alikeWhereEqual(g.streams())}
		if g.IntN(2) == 0 {
			store.refuse = func(line string) bool { return len(line)%5 == 0 }
		}
		planned, reference := NewEngine(store, DefaultConfig()), NewEngine(store, DefaultConfig())
		reference.rowsOnly = true
		for n := range 60 {
			e, err := Parse(g.pipeline())
			require.NoError(t, err)
			p := Params{Start: scriptEpoch + g.Int64N(100)*1e9, Limit: 1000, Forward: g.IntN(2) == 0, Categorize: g.IntN(3) == 0}
			p.End = p.Start + g.Int64N(400)*1e9
			where := fmt.Sprintf("seed %d query %d: %s %+v", seed, n, e, p)
			want, err := reference.Eval(context.Background(), tenant.Default, e, p)
			require.NoError(t, err, where)
			all, allTimes := entryTexts(want.Value)
			got, err := planned.Eval(context.Background(), tenant.Default, e, p)
			require.NoError(t, err, where)
			gotTexts, _ := entryTexts(got.Value)
			require.Equal(t, all, gotTexts, where)
			found += len(all)

			p.Limit = 1 + g.IntN(8)
			got, err = planned.Eval(context.Background(), tenant.Default, e, p)
			require.NoError(t, err, where)
			gotTexts, gotTimes := entryTexts(got.Value)
			if !p.Forward {
				slices.SortFunc(allTimes, func(a, b int64) int { return cmp.Compare(b, a) })
				slices.Reverse(gotTimes)
			}
			require.True(t, slices.Equal(allTimes[:min(len(allTimes), p.Limit)], gotTimes), where)
			for _, text := range gotTexts {
				require.Contains(t, all, text, where)
			}
			if len(all) > p.Limit {
				cut++
			}
		}
	}
	require.Greater(t, found, 10_000)
	require.Greater(t, cut, 300)
}

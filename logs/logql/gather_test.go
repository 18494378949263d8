package logql

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// randomStore holds lines at random times, many of them equal.
func randomStore(rnd *rand.Rand, n int) *memStore {
	m := &memStore{}
	for s := range 3 {
		st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: "web"}, model.Label{Name: "pod", Value: fmt.Sprint(s)})}
		for range n {
			st.Entries = append(st.Entries, model.LogEntry{
				Time: scriptEpoch + rnd.Int64N(int64(10*time.Minute)/1e8)*1e8,
				Line: fmt.Sprintf("v=%d", rnd.IntN(4)),
			})
		}
		m.streams = append(m.streams, st)
	}
	return m
}

// TestSlices wants the same answers however narrow the slices are in which lines
// are read, and the counts that a plain loop over all lines has.
func TestSlices(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	store := randomStore(rnd, 2000)
	wide := NewEngine(store, DefaultConfig())
	narrow := NewEngine(store, DefaultConfig())
	narrow.slicePoints = 50
	for _, p := range []Params{
		{Start: scriptEpoch, End: scriptEpoch + int64(10*time.Minute), Step: int64(time.Minute)},
		{Start: scriptEpoch + 7e9, End: scriptEpoch + int64(9*time.Minute), Step: int64(17 * time.Second)},
		{Start: scriptEpoch + int64(5*time.Minute), End: scriptEpoch + int64(5*time.Minute)},
	} {
		for _, q := range []string{
			`count_over_time({app="web"}[90s])`, `sum(count_over_time({app="web"}[13s] offset 1m))`,
			`sum by (pod) (rate({app="web"} |= "v=1" [5m]))`, `sum(bytes_rate({app="web"}[1m]))`,
			`max_over_time({app="web"} | logfmt | unwrap v [1m]) by (pod)`, `min_over_time({app="web"} | logfmt | unwrap v [20s]) by ()`,
			`avg_over_time({app="web"} | logfmt | unwrap v [1m]) by (pod)`, `sum(sum_over_time({app="web"} | logfmt | unwrap v [3m]))`,
			`quantile_over_time(0.5, {app="web"} | logfmt | unwrap v [1m]) by (pod)`, `absent_over_time({app="web"} |= "v=3" [200ms])`,
		} {
			e, err := Parse(q)
			require.NoError(t, err)
			a, err := wide.Eval(context.Background(), tenant.Default, e, p)
			require.NoError(t, err)
			b, err := narrow.Eval(context.Background(), tenant.Default, e, p)
			require.NoError(t, err)
			assert.Equal(t, a.Value, b.Value, q)
		}
		checkCounts(t, store, narrow, p)
	}
}

// checkCounts compares with a count of distinct lines in each window.
func checkCounts(t *testing.T, store *memStore, engine *Engine, p Params) {
	t.Helper()
	const interval = 45 * time.Second
	e, err := Parse(`sum(count_over_time({app="web"}[45s]))`)
	require.NoError(t, err)
	for at := p.Start; at <= p.End; at += max(p.Step, 1) {
		res, err := engine.Eval(context.Background(), tenant.Default, e, Params{Start: at, End: at})
		require.NoError(t, err)
		distinct := map[string]bool{}
		for _, s := range store.streams {
			for _, x := range s.Entries {
				if x.Time > at-int64(interval) && x.Time <= at {
					distinct[fmt.Sprint(s.Labels, x.Time, x.Line)] = true
				}
			}
		}
		v := res.Value.(Vector)
		if len(distinct) == 0 {
			assert.Empty(t, v)
			continue
		}
		require.Len(t, v, 1)
		assert.EqualValues(t, len(distinct), v[0].Value)
	}
}

// TestBudget refuses what needs more than its share, and says so.
func TestBudget(t *testing.T) {
	store := randomStore(rand.New(rand.NewPCG(3, 4)), 1000)
	cfg := DefaultConfig()
	cfg.MaxSeries, cfg.MaxMemory, cfg.MaxBytes = 2, 20_000, 1000
	for q, want := range map[string]string{
		`count_over_time({app="web"}[1m])`:                                                 "maximum number of series (2) reached for a single query",
		`quantile_over_time(0.5, {app="web"} | logfmt | unwrap v [10m])`:                   "the query needs more memory than its limit of 20000 bytes",
		`sum(bytes_over_time({app="web"}[10m]))`:                                           "the query would read too many bytes (limit: 1000)",
		`sum(count_over_time({app="web"} | label_format x="{{ __timestamp__ }}" [10m]))`:   "the query would read too many bytes",
		`count_over_time({app="web"} | label_format x="{{ __timestamp__ }}" | drop y[9m])`: "limit",
	} {
		c := cfg
		if want != "the query would read too many bytes (limit: 1000)" && want != "the query would read too many bytes" {
			c.MaxBytes = DefaultConfig().MaxBytes
		}
		e, err := Parse(q)
		require.NoError(t, err)
		p := Params{Start: scriptEpoch, End: scriptEpoch + int64(10*time.Minute), Step: int64(time.Minute)}
		_, err = NewEngine(store, c).Eval(context.Background(), tenant.Default, e, p)
		require.ErrorIs(t, err, ErrLimit, q)
		assert.ErrorContains(t, err, want)
	}
}

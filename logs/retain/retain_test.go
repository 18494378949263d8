package retain

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

const day = 24 * time.Hour

func newStore(t *testing.T) *logstore.Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	return logstore.New(rows, rows)
}

func equal(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

func rule(period time.Duration, priority int, ms ...*labels.Matcher) Rule {
	return Rule{Matchers: ms, Period: period, Priority: priority}
}

// rules is a RuleSource.
type rules map[tenant.ID][]Rule

func (r rules) Rules(t tenant.ID) []Rule { return r[t] }

func TestTheRuleOfAStream(t *testing.T) {
	p := NewPeriods(Config{
		Default: Policy{Period: 10 * day, Rules: []Rule{
			rule(2*day, 1, equal("level", "debug")), rule(5*day, 1, equal("level", "debug")),
			rule(20*day, 2, equal("app", "audit")), rule(0, 3, equal("app", "forever")),
		}},
		Tenants: map[tenant.ID]Policy{"acme": {Period: 3 * day}, "corp": {Rules: []Rule{rule(time.Hour, 0, equal("app", "audit"))}}},
	}, 15*day, rules{"acme": {rule(day, 9, equal("index", "logs-web"))}})
	stream := func(pairs ...string) model.Labels {
		var ls []model.Label
		for i := 0; i < len(pairs); i += 2 {
			ls = append(ls, model.Label{Name: pairs[i], Value: pairs[i+1]})
		}
		return model.NewLabels(ls...)
	}
	for _, c := range []struct {
		tenant tenant.ID
		stream model.Labels
		want   time.Duration
	}{
		{"default", stream("app", "web"), 10 * day},
		{"default", stream("level", "debug"), 2 * day},
		{"default", stream("app", "audit", "level", "debug"), 15 * day}, // what the store keeps
		{"default", stream("app", "forever"), 15 * day},
		{"acme", stream("app", "web"), 3 * day},
		{"acme", stream("level", "debug"), 2 * day},
		{"acme", stream("level", "debug", "index", "logs-web"), day},
		{"default", stream("index", "logs-web"), 10 * day},
		{"corp", stream("level", "debug"), 10 * day}, // its rules replace the default's
		{"corp", stream("app", "audit"), time.Hour},
	} {
		require.Equal(t, c.want, p.MaxAge(c.tenant)(c.stream), "%s %s", c.tenant, c.stream)
	}
	require.Equal(t, 20*day, p.cfg.Load().Longest())
	p.Set(Config{Default: Policy{Period: day}})
	require.Equal(t, day, p.MaxAge("corp")(stream("app", "audit")))
}

// TestNothingOlderThanItsPeriodIsAnswered compares what the store shows through
// periods with the age of each entry, for random rules.
func TestNothingOlderThanItsPeriodIsAnswered(t *testing.T) {
	store := newStore(t)
	now := time.Now()
	g := rand.New(rand.NewPCG(1, 2))
	var streams []model.LogStream
	for app := range 3 {
		for _, level := range []string{"", "debug", "info"} {
			st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: fmt.Sprint("app", app)}, model.Label{Name: "level", Value: level})}
			for range 20 {
				age := time.Duration(g.Int64N(int64(10 * day)))
				st.Entries = append(st.Entries, model.LogEntry{Time: now.Add(-age).UnixNano(), Line: age.String()})
			}
			streams = append(streams, st)
		}
	}
	require.NoError(t, store.Append(context.Background(), tenant.Default, streams))
	shown := 0
	for range 60 {
		policy := Policy{Period: time.Duration(g.Int64N(int64(11 * day)))}
		for range g.IntN(4) {
			m := equal("app", fmt.Sprint("app", g.IntN(3)))
			if g.IntN(2) == 0 {
				m = labels.MustNewMatcher(labels.MatchRegexp, "level", []string{"debug", "", "debug|info"}[g.IntN(3)])
			}
			policy.Rules = append(policy.Rules, rule(time.Duration(g.Int64N(int64(11*day))), g.IntN(3), m))
		}
		p := NewPeriods(Config{Default: policy}, 30*day)
		p.now = func() time.Time { return now }
		r := NewReader(store, p)
		maxAge := p.MaxAge(tenant.Default)
		q := logs.Query{Start: now.Add(-time.Duration(g.Int64N(int64(12 * day)))).UnixNano(), End: now.UnixNano() + 1}
		var want, wantStreams []string
		for _, st := range streams {
			oldest := max(q.Start, now.Add(-maxAge(st.Labels)).UnixNano())
			n := len(want)
			for _, e := range st.Entries {
				if e.Time >= oldest {
					want = append(want, e.Line)
				}
			}
			if len(want) > n {
				wantStreams = append(wantStreams, st.Labels.String())
			}
		}
		slices.Sort(want)
		slices.Sort(wantStreams)
		shown += len(want)
		require.Equal(t, want, lines(t, r, q), "%+v", policy)
		require.Equal(t, len(want), count(t, r, q))
		series, err := r.Series(context.Background(), tenant.Default, q, 0)
		require.NoError(t, err)
		var got []string
		for _, ls := range series {
			got = append(got, ls.String())
		}
		slices.Sort(got)
		require.Equal(t, wantStreams, got)
		values, err := r.LabelValues(context.Background(), tenant.Default, q, "app")
		require.NoError(t, err)
		for _, app := range []string{"app0", "app1", "app2"} {
			has := slices.ContainsFunc(wantStreams, func(s string) bool { return strings.Contains(s, app) })
			require.Equal(t, has, slices.Contains(values, app))
		}
		names, err := r.LabelNames(context.Background(), tenant.Default, q)
		require.NoError(t, err)
		require.Equal(t, len(want) > 0, slices.Contains(names, "app"))
	}
	require.Greater(t, shown, 1000)
}

func lines(t *testing.T, r logs.Reader, q logs.Query) (out []string) {
	t.Helper()
	require.NoError(t, r.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
		for _, l := range b.Lines {
			out = append(out, strings.Clone(l))
		}
		return nil
	}))
	slices.Sort(out)
	return out
}

func count(t *testing.T, r logs.Reader, q logs.Query) int {
	t.Helper()
	groups, err := r.Count(context.Background(), tenant.Default, q, logs.Grouping{})
	require.NoError(t, err)
	n := 0
	for _, g := range groups {
		n += int(g.Entries)
	}
	return n
}

// mask is a Source.
type mask Hidden

func (m mask) Hidden(tenant.ID, int64, int64) Hidden { return Hidden(m) }

func TestWhatASourceHidesIsNowhere(t *testing.T) {
	store := newStore(t)
	now := time.Now().Add(-time.Minute).UnixNano()
	st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: "web"})}
	for i, line := range []string{"card=1", "card=2", "ok", "secret"} {
		st.Entries = append(st.Entries, model.LogEntry{Time: now + int64(i), Line: line})
	}
	require.NoError(t, store.Append(context.Background(), tenant.Default, []model.LogStream{st}))
	q := logs.Query{Start: now, End: now + 10}
	entries := NewReader(store, mask{Entries: logs.Contains{Text: "card="}}, mask{Entries: logs.Equals{Value: "secret"}})
	require.Equal(t, []string{"ok"}, lines(t, entries, q))
	limited := q
	limited.Limit, limited.Where = 2, logs.Not{Filter: logs.Contains{Text: "nothing"}}
	require.Equal(t, []string{"ok"}, lines(t, entries, limited))
	require.Equal(t, 1, count(t, entries, q))

	for name, r := range map[string]*Reader{
		"streams": NewReader(store, mask{Streams: logs.InStreams{Matchers: []*labels.Matcher{equal("app", "web")}}}),
		"before":  NewReader(store, mask{Before: now + 5}, mask{Before: now + 20}),
	} {
		require.Empty(t, lines(t, r, q), name)
		require.Zero(t, count(t, r, q), name)
		series, err := r.Series(context.Background(), tenant.Default, q, 1)
		require.NoError(t, err)
		require.Empty(t, series, name)
		names, err := r.LabelNames(context.Background(), tenant.Default, q)
		require.NoError(t, err)
		require.Empty(t, names, name)
		values, err := r.LabelValues(context.Background(), tenant.Default, q, "app")
		require.NoError(t, err)
		require.Empty(t, values, name)
	}
}

package logexport_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/query/logexport"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// base is some hours ago, within the store's retention.
var base = time.Now().Add(-6 * time.Hour).Truncate(time.Second).UnixNano()

// newEngine returns an engine over a store on disk that holds these streams.
func newEngine(t *testing.T, limits logql.Config, streams ...model.LogStream) *logql.Engine {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct = t.TempDir(), true
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	store := logstore.New(rows, rows)
	for _, s := range streams {
		require.NoError(t, store.Append(context.Background(), tenant.Default, []model.LogStream{s}))
	}
	return logql.NewEngine(store, limits)
}

// stream has n lines, one each step nanoseconds; step 0 gives all the same time.
func stream(app string, from int64, n int, step int64) model.LogStream {
	s := model.LogStream{Labels: model.Labels{{Name: "app", Value: app}}}
	for i := range n {
		s.Entries = append(s.Entries, model.LogEntry{Time: from + int64(i)*step, Line: fmt.Sprintf("%s %d", app, i),
			Metadata: model.Labels{{Name: "n", Value: fmt.Sprint(i)}}})
	}
	return s
}

func parse(t *testing.T, text string) *logql.LogExpr {
	t.Helper()
	x, err := logql.Parse(text)
	require.NoError(t, err)
	return x.(*logql.LogExpr)
}

// all exports in both directions and checks order and that each row comes once.
func all(t *testing.T, e *logql.Engine, query string, end int64) int {
	t.Helper()
	counts := map[bool]int{}
	for _, forward := range []bool{true, false} {
		seen, last := map[string]bool{}, int64(0)
		req := logexport.Request{Query: parse(t, query), Start: base, End: end, Limit: 10_000_000, Forward: forward}
		result, err := logexport.Each(t.Context(), e, tenant.Default, req, func(rows []logexport.Row) error {
			for _, r := range rows {
				key := fmt.Sprint(r.Time, r.Line)
				require.False(t, seen[key], "row %s came twice", key)
				seen[key] = true
				if last != 0 {
					require.True(t, forward && r.Time >= last || !forward && r.Time <= last, "out of order")
				}
				last = r.Time
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, len(seen), result.Rows)
		require.False(t, result.Cut)
		counts[forward] = len(seen)
	}
	require.Equal(t, counts[true], counts[false])
	return counts[true]
}

func TestEachRowComesOnce(t *testing.T) {
	const second = int64(1e9)
	streams := []model.LogStream{
		stream("dense", base, 25_000, 1000),
		stream("sparse", base, 300, 60*second),
		stream("moment", base+5*second, 23_000, 0), // more than a page at one nanosecond
		stream("edges", base+10*second, 21_000, 1),
	}
	e := newEngine(t, logql.DefaultConfig(), streams...)
	require.Equal(t, 25_000+300+23_000+21_000, all(t, e, `{app=~".+"}`, base+20_000*second))
	require.Equal(t, 2300, all(t, e, `{app="moment"} |= "7" | n=~".*7"`, base+20_000*second))
	require.Equal(t, 0, all(t, e, `{app="nobody"}`, base+20_000*second))
}

// Pages that take too much memory are made smaller.
func TestLongLines(t *testing.T) {
	limits := logql.DefaultConfig()
	limits.MaxMemory = 4 << 20
	s := stream("long", base, 2000, 1_000_000)
	for i := range s.Entries {
		s.Entries[i].Line += strings.Repeat("x", 10_000)
	}
	require.Equal(t, 2000, all(t, newEngine(t, limits, s), `{app="long"}`, base+100_000_000_000))
}

func TestLimitAndErrors(t *testing.T) {
	e := newEngine(t, logql.DefaultConfig(), stream("a", base, 500, 1000))
	req := logexport.Request{Query: parse(t, `{app="a"}`), Start: base, End: base + 1e9, Limit: 100, Forward: true}
	result, err := logexport.Each(t.Context(), e, tenant.Default, req, func([]logexport.Row) error { return nil })
	require.NoError(t, err)
	require.Equal(t, logexport.Result{Rows: 100, Cut: true, Next: base + 100*1000}, result)

	req.Limit = 500
	result, err = logexport.Each(t.Context(), e, tenant.Default, req, func([]logexport.Row) error { return nil })
	require.NoError(t, err)
	require.Equal(t, logexport.Result{Rows: 500}, result, "all there is is not cut")

	broken := errors.New("reader is gone")
	_, err = logexport.Each(t.Context(), e, tenant.Default, req, func([]logexport.Row) error { return broken })
	require.Equal(t, broken, err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = logexport.Each(ctx, e, tenant.Default, req, func([]logexport.Row) error { return nil })
	require.ErrorIs(t, err, context.Canceled)
}

func TestEncoders(t *testing.T) {
	const base = int64(1_790_000_000_000_000_000)
	rows := []logexport.Row{
		{Time: base, Line: "=1+1", Labels: model.Labels{{Name: "app", Value: "a"}}, Metadata: model.Labels{{Name: "user", Value: "u,1"}}},
		{Time: base + 1, Line: "two\nlines \"quoted\"", Labels: model.Labels{{Name: "app", Value: "-5"}}, Parsed: model.Labels{{Name: "user", Value: "p"}}},
	}
	var out bytes.Buffer
	c := logexport.NewCSV(&out, []string{"time", "app", "user", "line"}, true)
	require.NoError(t, c.Rows(rows))
	records, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"time", "app", "user", "line"},
		{"2026-09-21T14:13:20Z", "a", "u,1", "'=1+1"},
		{"2026-09-21T14:13:20.000000001Z", "-5", "p", "two\nlines \"quoted\""},
	}, records, "numbers are no formulas")

	out.Reset()
	n := logexport.NewNDJSON(&out, nil)
	require.NoError(t, n.Rows(rows[:1]))
	require.NoError(t, n.Incomplete(1, "why"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.JSONEq(t, `{"time":"2026-09-21T14:13:20Z","ns":"1790000000000000000","line":"=1+1","labels":{"app":"a"},"metadata":{"user":"u,1"}}`, lines[0])
	var last struct {
		Export struct {
			Complete bool
			Rows     int
			Reason   string
		} `json:"_export"`
	}
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &last))
	require.Equal(t, "why", last.Export.Reason)
	require.False(t, last.Export.Complete)

	out.Reset()
	require.NoError(t, logexport.NewNDJSON(&out, []string{"line", "user", "absent"}).Rows(rows[:1]))
	require.JSONEq(t, `{"line":"=1+1","user":"u,1"}`, out.String())
}

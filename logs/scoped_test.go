package logs_test

import (
	"context"
	"log/slog"
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

// TestScoped: every way to read shows a narrowed request its own streams only, and
// numbers count what is between two of them.
func TestScoped(t *testing.T) {
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	defer rows.Close()
	store := logstore.New(rows, rows)
	now := time.Now().UnixNano()
	stream := func(project string) model.LogStream {
		return model.LogStream{
			Labels:  model.NewLabels(model.Label{Name: "project", Value: project}, model.Label{Name: "only_" + project, Value: "1"}),
			Entries: []model.LogEntry{{Time: now, Line: project + " 1"}, {Time: now + 1, Line: project + " 2"}},
		}
	}
	first, _, err := store.AppendNumbered(t.Context(), "t", []model.LogStream{stream("y"), stream("x")})
	require.NoError(t, err)
	last, ok := store.LastNumber()
	require.True(t, ok)
	require.Equal(t, first+3, last)

	reader := logs.Scoped(store)
	narrow := tenant.WithScope(t.Context(), tenant.NewScope(labels.MustNewMatcher(labels.MatchEqual, "project", "x")))
	q := logs.Query{Start: now - 1, End: now + 10, Matchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, "project", ".+")}}
	lines := func(ctx context.Context, after, upTo uint64) (out []string, numbers []uint64) {
		require.NoError(t, reader.(logs.Numbered).SelectNumbered(ctx, "t", q, after, upTo, func(b *logs.Block, ns []uint64) error {
			for _, l := range b.Lines {
				out = append(out, strings.Clone(l))
			}
			numbers = append(numbers, ns...)
			return nil
		}))
		return out, numbers
	}
	for ctx, want := range map[context.Context]int{narrow: 1, t.Context(): 2} {
		n := 0
		require.NoError(t, reader.Select(ctx, "t", q, func(b *logs.Block) error { n += len(b.Lines); return nil }))
		require.Equal(t, 2*want, n)
		counts, err := reader.Count(ctx, "t", q, logs.Grouping{})
		require.NoError(t, err)
		require.EqualValues(t, 2*want, counts[0].Entries)
		names, err := reader.LabelNames(ctx, "t", q)
		require.NoError(t, err)
		require.Len(t, names, 1+want)
		values, err := reader.LabelValues(ctx, "t", q, "project")
		require.NoError(t, err)
		require.Len(t, values, want)
		series, err := reader.Series(ctx, "t", q, 0)
		require.NoError(t, err)
		require.Len(t, series, want)
		found, _ := lines(ctx, 0, last)
		require.Len(t, found, 2*want)
	}
	require.Len(t, q.Matchers, 1, "the caller's query is not changed")

	found, numbers := lines(t.Context(), first, first+2)
	require.ElementsMatch(t, []string{"y 2", "x 1"}, found)
	require.ElementsMatch(t, []uint64{first + 1, first + 2}, numbers)
	found, _ = lines(narrow, first, first+1)
	require.Empty(t, found)

	plain := logs.Scoped(struct{ logs.Reader }{store}) // hides the numbers
	require.ErrorIs(t, plain.(logs.Numbered).SelectNumbered(t.Context(), "t", q, 1, 1, nil), logs.ErrNotNumbered)
}

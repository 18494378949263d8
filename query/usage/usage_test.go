package usage

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

func open(t *testing.T, path string) (*Tracker, *time.Time) {
	t.Helper()
	tr, err := Open(path, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	now := time.Unix(1_790_000_000, 0)
	tr.now = func() time.Time { return now }
	return tr, &now
}

func matchers(t *testing.T, text string) []*labels.Matcher {
	t.Helper()
	ms, err := parser.NewParser(parser.Options{}).ParseMetricSelector(text)
	require.NoError(t, err)
	return ms
}

func TestReadsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "usage", "metrics.json")
	tr, now := open(t, path)
	tr.record("a", matchers(t, `up{job="x"}`))
	*now = now.Add(time.Hour)
	tr.record("a", matchers(t, `up`))
	tr.record("a", matchers(t, `{__name__=~"http_.*_total"}`))
	tr.record("a", matchers(t, `{__name__=~"one|two"}`))
	tr.record("a", matchers(t, `{__name__=~".+", job="x"}`)) // tells nothing
	tr.record("a", matchers(t, `{job="x"}`))
	tr.record("b", matchers(t, `theirs`))
	require.NoError(t, tr.flush())

	again, _ := open(t, path)
	for _, tr := range []*Tracker{tr, again} {
		r := tr.Report("a")
		require.Equal(t, time.Unix(1_790_000_000, 0), r.Since)
		read, known := r.Of("up")
		require.True(t, known)
		require.Equal(t, Read{Last: *now, Count: 2}, read)
		for name, want := range map[string]bool{"http_requests_total": true, "one": true, "two": true, "http_requests": false, "theirs": false, "anything": false} {
			_, known := r.Of(name)
			require.Equal(t, want, known, name)
		}
		_, known = tr.Report("b").Of("theirs")
		require.True(t, known)
		require.True(t, tr.Report("nobody").Since.IsZero())
	}
}

// When there are too many names the oldest go, and the report says since when it is
// right.
func TestReadsAreBounded(t *testing.T) {
	tr, now := open(t, filepath.Join(t.TempDir(), "metrics.json"))
	begin := *now
	for i := range maxNames + 10 {
		*now = begin.Add(time.Duration(i) * time.Second)
		tr.record("a", matchers(t, fmt.Sprintf("metric_%d", i)))
	}
	r := tr.Report("a")
	require.Len(t, r.names, maxNames)
	_, known := r.Of("metric_9")
	require.False(t, known)
	_, known = r.Of("metric_10")
	require.True(t, known)
	require.Equal(t, begin.Add(9*time.Second), r.Since)

	for i := range maxTenants + 10 {
		tr.record(tenant.ID(fmt.Sprint("t", i)), matchers(t, "up"))
	}
	require.Len(t, tr.tenants, maxTenants)
}

func TestBrokenFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.json")
	for _, text := range []string{"{", `{"version":2}`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := Open(path, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, "remove the file to begin anew")
	}
}

// The file of version 1 is read.
func TestFormatOne(t *testing.T) {
	tenants, err := decode([]byte(`{"version":1,"tenants":{"default":{"since":1790000000,"names":{"up":[1790000100,3]},"patterns":{"a.*":[1790000200,1]}}}}`))
	require.NoError(t, err)
	require.Equal(t, Read{Last: time.Unix(1_790_000_100, 0), Count: 3}, tenants["default"].names["up"])
	require.Equal(t, Read{Last: time.Unix(1_790_000_200, 0), Count: 1}, tenants["default"].patterns["a.*"])
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version":1,"tenants":{"default":{"since":1790000000,"names":{"up":[1790000100,3]}}}}`))
	f.Add([]byte(`{"version":1,"tenants":{"a":{"since":-1,"names":null,"patterns":{"(":[0,-5]}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		tenants, err := decode(b)
		if err != nil {
			return
		}
		tr := &Tracker{tenants: tenants}
		for id := range tenants {
			tr.Report(id).Of("up")
		}
	})
}

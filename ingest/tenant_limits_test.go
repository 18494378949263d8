package ingest

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

var web = labelsOf(map[string]string{"app": "web"})

func TestLongLinesAreCutIfConfigured(t *testing.T) {
	h := newHarness(func(l *Limits) {
		l.MaxLineSize, l.MaxLineSizeTruncate, l.MaxLineSizeTruncateIdentifier = 10, true, "..."
		l.DiscoverLogLevels = false
	})
	in := []model.LogStream{stream(web, "0123456789", "0123456789abc", "012345é789", "0123456789abc")}
	in[0].Entries[3].Metadata = labelsOf(map[string]string{"truncated_from": "x", "user": "ann"})
	require.NoError(t, h.PushLogs(t.Context(), "t", in))
	got := h.store.streams[0].Entries
	require.Equal(t, "0123456789", got[0].Line)
	require.Empty(t, got[0].Metadata, "a line that fits is not marked")
	require.Equal(t, "0123456...", got[1].Line)
	require.Equal(t, `{truncated_from="13"}`, got[1].Metadata.String())
	require.Equal(t, "012345...", got[2].Line, "not within a character")
	require.True(t, utf8.ValidString(got[2].Line))
	require.Equal(t, `{truncated_from="13", user="ann"}`, got[3].Metadata.String())
	require.Equal(t, "0123456789abc", in[0].Entries[1].Line, "the caller's entries are not changed")
	require.Equal(t, `{truncated_from="x", user="ann"}`, in[0].Entries[3].Metadata.String())
	require.EqualValues(t, 3, testutil.ToFloat64(h.metrics.truncated.WithLabelValues("t")))
}

func TestHugeLinesAreCutBelowWhatTheStoreTakes(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxLineSizeTruncate = true })
	require.NoError(t, h.PushLogs(t.Context(), "t", []model.LogStream{stream(web, strings.Repeat("\x80", 2<<20))}))
	require.Len(t, h.store.streams[0].Entries[0].Line, 256<<10-4)
}

func TestStructuredMetadataCanBeRefused(t *testing.T) {
	h := newHarness(func(l *Limits) { l.AllowStructuredMetadata = false })
	in := []model.LogStream{stream(web, "a", "b")}
	in[0].Entries[1].Metadata = labelsOf(map[string]string{"user": "ann"})
	r := requireRefusal(t, h.PushLogs(t.Context(), "t", in))
	require.Equal(t, NoMetadata, r.Reason)
	require.Contains(t, r.Message, "includes structured metadata, but this feature is disallowed")
	require.Len(t, h.store.streams[0].Entries, 1)
}

func TestEachStreamHasItsRate(t *testing.T) {
	h := newHarness(func(l *Limits) { l.PerStreamRateLimit, l.PerStreamRateLimitBurst = 100, 200 })
	now := time.Now()
	h.now = func() time.Time { return now }
	push := func(app string, bytes int) error {
		return h.PushLogs(t.Context(), "t", []model.LogStream{stream(labelsOf(map[string]string{"app": app}), strings.Repeat("x", bytes))})
	}
	require.NoError(t, push("a", 150))
	r := requireRefusal(t, push("a", 100))
	require.Equal(t, StreamRateLimited, r.Reason)
	require.True(t, r.Temporary)
	require.Equal(t, time.Second, r.RetryAfter)
	require.Contains(t, r.Message, `Per stream rate limit exceeded (limit: 100 bytes/sec) while attempting to ingest for stream '{app="a", service_name="a"}' totaling 100 bytes`)
	require.NoError(t, push("b", 150), "another stream")
	now = now.Add(600 * time.Millisecond)
	require.NoError(t, push("a", 100))
	require.Equal(t, StreamRateLimited, requireRefusal(t, push("a", 201)).Reason)
	now = now.Add(time.Hour)
	require.Equal(t, StreamRateLimited, requireRefusal(t, push("a", 201)).Reason, "more than a burst never passes")
	require.NoError(t, push("a", 200))

	// Of a push the streams that may come are stored.
	in := []model.LogStream{stream(labelsOf(map[string]string{"app": "a"}), strings.Repeat("x", 150)), stream(labelsOf(map[string]string{"app": "c"}), "fine")}
	n := len(h.store.streams)
	require.Equal(t, 1, requireRefusal(t, h.PushLogs(t.Context(), "t", in)).Refused)
	require.Len(t, h.store.streams, n+1)
}

func TestStreamsHaveTheirOwnAge(t *testing.T) {
	h := newHarness(nil)
	h.SetMaxAge(func(id tenant.ID) func(model.Labels) time.Duration {
		return func(ls model.Labels) time.Duration {
			if ls.Get("level") == "debug" && id == "t" {
				return time.Hour
			}
			return 365 * 24 * time.Hour
		}
	})
	old := func(age time.Duration, pairs map[string]string) []model.LogStream {
		return []model.LogStream{{Labels: labelsOf(pairs), Entries: []model.LogEntry{{Time: time.Now().Add(-age).UnixNano(), Line: "x"}}}}
	}
	debug := map[string]string{"app": "web", "level": "debug"}
	require.NoError(t, h.PushLogs(t.Context(), "t", old(2*time.Hour, map[string]string{"app": "web"})))
	require.NoError(t, h.PushLogs(t.Context(), "t", old(time.Minute, debug)))
	require.NoError(t, h.PushLogs(t.Context(), "other", old(2*time.Hour, debug)))
	r := requireRefusal(t, h.PushLogs(t.Context(), "t", old(2*time.Hour, debug)))
	require.Equal(t, TooOld, r.Reason)
	require.Contains(t, r.Message, "has timestamp too old")
	r = requireRefusal(t, h.PushLogs(t.Context(), "t", old(31*24*time.Hour, map[string]string{"app": "web"})))
	require.Equal(t, TooOld, r.Reason, "the tenant's limit holds beside the stream's")
}

func TestLimitsCanChange(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxStreams = 1 })
	push := func(app string) error {
		return h.PushLogs(t.Context(), "t", []model.LogStream{stream(labelsOf(map[string]string{"app": app}), "xxxx")})
	}
	require.NoError(t, push("a"))
	require.Equal(t, StreamLimit, requireRefusal(t, push("b")).Reason)
	cfg := DefaultConfig()
	two := DefaultLimits()
	two.MaxStreams = 2
	cfg.Tenants = map[tenant.ID]Limits{"t": two}
	h.budget.SetLimits(cfg)
	require.NoError(t, push("b"))
	r := requireRefusal(t, push("c"))
	require.Equal(t, StreamLimit, r.Reason, "streams stay active")
	require.Contains(t, r.Message, "(limit: 2)")
	cfg.Limits.MaxLineSize, cfg.Tenants = 3, nil
	h.budget.SetLimits(cfg)
	require.Equal(t, LineTooLong, requireRefusal(t, push("a")).Reason)
}

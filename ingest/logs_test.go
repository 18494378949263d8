package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// memory is a store that keeps what it is given; the real one is tested with the
// receivers.
type memory struct {
	streams []model.LogStream
	err     error
	// How often Begin was called, and the marks that came back, added up.
	begun, ended int
}

func (m *memory) Append(_ context.Context, _ tenant.ID, streams []model.LogStream) error {
	if m.err == nil {
		m.streams = append(m.streams, streams...)
	}
	return m.err
}

func (m *memory) Begin() uint64 { m.begun++; return 7 }

func (m *memory) Publish(mark uint64, _ tenant.ID, streams []model.LogStream, _ uint64) {
	m.ended += int(mark)
	m.streams = append(m.streams, streams...)
}

func (m *memory) Abort(mark uint64) { m.ended += int(mark) }

type harness struct {
	*Logs
	store, tail *memory
	reg         *prometheus.Registry
}

func newHarness(change func(*Limits)) *harness {
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg.Limits)
	}
	h := &harness{store: &memory{}, tail: &memory{}, reg: prometheus.NewRegistry()}
	h.Logs = NewLogs(NewBudget(cfg), h.store, h.tail, NewMetrics(h.reg))
	return h
}

func stream(labels model.Labels, lines ...string) model.LogStream {
	s := model.LogStream{Labels: labels}
	for _, line := range lines {
		s.Entries = append(s.Entries, model.LogEntry{Time: time.Now().UnixNano(), Line: line})
	}
	return s
}

func requireRefusal(t *testing.T, err error) *Refusal {
	t.Helper()
	var r *Refusal
	require.True(t, errors.As(err, &r), "%v", err)
	return r
}

func TestPushStoresAndPublishes(t *testing.T) {
	h := newHarness(nil)
	in := []model.LogStream{stream(labelsOf(map[string]string{"app": "web"}), "an error", "fine")}
	in[0].Entries[1].Metadata = labelsOf(map[string]string{"http.status": "200", "zone": "a\xffb"})
	require.NoError(t, h.PushLogs(t.Context(), "t", in))
	require.Equal(t, h.store.streams, h.tail.streams)
	require.Equal(t, `{app="web", service_name="web"}`, h.store.streams[0].Labels.String())
	require.Equal(t, `{detected_level="error"}`, h.store.streams[0].Entries[0].Metadata.String())
	require.Equal(t, `{detected_level="unknown", http_status="200", zone="ab"}`, h.store.streams[0].Entries[1].Metadata.String())
	require.Equal(t, `{app="web"}`, in[0].Labels.String(), "the caller's streams are not changed")
	require.Equal(t, `{http.status="200", zone="a\xffb"}`, in[0].Entries[1].Metadata.String())
	require.NoError(t, testutil.GatherAndCompare(h.reg, strings.NewReader(`
# HELP pharos_ingest_entries_total Log entries and spans that were acknowledged.
# TYPE pharos_ingest_entries_total counter
pharos_ingest_entries_total{signal="logs",tenant="t"} 2
`), "pharos_ingest_entries_total"))
}

func TestServiceNameAndLevelCanBeOff(t *testing.T) {
	h := newHarness(func(l *Limits) { l.DiscoverServiceName, l.DiscoverLogLevels = nil, false })
	require.NoError(t, h.PushLogs(t.Context(), "t", []model.LogStream{stream(labelsOf(map[string]string{"x": "y"}), "error")}))
	require.Equal(t, `{x="y"}`, h.store.streams[0].Labels.String())
	require.Empty(t, h.store.streams[0].Entries[0].Metadata)
	err := h.PushLogs(t.Context(), "t", []model.LogStream{stream(nil, "x")})
	require.Equal(t, &Refusal{Reason: MissingLabels, Refused: 1, Message: "error at least one label pair is required per stream"}, requireRefusal(t, err))
}

// TestValidPartIsStored has one valid entry beside each invalid one.
func TestValidPartIsStored(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ok := labelsOf(map[string]string{"app": "web"})
	many := map[string]string{}
	for i := range 16 {
		many[fmt.Sprintf("l%02d", i)] = "v"
	}
	const named = `{app="web", service_name="web"}`
	for name, c := range map[string]struct {
		labels model.Labels
		entry  model.LogEntry
		reason Reason
		text   string
	}{
		"old":            {ok, model.LogEntry{Time: now.Add(-31 * 24 * time.Hour).UnixNano()}, TooOld, "entry for stream '" + named + "' has timestamp too old: 2025-12-02T03:04:05Z, oldest acceptable timestamp is: 2025-12-03T03:04:05Z"},
		"new":            {ok, model.LogEntry{Time: now.Add(11 * time.Minute).UnixNano()}, TooNew, "entry for stream '" + named + "' has timestamp too new: 2026-01-02T03:15:05Z"},
		"line":           {ok, model.LogEntry{Line: strings.Repeat("x", 262145)}, LineTooLong, "max entry size '262144' bytes exceeded for stream '" + named + "' while adding an entry with length '262145' bytes"},
		"metadata size":  {ok, model.LogEntry{Metadata: labelsOf(map[string]string{"k": strings.Repeat("v", 65536)})}, TooMuchMetadata, "stream '" + named + "' has structured metadata too large: '65537' bytes, limit: '65536' bytes. Please see"},
		"metadata count": {ok, model.LogEntry{Metadata: manyLabels(129)}, TooMuchMetadata, "stream '" + named + "' has too many structured metadata labels: '129', limit: '128'. Please see"},
		"metadata name":  {ok, model.LogEntry{Metadata: labelsOf(map[string]string{"___": "v"})}, Malformed, "resulted in invalid name"},
		"labels":         {labelsOf(many), model.LogEntry{}, TooManyLabels, "has 16 label names; limit 15"},
		"name":           {labelsOf(map[string]string{strings.Repeat("n", 1025): "v"}), model.LogEntry{}, LabelNameTooLong, "has label name too long: 'nnn"},
		"value":          {labelsOf(map[string]string{"n": strings.Repeat("v", 2049)}), model.LogEntry{}, LabelValueTooLong, "has label value too long: 'vvv"},
		"twice":          {model.Labels{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}, model.LogEntry{}, InvalidLabels, "has duplicate label name: 'a'"},
		"odd name":       {labelsOf(map[string]string{"a,b": "v"}), model.LogEntry{}, InvalidLabels, `label name "a,b" is not supported`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(nil)
			h.now = func() time.Time { return now }
			if c.entry.Time == 0 {
				c.entry.Time = now.UnixNano()
			}
			good := model.LogEntry{Time: now.UnixNano(), Line: "good"}
			err := h.PushLogs(t.Context(), "t", []model.LogStream{
				{Labels: ok, Entries: []model.LogEntry{good}},
				{Labels: c.labels, Entries: []model.LogEntry{c.entry}},
			})
			r := requireRefusal(t, err)
			require.Equal(t, c.reason, r.Reason)
			require.Contains(t, r.Message, c.text)
			require.Equal(t, 1, r.Refused)
			require.False(t, r.Temporary)
			require.Len(t, h.store.streams, 1)
			require.Equal(t, "good", h.store.streams[0].Entries[0].Line)
			require.EqualValues(t, 1, testutil.ToFloat64(h.metrics.refused.WithLabelValues("logs", "t", string(c.reason))))
		})
	}
}

func manyLabels(n int) model.Labels {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprint("l", i)] = "v"
	}
	return labelsOf(m)
}

func TestFifteenLabelsAndTheServiceName(t *testing.T) {
	h := newHarness(nil)
	require.NoError(t, h.PushLogs(t.Context(), "t", []model.LogStream{stream(manyLabels(15), "x")}))
}

func TestEqualErrorsAreGrouped(t *testing.T) {
	h := newHarness(nil)
	long := strings.Repeat("x", 300_000)
	s := stream(labelsOf(map[string]string{"app": "web"}), long, long)
	s.Entries = append(s.Entries, model.LogEntry{Time: time.Now().Add(time.Hour).UnixNano()})
	r := requireRefusal(t, h.PushLogs(t.Context(), "t", []model.LogStream{s}))
	require.Regexp(t, `^2 errors like: max entry size .* bytes; 1 errors like: entry for stream .* too new: .*$`, r.Message)
	require.Equal(t, 3, r.Refused)

	var entries []model.LogEntry
	for i := range 1000 {
		entries = append(entries, model.LogEntry{Time: int64(i) * 1e9})
	}
	r = requireRefusal(t, h.PushLogs(t.Context(), "t", []model.LogStream{{Labels: s.Labels, Entries: entries}}))
	require.Contains(t, r.Message, "; 900 other errors")
}

func TestRateLimit(t *testing.T) {
	h := newHarness(func(l *Limits) { l.IngestionRate, l.IngestionBurst = 1000, 1000 })
	now := time.Now()
	h.now = func() time.Time { return now }
	push := func(id tenant.ID, n int) error {
		return h.PushLogs(t.Context(), id, []model.LogStream{stream(labelsOf(map[string]string{"app": "web"}), strings.Repeat("x", n))})
	}
	require.NoError(t, push("t", 900))
	r := requireRefusal(t, push("t", 900))
	require.Equal(t, RateLimited, r.Reason)
	require.True(t, r.Temporary)
	require.Equal(t, time.Second, r.RetryAfter)
	require.Equal(t, "ingestion rate limit exceeded for user t (limit: 1000 bytes/sec) while attempting to ingest '1' lines totaling '900' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased", r.Message)
	require.NoError(t, push("other", 900), "each tenant has its own")
	now = now.Add(time.Second)
	require.NoError(t, push("t", 900))
	require.Len(t, h.store.streams, 3)
}

func TestStreamLimit(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxStreams = 2 })
	now := time.Now()
	h.now = func() time.Time { return now }
	push := func(apps ...string) error {
		var ss []model.LogStream
		for _, app := range apps {
			s := stream(labelsOf(map[string]string{"app": app}), "x")
			s.Entries[0].Time = now.UnixNano()
			ss = append(ss, s)
		}
		return h.PushLogs(t.Context(), "t", ss)
	}
	require.NoError(t, push("a", "b"))
	require.NoError(t, push("a", "b"))
	r := requireRefusal(t, push("a", "c", "d"))
	require.Equal(t, StreamLimit, r.Reason)
	require.Equal(t, 2, r.Refused)
	require.Contains(t, r.Message, `maximum active stream limit exceeded when trying to create stream {app="c", service_name="c"}`)
	require.Len(t, h.store.streams, 5, "a is stored")
	now = now.Add(2 * time.Hour)
	require.NoError(t, push("c", "d"), "idle streams do not count")
}

func TestBytesInFlightAreBounded(t *testing.T) {
	h := newHarness(nil)
	h.budget.maxInFlight = 1000
	r := requireRefusal(t, h.PushLogs(t.Context(), "t", []model.LogStream{stream(labelsOf(map[string]string{"app": "a"}), strings.Repeat("x", 2000))}))
	require.Equal(t, Overloaded, r.Reason)
	require.True(t, r.Temporary)
	require.Equal(t, "The server cannot accept more requests at this time.", r.Message)
	require.Zero(t, h.budget.inFlight.Load())
}

type diskFull struct{ error }

func (diskFull) Refusal() (string, bool) { return "disk_full", true }

func TestStoreRefusals(t *testing.T) {
	h := newHarness(nil)
	in := []model.LogStream{stream(labelsOf(map[string]string{"app": "a"}), "x")}
	h.store.err = fmt.Errorf("append: %w", diskFull{errors.New("no space")})
	r := requireRefusal(t, h.PushLogs(t.Context(), "t", in))
	require.Equal(t, &Refusal{Reason: DiskFull, Message: "append: no space", Refused: 1, Temporary: true, RetryAfter: 5 * time.Second}, r)
	h.store.err = errors.New("boom")
	require.ErrorIs(t, h.PushLogs(t.Context(), "t", in), h.store.err)
	require.Empty(t, h.tail.streams, "what is not stored is not shown")
	require.Zero(t, h.budget.inFlight.Load())
}

func TestConfigIsValidated(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	cfg := DefaultConfig()
	cfg.MaxInFlight, cfg.Limits.MaxLineSize, cfg.Limits.MaxAge, cfg.Limits.CreationGracePeriod = 0, 1<<30, 0, -1
	cfg.Tenants = map[tenant.ID]Limits{"Bad Name": DefaultLimits(), "x": {MaxStreams: -1}}
	err := cfg.Validate()
	for _, want := range []string{"max_in_flight", "max_line_size", "reject_old_samples_max_age", "creation_grace_period", "Bad Name", "tenants.x: max_streams"} {
		require.ErrorContains(t, err, want)
	}
}

func TestTenantsHaveTheirOwnLimits(t *testing.T) {
	cfg := DefaultConfig()
	small := DefaultLimits()
	small.MaxLineSize = 3
	cfg.Tenants = map[tenant.ID]Limits{"small": small}
	require.NoError(t, cfg.Validate())
	l := NewLogs(NewBudget(cfg), &memory{}, nil, NewMetrics(nil))
	in := []model.LogStream{stream(labelsOf(map[string]string{"app": "a"}), "four")}
	require.NoError(t, l.PushLogs(t.Context(), "t", in))
	require.Equal(t, LineTooLong, requireRefusal(t, l.PushLogs(t.Context(), "small", in)).Reason)
	in[0].Labels, in[0].Entries[0].Line = manyLabels(16), "x"
	require.Equal(t, TooManyLabels, requireRefusal(t, l.PushLogs(t.Context(), "small", in)).Reason, "other limits are everybody's")
}

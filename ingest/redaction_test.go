package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/pipeline/redact"
	"github.com/pharosd/pharos/tenant"
)

func allRules() redact.Config {
	return redact.Config{Labels: []string{"user"},
		Rules: []redact.Rule{{Type: redact.Token}, {Type: redact.Email, Action: redact.Hash}, {Type: redact.Card, Name: "pan"}}}
}

func newRedactor(t *testing.T, reg prometheus.Registerer, cfg RedactionConfig) *Redactor {
	t.Helper()
	require.NoError(t, RedactionConfig{Default: cfg.Default, Tenants: cfg.Tenants, KeyFile: "key"}.Validate())
	r := NewRedactor(reg)
	require.NoError(t, r.Set(cfg, []byte("0123456789abcdef")))
	return r
}

func TestLogsAreRedactedBeforeAllElse(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxLineSize, l.MaxLineSizeTruncate = 64, true })
	h.SetRedactor(newRedactor(t, h.reg, RedactionConfig{Default: allRules()}))
	in := []model.LogStream{stream(labelsOf(map[string]string{"app": "web", "user": "a@example.com", "owner": "o@example.com"}),
		"a@example.com paid with 4111 1111 1111 1111",
		strings.Repeat("x", 50)+" 4111 1111 1111 1111 and a long rest",
		"nothing to see")}
	in[0].Entries[2].Metadata = labelsOf(map[string]string{"password": "hunter2", "mail": "a@example.com", "status": "200"})
	require.NoError(t, h.PushLogs(t.Context(), "t", in))

	require.Equal(t, h.store.streams, h.tail.streams, "tails see what is stored")
	got := h.store.streams[0]
	hash := got.Labels.Get("user")
	require.Regexp(t, `^\[email:[0-9a-f]{12}\]$`, hash)
	require.Equal(t, "o@example.com", got.Labels.Get("owner"), "a label that no rule names")
	require.Equal(t, hash+" paid with [redacted:pan]", got.Entries[0].Line)
	require.Equal(t, strings.Repeat("x", 50)+" [redacted:pan", got.Entries[1].Line, "lines are cut when they are redacted")
	require.Equal(t, "[redacted:token]", got.Entries[2].Metadata.Get("password"))
	require.Equal(t, hash, got.Entries[2].Metadata.Get("mail"))
	require.Equal(t, "200", got.Entries[2].Metadata.Get("status"))

	require.Equal(t, "a@example.com", in[0].Labels.Get("user"), "the caller's streams are not changed")
	require.Equal(t, "hunter2", in[0].Entries[2].Metadata.Get("password"))
	require.Contains(t, in[0].Entries[0].Line, "4111")
	require.NoError(t, testutil.GatherAndCompare(h.reg, strings.NewReader(`
# HELP pharos_ingest_redacted_total Values that were masked or hashed before they were stored, by rule.
# TYPE pharos_ingest_redacted_total counter
pharos_ingest_redacted_total{rule="email",tenant="t"} 3
pharos_ingest_redacted_total{rule="pan",tenant="t"} 2
pharos_ingest_redacted_total{rule="token",tenant="t"} 1
`), "pharos_ingest_redacted_total"))
}

func TestRedactionIsPerTenantAndReplaceable(t *testing.T) {
	h := newHarness(nil)
	cfg := RedactionConfig{Tenants: map[tenant.ID]redact.Config{
		"a": {Rules: []redact.Rule{{Type: redact.Email, Action: redact.Hash}}},
		"b": {Rules: []redact.Rule{{Type: redact.Email, Action: redact.Hash}}},
	}}
	r := newRedactor(t, nil, cfg)
	h.SetRedactor(r)
	push := func(id tenant.ID) string {
		t.Helper()
		h.store.streams = nil
		require.NoError(t, h.PushLogs(t.Context(), id, []model.LogStream{stream(labelsOf(map[string]string{"app": "x"}), "x@example.com")}))
		return h.store.streams[0].Entries[0].Line
	}
	require.Equal(t, "x@example.com", push("other"), "nobody asked for it")
	a := push("a")
	require.Equal(t, a, push("a"))
	require.NotEqual(t, a, push("b"), "hashes of tenants cannot be compared")
	require.NoError(t, r.Set(RedactionConfig{Default: redact.Config{Rules: []redact.Rule{{Type: redact.Email}}}}, nil))
	require.Equal(t, "[redacted:email]", push("a"))
	require.Error(t, r.Set(RedactionConfig{Default: redact.Config{Rules: []redact.Rule{{Type: "x"}}}}, nil))
	require.Equal(t, "[redacted:email]", push("a"), "the old rules go on")
}

func TestRefusedPushesCountNoRedaction(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxLineSize = 5 })
	h.SetRedactor(newRedactor(t, h.reg, RedactionConfig{Default: allRules()}))
	requireRefusal(t, h.PushLogs(t.Context(), "t", []model.LogStream{stream(labelsOf(map[string]string{"app": "x"}), "x@example.com")}))
	n, err := testutil.GatherAndCount(h.reg, "pharos_ingest_redacted_total")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestSpansAreRedacted(t *testing.T) {
	reg := prometheus.NewRegistry()
	store := &spanMemory{}
	sink := NewTraces(NewBudget(DefaultConfig()), store, NewMetrics(nil))
	sink.SetRedactor(newRedactor(t, reg, RedactionConfig{Default: redact.Config{Rules: []redact.Rule{{Type: redact.Token}, {Type: redact.Email}}}}))

	plain := spans(time.Now())
	require.NoError(t, sink.PushTraces(t.Context(), "t", plain))
	require.Equal(t, plain, store.got, "without a find there is no copy")

	td := spans(time.Now(), time.Now())
	td.ResourceSpans().At(0).Resource().Attributes().PutStr("owner", "o@example.com")
	td.ResourceSpans().At(0).ScopeSpans().At(0).Scope().Attributes().PutStr("s", "s@example.com")
	span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(1)
	span.SetName("GET /?token=abc")
	span.Status().SetMessage("no user m@example.com")
	span.Attributes().PutStr("http.request.header.authorization", "opaque")
	span.Attributes().PutInt("http.status_code", 200)
	list := span.Attributes().PutEmptySlice("to")
	list.AppendEmpty().SetStr("a@example.com")
	list.AppendEmpty().SetEmptyMap().PutStr("password", "x")
	event := span.Events().AppendEmpty()
	event.SetName("sent to e@example.com")
	event.Attributes().PutStr("mail", "e@example.com")
	span.Links().AppendEmpty().Attributes().PutStr("mail", "l@example.com")
	before := ptrace.NewTraces()
	td.CopyTo(before)

	require.NoError(t, sink.PushTraces(t.Context(), "t", td))
	require.Equal(t, before, td, "the caller's spans are not changed")
	var json ptrace.JSONMarshaler
	text, err := json.MarshalTraces(store.got)
	require.NoError(t, err)
	require.NotContains(t, string(text), "example.com")
	require.NotContains(t, string(text), "opaque")
	require.Contains(t, string(text), `GET /?token=[redacted:token]`)
	require.Contains(t, string(text), `"no user [redacted:email]"`)
	require.Equal(t, 2, store.got.SpanCount())
	for rule, want := range map[string]float64{"token": 3, "email": 7} {
		require.Equal(t, want, testutil.ToFloat64(sink.redactor.found.WithLabelValues("t", rule)), rule)
	}
}

func TestRedactionConfigIsValidated(t *testing.T) {
	err := RedactionConfig{
		Default: redact.Config{Rules: []redact.Rule{{Type: redact.Email, Action: redact.Hash}, {Type: "emial"}}},
		Tenants: map[tenant.ID]redact.Config{"a/b": {}, "c": {Rules: []redact.Rule{{Type: redact.Expression, Name: "x"}}}},
	}.Validate()
	for _, want := range []string{"default.rules[1].type: ", "tenants.a/b: ", "tenants.c.rules[0].expression: ", "key_file: rules with the action hash need a key"} {
		require.ErrorContains(t, err, want)
	}
	require.Error(t, CheckRedactionKey([]byte("short")))
}

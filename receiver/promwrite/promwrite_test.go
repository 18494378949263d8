package promwrite

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/otlp"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/tenant"
)

// env is a receiver over a real store.
type env struct {
	t       *testing.T
	url     string
	store   *tsdb.Store
	refused map[ingest.Reason]int
}

func newEnv(t *testing.T, maxSeries int64) *env {
	t.Helper()
	cfg := metrics.DefaultConfig()
	log := promslog.NewNopLogger()
	loaded, err := cfg.Load(func(string) (string, bool) { return "", false }, log)
	require.NoError(t, err)
	reg := prometheus.NewRegistry()
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: t.TempDir(), MaxSeries: maxSeries, Logger: log, Registry: reg})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	e := &env{t: t, store: store, refused: map[ingest.Reason]int{}}
	rc := New(Deps{
		Appender: func(ctx context.Context, id tenant.ID) storage.Appender { return store.Tenant(id).Appender(ctx) },
		Metrics: ingest.NewMetricSink(otlp.New(otlp.Deps{
			Store: store, Config: loaded.Current, LookbackDelta: 5 * time.Minute, Logger: log,
		}), ingest.NewMetrics(nil)),
		Refused:  func(_ tenant.ID, reason ingest.Reason, n int) { e.refused[reason] += n },
		Logger:   log,
		Registry: reg,
	})
	mux := http.NewServeMux()
	for _, r := range rc.Routes() {
		mux.Handle(r.Pattern, http.MaxBytesHandler(r.Handler, r.MaxBody))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	}))
	t.Cleanup(srv.Close)
	e.url = srv.URL
	return e
}

// write sends a message with the client library of the protocol's authors.
func (e *env) write(version remoteapi.WriteMessageType, msg any) (remoteapi.WriteResponseStats, error) {
	e.t.Helper()
	client, err := remoteapi.NewAPI(e.url, remoteapi.WithAPIPath("api/v1/write"))
	require.NoError(e.t, err)
	return client.Write(e.t.Context(), version, msg)
}

// post sends raw bytes and returns the status and the answer.
func (e *env) post(path string, header map[string]string, body []byte) (int, string) {
	e.t.Helper()
	req, err := http.NewRequest(http.MethodPost, e.url+path, bytes.NewReader(body))
	require.NoError(e.t, err)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(e.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	return resp.StatusCode, string(text)
}

// floats returns the samples of the series called name.
func (e *env) floats(name string) []float64 {
	e.t.Helper()
	q, err := e.store.Tenant(tenant.Default).Querier(0, math.MaxInt64)
	require.NoError(e.t, err)
	defer q.Close()
	set := q.Select(e.t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, name))
	var out []float64
	for set.Next() {
		for it := set.At().Iterator(nil); ; {
			kind := it.Next()
			if kind == chunkenc.ValNone {
				break
			}
			if kind == chunkenc.ValFloat {
				_, v := it.At()
				out = append(out, v)
			} else {
				_, h := it.AtFloatHistogram(nil)
				out = append(out, h.Count)
			}
		}
	}
	require.NoError(e.t, set.Err())
	return out
}

func v1Series(name string, ts int64, v float64, more ...prompb.Label) prompb.TimeSeries {
	return prompb.TimeSeries{
		Labels:  append([]prompb.Label{{Name: "__name__", Value: name}}, more...),
		Samples: []prompb.Sample{{Timestamp: ts, Value: v}},
	}
}

func TestVersion1(t *testing.T) {
	e := newEnv(t, 1000)
	now := time.Now().UnixMilli()
	stale := math.Float64frombits(value.StaleNaN)
	_, err := e.write(remoteapi.WriteV1MessageType, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{
		v1Series("up", now-2000, 1, prompb.Label{Name: "job", Value: "a"}),
		v1Series("up", now-1000, math.NaN(), prompb.Label{Name: "job", Value: "a"}),
		v1Series("up", now, stale, prompb.Label{Name: "job", Value: "a"}),
		{
			Labels:     []prompb.Label{{Name: "__name__", Value: "latency"}},
			Histograms: []prompb.Histogram{prompb.FromIntHistogram(now, tsdbutil.GenerateTestHistogram(3))},
		},
		{
			Labels:    []prompb.Label{{Name: "__name__", Value: "up"}, {Name: "job", Value: "a"}},
			Exemplars: []prompb.Exemplar{{Labels: []prompb.Label{{Name: "trace_id", Value: "abc"}}, Value: 1, Timestamp: now}},
		},
	}})
	require.NoError(t, err)
	got := e.floats("up")
	require.Len(t, got, 3)
	require.Equal(t, 1.0, got[0])
	require.True(t, math.IsNaN(got[1]) && !value.IsStaleNaN(got[1]))
	require.True(t, value.IsStaleNaN(got[2]))
	require.Len(t, e.floats("latency"), 1)

	eq, err := e.store.Tenant(tenant.Default).ExemplarQuerier(t.Context())
	require.NoError(t, err)
	found, err := eq.Select(0, math.MaxInt64, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, "up")})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "abc", found[0].Exemplars[0].Labels.Get("trace_id"))
	require.Empty(t, e.refused)
}

func TestVersion2(t *testing.T) {
	e := newEnv(t, 1000)
	now := time.Now().UnixMilli()
	symbols := writev2.NewSymbolTable()
	refs := func(pairs ...string) []uint32 { return symbols.SymbolizeLabels(labels.FromStrings(pairs...), nil) }
	req := &writev2.Request{Timeseries: []writev2.TimeSeries{
		{
			LabelsRefs: refs("__name__", "up", "job", "a"),
			Samples:    []writev2.Sample{{Timestamp: now - 1000, Value: 1}, {Timestamp: now, Value: 2}},
			Exemplars:  []writev2.Exemplar{{LabelsRefs: refs("trace_id", "abc"), Value: 2, Timestamp: now}},
			Metadata:   writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_GAUGE},
		},
		{
			LabelsRefs: refs("__name__", "latency"),
			Histograms: []writev2.Histogram{writev2.FromFloatHistogram(0, now, tsdbutil.GenerateTestFloatHistogram(3))},
		},
	}}
	req.Symbols = symbols.Symbols()
	stats, err := e.write(remoteapi.WriteV2MessageType, req)
	require.NoError(t, err)
	require.Equal(t, 2, stats.Samples)
	require.Equal(t, 1, stats.Histograms)
	require.Equal(t, 1, stats.Exemplars)
	require.Equal(t, []float64{1, 2}, e.floats("up"))
	require.Len(t, e.floats("latency"), 1)
}

// What can be stored is stored, and the sender is told of the rest.
func TestPartlyRefused(t *testing.T) {
	now := time.Now().UnixMilli()
	many := make([]prompb.Label, 10_000)
	for i := range many {
		many[i] = prompb.Label{Name: "l" + string(rune('a'+i%26)) + strings.Repeat("x", i/26%20) + strings.Repeat("y", i/520), Value: "v"}
	}
	for name, c := range map[string]struct {
		bad    prompb.TimeSeries
		reason ingest.Reason
		says   string
	}{
		"no name":        {prompb.TimeSeries{Labels: []prompb.Label{{Name: "a", Value: "b"}}, Samples: []prompb.Sample{{Timestamp: now}}}, ingest.InvalidLabels, "invalid metric name or labels"},
		"not UTF-8":      {v1Series("m\xff", now, 1), ingest.InvalidLabels, "invalid metric name or labels"},
		"label twice":    {v1Series("m", now, 1, prompb.Label{Name: "a", Value: "1"}, prompb.Label{Name: "a", Value: "2"}), ingest.InvalidLabels, "duplicated label a"},
		"10,000 labels":  {v1Series("m", now, 1, many...), ingest.TooManyLabels, "metrics.limits.max_label_names_per_series"},
		"long name":      {v1Series("m", now, 1, prompb.Label{Name: strings.Repeat("n", 2000), Value: "v"}), ingest.LabelNameTooLong, "2000 bytes"},
		"long value":     {v1Series("m", now, 1, prompb.Label{Name: "n", Value: strings.Repeat("v", 20_000)}), ingest.LabelValueTooLong, "20000 bytes"},
		"too new":        {v1Series("m", now+3_600_000, 1), ingest.TooNew, "too far in the future"},
		"past retention": {v1Series("m", now-16*24*3_600_000, 1), ingest.TooOld, "older than the retention"},
		"out of order":   {v1Series("good", now-60_000, 1), ingest.OutOfOrder, "out of order sample"},
		"other value":    {v1Series("good", now, 99), ingest.Duplicate, "duplicate sample for timestamp"},
		"nothing in it":  {prompb.TimeSeries{Labels: []prompb.Label{{Name: "__name__", Value: "m"}}}, ingest.Malformed, "at least one sample"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, 1000)
			_, err := e.write(remoteapi.WriteV1MessageType, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{v1Series("good", now, 1)}})
			require.NoError(t, err)
			_, err = e.write(remoteapi.WriteV1MessageType, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{c.bad, v1Series("after", now, 2)}})
			require.ErrorContains(t, err, "400")
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "1 refused, 1 stored")
			require.Equal(t, map[ingest.Reason]int{c.reason: 1}, e.refused)
			require.Equal(t, []float64{2}, e.floats("after"))
			require.Equal(t, []float64{1}, e.floats("good"))
		})
	}
}

func TestSeriesLimit(t *testing.T) {
	e := newEnv(t, 2)
	now := time.Now().UnixMilli()
	_, err := e.write(remoteapi.WriteV1MessageType, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{
		v1Series("a", now-1000, 1), v1Series("b", now-1000, 1), v1Series("c", now-1000, 1),
	}})
	require.ErrorContains(t, err, "limit of 2 series")
	require.Equal(t, map[ingest.Reason]int{ingest.SeriesLimit: 1}, e.refused)
	// Series that exist go on.
	_, err = e.write(remoteapi.WriteV1MessageType, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{v1Series("a", now, 2), v1Series("b", now, 2)}})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2}, e.floats("a"))
	require.Empty(t, e.floats("c"))
}

func TestBadRequests(t *testing.T) {
	e := newEnv(t, 1000)
	protobuf := map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
	v2 := map[string]string{"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request", "Content-Encoding": "snappy"}
	claims := append([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 0) // 4 GiB, it says
	ok, err := (&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{v1Series("m", time.Now().UnixMilli(), 1)}}).Marshal()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		header map[string]string
		body   []byte
		status int
	}{
		"not snappy":        {protobuf, []byte("hello"), 400},
		"snappy bomb":       {protobuf, claims, 400},
		"not protobuf":      {protobuf, snappy.Encode(nil, []byte("\xff\xff\xff")), 400},
		"cut off":           {protobuf, snappy.Encode(nil, append(ok, ok[:len(ok)-3]...)), 400},
		"JSON":              {map[string]string{"Content-Type": "application/json"}, []byte("{}"), 415},
		"unknown message":   {map[string]string{"Content-Type": "application/x-protobuf;proto=x.Y"}, nil, 415},
		"gzip":              {map[string]string{"Content-Encoding": "gzip"}, nil, 415},
		"too large":         {protobuf, make([]byte, maxBody+1), 413},
		"symbol of nowhere": {v2, snappy.Encode(nil, []byte{0x2a, 4, 0x0a, 2, 7, 9}), 400},
		"odd references":    {v2, snappy.Encode(nil, []byte{0x22, 0, 0x2a, 3, 0x0a, 1, 0}), 400},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := e.post("/api/v1/write", c.header, c.body)
			require.Equal(t, c.status, status, text)
		})
	}
	require.Empty(t, e.floats("m"), "a request that is no message stores nothing")
}

func TestOTLP(t *testing.T) {
	e := newEnv(t, 1000)
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "shop")
	sm := rm.ScopeMetrics().AppendEmpty()
	m := sm.Metrics().AppendEmpty()
	m.SetName("orders")
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p := sum.DataPoints().AppendEmpty()
	p.SetIntValue(7)
	p.SetTimestamp(pcommonNow())
	delta := sm.Metrics().AppendEmpty()
	delta.SetName("deltas")
	delta.SetEmptySum().DataPoints().AppendEmpty().SetTimestamp(pcommonNow())
	delta.Sum().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)

	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	require.NoError(t, err)
	status, text := e.post("/api/v1/otlp/v1/metrics", map[string]string{"Content-Type": "application/x-protobuf"}, body)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, `invalid temporality and type combination for metric "deltas"`)
	require.Equal(t, []float64{7}, e.floats("orders_total"), "the others of the batch are stored")

	status, _ = e.post("/api/v1/otlp/v1/metrics", map[string]string{"Content-Type": "application/x-protobuf"}, []byte("\xff"))
	require.Equal(t, http.StatusBadRequest, status)
	status, _ = e.post("/api/v1/otlp/v1/metrics", map[string]string{"Content-Type": "text/plain"}, nil)
	require.Equal(t, http.StatusBadRequest, status)
}

// An exponential histogram becomes a native one, with its exemplar; new series past
// the budget are refused by name.
func TestOTLPHistogramAndLimit(t *testing.T) {
	e := newEnv(t, 2) // target_info and the histogram
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "shop")
	rm.Resource().Attributes().PutStr("region", "eu")
	sm := rm.ScopeMetrics().AppendEmpty()
	m := sm.Metrics().AppendEmpty()
	m.SetName("latency")
	h := m.SetEmptyExponentialHistogram()
	h.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p := h.DataPoints().AppendEmpty()
	p.SetTimestamp(pcommonNow())
	p.SetScale(20) // finer than the store keeps
	p.SetCount(3)
	p.SetSum(6)
	p.Positive().BucketCounts().FromRaw([]uint64{1, 2})
	x := p.Exemplars().AppendEmpty()
	x.SetTimestamp(p.Timestamp())
	x.SetDoubleValue(2)
	x.SetTraceID([16]byte{1})

	sink := ingest.NewMetricSink(otlp.New(otlp.Deps{Store: e.store, Config: defaults(t), LookbackDelta: 5 * time.Minute, Logger: promslog.NewNopLogger()}), ingest.NewMetrics(nil))
	require.NoError(t, sink.PushMetrics(t.Context(), tenant.Default, md))
	require.Equal(t, []float64{3}, e.floats("latency"))
	eq, err := e.store.Tenant(tenant.Default).ExemplarQuerier(t.Context())
	require.NoError(t, err)
	found, err := eq.Select(0, math.MaxInt64, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, "latency")})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "01000000000000000000000000000000", found[0].Exemplars[0].Labels.Get("trace_id"))

	g := sm.Metrics().AppendEmpty()
	g.SetName("one_too_many")
	gp := g.SetEmptyGauge().DataPoints().AppendEmpty()
	gp.SetDoubleValue(1)
	gp.SetTimestamp(pcommonNow())
	p.SetTimestamp(pcommonNow())
	err = sink.PushMetrics(t.Context(), tenant.Default, md)
	var refusal *ingest.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, ingest.SeriesLimit, refusal.Reason)
	require.Equal(t, 1, refusal.Refused)
	require.Len(t, e.floats("latency"), 2)
	require.Empty(t, e.floats("one_too_many"))
}

func defaults(t *testing.T) func() *config.Config {
	cfg := metrics.DefaultConfig()
	loaded, err := cfg.Load(func(string) (string, bool) { return "", false }, promslog.NewNopLogger())
	require.NoError(t, err)
	return loaded.Current
}

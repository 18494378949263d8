package remotewrite

import (
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
)

// receiver decodes what it is sent.
type receiver struct {
	mu     sync.Mutex
	code   int
	scrape []map[string]float64 // by series
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.code/100 != 2 {
		w.WriteHeader(r.code)
		return
	}
	b, err := io.ReadAll(req.Body)
	if err == nil {
		b, err = snappy.Decode(nil, b)
	}
	var wr prompb.WriteRequest
	if err == nil {
		err = wr.Unmarshal(b)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	got := map[string]float64{}
	for _, ts := range wr.Timeseries {
		var b labels.ScratchBuilder
		for i, l := range ts.Labels {
			if i > 0 && ts.Labels[i-1].Name >= l.Name {
				http.Error(w, "labels are not sorted", http.StatusBadRequest)
				return
			}
			b.Add(l.Name, l.Value)
		}
		got[b.Labels().String()] = ts.Samples[0].Value
	}
	r.scrape = append(r.scrape, got)
}

func (r *receiver) scrapes() []map[string]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]map[string]float64(nil), r.scrape...)
}

func serve(t *testing.T, reg *prometheus.Registry) (*receiver, *Pusher) {
	r := &receiver{code: 204}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	cfg := Config{URL: srv.URL + "/api/v1/write", Instance: "host1", Labels: map[string]string{"dc": "x", "job": "never"}, Interval: time.Second}
	return r, New(cfg, srv.Client(), slog.New(slog.DiscardHandler), nil, Source{Job: "node", Gatherer: reg})
}

func TestScrapesAsPrometheusWould(t *testing.T) {
	reg := prometheus.NewRegistry()
	temperature := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "temperature"}, []string{"sensor", "instance"})
	requests := prometheus.NewCounter(prometheus.CounterOpts{Name: "requests_total"})
	latency := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "latency", Buckets: []float64{0.5, 1}})
	size := prometheus.NewSummary(prometheus.SummaryOpts{Name: "size", Objectives: map[float64]float64{0.5: 0.1}})
	reg.MustRegister(temperature, requests, latency, size)
	temperature.WithLabelValues("a", "own").Set(-3)
	requests.Add(7)
	latency.Observe(0.7)
	size.Observe(4)
	r, p := serve(t, reg)
	p.scrape()
	p.flush(t.Context())
	got := r.scrapes()[0]
	const shared = `dc="x", instance="host1", job="node"`
	want := map[string]float64{
		`{__name__="temperature", dc="x", exported_instance="own", instance="host1", job="node", sensor="a"}`: -3,
		`{__name__="requests_total", ` + shared + `}`:                                                         7,
		`{__name__="latency_bucket", ` + shared + `, le="0.5"}`:                                               0,
		`{__name__="latency_bucket", ` + shared + `, le="1"}`:                                                 1,
		`{__name__="latency_bucket", ` + shared + `, le="+Inf"}`:                                              1,
		`{__name__="latency_sum", ` + shared + `}`:                                                            0.7,
		`{__name__="latency_count", ` + shared + `}`:                                                          1,
		`{__name__="size", ` + shared + `, quantile="0.5"}`:                                                   4,
		`{__name__="size_sum", ` + shared + `}`:                                                               4,
		`{__name__="size_count", ` + shared + `}`:                                                             1,
		`{__name__="up", ` + shared + `}`:                                                                     1,
		`{__name__="scrape_samples_scraped", ` + shared + `}`:                                                 10,
	}
	delete(got, `{__name__="scrape_duration_seconds", `+shared+`}`)
	require.Equal(t, want, got)

	temperature.Reset()
	p.scrape()
	p.flush(t.Context())
	gone := r.scrapes()[1][`{__name__="temperature", dc="x", exported_instance="own", instance="host1", job="node", sensor="a"}`]
	require.Equal(t, value.StaleNaN, math.Float64bits(gone), "a series that is gone gets a stale marker")
	p.scrape()
	p.flush(t.Context())
	require.Len(t, r.scrapes()[2], 12, "and that once")
}

func TestScrapesWaitForTheServer(t *testing.T) {
	reg := prometheus.NewRegistry()
	n := prometheus.NewGauge(prometheus.GaugeOpts{Name: "n"})
	reg.MustRegister(n)
	r, p := serve(t, reg)
	r.code = 503
	for i := range maxPending + 5 {
		n.Set(float64(i))
		p.scrape()
		p.flush(t.Context())
	}
	require.Len(t, p.pending, maxPending, "bounded")
	r.mu.Lock()
	r.code = 204
	r.mu.Unlock()
	p.flush(t.Context())
	got := r.scrapes()
	require.Len(t, got, maxPending)
	for i, s := range got {
		require.EqualValues(t, 5+i, s[`{__name__="n", dc="x", instance="host1", job="node"}`], "the oldest are dropped")
	}
	r.code = 400 // what is refused for good does not stand in the way
	p.scrape()
	p.flush(t.Context())
	require.Empty(t, p.pending)
}

func TestURLFor(t *testing.T) {
	for client, want := range map[string]string{
		"http://pharos:8400/loki/api/v1/push":             "http://pharos:8400/api/v1/write",
		"https://u:p@proxy/pharos/loki/api/v1/push?a=b":   "https://u:p@proxy/pharos/api/v1/write",
		"grpc://pharos:4317":                              "",
		"http://something.else/api/prom/push":             "",
		"http://pharos:8400/loki/api/v1/push/further\x7f": "",
	} {
		require.Equal(t, want, URLFor(client))
	}
}

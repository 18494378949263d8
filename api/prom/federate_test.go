package prom

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

// put appends one sample.
func (s *system) put(id tenant.ID, at time.Time, v float64, h *histogram.FloatHistogram, name string, more ...string) {
	s.t.Helper()
	app := s.store.Tenant(id).AppenderV2(s.t.Context())
	opts := storage.AOptions{}
	if name == "orders" {
		opts.Exemplars = []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", "abc"), Value: v, Ts: at.UnixMilli(), HasTs: true}}
	}
	_, err := app.Append(0, labels.FromStrings(append([]string{"__name__", name}, more...)...), 0, at.UnixMilli(), v, nil, h, opts)
	require.NoError(s.t, err)
	require.NoError(s.t, app.Commit())
}

// Another Prometheus that scrapes /federate has the newest samples with their own
// labels, native histograms among them.
func TestFederationRoundTrip(t *testing.T) {
	a := start(t, "global: {external_labels: {cluster: a, region: eu}}\n", nil)
	now := time.Now()
	a.put("default", now.Add(-2*time.Second), 1, nil, "orders", "instance", "x:1", "job", "shop")
	a.put("default", now.Add(-time.Second), 2, nil, "orders", "instance", "x:1", "job", "shop")
	a.put("default", now.Add(-time.Second), 3, nil, "orders", "job", "shop", "region", "us")
	a.put("default", now.Add(-time.Hour), 9, nil, "old")
	a.put("default", now.Add(-time.Second), math.Float64frombits(value.StaleNaN), nil, "stale")
	h := tsdbutil.GenerateTestFloatHistogram(5)
	a.put("default", now.Add(-time.Second), 0, h, "latency", "job", "shop")
	a.put("default", now.Add(-time.Second), 0, tsdbutil.GenerateTestCustomBucketsFloatHistogram(5), "classic", "job", "shop")
	a.put("other", now.Add(-time.Second), 7, nil, "orders", "job", "secret")

	host := strings.TrimPrefix(a.url, "http://")
	b := start(t, fmt.Sprintf(`
scrape_configs:
  - job_name: federate
    honor_labels: true
    scrape_interval: 200ms
    scrape_timeout: 200ms
    scrape_native_histograms: true
    scrape_protocols: [PrometheusProto]
    metrics_path: /federate
    params: {'match[]': ['{job="shop"}', '{__name__=~"old|stale|orders"}']}
    static_configs: [{targets: [%q]}]
`, host), nil)
	require.Eventually(t, func() bool { return len(b.query("default", "orders")) == 2 }, wait, tick)
	require.Equal(t, []string{"2"}, b.query("default", `orders{instance="x:1",job="shop",cluster="a",region="eu"}`))
	require.Equal(t, []string{"3"}, b.query("default", `orders{instance="",job="shop",cluster="a",region="us"}`))
	require.Equal(t, []string{fmt.Sprint(h.Count)}, b.query("default", "histogram_count(latency)"))
	require.Equal(t, a.query("default", "histogram_count(classic)"), b.query("default", "classic_count"))
	require.Empty(t, b.query("default", `{__name__=~"old|stale"}`))
	require.Empty(t, b.query("default", `orders{job="secret"}`))

	// As text: no native histogram, but the rest.
	status, text := a.get("default", `/federate?match[]={job="shop"}`)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, fmt.Sprintf("orders{instance=\"x:1\",job=\"shop\",cluster=\"a\",region=\"eu\"} 2 %d\n", now.Add(-time.Second).UnixMilli()))
	require.NotContains(t, text, "latency")
	status, text = a.get("default", "/federate?match[]={")
	require.Equal(t, http.StatusBadRequest, status, text)
}

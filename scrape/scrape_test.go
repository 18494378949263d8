package scrape

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/tenant"
)

const wait, tick = 20 * time.Second, 20 * time.Millisecond

func load(t *testing.T, yaml string) *metrics.Loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(path, []byte(yaml), 0o600))
	cfg := metrics.DefaultConfig()
	cfg.PrometheusConfig = path
	loaded, err := cfg.Load(os.LookupEnv, promslog.NewNopLogger())
	require.NoError(t, err)
	return loaded
}

// last returns the newest value of the only series that matches, NaN if there is
// none.
func last(t *testing.T, q storage.Queryable, name, job string) float64 {
	t.Helper()
	querier, err := q.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer querier.Close()
	set := querier.Select(t.Context(), false, nil,
		labels.MustNewMatcher(labels.MatchEqual, "__name__", name), labels.MustNewMatcher(labels.MatchEqual, "job", job))
	v := math.NaN()
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
			_, v = it.At()
		}
	}
	require.NoError(t, set.Err())
	return v
}

type fixture struct {
	scraper *Scraper
	data    metrics.Tenant
	target  string
}

func run(t *testing.T, maxSeries int64, yaml func(target string) string) *fixture {
	t.Helper()
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte("a 1\nb 2\n"))
	}))
	t.Cleanup(exporter.Close)
	target := strings.TrimPrefix(exporter.URL, "http://")
	loaded := load(t, yaml(target))
	log, reg := promslog.NewNopLogger(), prometheus.NewRegistry()
	store, err := tsdb.New(metrics.DefaultConfig(), loaded, tsdb.Deps{Dir: t.TempDir(), MaxSeries: maxSeries, Logger: log, Registry: reg})
	require.NoError(t, err)
	data := store.Tenant(tenant.Default)
	s, err := New(Deps{Prometheus: loaded.Prometheus, Appendable: data, Logger: log, Registry: reg})
	require.NoError(t, err)
	require.Error(t, s.Ready())
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
		require.NoError(t, store.Close())
	})
	require.Eventually(t, func() bool { return s.Ready() == nil }, wait, tick)
	return &fixture{s, data, target}
}

func TestReload(t *testing.T) {
	f := run(t, 1000, func(string) string { return "" })
	yaml := "global: {scrape_interval: 100ms, scrape_timeout: 100ms}\nscrape_configs: [{job_name: one, static_configs: [{targets: ['" + f.target + "']}]}]\n"
	require.NoError(t, f.scraper.Reload(load(t, yaml).Prometheus))
	require.Eventually(t, func() bool { return last(t, f.data, "a", "one") == 1 }, wait, tick)

	// What fails leaves the old jobs running.
	missing := "scrape_config_files: ['" + filepath.Join(t.TempDir(), "*.yml") + "']\n"
	broken := load(t, missing)
	require.NoError(t, os.WriteFile(broken.Prometheus.ScrapeConfigFiles[0][:len(broken.Prometheus.ScrapeConfigFiles[0])-len("*.yml")]+"x.yml", []byte("scrape_configs: [{}]"), 0o600))
	require.Error(t, f.scraper.Reload(broken.Prometheus))
	require.NoError(t, f.scraper.Ready())
	require.Equal(t, []string{"one"}, f.scraper.Manager().ScrapePools())

	require.NoError(t, f.scraper.Reload(load(t, strings.ReplaceAll(yaml, "one", "two")).Prometheus))
	require.Eventually(t, func() bool { return last(t, f.data, "b", "two") == 2 }, wait, tick)
	require.Equal(t, []string{"two"}, f.scraper.Manager().ScrapePools())
}

// Past the budget a scrape goes on with the series that exist.
func TestSeriesLimitDoesNotFailTheScrape(t *testing.T) {
	f := run(t, 1, func(target string) string {
		return "global: {scrape_interval: 5s, scrape_timeout: 5s}\nscrape_configs: [{job_name: one, static_configs: [{targets: ['" + target + "']}]}]\n"
	})
	require.Eventually(t, func() bool { return last(t, f.data, "a", "one") == 1 }, wait, tick)
	targets := f.scraper.Manager().TargetsActive()["one"]
	require.Len(t, targets, 1)
	require.Equal(t, "up", string(targets[0].Health()))
	require.True(t, math.IsNaN(last(t, f.data, "b", "one")))
}

func TestNewRefusesWhatCannotRun(t *testing.T) {
	loaded := load(t, "scrape_config_files: ['/none/such/*.yml']\n")
	deps := Deps{Prometheus: loaded.Prometheus, Logger: promslog.NewNopLogger(), Registry: prometheus.NewRegistry()}
	_, err := New(deps)
	require.Error(t, err, "nowhere to store")
	deps.Prometheus = &config.Config{}
	_, err = New(deps)
	require.Error(t, err)
}

package prom

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/notifier"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/query/promengine"
	"github.com/pharosd/pharos/rules"
	"github.com/pharosd/pharos/scrape"
	"github.com/pharosd/pharos/tenant"
)

// system is the metrics half of the process as app wires it: store, scraper, rules
// and API behind a gate that believes a header.
type system struct {
	t      *testing.T
	url    string
	store  *tsdb.Store
	sink   *sink
	loaded *metrics.Loaded
	stop   func()
}

type sink struct {
	mu     sync.Mutex
	alerts []*notifier.Alert
}

func (s *sink) Send(_ context.Context, _ tenant.ID, alerts ...*notifier.Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alerts = append(s.alerts, alerts...)
}

func (s *sink) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, a := range s.alerts {
		names = append(names, a.Labels.Get("alertname")+"/"+a.Labels.Get("cluster"))
	}
	return names
}

// start runs the system on a prometheus.yml with the given text.
func start(t *testing.T, prometheusYAML string, ruleFiles map[string]string) *system {
	t.Helper()
	dir := t.TempDir()
	for name, text := range ruleFiles {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	path := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(path, []byte(prometheusYAML), 0o600))
	return startAt(t, path, filepath.Join(dir, "data"))
}

func startAt(t *testing.T, path, data string) *system {
	t.Helper()
	cfg := metrics.DefaultConfig()
	cfg.PrometheusConfig = path
	require.NoError(t, cfg.Validate())
	log := promslog.NewNopLogger()
	reg := prometheus.NewRegistry()
	loaded, err := cfg.Load(os.LookupEnv, log)
	require.NoError(t, err)
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: data, MaxSeries: 100_000, Logger: log, Registry: reg})
	require.NoError(t, err)
	own := store.Tenant(tenant.Default)
	scraper, err := scrape.New(scrape.Deps{Prometheus: loaded.Prometheus, Appendable: own, Logger: log, Registry: reg})
	require.NoError(t, err)
	engine := promengine.New(cfg, promengine.Deps{
		Memory: 64 << 20, SubqueryStep: func() time.Duration { return time.Minute }, Logger: log, Registry: reg,
	})
	external, err := url.Parse("http://pharos.example:8400")
	require.NoError(t, err)
	s := &system{t: t, store: store, sink: &sink{}, loaded: loaded}
	ruler, err := rules.New(rules.DefaultConfig(), rules.Deps{
		Tenant: tenant.Default, Prometheus: loaded.Prometheus, Engine: engine, Queryable: own, Local: own, Appendable: own,
		Sink: s.sink, ExternalURL: external, IsOwn: func(string) bool { return false }, Lookup: os.LookupEnv, Logger: log, Registry: reg,
	})
	require.NoError(t, err)
	api := New(Deps{
		Store: store, Engine: engine, Dir: store.Dir, Owner: tenant.Default,
		Scrapes: scraper.Manager(), Rules: ruler.Manager(), Alertmanagers: ruler.Alertmanagers(),
		Config: func() *config.Config { return loaded.Prometheus }, LookbackDelta: 5 * time.Minute,
		Flags: map[string]string{"web.enable-lifecycle": "true"}, ExternalURL: external,
		ReloadSucceeded: func() (bool, time.Time) { return true, time.Now() },
		Logger:          log, Registry: reg, Gatherer: reg,
	})
	mux := http.NewServeMux()
	for _, r := range api.Routes() {
		mux.Handle(r.Pattern, r.Handler)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := tenant.Default
		if h := r.Header.Get("X-Scope-OrgID"); h != "" {
			id = tenant.ID(h)
		}
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
	}))
	s.url = srv.URL

	producers, stopProducers := context.WithCancel(context.Background())
	storing, stopStoring := context.WithCancel(context.Background())
	var front, back sync.WaitGroup
	run := func(wg *sync.WaitGroup, ctx context.Context, f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	run(&back, storing, store.Run)
	run(&front, producers, scraper.Run)
	run(&front, producers, ruler.Run)
	s.stop = sync.OnceFunc(func() {
		srv.Close()
		stopProducers()
		front.Wait()
		stopStoring()
		back.Wait()
	})
	t.Cleanup(s.stop)
	return s
}

// get returns the status and body of a GET as a tenant.
func (s *system) get(id, path string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	require.NoError(s.t, err)
	req.Header.Set("X-Scope-OrgID", id)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(body)
}

// query returns the values of an instant query, by the series' "name" of labels.
func (s *system) query(id, expr string) []string {
	s.t.Helper()
	status, body := s.get(id, "/api/v1/query?query="+url.QueryEscape(expr))
	require.Equal(s.t, http.StatusOK, status, body)
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	require.NoError(s.t, json.Unmarshal([]byte(body), &answer), body)
	values := []string{}
	for _, r := range answer.Data.Result {
		values = append(values, r.Value[1].(string))
	}
	return values
}

// target is an exporter with fixed text.
func target(t *testing.T, text string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

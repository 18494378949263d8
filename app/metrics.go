package app

import (
	"context"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/api/alertmanager"
	"github.com/pharosd/pharos/api/prom"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/otlp"
	"github.com/pharosd/pharos/metrics/remote"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/query/promengine"
	"github.com/pharosd/pharos/receiver/promwrite"
	"github.com/pharosd/pharos/rules"
	"github.com/pharosd/pharos/rules/logrules"
	"github.com/pharosd/pharos/scrape"
	"github.com/pharosd/pharos/tenant"
)

func (a *App) buildAlerting(context.Context) error {
	service, err := alerting.New(a.cfg.Alerting, alerting.Deps{
		DataDir: a.dir("alerting"), ExternalURL: a.cfg.BaseURL(), LookupEnv: a.opts.LookupEnv,
		Logger: a.log.With("component", "alerting"), Registerer: a.registry,
	})
	if err != nil {
		return err
	}
	a.alerts = service
	a.part("alerting", service.Run)
	a.check("alerting", service.Ready)
	a.onReload("alerting", func(c *config.Config) error { return service.Reload(c.Alerting) })
	a.routes = append(a.routes, alertmanager.New(service).Routes()...)
	return nil
}

// buildMetrics runs prometheus.yml: scraping, rules, the store and Prometheus' API.
// The file belongs to the default tenant.
func (a *App) buildMetrics(context.Context) error {
	cfg, log := a.cfg.Metrics, a.log.With("component", "metrics")
	loaded, err := cfg.Load(a.opts.LookupEnv, log)
	if err != nil {
		return err
	}
	a.addOwnTarget(cfg.PrometheusConfig, loaded.Prometheus)
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{
		Dir: a.dir("metrics"), MaxSeries: cfg.MaxHeadSeriesFor(a.mem.Metrics), Logger: log, Registry: a.registry,
	})
	if err != nil {
		return err
	}
	a.parts = append(a.parts, partWithClose("metric store", store.Run, store.Close))
	a.check("metrics", store.Ready)

	var current atomic.Pointer[promconfig.Config]
	current.Store(loaded.Prometheus)
	engine := promengine.New(cfg, promengine.Deps{
		Memory:       a.mem.Query / 2,
		SubqueryStep: func() time.Duration { return time.Duration(current.Load().GlobalConfig.EvaluationInterval) },
		Logger:       log, Registry: a.registry,
	})
	external, err := url.Parse(a.cfg.BaseURL())
	if err != nil {
		return err
	}
	local := store.Tenant(tenant.Default)
	shared, err := remote.New(remote.Deps{
		Local: store, Owner: tenant.Default, Prometheus: loaded.Prometheus,
		Logger: a.log.With("component", "remote storage"), Registry: a.registry,
	})
	if err != nil {
		return err
	}
	a.parts = append(a.parts, partWithClose("remote storage", shared.Run, shared.Close))
	owner := shared.Tenant(tenant.Default)
	a.tenantMetrics = func(t tenant.ID) logrules.Metrics { return store.Tenant(t) }
	ruleEngine, err := rules.New(a.cfg.Rules, rules.Deps{
		Tenant: tenant.Default, Prometheus: loaded.Prometheus, Engine: engine,
		Queryable: owner, Local: local, Appendable: owner, Sink: alerting.Sink{Service: a.alerts},
		ExternalURL: external, IsOwn: a.isOwn, Lookup: a.opts.LookupEnv,
		Logger: a.log.With("component", "rules"), Registry: a.registry,
	})
	if err != nil {
		return err
	}
	a.part("rules", ruleEngine.Run)
	a.check("rules", ruleEngine.Ready)

	scraper, err := scrape.New(scrape.Deps{
		Prometheus: loaded.Prometheus, Appendable: owner, Logger: a.log.With("component", "scrape"), Registry: a.registry,
	})
	if err != nil {
		return err
	}
	shared.SetScrapes(scraper.Manager())
	a.part("scrape", scraper.Run)
	a.check("scrape", scraper.Ready)

	a.onReload("metrics", func(c *config.Config) error {
		next, err := c.Metrics.Load(a.opts.LookupEnv, log)
		if err != nil {
			return err
		}
		a.addOwnTarget(c.Metrics.PrometheusConfig, next.Prometheus)
		for _, apply := range []func() error{
			func() error { return store.Reload(next) },
			func() error { return shared.Reload(next.Prometheus) },
			func() error { return scraper.Reload(next.Prometheus) },
			func() error { return ruleEngine.Reload(next.Prometheus) },
		} {
			if err := apply(); err != nil {
				return err
			}
		}
		current.Store(next.Prometheus)
		return nil
	})

	front, err := a.countReads(metrics.Scoped(shared))
	if err != nil {
		return err
	}
	a.exploring.rules, a.exploring.scrapes = ruleEngine.Manager(), scraper.Manager()
	api := prom.New(prom.Deps{
		Store: front, Engine: engine, Dir: store.Dir, Owner: tenant.Default,
		Scrapes: scraper.Manager(), Rules: ruleEngine.Manager(), Alertmanagers: ruleEngine.Alertmanagers(),
		Config: current.Load, LookbackDelta: time.Duration(cfg.Query.LookbackDelta),
		Flags: map[string]string{"web.listen-address": a.cfg.Listen, "storage.tsdb.path": a.dir("metrics")}, ExternalURL: external,
		ReloadSucceeded: func() (bool, time.Time) { r := a.lastReload.Load(); return r.ok, r.at },
		Logger:          log, Registry: a.registry, Gatherer: a.registry,
	})
	a.routes = append(a.routes, markReads(api.Routes())...)

	a.metricSink = ingest.NewMetricSink(otlp.New(otlp.Deps{
		Store: shared, Config: current.Load, LookbackDelta: time.Duration(cfg.Query.LookbackDelta), Logger: log,
	}), a.ingestMetrics)
	a.routes = append(a.routes, promwrite.New(promwrite.Deps{
		Appender: func(ctx context.Context, t tenant.ID) storage.Appender { return front.Tenant(t).Appender(ctx) },
		Metrics:  a.metricSink, MaxInFlight: a.mem.Ingest / 2, Logger: log, Registry: a.registry,
		Refused: func(t tenant.ID, reason ingest.Reason, n int) {
			a.ingestMetrics.Refused(ingest.SignalMetrics, t, reason, n)
		},
	}).Routes()...)
	return nil
}

// isOwn says whether an alertmanager listed in prometheus.yml is this process.
func (a *App) isOwn(hostport string) bool {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return false
	}
	if port != strconv.Itoa(a.addr.Port) {
		return false
	}
	if name, err := os.Hostname(); err == nil && host == name || host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.Equal(a.addr.IP) || ip.IsLoopback())
}

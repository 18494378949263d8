// Package app is the process: it opens the stores, wires receivers, engines and
// dialects to them by an explicit list, runs them in order, stops them in the
// opposite order and reloads what can be reloaded.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/api/elastic"
	"github.com/pharosd/pharos/api/mcp"
	"github.com/pharosd/pharos/api/pipelines"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/rungroup"
	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/rules/logrules"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// Options are what the command line says.
type Options struct {
	// Load returns the configuration; it is called again for each reload.
	Load func() (*config.Config, error)
	// LookupEnv is where ${NAME} in native files is taken from.
	LookupEnv func(string) (string, bool)
	Log       *slog.Logger
	// Routes and Parts are added to the process' own: the demonstration's.
	Routes []httpx.Route
	Parts  []rungroup.Part
}

// grace is how long stopping may take, all parts together.
const grace = 28 * time.Second

// App is a process that is wired and not yet running.
type App struct {
	opts     Options
	cfg      *config.Config
	log      *slog.Logger
	mem      Memory
	registry *prometheus.Registry
	listener net.Listener // until the server has it
	addr     *net.TCPAddr
	health   *health

	parts     []rungroup.Part
	routes    []httpx.Route
	ports     []port
	reloaders []reloader

	// What later steps of New need of earlier ones.
	auth       *auth.Service
	alerts     *alerting.Service
	meta       *metastore.DB
	logRows    logStore
	logSink    ingest.LogSink
	logItems   ingest.LogItemSink
	logStore   logs.Reader
	logEngine  *logql.Engine
	logCache   *logql.Cache // nil without a cache
	retention  retention
	limits     atomic.Pointer[config.Logs]
	metricSink ingest.MetricSink
	// elasticCatalog knows what lifecycle policies say of retention.
	elasticCatalog *elastic.Catalog
	// tenantMetrics is where log rules record.
	tenantMetrics func(tenant.ID) logrules.Metrics

	ingestMetrics *ingest.Metrics
	redactor      *ingest.Redactor
	spanRows      *rowstore.Store
	pipelines     pipelines.Running
	logRetention  time.Duration // the log engine's, see logStoreRetention
	// ownToken lets an installation without a prometheus.yml scrape itself.
	ownToken string

	reloading  sync.Mutex
	lastReload atomic.Pointer[reloadResult]

	// FirstPassword is the administrator's, if this start created it.
	FirstPassword string
	assistant     *mcp.Door
	// askers want the routes of the main port behind their gate.
	askers    []func(http.Handler)
	exploring exploring
}

// reloader takes a new configuration, or keeps the old one and says why.
type reloader struct {
	name  string
	apply func(*config.Config) error
}

type reloadResult struct {
	ok bool
	at time.Time
}

// New opens stores and ports and wires everything; nothing runs yet. After an
// error everything that was opened is closed again.
func New(ctx context.Context, opts Options) (_ *App, err error) {
	cfg, err := opts.Load()
	if err != nil {
		return nil, err
	}
	if err := cfg.Check(opts.LookupEnv); err != nil {
		return nil, err
	}
	if err := cfg.Auth.CheckListen(cfg.Listeners()...); err != nil {
		return nil, &config.StartError{Err: err}
	}
	mem, err := readMemory(int64(cfg.Memory))
	if err != nil {
		return nil, &config.StartError{Err: err}
	}
	a := &App{opts: opts, cfg: cfg, log: opts.Log, mem: mem, registry: prometheus.NewRegistry(), health: &health{}}
	a.ingestMetrics = ingest.NewMetrics(a.registry)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.closeParts())
		}
	}()
	nameLibraries()
	mem.apply(a.log)
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newBuildInfo())
	a.lastReload.Store(&reloadResult{ok: true, at: time.Now()})
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	if a.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s (listen): %w", cfg.Listen, err)
	}
	a.addr = a.listener.Addr().(*net.TCPAddr)
	if err := a.listenAlso(ctx); err != nil {
		return nil, err
	}
	// The order is the order of starting; stopping goes the other way: first the
	// doors close, then what works on data ends, the stores close last.
	for _, step := range []func(context.Context) error{
		a.buildMeta, a.buildStores, a.buildAlerting, a.buildMetrics, a.buildRedaction,
		a.buildLogs, a.buildDoors, a.buildLogRules, a.buildElastic, a.buildLogstash, a.buildTraces,
		a.buildDashboards, a.buildExplore, a.buildMCP, a.buildServer,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// dir is a folder of the data directory.
func (a *App) dir(name string) string { return filepath.Join(a.cfg.Data, name) }

func (a *App) part(name string, run func(context.Context) error) {
	a.parts = append(a.parts, rungroup.Part{Name: name, Run: run})
}

func partWithClose(name string, run func(context.Context) error, close func() error) rungroup.Part {
	return rungroup.Part{Name: name, Run: run, Close: close}
}

// closer is a part that does nothing but close, after all that was added later.
func (a *App) closer(name string, f func() error) {
	a.parts = append(a.parts, rungroup.Part{Name: name, Close: f})
}

func (a *App) check(name string, ready func() error) {
	a.health.checks = append(a.health.checks, check{name, ready})
}

func (a *App) onReload(name string, apply func(*config.Config) error) {
	a.reloaders = append(a.reloaders, reloader{name, apply})
}

func (a *App) closeParts() error {
	var errs []error
	for i := len(a.parts) - 1; i >= 0; i-- {
		if c := a.parts[i].Close; c != nil {
			errs = append(errs, c())
		}
	}
	if a.listener != nil {
		errs = append(errs, a.listener.Close())
	}
	for _, p := range a.ports {
		errs = append(errs, p.listener.Close())
	}
	return errors.Join(errs...)
}

// Addr is the address of the one port.
func (a *App) Addr() string { return a.addr.String() }

// BaseURL is where people reach the server.
func (a *App) BaseURL() string { return a.cfg.BaseURL() }

// Routes is the table of every route of the one port, which the gate serves.
func (a *App) Routes() []httpx.Route { return slices.Clone(a.routes) }

// Registry has the process' own metrics.
func (a *App) Registry() *prometheus.Registry { return a.registry }

// Auth is the service that knows users and tokens.
func (a *App) Auth() *auth.Service { return a.auth }

// Run serves until ctx is done, then drains: 0 lost, in 30 seconds at most.
func (a *App) Run(ctx context.Context) error {
	a.log.Info("starting", "version", version.Version, "listen", a.Addr(), "data", a.cfg.Data)
	stop := context.AfterFunc(ctx, func() { a.health.draining.Store(true) })
	defer stop()
	err := rungroup.Run(ctx, a.log, grace, a.parts...)
	if err == nil {
		a.log.Info("stopped, everything is on disk")
	}
	return err
}

// Reload reads the configuration again. A bad one changes nothing and the error
// lists its problems.
func (a *App) Reload() error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	err := a.reload()
	a.lastReload.Store(&reloadResult{ok: err == nil, at: time.Now()})
	if err != nil {
		a.log.Error("reload refused, the old configuration goes on", "error", err)
		return err
	}
	a.log.Info("configuration reloaded")
	return nil
}

func (a *App) reload() error {
	cfg, err := a.opts.Load()
	if err != nil {
		return err
	}
	if err := cfg.Check(a.opts.LookupEnv); err != nil {
		return err
	}
	var errs []error
	for _, r := range a.reloaders {
		if err := r.apply(cfg); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.name, err))
		}
	}
	return errors.Join(errs...)
}

func newBuildInfo() prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "pharos_build_info", Help: "1, with the version as a label.", ConstLabels: prometheus.Labels{"version": version.Version},
	})
	g.Set(1)
	return g
}

package prom

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	v1 "github.com/prometheus/prometheus/web/api/v1"

	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/tenant"
)

// Prometheus' defaults for remote read.
const (
	remoteReadSamples     = 5e7
	remoteReadConcurrency = 10
	remoteReadFrame       = 1 << 20
)

// noOrigin allows no other site's pages to read answers: the UI is of this origin.
var noOrigin = regexp.MustCompile(`^$`)

// mount returns Prometheus' API over one tenant's data.
func (a *API) mount(t tenant.ID) http.Handler {
	d := a.deps
	data := d.Store.Tenant(t)
	var (
		pools         v1.ScrapePoolsRetriever  = nothing{}
		targets       v1.TargetRetriever       = nothing{}
		alertmanagers v1.AlertmanagerRetriever = nothing{}
		rules         v1.RulesRetriever        = nothing{}
		spec                                   = v1.OpenAPIOptions{ExternalURL: d.ExternalURL.String(), Version: version.Version}
		prom                                   = func() config.Config { return config.DefaultConfig }
		flags                                  = map[string]string{}
		runtimeInfo                            = a.tenantRuntimeInfo
		notes                                  = notifications.NewNotifications(maxNotificationSubscribers, nil)
	)
	if t == d.Owner {
		pools, targets, alertmanagers, rules = d.Scrapes, d.Scrapes, d.Alertmanagers, d.Rules
		prom = func() config.Config { return *d.Config() }
		flags, runtimeInfo, notes = d.Flags, a.runtimeInfo(prom), a.Notifications
	}
	api := v1.NewAPI(
		d.Engine, data, nil, nil, data,
		always(pools), always(targets), always(alertmanagers),
		prom, flags,
		v1.GlobalURLOptions{ListenAddress: d.ExternalURL.Host, Host: d.ExternalURL.Host, Scheme: d.ExternalURL.Scheme},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		data, d.Dir(t),
		true,     // administration: the route table lets only administrators in
		false, 0, // experimental search, off in Prometheus too
		d.Logger.With("tenant", string(t)),
		always(rules),
		remoteReadSamples, remoteReadConcurrency, remoteReadFrame,
		false, // this is no agent
		noOrigin,
		runtimeInfo,
		&v1.PrometheusVersion{Version: prometheusVersion, Revision: version.Version, Branch: "pharos", BuildUser: "pharos", GoVersion: runtime.Version()},
		notes.Get, notes.Sub,
		tenantGatherer{d.Gatherer, t, t == d.Owner},
		nil,        // the same metrics of each tenant's API cannot be registered twice
		nil,        // statistics as Prometheus renders them
		false, nil, // remote write: receiver/promwrite
		false, false, false, // OTLP: likewise
		false, d.LookbackDelta, false, false,
		nil, features.DefaultRegistry, spec, a.parser,
	)
	router := route.New()
	api.Register(router.WithPrefix("/api/v1"))
	return router
}

// prometheusVersion is that of the libraries: clients decide by it what they may
// ask (Grafana: label matchers, query_exemplars).
const prometheusVersion = "3.15.0"

// tenantRuntimeInfo is what tenants are told who do not own the process: nothing of
// the machine.
func (a *API) tenantRuntimeInfo() (v1.RuntimeInfo, error) {
	return v1.RuntimeInfo{
		StartTime: a.started, ServerTime: time.Now().UTC(), ReloadConfigSuccess: true, LastConfigTime: a.started,
	}, nil
}

func (a *API) runtimeInfo(prom func() config.Config) func() (v1.RuntimeInfo, error) {
	return func() (v1.RuntimeInfo, error) {
		cwd, err := os.Getwd()
		if err != nil {
			return v1.RuntimeInfo{}, fmt.Errorf("get working directory: %w", err)
		}
		hostname, err := os.Hostname()
		if err != nil {
			return v1.RuntimeInfo{}, fmt.Errorf("get host name: %w", err)
		}
		ok, at := a.deps.ReloadSucceeded()
		return v1.RuntimeInfo{
			StartTime:           a.started,
			CWD:                 cwd,
			Hostname:            hostname,
			ServerTime:          time.Now().UTC(),
			ReloadConfigSuccess: ok,
			LastConfigTime:      at.UTC(),
			GoroutineCount:      runtime.NumGoroutine(),
			GOMAXPROCS:          runtime.GOMAXPROCS(0),
			GOMEMLIMIT:          debug.SetMemoryLimit(-1),
			GOGC:                os.Getenv("GOGC"),
			GODEBUG:             os.Getenv("GODEBUG"),
			StorageRetention:    retention(prom()),
		}, nil
	}
}

// retention renders what is kept as Prometheus does: "15d or 5GiB".
func retention(prom config.Config) string {
	if prom.StorageConfig.TSDBConfig == nil || prom.StorageConfig.TSDBConfig.Retention == nil {
		return ""
	}
	r := prom.StorageConfig.TSDBConfig.Retention
	text := model.Duration(r.Time).String()
	if r.Size > 0 {
		text += " or " + r.Size.String()
	}
	if r.Percentage > 0 {
		text += " or " + strconv.FormatFloat(r.Percentage, 'g', -1, 64) + "%"
	}
	return text
}

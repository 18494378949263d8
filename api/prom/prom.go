// Package prom serves Prometheus' HTTP API over the metric store, with Prometheus'
// own handlers: to Grafana, promtool and amtool a tenant is a Prometheus. Remote
// write and OTLP are received by receiver/promwrite.
package prom

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	promscrape "github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/util/notifications"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// Deps is what the API is given.
type Deps struct {
	Store  metrics.Store
	Engine promql.QueryEngine
	// Dir is the folder of a tenant's data; snapshots go below it.
	Dir func(tenant.ID) string
	// Owner is the tenant that prometheus.yml belongs to. Other tenants see no
	// targets, rules, alertmanagers and configuration.
	Owner         tenant.ID
	Scrapes       *promscrape.Manager
	Rules         *promrules.Manager
	Alertmanagers *notifier.Manager
	// Config is prometheus.yml as it is in effect.
	Config func() *config.Config
	// LookbackDelta is the engine's.
	LookbackDelta time.Duration
	// Flags is what /api/v1/status/flags answers.
	Flags map[string]string
	// ExternalURL is how users reach this process.
	ExternalURL *url.URL
	// ReloadSucceeded is what status/runtimeinfo says of the last reload and its
	// time.
	ReloadSucceeded func() (bool, time.Time)
	Logger          *slog.Logger
	// Registry takes the API's own metrics, Gatherer gives all of the process.
	Registry prometheus.Registerer
	Gatherer prometheus.Gatherer
}

// API answers for all tenants.
type API struct {
	deps          Deps
	started       time.Time
	parser        parser.Parser
	federation    *federationMetrics
	Notifications *notifications.Notifications

	mu      sync.Mutex
	tenants map[tenant.ID]http.Handler
}

// maxNotificationSubscribers is Prometheus' default.
const maxNotificationSubscribers = 16

// New returns the API. Routes mounts it.
func New(deps Deps) *API {
	return &API{
		deps:          deps,
		started:       time.Now().UTC(),
		parser:        parser.NewParser(parser.Options{}),
		federation:    newFederationMetrics(deps.Registry),
		Notifications: notifications.NewNotifications(maxNotificationSubscribers, deps.Registry),
		tenants:       map[tenant.ID]http.Handler{},
	}
}

// ServeHTTP hands the request to its tenant's own instance of Prometheus' API:
// some of the API's calls on the store carry no context that could name the tenant.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.forTenant(tenant.FromContext(r.Context())).ServeHTTP(w, r)
}

func (a *API) forTenant(t tenant.ID) http.Handler {
	a.mu.Lock()
	defer a.mu.Unlock()
	h, ok := a.tenants[t]
	if !ok {
		h = a.mount(t)
		a.tenants[t] = h
	}
	return h
}

// nothing is what tenants see who do not own prometheus.yml.
type nothing struct{}

func (nothing) ScrapePools() []string                           { return []string{} }
func (nothing) TargetsActive() map[string][]*promscrape.Target  { return nil }
func (nothing) TargetsDropped() map[string][]*promscrape.Target { return nil }
func (nothing) TargetsDroppedCounts() map[string]int            { return nil }
func (nothing) Alertmanagers() []*url.URL                       { return nil }
func (nothing) DroppedAlertmanagers() []*url.URL                { return nil }
func (nothing) RuleGroups() []*promrules.Group                  { return nil }
func (nothing) AlertingRules() []*promrules.AlertingRule        { return nil }
func (nothing) ScrapePoolConfig(pool string) (*config.ScrapeConfig, error) {
	return nil, errNoPool(pool)
}

type errNoPool string

func (e errNoPool) Error() string { return "scrape pool not found: " + string(e) }

func always[T any](v T) func(context.Context) T {
	return func(context.Context) T { return v }
}

// Package logrules evaluates recording and alerting rules over logs: files in
// Loki's ruler format, whose expressions are LogQL metric queries, on Prometheus'
// own rules manager. Recorded series go to the tenant's metrics, where PromQL finds
// them; alerts to the tenant's Alertmanager.
package logrules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/rules"
	"github.com/pharosd/pharos/tenant"
)

// Metrics is where a tenant's recorded series and the state of its alerts live.
type Metrics interface {
	storage.Appendable
	storage.Queryable
}

// Deps is what Rules are given.
type Deps struct {
	Engine *logql.Engine
	// Metrics returns the tenant's metric store.
	Metrics func(tenant.ID) Metrics
	Sink    rules.AlertSink
	// ExternalURL is what links in alerts begin with.
	ExternalURL *url.URL
	// Lookup is where ${NAME} in rule files is taken from.
	Lookup   func(string) (string, bool)
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// What Loki's ruler has as the defaults of its flags.
const (
	defaultInterval    = time.Minute
	outageTolerance    = time.Hour
	forGracePeriod     = 10 * time.Minute
	resendDelay        = time.Minute
	maxConcurrentEvals = 2
)

// Rules evaluates the log rules of all tenants.
type Rules struct {
	deps    Deps
	metrics *promrules.Metrics

	mu       sync.Mutex // one reload at a time; guards the rest
	cfg      Config
	running  bool
	managers map[tenant.ID]*manager
}

// manager evaluates one tenant's rules.
type manager struct {
	*promrules.Manager
	stop context.CancelFunc
	done chan struct{}
}

// New returns Rules. It fails when a rule file cannot be read or is wrong.
func New(cfg Config, deps Deps) (*Rules, error) {
	if err := Check(cfg, deps.Lookup); err != nil {
		return nil, err
	}
	return &Rules{
		deps: deps, cfg: cfg, managers: map[tenant.ID]*manager{},
		// Loki's names, so that dashboards and alerts on its ruler go on working.
		metrics: promrules.NewGroupMetrics(prometheus.WrapRegistererWithPrefix("loki_", deps.Registry)),
	}, nil
}

// Run evaluates until ctx is done; then it lets evaluations under way end. The
// metric stores must be ready, because the state of alerts is read back first.
func (r *Rules) Run(ctx context.Context) error {
	r.mu.Lock()
	r.running = true
	err := r.update(r.cfg)
	r.mu.Unlock()
	if err == nil {
		<-ctx.Done()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = false
	for t, m := range r.managers {
		m.end()
		delete(r.managers, t)
	}
	return err
}

// Reload puts changed settings and files into effect. After an error the old ones
// stay.
func (r *Rules) Reload(cfg Config) error {
	if err := Check(cfg, r.deps.Lookup); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running {
		if err := r.update(cfg); err != nil {
			return err
		}
	}
	r.cfg = cfg
	return nil
}

// update gives each tenant its files, starting and ending managers as needed.
func (r *Rules) update(cfg Config) error {
	byTenant, err := cfg.files()
	if err != nil {
		return err
	}
	for t, m := range r.managers {
		if len(byTenant[t]) == 0 {
			m.end()
			delete(r.managers, t)
		}
	}
	for _, t := range slices.Sorted(maps.Keys(byTenant)) {
		m := r.managers[t]
		if m == nil {
			m = r.start(t)
			r.managers[t] = m
		}
		if err := m.Update(defaultInterval, byTenant[t], labels.EmptyLabels(), r.deps.ExternalURL.String(), nil); err != nil {
			return fmt.Errorf("load log rules of tenant %s: %w", t, err)
		}
	}
	return nil
}

func (r *Rules) start(t tenant.ID) *manager {
	ctx, stop := context.WithCancel(context.Background())
	store := r.deps.Metrics(t)
	m := &manager{stop: stop, done: make(chan struct{})}
	log := r.deps.Logger.With("tenant", string(t))
	m.Manager = promrules.NewManager(&promrules.ManagerOptions{
		NameValidationScheme:     model.UTF8Validation,
		Appendable:               store,
		Queryable:                store,
		QueryFunc:                evaluate(r.deps.Engine, t),
		NotifyFunc:               r.notify(t),
		Context:                  ctx,
		ExternalURL:              r.deps.ExternalURL,
		Metrics:                  r.metrics,
		Logger:                   log,
		OutageTolerance:          outageTolerance,
		ForGracePeriod:           forGracePeriod,
		ResendDelay:              resendDelay,
		MaxConcurrentEvals:       maxConcurrentEvals,
		RuleDependencyController: independent{},
		GroupLoader:              rules.Loader{Parser: logParser{}, Lookup: r.deps.Lookup, Log: log},
		Parser:                   logParser{},
	})
	go func() {
		defer close(m.done)
		m.Run()
	}()
	return m
}

func (m *manager) end() {
	m.Stop()
	m.stop()
	<-m.done
}

// independent leaves rules in the order of their files: expressions are LogQL and
// cannot see what other rules record.
type independent struct{}

func (independent) AnalyseRules([]promrules.Rule) {}

type sender func(...*notifier.Alert)

func (s sender) Send(as ...*notifier.Alert) { s(as...) }

func (r *Rules) notify(t tenant.ID) promrules.NotifyFunc {
	return func(ctx context.Context, expr string, alerts ...*promrules.Alert) {
		send := sender(func(as ...*notifier.Alert) { r.deps.Sink.Send(ctx, t, as...) })
		promrules.SendAlerts(send, r.deps.ExternalURL.String())(ctx, expr, alerts...)
	}
}

// Groups returns the tenant's rule groups with their state, none if it has no
// rules.
func (r *Rules) Groups(t tenant.ID) []*promrules.Group {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.managers[t]; m != nil {
		return m.RuleGroups()
	}
	return nil
}

// Ready returns why rules are not evaluated, nil when they are.
func (r *Rules) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		return errors.New("log rules are not evaluated")
	}
	return nil
}

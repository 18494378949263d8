// Package rules evaluates recording and alerting rules with Prometheus' own rules
// manager and hands alerts to the embedded Alertmanager and to those that
// prometheus.yml lists.
package rules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/tenant"
)

// Config is the section `rules:` of pharos.yml.
type Config struct {
	// Files are patterns of rule files beside the rule_files of prometheus.yml.
	// They may name environment variables as ${NAME}.
	Files []string `yaml:"files"`
}

// DefaultConfig has no rule files.
func DefaultConfig() Config { return Config{} }

// AlertSink takes alerts that fire, go on firing or are resolved. Alerts have their
// external labels and went through alert_relabel_configs. Send must not block for
// long; what it cannot take it logs. It may keep the alerts.
type AlertSink interface {
	Send(ctx context.Context, t tenant.ID, alerts ...*notifier.Alert)
}

// Deps is what Rules are given.
type Deps struct {
	// Tenant owns prometheus.yml: its data is queried and its alerts they are.
	Tenant tenant.ID
	// Prometheus is the file as loaded.
	Prometheus *config.Config
	Engine     promql.QueryEngine
	// Queryable is what expressions see; Local, without remote_read, is what `for`
	// is restored from.
	Queryable, Local storage.Queryable
	Appendable       storage.Appendable
	Sink             AlertSink
	// ExternalURL is what links in alerts begin with.
	ExternalURL *url.URL
	// IsOwn says that host:port is this process, so that an alertmanager that
	// prometheus.yml lists there is the sink and gets nothing twice.
	IsOwn func(hostport string) bool
	// Lookup is where ${NAME} in rule files is taken from.
	Lookup   func(string) (string, bool)
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// What Prometheus has as the defaults of its flags.
const (
	outageTolerance    = time.Hour
	forGracePeriod     = 10 * time.Minute
	resendDelay        = time.Minute
	maxConcurrentEvals = 4
)

// Rules evaluates rules.
type Rules struct {
	cfg           Config
	deps          Deps
	manager       *promrules.Manager
	alertmanagers *alertmanagers
	stop          context.CancelFunc

	// current is read by evaluations, which a reload waits for: no lock.
	current atomic.Pointer[config.Config]

	mu      sync.Mutex // one reload at a time; guards running
	running bool
}

// New returns Rules. It fails when a rule file cannot be read or is wrong.
func New(cfg Config, deps Deps) (*Rules, error) {
	if err := Check(cfg, deps.Prometheus, deps.Lookup); err != nil {
		return nil, err
	}
	external, err := newAlertmanagers(deps)
	if err != nil {
		return nil, err
	}
	r := &Rules{cfg: cfg, deps: deps, alertmanagers: external}
	r.current.Store(deps.Prometheus)
	promql := parser.NewParser(parser.Options{})
	// Prometheus' manager takes the context of evaluations here and not in Run.
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.manager = promrules.NewManager(&promrules.ManagerOptions{
		NameValidationScheme:   deps.Prometheus.GlobalConfig.MetricNameValidationScheme,
		Appendable:             deps.Appendable,
		Queryable:              deps.Local,
		QueryFunc:              promrules.EngineQueryFunc(deps.Engine, deps.Queryable),
		NotifyFunc:             r.notify,
		Context:                ctx,
		ExternalURL:            deps.ExternalURL,
		Registerer:             deps.Registry,
		Logger:                 deps.Logger,
		OutageTolerance:        outageTolerance,
		ForGracePeriod:         forGracePeriod,
		ResendDelay:            resendDelay,
		MaxConcurrentEvals:     maxConcurrentEvals,
		ConcurrentEvalsEnabled: true,
		DefaultRuleQueryOffset: func() time.Duration {
			return time.Duration(r.current.Load().GlobalConfig.RuleQueryOffset)
		},
		GroupLoader: Loader{promql, deps.Lookup, deps.Logger},
		Parser:      promql,
	})
	return r, nil
}

// Manager answers for rule groups and alerts.
func (r *Rules) Manager() *promrules.Manager { return r.manager }

// Alertmanagers answers for the alertmanagers that prometheus.yml lists.
func (r *Rules) Alertmanagers() *notifier.Manager { return r.alertmanagers.notifier }

// Run evaluates until ctx is done; then it lets evaluations under way end. The
// store must be ready, because the state of `for` is read back first.
func (r *Rules) Run(ctx context.Context) error {
	r.mu.Lock()
	err := r.update(r.current.Load())
	if err == nil {
		err = r.alertmanagers.discover(r.current.Load())
	}
	r.running = err == nil
	r.mu.Unlock()
	if err != nil {
		r.manager.Stop()
		r.stop()
		r.alertmanagers.close()
		return err
	}
	var wg sync.WaitGroup
	wg.Go(r.alertmanagers.run)
	wg.Go(r.manager.Run)
	<-ctx.Done()
	r.mu.Lock()
	r.running = false
	r.mu.Unlock()
	r.manager.Stop()
	r.stop()
	r.alertmanagers.close()
	wg.Wait()
	return nil
}

// Reload puts a new configuration and changed rule files into effect. After an
// error the old ones stay.
func (r *Rules) Reload(prom *config.Config) error {
	if err := Check(r.cfg, prom, r.deps.Lookup); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		r.current.Store(prom)
		return nil
	}
	err := r.apply(prom)
	if err != nil {
		if back := r.apply(r.current.Load()); back != nil {
			r.deps.Logger.Error("old rules were not restored", "err", back)
		}
		return err
	}
	r.current.Store(prom)
	return nil
}

func (r *Rules) apply(prom *config.Config) error {
	if err := r.alertmanagers.apply(prom); err != nil {
		return err
	}
	return r.update(prom)
}

func (r *Rules) update(prom *config.Config) error {
	files, err := files(r.cfg, prom)
	if err != nil {
		return err
	}
	global := prom.GlobalConfig
	err = r.manager.Update(time.Duration(global.EvaluationInterval), files, global.ExternalLabels, r.deps.ExternalURL.String(), nil)
	if err != nil {
		return fmt.Errorf("load rules: %w", err)
	}
	return nil
}

// Ready returns why rules are not evaluated, nil when they are.
func (r *Rules) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		return errors.New("rules are not evaluated")
	}
	return nil
}

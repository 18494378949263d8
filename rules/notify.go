package rules

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/notifier"
	promrules "github.com/prometheus/prometheus/rules"
)

// notify hands alerts to the sink and to the alertmanagers of prometheus.yml.
func (r *Rules) notify(ctx context.Context, expr string, alerts ...*promrules.Alert) {
	promrules.SendAlerts(r.alertmanagers.notifier, r.deps.ExternalURL.String())(ctx, expr, alerts...)
	promrules.SendAlerts(sender(func(as ...*notifier.Alert) {
		as = relabelled(r.current.Load(), as)
		if len(as) > 0 {
			r.deps.Sink.Send(ctx, r.deps.Tenant, as...)
		}
	}), r.deps.ExternalURL.String())(ctx, expr, alerts...)
}

type sender func(...*notifier.Alert)

func (s sender) Send(as ...*notifier.Alert) { s(as...) }

// relabelled gives alerts the external labels that they lack and applies
// alert_relabel_configs, as Prometheus does before it sends alerts.
func relabelled(prom *config.Config, alerts []*notifier.Alert) []*notifier.Alert {
	kept := alerts[:0]
	b := labels.NewBuilder(labels.EmptyLabels())
	for _, a := range alerts {
		b.Reset(a.Labels)
		prom.GlobalConfig.ExternalLabels.Range(func(l labels.Label) {
			if a.Labels.Get(l.Name) == "" {
				b.Set(l.Name, l.Value)
			}
		})
		if !relabel.ProcessBuilder(b, prom.AlertingConfig.AlertRelabelConfigs...) {
			continue
		}
		a.Labels = b.Labels()
		kept = append(kept, a)
	}
	return kept
}

// alertmanagers sends to the alertmanagers that prometheus.yml lists.
type alertmanagers struct {
	notifier  *notifier.Manager
	discovery *discovery.Manager
	stop      context.CancelFunc
}

// queueCapacity is Prometheus' default.
const queueCapacity = 10_000

func newAlertmanagers(deps Deps) (*alertmanagers, error) {
	send := &notifier.Options{
		QueueCapacity:   queueCapacity,
		DrainOnShutdown: true,
		Registerer:      deps.Registry,
		Do: func(ctx context.Context, client *http.Client, req *http.Request) (*http.Response, error) {
			if deps.IsOwn(req.URL.Host) {
				return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Request: req, Body: io.NopCloser(strings.NewReader(""))}, nil
			}
			return client.Do(req.WithContext(ctx))
		},
	}
	manager := notifier.NewManager(send, deps.Prometheus.GlobalConfig.MetricNameValidationScheme, deps.Logger)
	if err := manager.ApplyConfig(deps.Prometheus); err != nil {
		return nil, fmt.Errorf("configure alertmanagers: %w", err)
	}
	// The scraper registers these metrics for the process; they cannot be
	// registered twice.
	mechanisms, err := discovery.CreateAndRegisterSDMetrics(prometheus.NewRegistry())
	if err != nil {
		return nil, fmt.Errorf("create discovery of alertmanagers: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	targets := discovery.NewManager(ctx, deps.Logger, deps.Registry, mechanisms, discovery.Name("notify"))
	if targets == nil {
		stop()
		return nil, errors.New("create discovery of alertmanagers: its metrics are registered already")
	}
	return &alertmanagers{manager, targets, stop}, nil
}

func (a *alertmanagers) apply(prom *config.Config) error {
	if err := a.notifier.ApplyConfig(prom); err != nil {
		return fmt.Errorf("configure alertmanagers: %w", err)
	}
	return a.discover(prom)
}

func (a *alertmanagers) discover(prom *config.Config) error {
	sets := map[string]discovery.Configs{}
	for name, am := range prom.AlertingConfig.AlertmanagerConfigs.ToMap() {
		sets[name] = am.ServiceDiscoveryConfigs
	}
	if err := a.discovery.ApplyConfig(sets); err != nil {
		return fmt.Errorf("configure discovery of alertmanagers: %w", err)
	}
	return nil
}

// run sends until close is called.
func (a *alertmanagers) run() {
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.discovery.Run() }) // its error is always that of the context
	wg.Go(func() { a.notifier.Run(a.discovery.SyncCh()) })
	wg.Wait()
}

func (a *alertmanagers) close() {
	a.stop()
	a.notifier.Stop()
}

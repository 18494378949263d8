package alerting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"

	"github.com/pharosd/pharos/tenant"
)

// Send hands alerts of Prometheus' rules to the tenant's Alertmanager in
// process, with what POST /api/v2/alerts would make of them. Invalid alerts and
// those above alerting.max_alerts are named in the error; the others are taken.
// It keeps nothing of alerts.
func (s *Service) Send(ctx context.Context, t tenant.ID, alerts ...*notifier.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	inst, err := s.instance(t)
	if err != nil {
		return err
	}
	now := time.Now()
	resolveTimeout := time.Duration(inst.current.Load().conf.Global.ResolveTimeout)
	valid := make([]*alert.Alert, 0, len(alerts))
	var errs []error
	for _, in := range alerts {
		a := convert(in, now, resolveTimeout)
		if err := a.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("alert %s: %w", a.Labels, err))
			continue
		}
		valid = append(valid, a)
	}
	return errors.Join(append(errs, inst.alerts.Put(ctx, valid...))...)
}

// convert fills in what the API fills in: a start, and an end by timeout.
func convert(in *notifier.Alert, now time.Time, resolveTimeout time.Duration) *alert.Alert {
	a := &alert.Alert{
		Alert: model.Alert{
			Labels:       labelSet(in.Labels),
			Annotations:  labelSet(in.Annotations),
			StartsAt:     in.StartsAt,
			EndsAt:       in.EndsAt,
			GeneratorURL: in.GeneratorURL,
		},
		UpdatedAt: now,
	}
	if a.StartsAt.IsZero() {
		a.StartsAt = now
		if !a.EndsAt.IsZero() {
			a.StartsAt = a.EndsAt
		}
	}
	if a.EndsAt.IsZero() {
		a.Timeout = true
		a.EndsAt = now.Add(resolveTimeout)
	}
	return a
}

// labelSet leaves out labels without a value: they are no labels.
func labelSet(ls labels.Labels) model.LabelSet {
	set := make(model.LabelSet, ls.Len())
	ls.Range(func(l labels.Label) {
		if l.Value != "" {
			set[model.LabelName(l.Name)] = model.LabelValue(l.Value)
		}
	})
	return set
}

// Sink is a Service for senders that have no use for an error, such as
// Prometheus' rules, which send again anyway: what is refused is logged.
type Sink struct{ Service *Service }

// Send hands alerts to Service.Send.
func (s Sink) Send(ctx context.Context, t tenant.ID, alerts ...*notifier.Alert) {
	if err := s.Service.Send(ctx, t, alerts...); err != nil {
		s.Service.deps.Logger.Error("alerts of rules refused", "tenant", string(t), "alerts", len(alerts), "error", err)
	}
}

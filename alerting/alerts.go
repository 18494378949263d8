package alerting

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
)

// boundedAlerts is Alertmanager's store of alerts with a bound on their number.
// An alert that is already held can always change, so that it can be resolved.
type boundedAlerts struct {
	*mem.Alerts
	max     int
	held    *heldAlerts
	metrics *metrics
	putting sync.Mutex // between counting and storing
}

func newBoundedAlerts(limit int, silencer *silence.Silencer, logger *slog.Logger, reg prometheus.Registerer, m *metrics) (*boundedAlerts, error) {
	held := &heldAlerts{Silencer: silencer}
	alerts, err := mem.NewAlerts(context.Background(), alertGCInterval, 0, held, logger, eventrecorder.Recorder{}, reg, featurecontrol.NoopFlags{})
	if err != nil {
		return nil, err
	}
	return &boundedAlerts{Alerts: alerts, max: limit, held: held, metrics: m}, nil
}

// LimitError says that some alerts were not taken because the tenant holds as
// many as it may; the others of the same call were taken.
type LimitError struct {
	Refused, Of, Limit int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%d of %d alerts refused: alerting.max_alerts (%d) alerts are held", e.Refused, e.Of, e.Limit)
}

// Put stores alerts. The error is a *LimitError when some did not fit.
func (a *boundedAlerts) Put(ctx context.Context, alerts ...*alert.Alert) error {
	a.putting.Lock()
	defer a.putting.Unlock()
	if int(a.held.count.Load())+len(alerts) <= a.max {
		return a.Alerts.Put(ctx, alerts...)
	}
	taken := make([]*alert.Alert, 0, len(alerts))
	room := a.max - int(a.held.count.Load())
	for _, al := range alerts {
		if _, err := a.Get(al.Fingerprint()); err != nil { // a new one
			if room <= 0 {
				continue
			}
			room--
		}
		taken = append(taken, al)
	}
	if err := a.Alerts.Put(ctx, taken...); err != nil {
		return err
	}
	if refused := len(alerts) - len(taken); refused > 0 {
		a.metrics.refused.Add(float64(refused))
		return &LimitError{Refused: refused, Of: len(alerts), Limit: a.max}
	}
	return nil
}

// heldAlerts counts the alerts in the store; the rest of the store's callbacks
// are the silencer's, which forgets what it cached of collected alerts.
type heldAlerts struct {
	*silence.Silencer
	count atomic.Int64
}

func (h *heldAlerts) PostStore(a *alert.Alert, existing bool) {
	if !existing {
		h.count.Add(1)
	}
	h.Silencer.PostStore(a, existing)
}

func (h *heldAlerts) PostGC(collected model.Fingerprints) {
	h.count.Add(-int64(len(collected)))
	h.Silencer.PostGC(collected)
}

package alerting

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/notify"
)

// drainTimeout is how long a notification that is under way may take when its
// dispatcher stops.
const drainTimeout = 5 * time.Second

// drained lets a notification that is under way end when the dispatcher stops.
// Without it the dispatcher cancels it at any point, also between the receiver's
// answer and the entry in the notification log, and it is sent again later.
type drained struct{ notify.Stage }

// Exec runs the stage with the deadline of ctx; a cancellation takes effect after
// drainTimeout.
func (d drained) Exec(ctx context.Context, l *slog.Logger, alerts ...*alert.Alert) (context.Context, []*alert.Alert, error) {
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		patient, cancel = context.WithDeadline(patient, deadline)
		defer cancel()
	}
	timer := make(chan *time.Timer, 1)
	ended := context.AfterFunc(ctx, func() { timer <- time.AfterFunc(drainTimeout, cancel) })
	defer func() {
		if !ended() { // it ran or is running
			(<-timer).Stop()
		}
	}()
	return d.Stage.Exec(patient, l, alerts...)
}

package alerting

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/notify"
)

func TestNotificationUnderWayEndsWhenStopped(t *testing.T) {
	for name, tt := range map[string]struct {
		takes, deadline, stopAfter time.Duration
		want                       error
		ends                       time.Duration
	}{
		"not stopped":       {time.Second, time.Minute, time.Hour, nil, time.Second},
		"stopped under way": {3 * time.Second, time.Minute, time.Second, nil, 3 * time.Second},
		"takes too long":    {time.Hour, time.Minute, time.Second, context.Canceled, time.Second + drainTimeout},
		"past its deadline": {time.Hour, 2 * time.Second, time.Second, context.DeadlineExceeded, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stop := time.AfterFunc(tt.stopAfter, cancel)
				defer stop.Stop()
				ctx, release := context.WithTimeout(ctx, tt.deadline)
				defer release()
				stage := drained{notify.StageFunc(func(ctx context.Context, _ *slog.Logger, alerts ...*alert.Alert) (context.Context, []*alert.Alert, error) {
					select {
					case <-ctx.Done():
						return ctx, nil, ctx.Err()
					case <-time.After(tt.takes):
						return ctx, alerts, nil
					}
				})}
				_, _, err := stage.Exec(ctx, discard)
				if took := time.Since(start); !errors.Is(err, tt.want) || took != tt.ends {
					t.Errorf("error %v after %s; want %v after %s", err, took, tt.want, tt.ends)
				}
			})
		})
	}
}

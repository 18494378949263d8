// Package rungroup runs the parts of a process: they start in the order given
// and stop in the opposite order, each named, all within one bound.
package rungroup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Part is one thing that runs. Run blocks until ctx is done and has then drained
// what it held; returning earlier, with or without an error, stops the group.
type Part struct {
	Name string
	Run  func(ctx context.Context) error
	// Close releases what the part holds after Run has returned (a store that
	// others still used while they drained). Optional, as is Run.
	Close func() error
}

// Run starts parts in order and blocks until ctx is done or a part returns. Then
// it stops them one by one, last first, and returns all their errors. A part that
// has not stopped within grace, counted from the first stop, is left behind and
// named in the error.
func Run(ctx context.Context, log *slog.Logger, grace time.Duration, parts ...Part) error {
	type running struct {
		Part
		cancel context.CancelFunc
		done   chan error
	}
	type end struct {
		name string
		err  error
	}
	ended := make(chan end, len(parts))
	var all []running
	for _, p := range parts {
		// Not a child of ctx: the end of ctx must reach the parts in our order.
		partCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r := running{Part: p, cancel: cancel, done: make(chan error, 1)}
		if p.Run == nil {
			r.done <- nil
		} else {
			go func() {
				err := p.Run(partCtx)
				r.done <- err
				ended <- end{p.Name, err}
			}()
		}
		all = append(all, r)
	}

	var errs []error
	select {
	case <-ctx.Done():
	case e := <-ended:
		log.Error("part ended by itself, stopping", "part", e.name, "error", e.err)
		if e.err == nil {
			errs = append(errs, fmt.Errorf("%s ended by itself", e.name))
		}
	}

	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	expired := false
	for i := len(all) - 1; i >= 0; i-- {
		r := all[i]
		start := time.Now()
		r.cancel()
		var err error
		if expired {
			select {
			case err = <-r.done:
			default:
				err = fmt.Errorf("did not stop within %s", grace)
			}
		} else {
			select {
			case err = <-r.done:
			case <-deadline.C:
				expired = true
				err = fmt.Errorf("did not stop within %s", grace)
			}
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			errs = append(errs, fmt.Errorf("%s: %w", r.Name, err))
		}
		if r.Close != nil && err == nil || r.Close != nil && errors.Is(err, context.Canceled) {
			if err := r.Close(); err != nil {
				errs = append(errs, fmt.Errorf("close %s: %w", r.Name, err))
			}
		}
		log.Debug("part stopped", "part", r.Name, "duration", time.Since(start))
	}
	return errors.Join(errs...)
}

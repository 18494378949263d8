package logql

import (
	"context"
	"errors"
	"sync"
	"time"
)

// flights compute equal sub-queries that are asked for at the same time once, as
// those of a dashboard's panels are.
type flights struct {
	mu    sync.Mutex
	under map[string]*flight
}

type flight struct {
	began  time.Time
	done   chan struct{}
	series []*rangeSeries
	err    error
}

// joinWithin is how old an evaluation may be that another query joins: what was
// written since it began may be missing in its answer.
const joinWithin = time.Second

// do returns what compute returns, for this caller or for another one with the same
// key. Results are shared and must not be changed.
func (f *flights) do(ctx context.Context, key string, compute func() ([]*rangeSeries, error)) (series []*rangeSeries, shared bool, err error) {
	f.mu.Lock()
	if f.under == nil {
		f.under = map[string]*flight{}
	}
	if other := f.under[key]; other != nil && time.Since(other.began) < joinWithin {
		f.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, true, ctx.Err()
		}
		// The other query's end or budget is not this one's.
		if other.err == nil {
			return other.series, true, nil
		}
		if !errors.Is(other.err, context.Canceled) && !errors.Is(other.err, context.DeadlineExceeded) && !errors.Is(other.err, ErrLimit) {
			return nil, true, other.err
		}
		series, err = compute()
		return series, false, err
	}
	mine := &flight{began: time.Now(), done: make(chan struct{})}
	f.under[key] = mine
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		if f.under[key] == mine {
			delete(f.under, key)
		}
		f.mu.Unlock()
		close(mine.done)
	}()
	mine.err = errors.New("BUG: the evaluation ended without an answer")
	mine.series, mine.err = compute()
	return mine.series, false, mine.err
}

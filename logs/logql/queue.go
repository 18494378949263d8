package logql

import (
	"context"
	"fmt"
	"sync"

	"github.com/pharosd/pharos/tenant"
)

// ErrBusy: too many queries of the tenant wait already.
var ErrBusy = fmt.Errorf("too many outstanding requests")

// queue bounds the queries that run at once; the others wait, in turn.
type queue struct {
	slots   chan struct{}
	most    int // that wait, of each tenant
	mu      sync.Mutex
	waiting map[tenant.ID]int
}

func newQueue(slots, most int) *queue {
	return &queue{slots: make(chan struct{}, slots), most: most, waiting: map[tenant.ID]int{}}
}

// enter waits for a slot, which the caller gives back with leave.
func (q *queue) enter(ctx context.Context, t tenant.ID) error {
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	if err := q.wait(t, 1); err != nil {
		return err
	}
	defer func() { _ = q.wait(t, -1) }()
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queue) leave() { <-q.slots }

// wait counts those that wait.
func (q *queue) wait(t tenant.ID, n int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n > 0 && q.waiting[t] >= q.most {
		return &queryError{ErrBusy, fmt.Sprintf("too many outstanding requests: %d queries wait already (limit: max_outstanding_per_tenant)", q.most)}
	}
	if q.waiting[t] += n; q.waiting[t] == 0 {
		delete(q.waiting, t)
	}
	return nil
}

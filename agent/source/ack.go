package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
)

// errNotKept says that the queue did not get to keep lines in time.
var errNotKept = errors.New("not kept in time")

// together is the source of pieces of input that are acknowledged together.
type together struct {
	left int
	done chan struct{}
}

// Done implements feed.Source.
func (p *together) Done(from, to int64) { p.left -= int(to - from) }

// State implements feed.Source: nothing is remembered of what can be sent again.
func (p *together) State() (ship.State, bool) { return ship.State{}, false }

// Kept implements feed.Source.
func (p *together) Kept() {
	if p.left == 0 {
		close(p.done)
		p.left = -1
	}
}

// keep pushes lines and returns when the queue has all that comes of them.
func keep(ctx context.Context, f *feed.Feed, lines []feed.Line, within time.Duration) error {
	if len(lines) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	p := &together{left: len(lines), done: make(chan struct{})}
	id := f.Register(p)
	defer f.Forget(id)
	for i := range lines {
		lines[i].Source, lines[i].From, lines[i].To = id, int64(i), int64(i+1)
		if err := f.Push(ctx, lines[i]); err != nil {
			return fmt.Errorf("keep lines: %w", err)
		}
	}
	if err := f.Tick(ctx); err != nil {
		return fmt.Errorf("keep lines: %w", err)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("keep lines: %w", errNotKept)
	}
}

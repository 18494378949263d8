package logstash

import (
	"context"
	"sync"
)

// pieces waits for the batches of one thing that is read, such as an object.
type pieces struct {
	mu   sync.Mutex
	left int
	done chan struct{} // told of each that is done
}

func newPieces() *pieces { return &pieces{done: make(chan struct{}, 1)} }

// of returns a queue like q whose batches are counted.
func (p *pieces) of(q *queue) *queue {
	c := q.like()
	c.each = func(b batch) batch {
		p.mu.Lock()
		p.left++
		p.mu.Unlock()
		done := b.done
		b.done = func() {
			if done != nil {
				done()
			}
			p.mu.Lock()
			p.left--
			p.mu.Unlock()
			select {
			case p.done <- struct{}{}:
			default:
			}
		}
		return b
	}
	return c
}

// drain waits, for an input that ends, until what it has handed over is done, so that it
// can tell its source. It gives up when the pipeline does.
func (p *pieces) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	_ = p.wait(ctx) // what is not done comes again
}

// wait waits until all are done.
func (p *pieces) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := p.left
		p.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-p.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

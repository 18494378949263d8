package simulator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// MaxRate is the highest rate of requests a second that may be asked for.
const MaxRate = 5000

// visitors are the people who use the web application: a pool of clients that
// makes requests at a set rate.
type visitors struct {
	url    string
	web    *webapp
	client *http.Client
	rate   atomic.Int64
	made   atomic.Int64
	queue  chan Operation
}

const visitorWorkers = 48

func newVisitors(url string, web *webapp, cfg Config) *visitors {
	v := &visitors{url: url, web: web, queue: make(chan Operation, MaxRate),
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: visitorWorkers}}}
	v.rate.Store(int64(cfg.Rate))
	return v
}

// mix is how people behave: mostly they look.
func mix() Operation {
	switch n := rand.IntN(100); {
	case n < 15:
		return Create
	case n < 85:
		return Read
	case n < 95:
		return Update
	default:
		return Delete
	}
}

// do queues n operations, or reports that too many wait already.
func (v *visitors) do(op Operation, n int) error {
	if n > cap(v.queue)-len(v.queue) {
		return fmt.Errorf("%d operations wait already, at most %d can", len(v.queue), cap(v.queue))
	}
	for range n {
		select {
		case v.queue <- op:
		default:
			return fmt.Errorf("too many operations wait already")
		}
	}
	return nil
}

// run lets requests begin evenly: each tick adds what the rate is due since the
// last one.
func (v *visitors) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for range visitorWorkers {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case op := <-v.queue:
					v.visit(ctx, op)
				}
			}
		})
	}
	last, due := time.Now(), 0.0
	every(ctx, 10*time.Millisecond, func(now time.Time) {
		due += now.Sub(last).Seconds() * float64(v.rate.Load())
		last = now
		due = min(due, float64(MaxRate)) // a process that slept does not catch up for hours
		for ; due >= 1; due-- {
			select {
			case v.queue <- mix():
			default:
				due = 0
			}
		}
	})
}

func (v *visitors) visit(ctx context.Context, op Operation) {
	url := v.url + "/items"
	if op != Create {
		url += fmt.Sprintf("/%d", 1+rand.IntN(max(1, v.web.newest())))
	}
	req, err := http.NewRequestWithContext(ctx, methods[op], url, nil)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	req.Header.Set("X-Visitor", fmt.Sprintf("203.0.113.%d", rand.IntN(256)))
	resp, err := v.client.Do(req)
	if err != nil {
		return
	}
	_ = resp.Body.Close()
	v.made.Add(1)
}

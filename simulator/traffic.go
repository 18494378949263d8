package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// traffic is a busy web application elsewhere: it posts its access lines to the
// collector, as services and pages do, at a set rate. A request is sent again until the
// collector has it.
type traffic struct {
	cfg    Config
	log    *slog.Logger
	client *http.Client
	rate   atomic.Int64 // lines a second, as asked for
	made   atomic.Int64
	stored atomic.Int64 // lines that the collector has acknowledged
	failed atomic.Int64 // lines that were given up
	queue  chan int     // sizes of requests
}

const (
	trafficWorkers = 8
	// trafficBatch is how many lines a request has at most.
	trafficBatch = 250
	trafficTick  = 50 * time.Millisecond
	// trafficTries is how often a request is sent; with the waits between that is half a
	// minute.
	trafficTries = 12
)

func newTraffic(cfg Config, log *slog.Logger) *traffic {
	return &traffic{cfg: cfg, log: log, queue: make(chan int, 2*MaxRate/trafficBatch),
		client: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: trafficWorkers}}}
}

// run posts until ctx is done. What the workers have begun they end.
func (t *traffic) run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	for range trafficWorkers {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case n := <-t.queue:
					t.post(ctx, n)
				}
			}
		})
	}
	last, due := time.Now(), 0.0
	every(ctx, trafficTick, func(now time.Time) {
		due += now.Sub(last).Seconds() * float64(t.rate.Load())
		last = now
		due = min(due, MaxRate) // a process that slept does not catch up for hours
		for due >= 1 {
			n := min(int(due), trafficBatch)
			select {
			case t.queue <- n:
				t.made.Add(int64(n))
				due -= float64(n)
			default:
				return // the collector is slower than the rate
			}
		}
	})
}

func (t *traffic) post(ctx context.Context, lines int) {
	var body strings.Builder
	for range lines {
		body.WriteString(accessLine(time.Now()))
	}
	key := fmt.Sprintf("simulator-%016x", rand.Uint64())
	wait := 100 * time.Millisecond
	for try := 1; ; try++ {
		err := t.send(ctx, body.String(), key)
		if err == nil {
			t.stored.Add(int64(lines))
			return
		}
		if try == trafficTries || ctx.Err() != nil {
			t.failed.Add(int64(lines))
			t.log.Warn("simulated web application gave a request up", "lines", lines, "error", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 4*time.Second)
	}
}

func (t *traffic) send(ctx context.Context, body, key string) error {
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, t.cfg.Pharos+"/collector", bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	r.Header.Set("Idempotency-Key", key)
	if t.cfg.Token != "" {
		r.Header.Set("Authorization", "Bearer "+t.cfg.Token)
	}
	resp, err := t.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("collector answers %s: %.200s", resp.Status, text)
	}
	return nil
}

var pages = []string{"/items/%d", "/items/%d/reviews", "/cart/%d", "/orders/%d"}

// accessLine is a line of the Common Log Format.
func accessLine(at time.Time) string {
	op := mix()
	status := 200
	switch n := rand.IntN(100); {
	case op == Create:
		status = http.StatusCreated
	case op == Delete:
		status = http.StatusNoContent
	case n < 4:
		status = http.StatusNotFound
	}
	if rand.IntN(100) == 0 {
		status = http.StatusInternalServerError
	}
	return fmt.Sprintf("203.0.113.%d - user-%d [%s] \"%s %s HTTP/1.1\" %d %d\n", rand.IntN(256), rand.IntN(1000), at.Format("02/Jan/2006:15:04:05 -0700"),
		methods[op], fmt.Sprintf(pick(pages), rand.IntN(10_000)), status, rand.IntN(20_000))
}

// TrafficState is what the page shows of it.
type TrafficState struct {
	TargetRate int64 `json:"target_rate"` // lines a second
	Made       int64 `json:"made"`        // lines so far
	Stored     int64 `json:"stored"`      // acknowledged by the collector
	Failed     int64 `json:"failed"`      // given up
}

func (t *traffic) state() TrafficState {
	return TrafficState{TargetRate: t.rate.Load(), Made: t.made.Load(), Stored: t.stored.Load(), Failed: t.failed.Load()}
}

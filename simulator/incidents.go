package simulator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// The incidents by name.
const (
	slowDatabase      = "slow-database"
	failingDependency = "failing-dependency"
	errorBurst        = "error-burst"
)

// Incident is something going wrong in the system, as the control API shows it.
type Incident struct {
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Active      bool       `json:"active"`
	EndsAt      *time.Time `json:"ends_at,omitempty"`
}

// incidents knows what is going wrong now. The schedule is drawn from a seed: a
// pause, an incident for some minutes, and so on.
type incidents struct {
	mu    sync.RWMutex
	rng   *rand.Rand
	known []Incident
	ends  map[string]time.Time
}

// newRand is the source of the schedule for a seed.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func newIncidents(rng *rand.Rand) *incidents {
	return &incidents{rng: rng, ends: map[string]time.Time{}, known: []Incident{
		{Name: slowDatabase, Title: "Slow database", Description: "Postgres answers ten times slower: write latency and query latency climb, its connection pool fills up."},
		{Name: failingDependency, Title: "Failing dependency", Description: "The carrier API answers 503 and times out: collectors count api_timeout errors and log them."},
		{Name: errorBurst, Title: "Error burst", Description: "A bad deploy of the web application: a third of its writes fail with 500."},
	}}
}

func (in *incidents) active(name string) bool {
	in.mu.RLock()
	defer in.mu.RUnlock()
	return time.Now().Before(in.ends[name])
}

func (in *incidents) start(name string, d time.Duration) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, k := range in.known {
		if k.Name == name {
			in.ends[name] = time.Now().Add(d)
			return nil
		}
	}
	return fmt.Errorf("there is no incident %q", name)
}

func (in *incidents) stop(name string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.ends, name)
}

func (in *incidents) list() []Incident {
	in.mu.RLock()
	defer in.mu.RUnlock()
	now := time.Now()
	out := make([]Incident, len(in.known))
	copy(out, in.known)
	for i := range out {
		if end, ok := in.ends[out[i].Name]; ok && now.Before(end) {
			out[i].Active, out[i].EndsAt = true, &end
		}
	}
	return out
}

// draw returns the name of the schedule's next incident.
func (in *incidents) draw() string { return in.known[in.rng.IntN(len(in.known))].Name }

// run follows the schedule until ctx is done: the first incident comes soon, so
// that somebody who opens the demonstration sees one.
func (in *incidents) run(ctx context.Context) {
	pause := 90 * time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		name := in.draw()
		lasts := time.Duration(120+in.rng.IntN(90)) * time.Second
		if err := in.start(name, lasts); err != nil {
			panic("BUG: " + err.Error())
		}
		pause = lasts + time.Duration(120+in.rng.IntN(240))*time.Second
	}
}

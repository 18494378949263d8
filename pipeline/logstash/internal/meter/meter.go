// Package meter counts events, with rates over 1, 5 and 15 minutes as Unix' load average
// has them, and keeps a sample of values that favours recent ones, as the metrics
// libraries do that Logstash's metrics filter comes from.
package meter

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// tick is how often rates move.
const tick = 5 * time.Second

// Meter counts events and knows their rate. It is used by one goroutine at a time.
type Meter struct {
	Count int64
	// Rates are events a second, averaged over 1, 5 and 15 minutes.
	Rates [3]float64

	pending int64
	ticked  time.Time
	started bool
}

// New returns a meter that begins now.
func New(now time.Time) *Meter { return &Meter{ticked: now} }

// Mark counts one event.
func (m *Meter) Mark(now time.Time) {
	m.Tick(now)
	m.Count++
	m.pending++
}

// Tick moves the rates on.
func (m *Meter) Tick(now time.Time) {
	const most = 15 * 60 * 10 // after hours without events rates are as good as 0
	n := int(min(now.Sub(m.ticked)/tick, most))
	if n <= 0 {
		return
	}
	m.ticked = m.ticked.Add(now.Sub(m.ticked).Truncate(tick))
	for range n {
		rate := float64(m.pending) / tick.Seconds()
		m.pending = 0
		for i, minutes := range [3]float64{1, 5, 15} {
			if !m.started {
				m.Rates[i] = rate
				continue
			}
			alpha := 1 - math.Exp(-tick.Minutes()/minutes)
			m.Rates[i] += alpha * (rate - m.Rates[i])
		}
		m.started = true
	}
}

// Timer is a meter of values. Its sample is 1028 values, in which one of a minute ago
// is about half as likely as one of now.
type Timer struct {
	Meter
	Min, Max float64

	sum, squares float64
	start        time.Time
	sample       sample
}

const (
	sampleSize = 1028
	decay      = 0.015 // a second
	rescale    = time.Hour
)

// NewTimer returns a timer that begins now.
func NewTimer(now time.Time) *Timer {
	return &Timer{Meter: *New(now), start: now}
}

// Update takes a value.
func (t *Timer) Update(v float64, now time.Time) {
	t.Mark(now)
	if t.Count == 1 {
		t.Min, t.Max = v, v
	}
	t.Min, t.Max = min(t.Min, v), max(t.Max, v)
	t.sum += v
	t.squares += v * v
	if now.Sub(t.start) >= rescale {
		scale := math.Exp(-decay * now.Sub(t.start).Seconds())
		for i := range t.sample {
			t.sample[i].priority *= scale
		}
		t.start = now
	}
	item := item{v, math.Exp(decay*now.Sub(t.start).Seconds()) / (1 - rand.Float64())}
	if len(t.sample) < sampleSize {
		heap.Push(&t.sample, item)
	} else if item.priority > t.sample[0].priority {
		t.sample[0] = item
		heap.Fix(&t.sample, 0)
	}
}

// Mean is that of all values.
func (t *Timer) Mean() float64 {
	if t.Count == 0 {
		return 0
	}
	return t.sum / float64(t.Count)
}

// StdDev is the standard deviation of all values.
func (t *Timer) StdDev() float64 {
	if t.Count < 2 {
		return 0
	}
	n := float64(t.Count)
	return math.Sqrt(max(0, (t.squares-t.sum*t.sum/n)/(n-1)))
}

// Snapshot is the sample, sorted.
type Snapshot []float64

// Snapshot returns the sample.
func (t *Timer) Snapshot() Snapshot {
	s := make(Snapshot, len(t.sample))
	for i := range t.sample {
		s[i] = t.sample[i].value
	}
	slices.Sort(s)
	return s
}

// Quantile interpolates between neighbours.
func (s Snapshot) Quantile(q float64) float64 {
	if len(s) == 0 {
		return 0
	}
	pos := q * float64(len(s)+1)
	switch {
	case pos < 1:
		return s[0]
	case pos >= float64(len(s)):
		return s[len(s)-1]
	}
	lower := s[int(pos)-1]
	return lower + (pos-math.Floor(pos))*(s[int(pos)]-lower)
}

type item struct{ value, priority float64 }

// sample is a heap with the least priority first.
type sample []item

func (s sample) Len() int           { return len(s) }
func (s sample) Less(i, j int) bool { return s[i].priority < s[j].priority }
func (s sample) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *sample) Push(v any)        { *s = append(*s, v.(item)) }

func (s *sample) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

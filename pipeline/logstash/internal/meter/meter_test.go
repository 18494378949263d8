package meter

import (
	"math"
	"testing"
	"time"
)

func TestRatesFollowEvents(t *testing.T) {
	now := time.Unix(0, 0)
	m := New(now)
	for range 600 { // ten minutes, two events a second
		for range 2 {
			m.Mark(now)
		}
		now = now.Add(time.Second)
	}
	m.Tick(now)
	for i, r := range m.Rates {
		if math.Abs(r-2) > 0.01 {
			t.Errorf("rate %d is %v, want 2", i, r)
		}
	}
	m.Tick(now.Add(time.Minute))
	if r := m.Rates[0]; math.Abs(r-2/math.E) > 0.01 {
		t.Errorf("after a quiet minute the rate is %v, want 2/e", r)
	}
	if m.Count != 1200 {
		t.Errorf("count %d", m.Count)
	}
}

func TestTimer(t *testing.T) {
	now := time.Unix(0, 0)
	m := NewTimer(now)
	for i := 1; i <= 100; i++ {
		m.Update(float64(i), now)
	}
	s := m.Snapshot()
	if m.Min != 1 || m.Max != 100 || m.Mean() != 50.5 || math.Abs(m.StdDev()-29.011) > 0.001 || math.Abs(s.Quantile(0.5)-50.5) > 1e-9 || s.Quantile(1) != 100 || s.Quantile(0) != 1 {
		t.Errorf("%v..%v, mean %v, deviation %v, median %v", m.Min, m.Max, m.Mean(), m.StdDev(), s.Quantile(0.5))
	}
	for i := range 10_000 {
		m.Update(1000, now.Add(2*time.Hour+time.Duration(i)*time.Second))
	}
	if s := m.Snapshot(); len(s) != sampleSize || s.Quantile(0.5) != 1000 {
		t.Errorf("the sample of %d values does not favour recent ones: median %v", len(s), s.Quantile(0.5))
	}
}

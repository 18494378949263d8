package promtail

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
)

// maxSeries bounds the series of one metric: labels come from lines.
const maxSeries = 20_000

type metricKind string

const (
	counter   metricKind = "counter"
	gauge     metricKind = "gauge"
	histogram metricKind = "histogram"
)

// metricDefinition is what all stages that count a metric must agree on.
type metricDefinition struct {
	name, help string
	kind       metricKind
	buckets    []float64     // upper bounds, of histograms
	idle       time.Duration // after which a series is forgotten
}

func (d metricDefinition) same(other metricDefinition) bool {
	return d.help == other.help && d.kind == other.kind && slices.Equal(d.buckets, other.buckets)
}

// customMetric is a metric of a metrics stage: one series for each set of labels.
// Several chains may count at a time.
type customMetric struct {
	def     metricDefinition
	hash    hasher
	now     func() time.Time
	refused prometheus.Counter

	mu     sync.Mutex
	series map[uint64]*customSeries
}

// customSeries is the value of a counter or gauge, or the observations of a histogram.
type customSeries struct {
	desc    *prometheus.Desc
	value   float64 // sum, of a histogram
	count   uint64
	buckets []uint64 // observations by bucket, not cumulated
	changed time.Time
}

func newCustomMetric(def metricDefinition, now func() time.Time, refused prometheus.Counter) *customMetric {
	return &customMetric{def: def, hash: newHasher(), now: now, refused: refused, series: map[uint64]*customSeries{}}
}

// update calls change with the series of a set of labels.
func (m *customMetric) update(labels map[string]string, change func(*customSeries)) {
	var key uint64
	for name, value := range labels {
		if m.takes(name) {
			key += m.hash.pair(name, validText(value))
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.series[key]
	if s == nil {
		if len(m.series) >= maxSeries {
			m.refused.Inc()
			return
		}
		s = &customSeries{
			desc:    prometheus.NewDesc(m.def.name, m.def.help, nil, m.labels(labels)),
			buckets: make([]uint64, len(m.def.buckets)),
		}
		m.series[key] = s
	}
	change(s)
	s.changed = m.now()
}

// takes reports whether the metric can have a label of this name: "le" is the one of
// buckets' bounds.
func (m *customMetric) takes(name string) bool {
	return !strings.HasPrefix(name, "__") && model.UTF8Validation.IsValidLabelName(name) && (m.def.kind != histogram || name != "le")
}

func (m *customMetric) labels(set map[string]string) prometheus.Labels {
	out := make(prometheus.Labels, len(set))
	for name, value := range set {
		if m.takes(name) {
			out[name] = validText(value)
		}
	}
	return out
}

func (m *customMetric) observe(s *customSeries, v float64) {
	s.value += v
	s.count++
	if i, _ := slices.BinarySearch(m.def.buckets, v); i < len(s.buckets) {
		s.buckets[i]++
	}
}

// collect sends all series and then forgets the idle ones.
func (m *customMetric) collect(out chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for key, s := range m.series {
		out <- m.sample(s)
		if now.Sub(s.changed) >= m.def.idle {
			delete(m.series, key)
		}
	}
}

func (m *customMetric) sample(s *customSeries) prometheus.Metric {
	switch m.def.kind {
	case counter:
		return prometheus.MustNewConstMetric(s.desc, prometheus.CounterValue, s.value)
	case gauge:
		return prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, s.value)
	}
	cumulated := make(map[float64]uint64, len(s.buckets))
	var sum uint64
	for i, n := range s.buckets {
		sum += n
		cumulated[m.def.buckets[i]] = sum
	}
	return prometheus.MustNewConstHistogram(s.desc, s.count, s.value, cumulated)
}

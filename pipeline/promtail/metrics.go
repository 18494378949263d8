package promtail

import (
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the metrics of all pipelines of a process: what they drop, and what
// metrics stages count. Names are Promtail's.
type Metrics struct {
	dropped        *prometheus.CounterVec
	droppedByLabel *prometheus.CounterVec
	refused        prometheus.Counter
	now            func() time.Time

	mu     sync.Mutex
	custom map[string]*customMetric // by full name
}

// NewMetrics registers the metrics; reg may be nil. It is called once for each
// registry.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "logentry_dropped_lines_total",
			Help: "Lines that stages of Promtail pipelines dropped, by the reason that the stage gives.",
		}, []string{"reason"}),
		droppedByLabel: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "logentry_dropped_lines_by_label_total",
			Help: "Lines that limit stages with by_label_name dropped, by label value.",
		}, []string{"label_name", "label_value"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_promtail_metric_series_refused_total",
			Help: "Values that metrics stages did not count because the metric has too many series.",
		}),
		now:    time.Now,
		custom: map[string]*customMetric{},
	}
	if reg != nil {
		reg.MustRegister(m.dropped, m.droppedByLabel, m.refused, customCollector{m})
	}
	return m
}

// Forget forgets what metrics stages counted, before the configuration is read anew:
// a name may then become a metric of another type. Chains that were compiled before
// go on uncounted.
func (m *Metrics) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.custom = map[string]*customMetric{}
}

// metric returns the metric of a name, which stages of several pipelines share; nil if
// it exists with another definition.
func (m *Metrics) metric(def metricDefinition) *customMetric {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.custom[def.name]
	if c == nil {
		c = newCustomMetric(def, m.now, m.refused)
		m.custom[def.name] = c
	}
	if !c.def.same(def) {
		return nil
	}
	return c
}

// customCollector collects what metrics stages count. It describes nothing, for names
// and labels come from configuration files and lines.
type customCollector struct{ m *Metrics }

func (customCollector) Describe(chan<- *prometheus.Desc) {}

func (c customCollector) Collect(out chan<- prometheus.Metric) {
	c.m.mu.Lock()
	all := make([]*customMetric, 0, len(c.m.custom))
	for _, m := range c.m.custom {
		all = append(all, m)
	}
	c.m.mu.Unlock()
	for _, m := range all {
		m.collect(out)
	}
}

func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

package remotewrite

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
)

// source is a Source with the series of its last scrape.
type source struct {
	Source
	labels []prompb.Label
	last   map[string][]prompb.Label
}

func sourceLabels(cfg Config, s Source) []prompb.Label {
	ls := []prompb.Label{{Name: "job", Value: s.Job}}
	if instance := cmp.Or(s.Instance, cfg.Instance); instance != "" {
		ls = append(ls, prompb.Label{Name: "instance", Value: instance})
	}
	for name, v := range cfg.Labels {
		if name != "job" && name != "instance" {
			ls = append(ls, prompb.Label{Name: name, Value: v})
		}
	}
	return ls
}

// scrape gathers the source and returns its samples, those that say how it went, and
// stale markers for series that were there the last time.
func (s *source) scrape(now time.Time, log *slog.Logger) []prompb.TimeSeries {
	began := time.Now()
	families, err := s.Gatherer.Gather()
	if err != nil {
		// What could be gathered is returned with the error.
		log.Warn("some metrics could not be gathered", "job", s.Job, "error", err)
	}
	c := conversion{at: now.UnixMilli(), shared: s.labels, series: map[string][]prompb.Label{}}
	for _, f := range families {
		c.family(f)
	}
	up := 1.0
	if len(families) == 0 {
		up = 0
	}
	samples := len(c.out)
	c.add("up", nil, up, 0)
	c.add("scrape_duration_seconds", nil, time.Since(began).Seconds(), 0)
	c.add("scrape_samples_scraped", nil, float64(samples), 0)
	for key, labels := range s.last {
		if _, ok := c.series[key]; !ok {
			c.out = append(c.out, prompb.TimeSeries{Labels: labels,
				Samples: []prompb.Sample{{Value: math.Float64frombits(value.StaleNaN), Timestamp: c.at}}})
		}
	}
	s.last = c.series
	return c.out
}

// conversion turns families into series.
type conversion struct {
	at     int64
	shared []prompb.Label
	out    []prompb.TimeSeries
	series map[string][]prompb.Label // by key
}

func (c *conversion) family(f *dto.MetricFamily) {
	name := f.GetName()
	for _, m := range f.GetMetric() {
		at := m.GetTimestampMs()
		switch f.GetType() {
		case dto.MetricType_COUNTER:
			c.add(name, m.GetLabel(), m.GetCounter().GetValue(), at)
		case dto.MetricType_GAUGE:
			c.add(name, m.GetLabel(), m.GetGauge().GetValue(), at)
		case dto.MetricType_SUMMARY:
			for _, q := range m.GetSummary().GetQuantile() {
				c.add(name, m.GetLabel(), q.GetValue(), at, prompb.Label{Name: "quantile", Value: number(q.GetQuantile())})
			}
			c.add(name+"_sum", m.GetLabel(), m.GetSummary().GetSampleSum(), at)
			c.add(name+"_count", m.GetLabel(), float64(m.GetSummary().GetSampleCount()), at)
		case dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM:
			c.histogram(name, m, at)
		default:
			c.add(name, m.GetLabel(), m.GetUntyped().GetValue(), at)
		}
	}
}

// histogram writes classic buckets.
func (c *conversion) histogram(name string, m *dto.Metric, at int64) {
	h := m.GetHistogram()
	infinite := false
	for _, b := range h.GetBucket() {
		infinite = infinite || math.IsInf(b.GetUpperBound(), 1)
		c.add(name+"_bucket", m.GetLabel(), float64(b.GetCumulativeCount()), at, prompb.Label{Name: "le", Value: number(b.GetUpperBound())})
	}
	if !infinite {
		c.add(name+"_bucket", m.GetLabel(), float64(h.GetSampleCount()), at, prompb.Label{Name: "le", Value: "+Inf"})
	}
	c.add(name+"_sum", m.GetLabel(), h.GetSampleSum(), at)
	c.add(name+"_count", m.GetLabel(), float64(h.GetSampleCount()), at)
}

func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// add appends a sample. Labels of the metric that the source has as well are kept as
// exported_<name>, as Prometheus does.
func (c *conversion) add(name string, pairs []*dto.LabelPair, v float64, at int64, more ...prompb.Label) {
	labels := make([]prompb.Label, 0, 1+len(pairs)+len(c.shared)+len(more))
	labels = append(labels, prompb.Label{Name: "__name__", Value: name})
	labels = append(append(labels, more...), c.shared...)
	for _, p := range pairs {
		if p.GetValue() == "" {
			continue
		}
		l := prompb.Label{Name: p.GetName(), Value: p.GetValue()}
		if slices.ContainsFunc(c.shared, func(s prompb.Label) bool { return s.Name == l.Name }) {
			l.Name = "exported_" + l.Name
		}
		labels = append(labels, l)
	}
	slices.SortFunc(labels, func(a, b prompb.Label) int { return cmp.Compare(a.Name, b.Name) })
	if at == 0 {
		at = c.at
	}
	c.out = append(c.out, prompb.TimeSeries{Labels: labels, Samples: []prompb.Sample{{Value: v, Timestamp: at}}})
	c.series[seriesKey(labels)] = labels
}

func seriesKey(labels []prompb.Label) string {
	var b strings.Builder
	for _, l := range labels {
		b.WriteString(l.Name)
		b.WriteByte(0xff)
		b.WriteString(l.Value)
		b.WriteByte(0xff)
	}
	return b.String()
}

package prom

import (
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"google.golang.org/protobuf/proto"
)

// families groups samples, which are ordered by metric name, for exposition.
// External labels are added where a series lacks them, and an empty instance label,
// so that the federating server keeps the series' own. A native histogram can be
// told in protobuf only and is left out otherwise; one with custom buckets is told
// as a classic histogram.
func families(samples promql.Vector, external labels.Labels, native bool) []*dto.MetricFamily {
	var out []*dto.MetricFamily
	for _, s := range samples {
		name := s.Metric.Get(labels.MetricName)
		if name == "" || s.H != nil && !native && !s.H.UsesCustomBuckets() {
			continue
		}
		kind := dto.MetricType_UNTYPED
		switch {
		case s.H != nil && s.H.CounterResetHint == histogram.GaugeType:
			kind = dto.MetricType_GAUGE_HISTOGRAM
		case s.H != nil:
			kind = dto.MetricType_HISTOGRAM
		}
		// A name with samples of several types becomes several families: not valid by
		// the book, but what Prometheus sends and reads.
		if n := len(out); n == 0 || out[n-1].GetName() != name || out[n-1].GetType() != kind {
			out = append(out, &dto.MetricFamily{Name: proto.String(name), Type: kind.Enum()})
		}
		m := &dto.Metric{Label: exposedLabels(s.Metric, external), TimestampMs: proto.Int64(s.T)}
		switch {
		case s.H == nil:
			m.Untyped = &dto.Untyped{Value: proto.Float64(s.F)}
		case s.H.UsesCustomBuckets():
			m.Histogram = classicHistogram(s.H)
		default:
			m.Histogram = nativeHistogram(s.H)
		}
		family := out[len(out)-1]
		family.Metric = append(family.Metric, m)
	}
	return out
}

func exposedLabels(metric, external labels.Labels) []*dto.LabelPair {
	var pairs []*dto.LabelPair
	add := func(name, value string) {
		pairs = append(pairs, &dto.LabelPair{Name: proto.String(name), Value: proto.String(value)})
	}
	metric.Range(func(l labels.Label) {
		if l.Name != labels.MetricName && l.Value != "" {
			add(l.Name, l.Value)
		}
	})
	external.Range(func(l labels.Label) {
		if !metric.Has(l.Name) {
			add(l.Name, l.Value)
		}
	})
	if !metric.Has(instanceLabel) && !external.Has(instanceLabel) {
		add(instanceLabel, "")
	}
	return pairs
}

const instanceLabel = "instance"

func nativeHistogram(h *histogram.FloatHistogram) *dto.Histogram {
	return &dto.Histogram{
		SampleCountFloat: proto.Float64(h.Count),
		SampleSum:        proto.Float64(h.Sum),
		Schema:           proto.Int32(h.Schema),
		ZeroThreshold:    proto.Float64(h.ZeroThreshold),
		ZeroCountFloat:   proto.Float64(h.ZeroCount),
		PositiveSpan:     spans(h.PositiveSpans),
		PositiveCount:    h.PositiveBuckets,
		NegativeSpan:     spans(h.NegativeSpans),
		NegativeCount:    h.NegativeBuckets,
	}
}

func spans(in []histogram.Span) []*dto.BucketSpan {
	var out []*dto.BucketSpan
	for _, s := range in {
		out = append(out, &dto.BucketSpan{Offset: proto.Int32(s.Offset), Length: proto.Uint32(s.Length)})
	}
	return out
}

// classicHistogram turns custom buckets, which hold the counts between their
// bounds, into cumulative ones. The bucket of +Inf goes without saying.
func classicHistogram(h *histogram.FloatHistogram) *dto.Histogram {
	counts := make([]float64, len(h.CustomValues))
	for it := h.PositiveBucketIterator(); it.Next(); {
		b := it.At()
		if i := int(b.Index); i < len(counts) {
			counts[i] = b.Count
		}
	}
	out := &dto.Histogram{SampleCountFloat: proto.Float64(h.Count), SampleSum: proto.Float64(h.Sum)}
	var cumulative float64
	for i, bound := range h.CustomValues {
		cumulative += counts[i]
		out.Bucket = append(out.Bucket, &dto.Bucket{UpperBound: proto.Float64(bound), CumulativeCountFloat: proto.Float64(cumulative)})
	}
	return out
}

package ingest

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// maxMetricLabel is the longest name or attribute of a metric in bytes. The
// encoding of labels panics at 16 MiB, and a value grows up to sixfold when it
// becomes a label (maps as JSON).
const maxMetricLabel = 1 << 20

// oversizeLabel describes the first name or attribute that is too long for a
// label, "" if there is none. It looks only at batches that could have one.
func oversizeLabel(md pmetric.Metrics) string {
	var sizer pmetric.ProtoMarshaler
	if sizer.MetricsSize(md) <= maxMetricLabel {
		return ""
	}
	for _, rm := range md.ResourceMetrics().All() {
		if s := oversizeAttribute(rm.Resource().Attributes()); s != "" {
			return s
		}
		for _, sm := range rm.ScopeMetrics().All() {
			if s := oversizeAttribute(sm.Scope().Attributes()); s != "" {
				return s
			}
			for _, text := range []string{rm.SchemaUrl(), sm.SchemaUrl(), sm.Scope().Name(), sm.Scope().Version()} {
				if len(text) > maxMetricLabel {
					return tooLong("scope", len(text))
				}
			}
			for _, m := range sm.Metrics().All() {
				if s := oversizeInMetric(m); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

func oversizeInMetric(m pmetric.Metric) string {
	if n := len(m.Name()) + len(m.Unit()); n > maxMetricLabel {
		return tooLong(m.Name(), n)
	}
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return oversizeInPoints(m.Gauge().DataPoints().All())
	case pmetric.MetricTypeSum:
		return oversizeInPoints(m.Sum().DataPoints().All())
	case pmetric.MetricTypeHistogram:
		return oversizeInPoints(m.Histogram().DataPoints().All())
	case pmetric.MetricTypeExponentialHistogram:
		return oversizeInPoints(m.ExponentialHistogram().DataPoints().All())
	case pmetric.MetricTypeSummary:
		for _, p := range m.Summary().DataPoints().All() {
			if s := oversizeAttribute(p.Attributes()); s != "" {
				return s
			}
		}
	}
	return ""
}

// point is a data point that may have exemplars.
type point interface {
	Attributes() pcommon.Map
	Exemplars() pmetric.ExemplarSlice
}

func oversizeInPoints[P point](points func(func(int, P) bool)) string {
	for _, p := range points {
		if s := oversizeAttribute(p.Attributes()); s != "" {
			return s
		}
		for _, e := range p.Exemplars().All() {
			if s := oversizeAttribute(e.FilteredAttributes()); s != "" {
				return s
			}
		}
	}
	return ""
}

func oversizeAttribute(attributes pcommon.Map) string {
	for name, value := range attributes.All() {
		if n := len(name) + valueSize(value); n > maxMetricLabel {
			return tooLong(name, n)
		}
	}
	return ""
}

func tooLong(name string, n int) string {
	return fmt.Sprintf("label %.64q has %d bytes, limit %d", name, n, maxMetricLabel)
}

package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Labels that the store's encoding would panic at are refused before it.
func TestOversizeMetricLabelsAreRefused(t *testing.T) {
	long := strings.Repeat("x", 17<<20)
	for name, put := range map[string]func(pmetric.ResourceMetrics, pmetric.Metric, pmetric.NumberDataPoint){
		"resource": func(r pmetric.ResourceMetrics, _ pmetric.Metric, _ pmetric.NumberDataPoint) {
			r.Resource().Attributes().PutStr("a", long)
		},
		"name": func(_ pmetric.ResourceMetrics, m pmetric.Metric, _ pmetric.NumberDataPoint) { m.SetName(long) },
		"attribute": func(_ pmetric.ResourceMetrics, _ pmetric.Metric, p pmetric.NumberDataPoint) {
			p.Attributes().PutStr("a", long)
		},
		"exemplar": func(_ pmetric.ResourceMetrics, _ pmetric.Metric, p pmetric.NumberDataPoint) {
			p.Exemplars().AppendEmpty().FilteredAttributes().PutStr("a", long)
		},
	} {
		t.Run(name, func(t *testing.T) {
			md := pmetric.NewMetrics()
			rm := md.ResourceMetrics().AppendEmpty()
			m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
			p := m.SetEmptyGauge().DataPoints().AppendEmpty()
			p.SetTimestamp(1)
			put(rm, m, p)
			err := NewMetricSink(nil, NewMetrics(nil)).PushMetrics(t.Context(), "t", md)
			var refusal *Refusal
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, LabelValueTooLong, refusal.Reason)
			require.Equal(t, 1, refusal.Refused)
			require.Contains(t, refusal.Message, "limit 1048576")
			require.Equal(t, time.Duration(0), refusal.RetryAfter)
		})
	}
}

package promtail

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/pipeline"
)

// drops ends events for one reason and counts them.
type drops struct {
	reason string
	count  prometheus.Counter
}

// drops returns those of a stage; reason is the configuration's, usual what stands in
// for an empty one.
func (c *compiler) drops(reason, usual string) drops {
	if reason == "" {
		reason = usual
	}
	return drops{reason, c.env.Metrics.dropped.WithLabelValues(reason)}
}

func (d drops) drop(e *pipeline.Event, out pipeline.Output) {
	d.count.Inc()
	out.Drop(e, d.reason)
}

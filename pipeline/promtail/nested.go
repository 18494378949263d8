package promtail

import (
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// nested is a list of stages as a stage. Like each of Promtail's pipelines, nested ones
// too, it begins by making the labels known as extracted values.
type nested struct{ chain *pipeline.Chain }

func newNested(steps []pipeline.Step, probe pipeline.Probe) *nested {
	return &nested{pipeline.NewChain(steps, probe)}
}

func (n *nested) Process(e *pipeline.Event, out pipeline.Output) {
	extractLabels(e)
	n.chain.Process(e, out)
}

func (n *nested) Flush(now time.Time, all bool, out pipeline.Output) { n.chain.Flush(now, all, out) }

func (n *nested) Due() time.Time { return n.chain.Due() }

func extractLabels(e *pipeline.Event) {
	if e.Fields == nil {
		// Room for the labels and what a stage or two extract.
		e.Fields = make(map[string]any, len(e.Labels)+8)
	}
	for name, value := range e.Labels {
		// Nested pipelines mostly find it there, and looking costs less than setting.
		if before, ok := e.Fields[name].(string); !ok || before != value {
			e.Fields[name] = value
		}
	}
	if e.Tenant != "" {
		e.Fields[tenantLabel] = e.Tenant
	}
}

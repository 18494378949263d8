package logstash

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pharosd/pharos/pipeline/logstash"
	"github.com/pharosd/pharos/tenant"
)

// Status is how one pipeline is doing.
type Status struct {
	ID, Source               string
	Workers                  int
	Since                    time.Time
	Inputs, Filters, Outputs []string // the types of its plugins
	// In is events that came in since the process started, Out those that outputs took.
	// Dropped is those that filters ended.
	In, Out, Dropped uint64
	// Failing says what stands still; "": nothing.
	Failing string
}

// Statuses are those of the pipelines whose events are a tenant's, in the order of the
// configuration.
func (m *Manager) Statuses(t tenant.ID) []Status {
	var out []Status
	for _, a := range m.list() {
		if a.owner != t {
			continue
		}
		s := Status{ID: a.spec.ID, Source: a.spec.from, Workers: a.workers, Since: a.since, Inputs: names(a.compiled.Inputs), Filters: a.compiled.FilterNames(),
			Outputs: names(a.compiled.Outputs.Plugins), In: total(a.m.in), Out: total(a.m.out), Dropped: a.m.ended.Load()}
		if err := a.err(); err != nil {
			s.Failing = err.Error()
		}
		out = append(out, s)
	}
	return out
}

func names(plugins []*logstash.Plugin) []string {
	out := make([]string, len(plugins))
	for i, p := range plugins {
		out[i] = p.Name
	}
	return out
}

func total(c prometheus.Counter) uint64 {
	var d dto.Metric
	if c.Write(&d) != nil {
		return 0
	}
	return uint64(d.GetCounter().GetValue())
}

package prom

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pharosd/pharos/tenant"
)

// tenantGatherer gives a tenant's API those metrics of the process that are its
// own: the ones with the tenant's label and, to the owner, the ones without any.
type tenantGatherer struct {
	all    prometheus.Gatherer
	tenant tenant.ID
	owner  bool
}

func (g tenantGatherer) Gather() ([]*dto.MetricFamily, error) {
	families, err := g.all.Gather()
	kept := families[:0]
	for _, f := range families {
		own := make([]*dto.Metric, 0, len(f.Metric))
		for _, m := range f.Metric {
			if g.visible(m) {
				own = append(own, m)
			}
		}
		if len(own) > 0 {
			f.Metric = own
			kept = append(kept, f)
		}
	}
	return kept, err
}

func (g tenantGatherer) visible(m *dto.Metric) bool {
	for _, l := range m.Label {
		if l.GetName() == "tenant" {
			return l.GetValue() == string(g.tenant)
		}
	}
	return g.owner
}

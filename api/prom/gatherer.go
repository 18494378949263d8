package prom

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/pharosd/pharos/tenant"
)

// tenantGatherer gives a tenant's API those metrics of the process that are its
// own: the ones with the tenant's label and, to the owner, the ones without any.
type tenantGatherer struct {
	all    prometheus.Gatherer
	tenant tenant.ID
	owner  bool
}

// headChunks is 0 for a tenant whose TSDB is not open: status/tsdb would make a
// number of its absence.
const headChunks = "prometheus_tsdb_head_chunks"

func (g tenantGatherer) Gather() ([]*dto.MetricFamily, error) {
	families, err := g.all.Gather()
	kept := families[:0]
	hasHead := false
	for _, f := range families {
		own := make([]*dto.Metric, 0, len(f.Metric))
		for _, m := range f.Metric {
			if g.visible(m) {
				own = append(own, m)
			}
		}
		if len(own) > 0 {
			f.Metric = own
			hasHead = hasHead || f.GetName() == headChunks
			kept = append(kept, f)
		}
	}
	if !hasHead {
		kept = append(kept, &dto.MetricFamily{
			Name: proto.String(headChunks), Type: dto.MetricType_GAUGE.Enum(),
			Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(0)}}},
		})
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

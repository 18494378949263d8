package promtail

import (
	"hash/maphash"

	"github.com/pharosd/pharos/pipeline"
)

// tenantLabel is the label by which Promtail's stages and relabelling say whose a line
// is; an event has Tenant for it.
const tenantLabel = "__tenant_id__"

func setLabel(e *pipeline.Event, name, value string) {
	if name == tenantLabel {
		e.Tenant = value
		return
	}
	if e.Labels == nil {
		e.Labels = make(map[string]string, 8)
	}
	e.Labels[name] = value
}

func getLabel(e *pipeline.Event, name string) (string, bool) {
	if name == tenantLabel {
		return e.Tenant, e.Tenant != ""
	}
	v, ok := e.Labels[name]
	return v, ok
}

func deleteLabel(e *pipeline.Event, name string) {
	if name == tenantLabel {
		e.Tenant = ""
		return
	}
	delete(e.Labels, name)
}

// hasher gives sets of labels numbers that stand for them in memory. It is seeded
// anew each time, so that nobody can write labels that share one.
type hasher struct{ name, value maphash.Seed }

func newHasher() hasher { return hasher{maphash.MakeSeed(), maphash.MakeSeed()} }

// labels is the number of a set, whatever its order: the sum of those of its members.
func (h hasher) labels(set map[string]string) uint64 {
	var sum uint64
	for name, value := range set {
		sum += h.pair(name, value)
	}
	return sum
}

// stream is the number of an event's stream.
func (h hasher) stream(e *pipeline.Event) uint64 {
	return h.labels(e.Labels) + h.pair(tenantLabel, e.Tenant)
}

func (h hasher) pair(name, value string) uint64 {
	x := maphash.String(h.name, name) ^ maphash.String(h.value, value)*0x9E3779B97F4A7C15
	// Mix once more: sums of unmixed products could cancel out.
	x ^= x >> 32
	x *= 0xD6E8FEB86659FD93
	return x ^ x>>32
}

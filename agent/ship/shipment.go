package ship

import (
	"github.com/google/uuid"

	"github.com/pharosd/pharos/model"
)

// batch is what a client has read and not yet sent.
type batch struct {
	agent  uuid.UUID
	chunks []chunk
	next   uint64 // the number to go on with
	text   int
}

// stream is the entries of a shipment that have the same labels.
type stream struct {
	labels  model.Labels
	entries []*model.LogEntry
}

// shipment is one request: a batch's entries of one tenant in a range of numbers.
type shipment struct {
	tenant      string
	agent       string
	first, last uint64
	entries     int
	text        int
	streams     []stream
}

// tenants returns the tenants of a batch in the order in which they come; "" is the
// client's own.
func (b *batch) tenants() []string {
	var out []string
	seen := map[string]bool{}
	last := ""
	for _, c := range b.chunks {
		for i := range c.entries {
			t := c.entries[i].Tenant
			if len(out) > 0 && t == last {
				continue
			}
			last = t
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}

// shipment gathers the entries of a tenant with numbers from from to through.
func (b *batch) shipment(tenant string, from, through uint64, external model.Labels) *shipment {
	s := &shipment{tenant: tenant}
	byKey := map[string]int{}
	known := map[*model.Label]int{}
	for _, c := range b.chunks {
		for i := range c.entries {
			e := &c.entries[i]
			n := c.first + uint64(i)
			if e.Tenant != tenant || n < from || n > through {
				continue
			}
			if s.entries == 0 {
				s.first = n
			}
			s.last = n
			s.entries++
			s.text += textSize(&e.Entry)
			at := s.stream(e.Labels, external, known, byKey)
			s.streams[at].entries = append(s.streams[at].entries, &e.Entry)
		}
	}
	return s
}

// stream returns the index of the stream that entries with these labels belong to. known
// spares those of one record that share a slice from being compared.
func (s *shipment) stream(ls, external model.Labels, known map[*model.Label]int, byKey map[string]int) int {
	var id *model.Label
	if len(ls) > 0 {
		id = &ls[0]
	}
	if at, ok := known[id]; ok {
		return at
	}
	all := withExternal(ls, external)
	key := all.String()
	at, ok := byKey[key]
	if !ok {
		at = len(s.streams)
		byKey[key] = at
		s.streams = append(s.streams, stream{labels: all})
	}
	known[id] = at
	return at
}

// withExternal adds a client's labels; those of the stream win.
func withExternal(ls, external model.Labels) model.Labels {
	if len(external) == 0 {
		return ls
	}
	all := make([]model.Label, 0, len(ls)+len(external))
	return model.NewLabels(append(append(all, external...), ls...)...)
}

// middle is the number of a shipment's entry in the middle, to split it at.
func (b *batch) middle(s *shipment) uint64 {
	left := s.entries / 2
	for _, c := range b.chunks {
		for i := range c.entries {
			n := c.first + uint64(i)
			if c.entries[i].Tenant != s.tenant || n < s.first {
				continue
			}
			if left--; left == 0 {
				return n
			}
		}
	}
	return s.first
}

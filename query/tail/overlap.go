package tail

import "slices"

// overlap drops lines that came twice to a reader of a store without numbers: from
// the past, and live because they were pushed while the past was read.
type overlap struct {
	seen  map[string]struct{}
	until uint64 // the last batch that the past can hold
	over  bool
}

func newOverlap(past []*Line, read *Position) *overlap {
	o := &overlap{seen: make(map[string]struct{}, len(past)), until: read.batch}
	for _, l := range past {
		o.seen[l.key()] = struct{}{}
	}
	return o
}

func (l *Line) key() string { return string(l.Labels.JSON) + string(l.JSON) }

// without returns lines, which reach up to position p, without those of the past.
func (o *overlap) without(lines []*Line, p *Position) []*Line {
	if o.over || p == nil {
		return lines
	}
	o.over = p.batch > o.until
	return slices.DeleteFunc(lines, func(l *Line) bool {
		_, seen := o.seen[l.key()]
		return seen
	})
}

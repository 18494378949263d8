package tracestore

import (
	"sync"

	"github.com/pharosd/pharos/storage/rowstore"
)

// slabFields is how many fields a slab has room for: those of some hundred spans.
const slabFields = 16 << 10

// slab is memory for the fields of a batch's rows, used again by later batches.
type slab struct {
	free  []rowstore.Field
	taken []*[]rowstore.Field
}

var slabs = sync.Pool{New: func() any {
	s := make([]rowstore.Field, slabFields)
	return &s
}}

// room returns an empty list with room for n fields; what is added beyond is
// elsewhere.
func (s *slab) room(n int) []rowstore.Field {
	if n > slabFields/16 {
		return make([]rowstore.Field, 0, n)
	}
	if len(s.free) < n {
		next := slabs.Get().(*[]rowstore.Field)
		s.taken = append(s.taken, next)
		s.free = *next
	}
	return s.free[:0:n]
}

// took says that the last room is now used by fields, which it returns.
func (s *slab) took(fields []rowstore.Field) []rowstore.Field {
	if len(s.free) > 0 && len(fields) > 0 && &s.free[0] == &fields[0] {
		s.free = s.free[len(fields):]
	}
	return fields[:len(fields):len(fields)]
}

// release ends the use of all fields.
func (s *slab) release() {
	for _, fields := range s.taken {
		clear(*fields)
		slabs.Put(fields)
	}
	*s = slab{}
}

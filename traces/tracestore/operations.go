package tracestore

import (
	"hash/maphash"
	"sync"

	"github.com/pharosd/pharos/tenant"
)

// operationNames bounds how many streams span names can make. Names are meant to
// be few, but a client that writes identifiers into them would make one stream for
// each span, and the index of streams would grow without end.
type operationNames struct {
	max     int
	mu      sync.Mutex
	tenants map[tenant.ID]*tenantOperations
}

// tenantOperations are the names of one tenant that have a stream of their own.
type tenantOperations struct {
	max  int
	seed maphash.Seed
	mu   sync.RWMutex
	seen map[uint64]struct{}
}

func newOperationNames(max int) *operationNames {
	return &operationNames{max: max, tenants: map[tenant.ID]*tenantOperations{}}
}

func (o *operationNames) of(t tenant.ID) *tenantOperations {
	o.mu.Lock()
	defer o.mu.Unlock()
	to := o.tenants[t]
	if to == nil {
		to = &tenantOperations{max: o.max, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
		o.tenants[t] = to
	}
	return to
}

// admit tells whether the operation gets a stream of its own. Counting begins
// anew when the process does: what is bounded is how many streams a run can add.
func (o *tenantOperations) admit(service, name, kind string) bool {
	var h maphash.Hash
	h.SetSeed(o.seed)
	for _, s := range [...]string{service, name, kind} {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0)
	}
	key := h.Sum64()
	o.mu.RLock()
	_, ok := o.seen[key]
	full := len(o.seen) >= o.max
	o.mu.RUnlock()
	if ok || full {
		return ok
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.seen) >= o.max {
		return false
	}
	o.seen[key] = struct{}{}
	return true
}

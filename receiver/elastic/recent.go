package elastic

import (
	"hash/maphash"
	"sync"

	"github.com/pharosd/pharos/tenant"
)

// recentIDs is how many ids each of two generations remembers, of all tenants: some
// 10 MB in all.
const recentIDs = 128 << 10

// recent remembers ids that clients gave, as 64-bit hashes: when the younger
// generation is full it becomes the older, and the older is forgotten.
type recent struct {
	seed maphash.Seed

	mu         sync.Mutex
	young, old map[uint64]struct{}
}

func newRecent() *recent {
	return &recent{seed: maphash.MakeSeed(), young: map[uint64]struct{}{}}
}

func (r *recent) key(t tenant.ID, index, id string) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	_, _ = h.WriteString(string(t))
	_ = h.WriteByte(0)
	_, _ = h.WriteString(index)
	_ = h.WriteByte(0)
	_, _ = h.WriteString(id)
	return h.Sum64()
}

// claim remembers an id; fresh is false if it was there.
func (r *recent) claim(key uint64) (fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.young[key]; there {
		return false
	}
	_, there := r.old[key]
	if len(r.young) >= recentIDs {
		r.old, r.young = r.young, make(map[uint64]struct{}, recentIDs)
	}
	r.young[key] = struct{}{}
	return !there
}

// forget gives back a claim whose document was not stored.
func (r *recent) forget(key uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.young, key)
	delete(r.old, key)
}

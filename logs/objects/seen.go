package objects

import (
	"encoding/binary"
	"hash/fnv"
	"sync"

	"github.com/pharosd/pharos/model"
)

// seen remembers the hashes of the entries that were spooled lately, in two generations:
// when the younger is full it becomes the older.
type seen struct {
	mu         sync.Mutex
	young, old map[uint64]struct{}
}

const maxSeen = 500_000

func (s *seen) has(h uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, young := s.young[h]
	_, old := s.old[h]
	return young || old
}

func (s *seen) add(h uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil || len(s.young) >= maxSeen {
		s.old, s.young = s.young, map[uint64]struct{}{}
	}
	s.young[h] = struct{}{}
}

// The hashes are the same after a restart.

func labelHash(ls model.Labels) uint64 {
	h := fnv.New64a()
	for _, l := range ls {
		_, _ = h.Write([]byte(l.Name))
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(l.Value))
		_, _ = h.Write([]byte{1})
	}
	return h.Sum64()
}

func entryHash(labels uint64, e *model.LogEntry) uint64 {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], labels)
	binary.LittleEndian.PutUint64(b[8:], uint64(e.Time))
	_, _ = h.Write(b[:])
	_, _ = h.Write([]byte(e.Line))
	return h.Sum64()
}

package rowstore

// identityTable is a set of identities with a state each: open addressing with
// linear probing.
type identityTable struct {
	max   int // slots, a power of two
	slots []slot
	used  int
}

// slot holds an identity and, in the two bits that identities leave, its state. The
// first one of a key is found by it; further ones are found by whole, so that many
// rows of one key do not make a long probe. A slot is empty if found is 0.
type slot struct{ found, other uint64 }

// state is what became of a row.
type state uint64

const (
	stored state = iota
	// lostDistinct and lostLate: the row was so decided, but could not be stored. If it
	// comes again it is the same once more.
	lostDistinct
	lostLate

	stateBits = 3
)

const (
	minSlots = 1 << 12
	maxSlots = 1 << 20 // 16 MiB
)

// full says that the table takes no more: at three quarters of its slots.
func (t *identityTable) full() bool { return len(t.slots) >= t.max && t.crowded() }

func (t *identityTable) crowded() bool { return t.used >= len(t.slots)/4*3 }

func (t *identityTable) clear() {
	clear(t.slots)
	t.used = 0
}

// find says whether the table has the key of id, and returns the slot's part with the
// state if it has id itself.
func (t *identityTable) find(id identity) (known bool, same *uint64) {
	if t.used == 0 {
		return false, nil
	}
	for at := id.key >> 2; ; at++ {
		s := t.at(at)
		if s.found == 0 {
			return false, nil
		}
		if s.found == id.key {
			if s.other&^stateBits == id.whole {
				return true, &s.other
			}
			break
		}
	}
	for at := id.whole >> 2; ; at++ {
		s := t.at(at)
		if s.found == 0 {
			return true, nil
		}
		if s.found == id.whole && s.other&^stateBits == id.key {
			return true, &s.other
		}
	}
}

func (t *identityTable) at(n uint64) *slot { return &t.slots[n&uint64(len(t.slots)-1)] }

// add puts an identity, which is not there, into the table, which is not full.
func (t *identityTable) add(id identity) {
	if len(t.slots) == 0 || t.crowded() {
		t.grow()
	}
	t.used++
	for at := id.key >> 2; ; at++ {
		switch s := t.at(at); s.found {
		case 0:
			*s = slot{id.key, id.whole}
			return
		case id.key:
			t.put(slot{id.whole, id.key})
			return
		}
	}
}

// put takes the next empty slot.
func (t *identityTable) put(s slot) {
	for at := s.found >> 2; ; at++ {
		if to := t.at(at); to.found == 0 {
			*to = s
			return
		}
	}
}

func (t *identityTable) grow() {
	old := t.slots
	t.slots = make([]slot, min(max(2*len(old), minSlots), t.max))
	for _, s := range old {
		if s.found != 0 {
			t.put(s)
		}
	}
}

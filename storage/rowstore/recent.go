package rowstore

import (
	"math"
	"sync"
)

// recent knows the rows that a store got lately, and of each stream the newest time.
// With that it decides of new rows whether they are distinct, late or duplicates.
//
// A row that is newer than everything in its stream is distinct. So is one that is
// not among the rows that are remembered, if it is newer than every row of its stream
// that has been forgotten. Memory is bounded: two tables, the older of which is
// forgotten when the newer is full, and a number of streams.
type recent struct {
	hasher

	mu      sync.Mutex
	tables  [2]identityTable // the newer one first
	age     uint32           // how many tables were forgotten
	streams map[uint64]*streamTimes
	// maxStreams is how many streams' times are remembered.
	maxStreams int
	// floors are times by tenant: rows of streams that are not in streams are not
	// newer. floor is for tenants that are not there.
	floors map[uint32]int64
	floor  int64
	// under are the writes that were decided on and have not ended.
	under map[*write]struct{}
}

// never is before all times.
const never = math.MinInt64

const defaultMaxStreams = 1 << 17

// streamTimes is what is known of a stream.
type streamTimes struct {
	tenant uint32
	age    uint32 // of recent, when the last two were kept up
	newest int64  // of all rows
	// forgotten is the newest of rows that are remembered no more, at least.
	forgotten int64
	inTables  [2]int64 // the newest in each table, or never
}

// write is one Append from the decision to its end.
type write struct {
	tenant uint32
	ids    []identity
	marks  []mark
	kept   int // rows that are not duplicates
	// repeats are the writes under way that may have what this one repeats.
	repeats []*write
	done    chan struct{}
	failed  bool // valid after done
}

func newRecent(derived string) *recent {
	return &recent{hasher: newHasher(derived), tables: [2]identityTable{{max: maxSlots}, {max: maxSlots}},
		streams: map[uint64]*streamTimes{}, maxStreams: defaultMaxStreams, floors: map[uint32]int64{}, floor: never,
		under: map[*write]struct{}{}}
}

// decide marks rows. The caller must call end.
func (r *recent) decide(tenant uint32, rows []Row) *write {
	w := &write{tenant: tenant, done: make(chan struct{})}
	w.ids = r.append(make([]identity, 0, len(rows)), tenant, rows)
	w.marks = make([]mark, len(rows))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range rows {
		w.marks[i] = r.decideOne(tenant, w.ids[i], rows[i].Time)
		if w.marks[i] != duplicate {
			w.kept++
		}
	}
	if w.kept < len(rows) {
		for other := range r.under {
			w.repeats = append(w.repeats, other)
		}
	}
	r.under[w] = struct{}{}
	return w
}

// end says whether what was decided on is stored. If it is not, a repeat of it is no
// duplicate.
func (r *recent) end(w *write, stored bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.under, w)
	if !stored {
		w.failed = true
		for i, id := range w.ids {
			if w.marks[i] != duplicate {
				r.lose(id, w.marks[i])
			}
		}
	}
	close(w.done)
}

// decideOne remembers a row and says what it is.
func (r *recent) decideOne(tenant uint32, id identity, t int64) mark {
	st := r.stream(tenant, id.stream)
	m := distinct
	if t <= st.newest {
		known, same := r.find(id)
		switch {
		case same != nil:
			was := state(*same & stateBits)
			*same &^= stateBits
			return [...]mark{stored: duplicate, lostDistinct: distinct, lostLate: late}[was]
		case known || t <= st.forgotten:
			m = late
		}
	}
	r.remember(st, id, t)
	return m
}

// decideLogged decides of a row that was logged undecided.
func (r *recent) decideLogged(tenant uint32, id identity, t int64) mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.decideOne(tenant, id, t)
}

// find looks into both tables.
func (r *recent) find(id identity) (known bool, same *uint64) {
	for i := range r.tables {
		k, s := r.tables[i].find(id)
		known = known || k
		if s != nil {
			return true, s
		}
	}
	return known, nil
}

// lose remembers that a row is not stored after all.
func (r *recent) lose(id identity, m mark) {
	if _, same := r.find(id); same != nil {
		*same &^= stateBits
		if m == late {
			*same |= uint64(lostLate)
		} else {
			*same |= uint64(lostDistinct)
		}
	}
}

// learn remembers a row that is stored.
func (r *recent) learn(tenant uint32, id identity, t int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remember(r.stream(tenant, id.stream), id, t)
}

func (r *recent) remember(st *streamTimes, id identity, t int64) {
	if r.tables[0].full() {
		r.tables[0], r.tables[1] = r.tables[1], r.tables[0]
		r.tables[0].clear()
		r.age++
		r.keepUp(st)
	}
	r.tables[0].add(id)
	st.newest = max(st.newest, t)
	st.inTables[0] = max(st.inTables[0], t)
}

// learnTime says that a stream has no row that is newer than t.
func (r *recent) learnTime(tenant uint32, stream uint64, t int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	st := r.stream(tenant, stream)
	st.newest, st.forgotten = max(st.newest, t), max(st.forgotten, t)
}

// stream returns what is known of a stream, kept up to date.
func (r *recent) stream(tenant uint32, stream uint64) *streamTimes {
	st := r.streams[stream]
	if st == nil {
		if len(r.streams) >= r.maxStreams {
			r.forgetStreams()
		}
		floor, ok := r.floors[tenant]
		if !ok {
			floor = r.floor
		}
		st = &streamTimes{tenant: tenant, age: r.age, newest: floor, forgotten: floor, inTables: [2]int64{never, never}}
		r.streams[stream] = st
	}
	r.keepUp(st)
	return st
}

// keepUp draws the consequences of tables that were forgotten.
func (r *recent) keepUp(st *streamTimes) {
	for ; st.age != r.age; st.age++ {
		if st.inTables == [2]int64{never, never} {
			st.age = r.age
			return
		}
		st.forgotten = max(st.forgotten, st.inTables[1])
		st.inTables = [2]int64{never, st.inTables[0]}
	}
}

// forgetStreams makes room: for streams without rows in the tables, or if that is not
// enough, for all.
func (r *recent) forgetStreams() {
	for _, all := range []bool{false, true} {
		for key, st := range r.streams {
			r.keepUp(st)
			if !all && st.inTables != [2]int64{never, never} {
				continue
			}
			floor, ok := r.floors[st.tenant]
			if !ok {
				floor = r.floor
			}
			r.floors[st.tenant] = max(floor, st.newest)
			delete(r.streams, key)
		}
		if len(r.streams) < r.maxStreams/2 {
			return
		}
	}
}

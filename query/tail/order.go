package tail

import "slices"

// span is a range of numbers, both ends included.
type span struct{ first, last uint64 }

// Position says which of the store's numbered entries were published: all up to Low
// and those in ahead, which pushes that overtook others added.
type Position struct {
	Low   uint64
	ahead []span // ascending, apart, all above Low
	// time is when it was taken, nanoseconds since the Unix epoch.
	time int64
	// unnumbered is a position by time alone: of a store that gives no numbers.
	unnumbered bool
	// batch is how many batches were queued for live readers.
	batch uint64
}

func (p *Position) has(n uint64) bool {
	if n <= p.Low {
		return true
	}
	i, found := slices.BinarySearchFunc(p.ahead, n, func(s span, n uint64) int {
		switch {
		case s.last < n:
			return -1
		case s.first > n:
			return 1
		}
		return 0
	})
	return found && i >= 0
}

// top is the highest number that was published.
func (p *Position) top() uint64 {
	if len(p.ahead) == 0 {
		return p.Low
	}
	return p.ahead[len(p.ahead)-1].last
}

// order follows pushes from before the store until they are published. The store
// gives a push numbers higher than all that were published when it began: so
// everything up to the highest number at the begin of the oldest push under way is
// published.
type order struct {
	numbered bool
	flights  []flight // under way, in the order of their begin
	marks    uint64   // of the first flight
	low, top uint64
	ahead    []span
	cached   *Position // until the next change
}

type flight struct {
	since uint64 // top at its begin
	done  bool
}

func (o *order) start(last uint64) { o.numbered, o.low, o.top = true, last, last }

func (o *order) begin() (mark uint64) {
	o.flights = append(o.flights, flight{since: o.top})
	return o.marks + uint64(len(o.flights)) - 1
}

// end removes a flight; it published n entries with numbers from first on.
func (o *order) end(mark, first, n uint64) {
	o.cached = nil
	o.flights[mark-o.marks].done = true
	for len(o.flights) > 0 && o.flights[0].done {
		o.flights = o.flights[1:]
		o.marks++
	}
	if len(o.flights) == 0 {
		o.flights = nil
	}
	if n > 0 && first > 0 {
		o.add(span{first, first + n - 1})
	}
	low := o.top
	if len(o.flights) > 0 {
		low = o.flights[0].since
	}
	o.low = max(o.low, low)
	for len(o.ahead) > 0 && o.ahead[0].last <= o.low {
		o.ahead = slices.Delete(o.ahead, 0, 1)
	}
	if len(o.ahead) > 0 && o.ahead[0].first <= o.low {
		o.ahead[0].first = o.low + 1
	}
}

// add puts s among the spans, joining neighbours.
func (o *order) add(s span) {
	o.top = max(o.top, s.last)
	i, _ := slices.BinarySearchFunc(o.ahead, s.first, func(x span, first uint64) int {
		if x.first < first {
			return -1
		}
		return 1
	})
	o.ahead = slices.Insert(o.ahead, i, s)
	if i > 0 && o.ahead[i-1].last+1 >= s.first {
		o.ahead[i-1].last = max(o.ahead[i-1].last, s.last)
		o.ahead = slices.Delete(o.ahead, i, i+1)
		i--
	}
	if i+1 < len(o.ahead) && o.ahead[i].last+1 >= o.ahead[i+1].first {
		o.ahead[i].last = max(o.ahead[i].last, o.ahead[i+1].last)
		o.ahead = slices.Delete(o.ahead, i+1, i+2)
	}
}

// position returns a copy of what is published now.
func (o *order) position() *Position {
	if o.cached == nil {
		o.cached = &Position{Low: o.low, ahead: slices.Clone(o.ahead), unnumbered: !o.numbered}
	}
	p := *o.cached
	p.time = now()
	return &p
}

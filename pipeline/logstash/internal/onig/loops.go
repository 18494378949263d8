package onig

// shorter gives back characters of a greedy loop until what follows may begin.
func (m *Matcher) shorter(f *frame) (int, bool) {
	follow := m.re.prog[f.pc].when
	pos := int(f.pos)
	before := pos
	for pos > int(f.lim) {
		pos--
		for pos > int(f.lim) && m.in[pos]&0xC0 == 0x80 {
			pos--
		}
		if follow == nil || follow[m.in[pos]] {
			f.pos = int32(pos)
			m.steps += (before - pos) / 16
			return pos, true
		}
	}
	m.steps += (before - pos) / 16
	return 0, false
}

// longer takes characters into a lazy loop until what follows may begin.
func (m *Matcher) longer(f *frame) (int, bool) {
	i := &m.re.prog[f.pc]
	pos := int(f.pos)
	before := pos
	for f.lim != 0 {
		n := i.set.at(m.in, pos)
		if n == 0 {
			break
		}
		pos += n
		if f.lim > 0 {
			f.lim--
		}
		if i.when == nil || pos < len(m.in) && i.when[m.in[pos]] {
			f.pos = int32(pos)
			m.steps += (pos - before) / 16
			return pos, true
		}
	}
	m.steps += (pos - before) / 16
	return 0, false
}

// take is how far min to max characters of a set reach from pos; least is where min are.
func (m *Matcher) take(i *inst, pos int) (least, end int, ok bool) {
	in, start := m.in, pos
	count := int32(0)
	for count < i.min {
		n := i.set.at(in, pos)
		if n == 0 {
			return 0, 0, false
		}
		pos += n
		count++
	}
	least = pos
	if i.max < 0 && i.set.some == nil {
		table := &i.set.ascii
		for pos < len(in) && table[in[pos]] {
			pos++
		}
	} else {
		for i.max < 0 || count < i.max {
			n := i.set.at(in, pos)
			if n == 0 {
				break
			}
			pos += n
			count++
		}
	}
	m.steps += (pos - start) / 16
	return least, pos, true
}

func (m *Matcher) greedy(i *inst, pc int32, pos int) (int32, int, bool) {
	least, end, ok := m.take(i, pos)
	if !ok {
		return 0, 0, false
	}
	if end > least {
		if !m.push(frame{pc: pc, kind: giveBack, pos: int32(end), lim: int32(least)}) {
			return 0, 0, false
		}
		if i.when != nil && !(end < len(m.in) && i.when[m.in[end]]) {
			return 0, 0, false // not here: the frame knows where else
		}
	}
	return pc + 1, end, true
}

func (m *Matcher) lazy(i *inst, pc int32, pos int) (int32, int, bool) {
	for range i.min {
		n := i.set.at(m.in, pos)
		if n == 0 {
			return 0, 0, false
		}
		pos += n
	}
	more := int32(-1)
	if i.max >= 0 {
		more = i.max - i.min
	}
	if !m.push(frame{pc: pc, kind: takeMore, pos: int32(pos), lim: more}) {
		return 0, 0, false
	}
	if i.when != nil && !(pos < len(m.in) && i.when[m.in[pos]]) {
		return 0, 0, false
	}
	return pc + 1, pos, true
}

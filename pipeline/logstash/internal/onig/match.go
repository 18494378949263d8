package onig

import (
	"strings"
	"time"
	"unicode/utf8"
)

// maxStack bounds what one search remembers: 16 MiB.
const maxStack = 1 << 20

// keepStack is how much of a stack is kept for the next search: 1 MiB.
const keepStack = 1 << 16

// checkEvery is after how many steps the clock is read.
const checkEvery = 1 << 14

type frameKind int32

const (
	tryAt    frameKind = iota // go on at pc and pos
	giveBack                  // the loop at pc has up to pos and needs lim
	takeMore                  // the lazy loop at pc has up to pos and may take lim more
	oldSlot                   // slot pc was pos
	oldReg                    // register pc was pos
)

// frame is something to return to.
type frame struct {
	pc   int32
	kind frameKind
	pos  int32
	lim  int32
}

// Matcher searches with one Regexp. It is for one goroutine at a time.
type Matcher struct {
	re    *Regexp
	in    string
	from  int
	slots []int
	regs  []int
	stack []frame

	steps    int
	limit    time.Duration
	deadline time.Time
	err      error
}

// Matcher returns a new one.
func (r *Regexp) Matcher() *Matcher {
	return &Matcher{re: r, slots: make([]int, 2*(r.groups+1)), regs: make([]int, r.regs)}
}

// Find searches s from a byte on. Limit bounds its time; 0 does not. The error is
// ErrDeadline or ErrStack.
func (m *Matcher) Find(s string, from int, limit time.Duration) (bool, error) {
	if len(s) > 1<<30 {
		return false, ErrStack
	}
	m.in, m.from, m.limit = s, from, limit
	m.steps, m.deadline, m.err = 0, time.Time{}, nil
	if cap(m.stack) > keepStack {
		m.stack = nil // one bad text need not cost memory for ever
	}
	f := &m.re.facts
	if f.needle != "" && !strings.Contains(s[from:], f.needle) {
		return false, nil
	}
	for at := from; at <= len(s); at++ {
		at = m.candidate(at)
		if at < 0 {
			return false, nil
		}
		if m.try(at) {
			return true, nil
		}
		if m.err != nil {
			return false, m.err
		}
		if f.once {
			return false, nil
		}
		for at+1 < len(s) && s[at+1]&0xC0 == 0x80 { // not within a character
			at++
		}
	}
	return false, nil
}

// candidate is the next place from at on where a match may begin, or -1.
func (m *Matcher) candidate(at int) int {
	f, s := &m.re.facts, m.in
	if f.lines && at > m.from && s[at-1] != '\n' {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	if f.once || f.lines {
		return at
	}
	if f.prefix != "" {
		i := strings.Index(s[at:], f.prefix)
		if i < 0 {
			return -1
		}
		return at + i
	}
	if f.begin == nil {
		return at
	}
	for at < len(s) && !f.begin[s[at]] {
		at++
	}
	if at == len(s) {
		return -1
	}
	return at
}

// Span is what a group matched in bytes; 0 is the whole match. ok is false if the group
// took no part.
func (m *Matcher) Span(n int) (from, to int, ok bool) {
	from, to = m.slots[2*n], m.slots[2*n+1]
	return from, to, from >= 0 && to >= 0
}

// Text is what a group matched.
func (m *Matcher) Text(n int) (string, bool) {
	from, to, ok := m.Span(n)
	if !ok {
		return "", false
	}
	return m.in[from:to], true
}

func (m *Matcher) try(at int) bool {
	if m.tick(1) {
		return false
	}
	for i := range m.slots {
		m.slots[i] = -1
	}
	m.stack = m.stack[:0]
	m.slots[0] = at
	end, ok := m.run(at)
	if ok {
		m.slots[1] = end
	}
	return ok
}

// tick counts steps and reports whether time is up.
func (m *Matcher) tick(n int) bool {
	if m.steps += n; m.steps < checkEvery {
		return false
	}
	m.steps = 0
	if m.limit <= 0 {
		return false
	}
	now := time.Now()
	if m.deadline.IsZero() {
		m.deadline = now.Add(m.limit)
		return false
	}
	if now.After(m.deadline) {
		m.err = ErrDeadline
		return true
	}
	return false
}

func (m *Matcher) push(f frame) bool {
	if len(m.stack) >= maxStack {
		m.err = ErrStack
		return false
	}
	m.stack = append(m.stack, f)
	return true
}

// backtrack returns to the last thing left to try.
func (m *Matcher) backtrack() (pc int32, pos int, ok bool) {
	if m.err != nil || m.tick(1) {
		return 0, 0, false
	}
	for len(m.stack) > 0 {
		top := len(m.stack) - 1
		f := &m.stack[top]
		switch f.kind {
		case tryAt:
			pc, pos = f.pc, int(f.pos)
			m.stack = m.stack[:top]
			return pc, pos, true
		case oldSlot:
			m.slots[f.pc] = int(f.pos)
			m.stack = m.stack[:top]
		case oldReg:
			m.regs[f.pc] = int(f.pos)
			m.stack = m.stack[:top]
		case giveBack:
			if pos, ok := m.shorter(f); ok {
				return f.pc + 1, pos, true
			}
			m.stack = m.stack[:top]
		case takeMore:
			if pos, ok := m.longer(f); ok {
				return f.pc + 1, pos, true
			}
			m.stack = m.stack[:top]
		}
	}
	return 0, 0, false
}

func (m *Matcher) run(pos int) (end int, ok bool) {
	prog, in := m.re.prog, m.in
	pc := int32(0)
	for {
		i := &prog[pc]
		good := true
		switch i.op {
		case opMatch:
			return pos, true
		case opByte:
			if pos < len(in) && in[pos] == i.b {
				pos++
			} else {
				good = false
			}
		case opText:
			if strings.HasPrefix(in[pos:], i.s) {
				pos += len(i.s)
			} else {
				good = false
			}
		case opSet:
			n := i.set.at(in, pos)
			pos += n
			good = n > 0
		case opSplit:
			if m.steps++; m.steps >= checkEvery && m.tick(0) {
				return 0, false
			}
			first, second := allows(i.when, in, pos), allows(i.orElse, in, pos)
			switch {
			case first && second:
				good = m.push(frame{pc: i.y, pos: int32(pos)})
				pc = i.x
			case first:
				pc = i.x
			case second:
				pc = i.y
			default:
				good = false
			}
			if good {
				continue
			}
		case opJump:
			pc = i.x
			continue
		case opKeep:
			_, to, fits := m.take(i, pos)
			pos, good = to, fits
		case opSave:
			good = m.push(frame{pc: i.x, kind: oldSlot, pos: int32(m.slots[i.x])})
			m.slots[i.x] = pos
		default:
			pc, pos, good = m.rare(i, pc, pos)
			if good {
				continue
			}
		}
		if good {
			pc++
			continue
		}
		if pc, pos, good = m.backtrack(); !good {
			return 0, false
		}
	}
}

func allows(b bytes, in string, pos int) bool {
	return b == nil || pos < len(in) && b[in[pos]]
}

// rare runs the other instructions and returns the next one.
func (m *Matcher) rare(i *inst, pc int32, pos int) (int32, int, bool) {
	switch i.op {
	case opLoop:
		return m.greedy(i, pc, pos)
	case opLazy:
		return m.lazy(i, pc, pos)
	case opSwitch:
		list := i.ways.lists[i.ways.index[m.nextByte(pos)]]
		for k := len(list) - 1; k > 0; k-- {
			if !m.push(frame{pc: list[k], pos: int32(pos)}) {
				return 0, 0, false
			}
		}
		if len(list) == 0 {
			return 0, 0, false
		}
		return list[0], pos, true
	case opBehind:
		return pc + 1, pos, m.before(i.set, pos) == (i.x == 0)
	case opAnchor:
		return pc + 1, pos, m.holds(anchorKind(i.x), pos)
	case opBack:
		to, ok := m.back(i, pos)
		return pc + 1, to, ok
	case opFence:
		m.regs[i.x], m.regs[i.x+1] = len(m.stack), pos
	case opCut:
		m.cut(m.regs[i.x])
		if i.y == 1 {
			pos = m.regs[i.x+1]
		}
	case opNot:
		m.regs[i.x] = len(m.stack)
		return pc + 1, pos, m.push(frame{pc: i.y, pos: int32(pos)})
	case opFail:
		m.undo(m.regs[i.x])
		return 0, 0, false
	case opStepBack:
		for range i.x {
			if pos == 0 {
				return 0, 0, false
			}
			_, n := utf8.DecodeLastRuneInString(m.in[:pos])
			pos -= n
		}
	case opMark:
		old := m.regs[i.x]
		m.regs[i.x] = pos
		return pc + 1, pos, m.push(frame{pc: i.x, kind: oldReg, pos: int32(old)})
	case opMoved:
		if m.regs[i.x] == pos {
			return i.y, pos, true
		}
	}
	return pc + 1, pos, true
}

func (m *Matcher) nextByte(pos int) int {
	if pos < len(m.in) {
		return int(m.in[pos])
	}
	return 256
}

// cut forgets alternatives above a height but not what undoes captures.
func (m *Matcher) cut(height int) {
	kept := m.stack[:height]
	for _, f := range m.stack[height:] {
		if f.kind == oldSlot || f.kind == oldReg {
			kept = append(kept, f)
		}
	}
	m.stack = kept
}

// undo forgets everything above a height and puts captures back.
func (m *Matcher) undo(height int) {
	for len(m.stack) > height {
		f := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		switch f.kind {
		case oldSlot:
			m.slots[f.pc] = int(f.pos)
		case oldReg:
			m.regs[f.pc] = int(f.pos)
		}
	}
}

// Groups is how many groups capture.
func (m *Matcher) Groups() int { return m.re.groups }

// Replace returns s with each match replaced by what of returns, up to the first error.
func (m *Matcher) Replace(s string, limit time.Duration, of func(m *Matcher) string) (string, error) {
	var out []byte
	done := 0
	err := m.Each(s, limit, func(m *Matcher) bool {
		from, to, _ := m.Span(0)
		out = append(out, s[done:from]...)
		out = append(out, of(m)...)
		done = to
		return true
	})
	if done == 0 && out == nil {
		return s, err
	}
	return string(append(out, s[done:]...)), err
}

// Each calls of for each match until it returns false. The limit is for each search.
func (m *Matcher) Each(s string, limit time.Duration, of func(m *Matcher) bool) error {
	for at := 0; at <= len(s); {
		ok, err := m.Find(s, at, limit)
		if !ok || err != nil {
			return err
		}
		from, to, _ := m.Span(0)
		if !of(m) {
			return nil
		}
		if at = to; from == to {
			_, n := utf8.DecodeRuneInString(s[min(at, len(s)):])
			at += max(n, 1)
		}
	}
	return nil
}

package onig

import (
	"errors"
	"unicode/utf8"
)

type op uint8

const (
	opMatch    op = iota
	opByte        // the byte b
	opText        // the text s
	opSet         // one character of set
	opBehind      // the character before is (not, if x is 1) of set
	opSplit       // x, else y; when and orElse are what they begin with
	opSwitch      // the alternatives that the next byte allows
	opJump        // x
	opLoop        // min to max characters of set, as many as possible
	opLazy        // ... as few as possible
	opKeep        // ... as many as possible, for good
	opSave        // the position, in slot x
	opAnchor      // of kind x
	opBack        // what group x matched
	opFence       // remembers the stack's height in register x and the position in x+1
	opCut         // forgets the alternatives since the fence x; y 1: and goes back there
	opNot         // a fence whose way out is y
	opFail        // the piece of a negative look-around matched: out at its fence x, failing
	opStepBack    // x characters back
	opMark        // the position in register x
	opMoved       // goes to y unless the position moved since the mark x
)

type inst struct {
	op       op
	b        byte
	x, y     int32
	min, max int32
	s        string
	set      *set
	when     bytes // opSplit: what x begins with; loops: what follows
	orElse   bytes
	ways     *ways
	groups   []int
	fold     bool
}

// set is a character class made for bytes.
type set struct {
	ascii [256]bool // by byte; from 0x80 on all the same: high
	high  bool      // all characters from 0x80 on are in it
	some  ranges    // those that are, if neither all nor none
}

func newSet(r ranges) *set {
	s := &set{}
	var high ranges
	for i := 0; i < len(r); i += 2 {
		for c := r[i]; c <= min(r[i+1], 0x7f); c++ {
			s.ascii[c] = true
		}
		if r[i+1] >= 0x80 {
			high = append(high, max(r[i], 0x80), r[i+1])
		}
	}
	switch {
	case len(high) == 2 && high[0] == 0x80 && high[1] == maxRune:
		s.high = true
		for c := 0x80; c < 0x100; c++ {
			s.ascii[c] = true
		}
	default:
		s.some = high
	}
	return s
}

// at is how many bytes the character of the set at i has, 0 if there is none.
func (s *set) at(in string, i int) int {
	if i >= len(in) {
		return 0
	}
	if c := in[i]; c < 0x80 {
		if s.ascii[c] {
			return 1
		}
		return 0
	}
	if !s.high && s.some == nil {
		return 0
	}
	r, n := utf8.DecodeRuneInString(in[i:])
	if s.high || s.some.has(r) {
		return n
	}
	return 0
}

// ways are the alternatives of a switch by the next byte; [256] is the text's end.
type ways struct {
	index [257]uint16
	lists [][]int32
}

const maxProgram = 200_000

var errTooLarge = errors.New("the repetitions make it too large")

type compiler struct {
	prog   []inst
	rounds int // of repetitions written out, of which some add nothing
	regs   int
	sets   map[string]*set
}

func (c *compiler) program(tree node, groups int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if r != errTooLarge {
				panic(r)
			}
			err = errTooLarge
		}
	}()
	c.sets = map[string]*set{}
	c.emit(tree, nil)
	c.add(inst{op: opMatch})
	return nil
}

func (c *compiler) add(i inst) int {
	if len(c.prog) >= maxProgram {
		panic(errTooLarge)
	}
	c.prog = append(c.prog, i)
	return len(c.prog) - 1
}

func (c *compiler) here() int32 { return int32(len(c.prog)) }

func (c *compiler) set(r ranges) *set {
	key := string(r)
	s := c.sets[key]
	if s == nil {
		s = newSet(r)
		c.sets[key] = s
	}
	return s
}

// emit adds a piece; follow is what comes after it may begin with.
func (c *compiler) emit(n node, follow bytes) {
	switch n := n.(type) {
	case text:
		switch len(n.s) {
		case 0:
		case 1:
			c.add(inst{op: opByte, b: n.s[0]})
		default:
			c.add(inst{op: opText, s: n.s})
		}
	case class:
		c.add(inst{op: opSet, set: c.set(n.in)})
	case cat:
		follows := make([]bytes, len(n.of))
		for i := len(n.of) - 1; i >= 0; i-- {
			follows[i] = follow
			follow = first(n.of[i], follow)
		}
		for i, x := range n.of {
			c.emit(x, follows[i])
		}
	case alt:
		c.alternatives(n, follow)
	case group:
		c.add(inst{op: opSave, x: int32(2 * n.n)})
		c.emit(n.of, follow)
		c.add(inst{op: opSave, x: int32(2*n.n + 1)})
	case atomic:
		r := c.registers(2)
		c.add(inst{op: opFence, x: r})
		c.emit(n.of, nil)
		c.add(inst{op: opCut, x: r})
	case look:
		c.look(n)
	case back:
		c.add(inst{op: opBack, groups: n.groups, fold: n.fold})
	case anchor:
		if n.kind == keepOut {
			c.add(inst{op: opSave, x: 0})
			return
		}
		c.add(inst{op: opAnchor, x: int32(n.kind)})
	case repeat:
		c.repeat(n, follow)
	}
}

func (c *compiler) registers(n int) int32 {
	r := int32(c.regs)
	c.regs += n
	return r
}

func (c *compiler) alternatives(n alt, follow bytes) {
	if len(n.of) == 2 {
		split := c.add(inst{op: opSplit, when: first(n.of[0], follow), orElse: first(n.of[1], follow)})
		c.prog[split].x = c.here()
		c.emit(n.of[0], follow)
		jump := c.add(inst{op: opJump})
		c.prog[split].y = c.here()
		c.emit(n.of[1], follow)
		c.prog[jump].x = c.here()
		return
	}
	sw := c.add(inst{op: opSwitch})
	starts := make([]int32, len(n.of))
	firsts := make([]bytes, len(n.of))
	var jumps []int
	for i, x := range n.of {
		starts[i], firsts[i] = c.here(), first(x, follow)
		c.emit(x, follow)
		jumps = append(jumps, c.add(inst{op: opJump}))
	}
	for _, j := range jumps {
		c.prog[j].x = c.here()
	}
	c.prog[sw].ways = newWays(starts, firsts)
}

func newWays(starts []int32, firsts []bytes) *ways {
	w := &ways{}
	seen := map[string]uint16{}
	for b := range 257 {
		var list []int32
		for i, f := range firsts {
			if f == nil || b < 256 && f[b] {
				list = append(list, starts[i])
			}
		}
		key := string(list)
		at, ok := seen[key]
		if !ok {
			at = uint16(len(w.lists))
			seen[key] = at
			w.lists = append(w.lists, list)
		}
		w.index[b] = at
	}
	return w
}

func (c *compiler) look(n look) {
	if n.behind {
		if cl, ok := n.of.(class); ok {
			i := inst{op: opBehind, set: c.set(cl.in)}
			if n.not {
				i.x = 1
			}
			c.add(i)
			return
		}
	}
	r := c.registers(2)
	fence := c.add(inst{op: opFence, x: r})
	if n.not {
		c.prog[fence].op = opNot
	}
	if n.behind {
		c.behind(n.of)
	} else {
		c.emit(n.of, nil)
	}
	if n.not {
		c.add(inst{op: opFail, x: r})
		c.prog[fence].y = c.here()
		return
	}
	c.add(inst{op: opCut, x: r, y: 1})
}

// behind adds the alternatives of a look-behind, each preceded by its step back.
func (c *compiler) behind(n node) {
	of := []node{n}
	if a, ok := n.(alt); ok {
		of = a.of
	}
	var jumps []int
	for i, x := range of {
		split := -1
		if i < len(of)-1 {
			split = c.add(inst{op: opSplit})
			c.prog[split].x = c.here()
		}
		w, _ := width(x)
		c.add(inst{op: opStepBack, x: int32(w)})
		c.emit(x, nil)
		if split >= 0 {
			jumps = append(jumps, c.add(inst{op: opJump}))
			c.prog[split].y = c.here()
		}
	}
	for _, j := range jumps {
		c.prog[j].x = c.here()
	}
}

func (c *compiler) repeat(n repeat, follow bytes) {
	if n.max == 0 {
		return
	}
	if cl, ok := n.of.(class); ok {
		c.loop(n, cl.in, follow)
		return
	}
	if t, ok := n.of.(text); ok && utf8.RuneCountInString(t.s) == 1 {
		r, _ := utf8.DecodeRuneInString(t.s)
		c.loop(n, one(r), follow)
		return
	}
	if n.possessive {
		n.possessive = false
		c.emit(atomic{n}, follow)
		return
	}
	again := unite(first(n.of, follow), follow)
	for i := range n.min {
		c.round()
		f := again
		if i == n.min-1 && n.max == n.min {
			f = follow
		}
		c.emit(n.of, f)
	}
	if n.max < 0 {
		c.star(n, again, follow)
		return
	}
	var splits []int
	for range n.max - n.min {
		c.round()
		splits = append(splits, c.split(n, follow))
		c.emit(n.of, again)
	}
	for _, s := range splits {
		c.exit(s, n.lazy)
	}
}

func (c *compiler) round() {
	if c.rounds++; c.rounds > maxProgram {
		panic(errTooLarge)
	}
}

// split adds a choice between another round, which is put next, and going on.
func (c *compiler) split(n repeat, follow bytes) int {
	round := first(n.of, follow)
	if nullable(n.of) {
		round = nil
	}
	s := c.add(inst{op: opSplit, when: round, orElse: follow})
	if n.lazy {
		c.prog[s].when, c.prog[s].orElse = follow, round
		c.prog[s].y = c.here()
	} else {
		c.prog[s].x = c.here()
	}
	return s
}

// exit sets where a choice goes on.
func (c *compiler) exit(s int, lazy bool) {
	if lazy {
		c.prog[s].x = c.here()
	} else {
		c.prog[s].y = c.here()
	}
}

func (c *compiler) star(n repeat, again, follow bytes) {
	top := c.here()
	s := c.split(n, follow)
	if !nullable(n.of) {
		c.emit(n.of, again)
		c.add(inst{op: opJump, x: top})
		c.exit(s, n.lazy)
		return
	}
	r := c.registers(1)
	c.add(inst{op: opMark, x: r})
	c.emit(n.of, nil)
	moved := c.add(inst{op: opMoved, x: r})
	c.add(inst{op: opJump, x: top})
	c.exit(s, n.lazy)
	c.prog[moved].y = c.here()
}

// loop repeats a single character. Where what follows cannot begin with one of its
// characters, fewer of them never help: the loop keeps what it has.
func (c *compiler) loop(n repeat, in ranges, follow bytes) {
	i := inst{op: opLoop, set: c.set(in), min: int32(n.min), max: int32(n.max), when: follow}
	switch {
	case n.possessive || n.min == n.max || apart(in.firstBytes(), follow) && !n.lazy:
		i.op = opKeep
	case n.lazy:
		i.op = opLazy
	}
	if n.min == 1 && n.max == 1 {
		i = inst{op: opSet, set: i.set}
	}
	c.add(i)
}

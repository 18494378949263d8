package lucene

import (
	"strconv"
	"strings"
)

// ParseSimple reads simple_query_string, which has no errors: what makes no sense is
// left out. Operators: + (and), | (or), - (not), "phrase", prefix*, ( ), ~N.
func ParseSimple(s string, and bool) Node {
	if len(s) > maxQuery {
		s = s[:maxQuery]
	}
	p := &simple{s: s, defaultAnd: and}
	n := p.query(0)
	if n == nil {
		return Bool{}
	}
	return n
}

type simple struct {
	s          string
	i          int
	defaultAnd bool
	clauses    int
}

// state is one group under way: what there is so far and the operator before what
// comes.
type state struct {
	top       Node
	previous  int8 // 0: none, 1: and, 2: or
	current   int8
	negations int
}

func (p *simple) query(depth int) Node {
	var st state
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case isSpace(c):
			p.i++
			st.negations = 0
		case c == '+':
			p.i++
			if st.current == 0 && st.top != nil {
				st.current = 1
			}
		case c == '|':
			p.i++
			if st.current == 0 && st.top != nil {
				st.current = 2
			}
		case c == '-':
			p.i++
			st.negations++
		case c == '(':
			p.i++
			if depth < maxDepth {
				p.push(&st, p.query(depth+1))
			}
		case c == ')':
			p.i++
			if depth > 0 {
				return st.top
			}
		case c == '"':
			p.push(&st, p.phrase())
		default:
			p.push(&st, p.word())
		}
	}
	return st.top
}

func (p *simple) push(st *state, n Node) {
	negated := st.negations%2 == 1
	st.negations = 0
	if p.clauses++; n == nil || p.clauses > maxClauses {
		return
	}
	if negated {
		n = Bool{[]Clause{{MustNot, n}}}
	}
	if st.top == nil {
		st.top = n
		return
	}
	if st.current == 0 {
		st.current = 2
		if p.defaultAnd {
			st.current = 1
		}
	}
	occur := Should
	if st.current == 1 {
		occur = Must
	}
	b, ok := st.top.(Bool)
	if !ok || st.previous != st.current {
		b = Bool{[]Clause{{occur, st.top}}}
	}
	b.Clauses = append(b.Clauses, Clause{occur, n})
	st.top, st.previous, st.current = b, st.current, 0
}

func (p *simple) phrase() Node {
	var b strings.Builder
	for i := p.i + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '\\' && i+1 < len(p.s):
			i++
			b.WriteByte(p.s[i])
		case c == '"':
			p.i = i + 1
			slop, _ := p.tilde()
			return Phrase{"", b.String(), max(slop, 0)}
		default:
			b.WriteByte(c)
		}
	}
	p.i++ // a lone quote is skipped
	return nil
}

// tilde reads ~N.
func (p *simple) tilde() (n int, ok bool) {
	if p.i >= len(p.s) || p.s[p.i] != '~' {
		return 0, false
	}
	p.i++
	start := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	if start == p.i {
		return -1, true
	}
	n, _ = strconv.Atoi(p.s[start:p.i])
	return min(n, 1000), true
}

func (p *simple) word() Node {
	var b strings.Builder
	prefix := false
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == '\\' && p.i+1 < len(p.s) {
			b.WriteByte(p.s[p.i+1])
			p.i += 2
			prefix = false
			continue
		}
		if isSpace(c) || strings.IndexByte(`"|+()`, c) >= 0 {
			break
		}
		if c == '~' && b.Len() > 0 {
			if edits, ok := p.tilde(); ok {
				return Fuzzy{"", b.String(), min(edits, 2)}
			}
			continue
		}
		prefix = c == '*'
		b.WriteByte(c)
		p.i++
	}
	text := b.String()
	switch {
	case text == "*":
		return All{}
	case prefix && len(text) > 1:
		return Prefix{"", text[:len(text)-1]}
	case text == "" || text == "\\":
		p.i++
		return nil
	}
	return Text{"", text}
}

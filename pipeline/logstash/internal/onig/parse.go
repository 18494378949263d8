package onig

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds on what a pattern may be.
const (
	maxPattern = 1 << 20
	maxDepth   = 250
	maxGroups  = 2000
	maxRepeat  = 100_000 // Oniguruma's own
)

type parser struct {
	src    string
	pos    int
	o      Options
	depth  int
	groups int
	names  []string
	// named says that the pattern has named groups: then plain parentheses do not capture.
	named bool
	// backs are places of back-references by name or number, checked at the end.
	backs []pendingBack
}

type pendingBack struct {
	at     int
	number int
}

func parse(src string, o Options) (n node, p *parser, err error) {
	p = &parser{src: src, o: o, names: []string{""}}
	if len(src) > maxPattern {
		return nil, nil, &SyntaxError{src, maxPattern, "the pattern is longer than 1 MiB"}
	}
	p.named = hasNamed(src)
	defer func() {
		if r := recover(); r != nil {
			e, ours := r.(*SyntaxError)
			if !ours {
				panic(r)
			}
			n, p, err = nil, nil, e
		}
	}()
	n = p.alternatives()
	if p.pos < len(p.src) {
		p.fail("unmatched )")
	}
	for _, b := range p.backs {
		if b.number > p.groups {
			p.pos = b.at
			p.fail("a reference to a group that there is not")
		}
	}
	return n, p, nil
}

// hasNamed looks for a named group before parsing, outside of escapes and classes.
func hasNamed(src string) bool {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			depth = max(depth-1, 0)
		case '(':
			if rest := src[i:]; depth == 0 && (strings.HasPrefix(rest, "(?'") ||
				strings.HasPrefix(rest, "(?<") && !strings.HasPrefix(rest, "(?<=") && !strings.HasPrefix(rest, "(?<!")) {
				return true
			}
		}
	}
	return false
}

func (p *parser) fail(reason string) { panic(&SyntaxError{p.src, p.pos, reason}) }

func (p *parser) more() bool { return p.pos < len(p.src) }

func (p *parser) eat(s string) bool {
	if strings.HasPrefix(p.src[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

// until returns what comes before the next end and steps over it.
func (p *parser) until(end byte, what string) string {
	i := strings.IndexByte(p.src[p.pos:], end)
	if i < 0 {
		p.fail(what + " without its end")
	}
	s := p.src[p.pos : p.pos+i]
	p.pos += i + 1
	return s
}

func (p *parser) rune() rune {
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += n
	return r
}

func (p *parser) alternatives() node {
	if p.depth++; p.depth > maxDepth {
		p.fail("groups nested too deep")
	}
	defer func() { p.depth-- }()
	before := p.o
	of := []node{p.sequence()}
	for p.eat("|") {
		of = append(of, p.sequence())
	}
	p.o = before // (?i) lasts to the end of its group
	if len(of) == 1 {
		return of[0]
	}
	return alt{of}
}

func (p *parser) sequence() node {
	var of []node
	for p.more() {
		if c := p.src[p.pos]; c == '|' || c == ')' {
			break
		}
		if p.o.Extended && p.blank() {
			continue
		}
		n, isolated := p.atom()
		if isolated != nil { // (?i) in the middle: what follows, alternatives too, is its own
			of = append(of, isolated)
			break
		}
		if n == nil {
			continue
		}
		for p.o.Extended && p.more() && p.blank() {
		}
		n = p.quantified(n)
		if t, ok := n.(text); ok && len(of) > 0 {
			if last, ok := of[len(of)-1].(text); ok {
				of[len(of)-1] = text{last.s + t.s}
				continue
			}
		}
		of = append(of, n)
	}
	if len(of) == 1 {
		return of[0]
	}
	return cat{of}
}

// blank steps over white space and comments of extended patterns.
func (p *parser) blank() bool {
	switch p.src[p.pos] {
	case ' ', '\t', '\n', '\r', '\f', '\v':
		p.pos++
		return true
	case '#':
		if i := strings.IndexByte(p.src[p.pos:], '\n'); i >= 0 {
			p.pos += i + 1
		} else {
			p.pos = len(p.src)
		}
		return true
	}
	return false
}

// atom reads one piece without its quantifier. rest is set when options changed in the
// middle of a group: it is everything up to the group's end.
func (p *parser) atom() (n, rest node) {
	switch c := p.src[p.pos]; c {
	case '(':
		return p.parenthesis()
	case '[':
		p.pos++
		return p.class(), nil
	case '.':
		p.pos++
		if p.o.DotAll {
			return class{ranges{0, maxRune}}, nil
		}
		return class{one('\n').negate()}, nil
	case '^':
		p.pos++
		return anchor{lineStart}, nil
	case '$':
		p.pos++
		return anchor{lineEnd}, nil
	case '\\':
		return p.escape(), nil
	case '*', '+', '?':
		p.fail("a quantifier without something before it")
	}
	return p.literal(p.rune()), nil
}

func (p *parser) literal(r rune) node {
	if p.o.IgnoreCase {
		if f := one(r).folded(); len(f) > 2 || f[0] != f[1] {
			return class{f}
		}
	}
	return text{string(r)}
}

func (p *parser) inClass(r ranges) node {
	if p.o.IgnoreCase {
		r = r.folded()
	}
	return class{r}
}

// parenthesis reads what begins with "(".
func (p *parser) parenthesis() (n, rest node) {
	start := p.pos
	p.pos++
	if !p.eat("?") {
		if p.named {
			return p.body(start, func(of node) node { return of }), nil
		}
		return p.capture(start, ""), nil
	}
	wrap := func(of node) node { return of }
	switch {
	case p.eat("#"):
		p.until(')', "a comment")
		return nil, nil
	case p.eat(":"):
	case p.eat(">"):
		wrap = func(of node) node { return atomic{of} }
	case p.eat("="):
		wrap = func(of node) node { return look{of: of} }
	case p.eat("!"):
		wrap = func(of node) node { return look{of: of, not: true} }
	case p.eat("<="):
		wrap = func(of node) node { return p.behind(start, of, false) }
	case p.eat("<!"):
		wrap = func(of node) node { return p.behind(start, of, true) }
	case p.eat("<"):
		return p.capture(start, p.name('>')), nil
	case p.eat("'"):
		return p.capture(start, p.name('\'')), nil
	case p.eat("~"), p.eat("("):
		p.pos = start
		p.fail("absent operators and conditional groups are not supported")
	default:
		return p.options(start)
	}
	return p.body(start, wrap), nil
}

func (p *parser) name(end byte) string {
	name := p.until(end, "a group's name")
	if name == "" {
		p.fail("a group's name is empty")
	}
	return name
}

func (p *parser) capture(start int, name string) node {
	if p.groups++; p.groups > maxGroups {
		p.fail("too many groups")
	}
	n := p.groups
	p.names = append(p.names, name)
	return p.body(start, func(of node) node { return group{n, of} })
}

func (p *parser) body(start int, wrap func(node) node) node {
	of := p.alternatives()
	if !p.eat(")") {
		p.pos = start
		p.fail("( without its )")
	}
	return wrap(of)
}

// behind checks that each alternative of a look-behind has a length of its own.
func (p *parser) behind(start int, of node, not bool) node {
	alternatives := []node{of}
	if a, ok := of.(alt); ok {
		alternatives = a.of
	}
	for _, a := range alternatives {
		if _, ok := width(a); !ok {
			p.pos = start
			p.fail("a look-behind of no fixed length")
		}
	}
	return look{of: of, behind: true, not: not}
}

// options reads (?imx-imx) and (?imx-imx:...).
func (p *parser) options(start int) (n, rest node) {
	on := true
	o := p.o
	for p.more() {
		switch p.src[p.pos] {
		case '-':
			on = false
		case 'i':
			o.IgnoreCase = on
		case 'm', 's':
			o.DotAll = on
		case 'x':
			o.Extended = on
		case 'a', 'd', 'u': // which characters \w means: as it is
		case ':':
			p.pos++
			before := p.o
			p.o = o
			n = p.body(start, func(of node) node { return of })
			p.o = before
			return n, nil
		case ')':
			p.pos++
			p.o = o
			return nil, p.toGroupEnd()
		default:
			p.fail("an unknown group option")
		}
		p.pos++
	}
	p.pos = start
	p.fail("( without its )")
	return nil, nil
}

// toGroupEnd reads what follows (?i): in Ruby a|(?i)b|c is a|(?i:b|c).
func (p *parser) toGroupEnd() node {
	of := []node{p.sequence()}
	for p.eat("|") {
		of = append(of, p.sequence())
	}
	if len(of) == 1 {
		return of[0]
	}
	return alt{of}
}

// quantified reads the quantifiers behind a piece.
func (p *parser) quantified(n node) node {
	for p.more() {
		r := repeat{of: n, max: -1}
		interval := false
		switch c := p.src[p.pos]; c {
		case '*':
		case '+':
			r.min = 1
		case '?':
			r.max = 1
		case '{':
			if !p.interval(&r) {
				return n
			}
			interval = true
		default:
			return n
		}
		if !interval {
			p.pos++
		}
		switch {
		case p.eat("?"):
			if interval && r.min == r.max { // {n}? is (?:{n})? in Ruby
				r = repeat{of: r, max: 1}
			} else {
				r.lazy = true
			}
		case !interval && p.eat("+"):
			r.possessive = true
		}
		n = r
	}
	return n
}

// interval reads {n}, {n,}, {,m} or {n,m}; anything else is a literal brace.
func (p *parser) interval(r *repeat) bool {
	end := strings.IndexByte(p.src[p.pos:], '}')
	if end < 0 || end > 20 {
		return false
	}
	lo, hi, comma := strings.Cut(p.src[p.pos+1:p.pos+end], ",")
	if lo == "" && hi == "" || lo != "" && !number(lo) || hi != "" && !number(hi) {
		return false
	}
	r.min, _ = strconv.Atoi(lo)
	switch {
	case !comma:
		r.max = r.min
	case hi != "":
		r.max, _ = strconv.Atoi(hi)
	}
	if r.min > maxRepeat || r.max > maxRepeat {
		p.fail("a repetition of more than 100000")
	}
	if r.max >= 0 && r.min > r.max {
		r.min, r.max, r.possessive = r.max, r.min, true
	}
	p.pos += end + 1
	return true
}

func number(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) < 10
}

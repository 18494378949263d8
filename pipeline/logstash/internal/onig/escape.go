package onig

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape reads what begins with a backslash outside of a class.
func (p *parser) escape() node {
	start := p.pos
	p.pos++
	if !p.more() {
		p.fail("a backslash at the end")
	}
	c := p.src[p.pos]
	if k, ok := anchorOf(c); ok {
		p.pos++
		return anchor{k}
	}
	switch {
	case c == 'R':
		p.pos++
		return atomic{alt{[]node{text{"\r\n"}, class{ranges{'\n', '\r', 0x85, 0x85, 0x2028, 0x2029}}}}}
	case c == 'X':
		p.pos++
		marks := table(unicode.M)
		return atomic{cat{[]node{class{marks.negate()}, repeat{of: class{marks}, max: -1}}}}
	case c == 'k':
		p.pos++
		return p.backName(start)
	case c == 'g':
		p.fail(`\g, calling a group as a subroutine, is not supported`)
	case '1' <= c && c <= '9':
		if n := p.backNumber(start); n != nil {
			return n
		}
	}
	if r, ok := p.classEscape(); ok {
		return p.inClass(r)
	}
	return p.literal(p.charEscape())
}

func anchorOf(c byte) (anchorKind, bool) {
	switch c {
	case 'A':
		return textStart, true
	case 'z':
		return textEnd, true
	case 'Z':
		return textEndLine, true
	case 'b':
		return wordEdge, true
	case 'B':
		return notWordEdge, true
	case 'G':
		return searchStart, true
	case 'K':
		return keepOut, true
	}
	return 0, false
}

// backNumber reads \1 and so on; nil if it is an octal number instead.
func (p *parser) backNumber(start int) node {
	end := p.pos
	for end < len(p.src) && end < p.pos+4 && '0' <= p.src[end] && p.src[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(p.src[p.pos:end])
	if n > 9 && n > p.groups {
		return nil
	}
	if p.named {
		p.fail("a reference by number to a group in a pattern with named groups")
	}
	p.pos = end
	p.backs = append(p.backs, pendingBack{start, n})
	return back{[]int{n}, p.o.IgnoreCase}
}

// backName reads \k<name>, \k'name' and \k<1>.
func (p *parser) backName(start int) node {
	end := byte('>')
	switch {
	case p.eat("<"):
	case p.eat("'"):
		end = '\''
	default:
		p.fail(`\k without a name`)
	}
	name := p.name(end)
	if n, err := strconv.Atoi(name); err == nil {
		if n < 0 {
			n += p.groups + 1
		}
		if n <= 0 {
			p.fail("a reference to a group that there is not")
		}
		p.backs = append(p.backs, pendingBack{start, n})
		return back{[]int{n}, p.o.IgnoreCase}
	}
	var of []int
	for i, n := range p.names {
		if i > 0 && n == name {
			of = append(of, i)
		}
	}
	if of == nil {
		p.pos = start
		p.fail("a reference to a group that there is not")
	}
	return back{of, p.o.IgnoreCase}
}

// classEscape reads an escape that stands for several characters; pos is at the letter.
func (p *parser) classEscape() (ranges, bool) {
	var r ranges
	switch c := p.src[p.pos]; c {
	case 'd', 'D':
		r = digits
	case 'w', 'W':
		r = words
	case 's', 'S':
		r = spaces
	case 'h', 'H':
		r = hexDigits
	case 'p', 'P':
		return p.propertyEscape(c == 'P')
	default:
		return nil, false
	}
	if c := p.src[p.pos]; c < 'a' {
		r = r.negate()
	}
	p.pos++
	return r, true
}

func (p *parser) propertyEscape(not bool) (ranges, bool) {
	if !strings.HasPrefix(p.src[p.pos+1:], "{") {
		return nil, false
	}
	p.pos += 2
	name := p.until('}', "a property")
	if strings.HasPrefix(name, "^") {
		not, name = !not, name[1:]
	}
	r, ok := property(plain(name))
	if !ok {
		p.fail("an unknown character property " + strconv.Quote(name))
	}
	if not {
		r = r.negate()
	}
	return r, true
}

// charEscape reads an escape that stands for one character; pos is at the letter.
func (p *parser) charEscape() rune {
	c := p.rune()
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'v':
		return '\v'
	case 'a':
		return 7
	case 'e':
		return 27
	case 'x':
		if p.eat("{") {
			return p.hex(p.until('}', `\x{`), 8)
		}
		return p.hex(p.digits(2, hexDigits), 2)
	case 'u':
		if p.eat("{") {
			return p.hex(p.until('}', `\u{`), 8)
		}
		return p.hex(p.digits(4, hexDigits), 4)
	case 'c':
		if p.more() {
			return p.rune() & 0x1f
		}
	}
	if '0' <= c && c <= '7' {
		p.pos--
		n, _ := strconv.ParseUint(p.digits(3, ranges{'0', '7'}), 8, 32)
		return rune(n)
	}
	return c
}

func (p *parser) digits(most int, of ranges) string {
	start := p.pos
	for p.more() && p.pos < start+most && of.has(rune(p.src[p.pos])) {
		p.pos++
	}
	return p.src[start:p.pos]
}

func (p *parser) hex(s string, most int) rune {
	s = strings.TrimSpace(s)
	if s == "" && most == 2 {
		return 0
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) > most || n > utf8.MaxRune {
		p.fail("a number that is no character")
	}
	return rune(n)
}

// class reads what follows "[" up to its "]".
func (p *parser) class() node {
	r := p.set()
	return class{r}
}

func (p *parser) set() ranges {
	start := p.pos - 1
	if p.depth++; p.depth > maxDepth {
		p.fail("classes nested too deep")
	}
	defer func() { p.depth-- }()
	not := p.eat("^")
	var all, current ranges
	first, intersected := true, false
	for {
		if !p.more() {
			p.pos = start
			p.fail("[ without its ]")
		}
		if p.src[p.pos] == ']' && (!first || !strings.Contains(p.src[p.pos+1:], "]")) {
			p.pos++
			break
		}
		first = false
		if p.eat("&&") {
			all, current, intersected = p.meet(all, current, intersected), nil, true
			continue
		}
		current = append(current, p.member()...)
	}
	r := merged(current)
	if intersected {
		r = p.meet(all, current, true)
	}
	if p.o.IgnoreCase {
		r = r.folded()
	}
	if not {
		r = r.negate()
	}
	return r
}

func (p *parser) meet(all, current ranges, before bool) ranges {
	if !before {
		return merged(current)
	}
	return all.intersect(merged(current))
}

// member reads one member of a class: a character, a range, a class.
func (p *parser) member() ranges {
	if p.src[p.pos] == '[' {
		if r, ok := p.posix(); ok {
			return r
		}
		p.pos++
		return p.set()
	}
	lo, set := p.classChar()
	if set != nil {
		return set
	}
	if rest := p.src[p.pos:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
		at := p.pos
		p.pos++
		if p.src[p.pos] == '[' { // [a-[b]]: the hyphen is itself
			p.pos = at
			return one(lo)
		}
		hi, set := p.classChar()
		if set != nil { // [a-\d]: all three
			return append(ranges{lo, lo, '-', '-'}, set...)
		}
		if hi < lo {
			p.pos = at
			p.fail("a range of characters that ends before it begins")
		}
		return ranges{lo, hi}
	}
	return one(lo)
}

// classChar reads one character in a class, or an escape that stands for several.
func (p *parser) classChar() (rune, ranges) {
	if p.src[p.pos] != '\\' {
		return p.rune(), nil
	}
	p.pos++
	if !p.more() {
		p.fail("a backslash at the end")
	}
	if r, ok := p.classEscape(); ok {
		return 0, r
	}
	if p.eat("b") {
		return 8, nil
	}
	if p.eat("R") {
		return 0, ranges{'\n', '\r'}
	}
	return p.charEscape(), nil
}

// posix reads [:alpha:] and [:^alpha:].
func (p *parser) posix() (ranges, bool) {
	rest := p.src[p.pos:]
	if !strings.HasPrefix(rest, "[:") {
		return nil, false
	}
	end := strings.Index(rest, ":]")
	if end < 0 || end > 20 {
		return nil, false
	}
	name, not := rest[2:end], false
	if strings.HasPrefix(name, "^") {
		name, not = name[1:], true
	}
	r, ok := property(name)
	if !ok {
		return nil, false
	}
	p.pos += end + 2
	if not {
		r = r.negate()
	}
	return r, true
}

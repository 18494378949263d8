package logstash

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of one configuration, far above what people write.
const (
	maxSource = 16 << 20
	maxDepth  = 100
)

// Parse reads the text of one pipeline by Logstash's grammar. Several sources are one
// text, in their order. With escapes, strings know \n, \t, \r, \0, \", \' and \\, as
// config.support_escapes asks for. The error is Problems: all that were found.
func Parse(sources []Source, escapes bool) (*File, Problems, error) {
	size := 0
	for _, s := range sources {
		size += len(s.Text)
		if !utf8.ValidString(s.Text) {
			return nil, nil, Problems{{Pos{File: s.Name}, "the file is not UTF-8", ""}}
		}
	}
	if size > maxSource {
		return nil, nil, Problems{{Pos{}, fmt.Sprintf("the configuration has more than %d bytes", maxSource), ""}}
	}
	p := &parser{text: joinSources(sources), escapes: escapes}
	p.src = p.text.all
	file := p.file()
	return file, p.report.warnings, p.report.err()
}

// parser walks the text without tokens: what a character means depends on where it
// stands. Its methods report a problem and return false when the text is wrong.
type parser struct {
	text    *text
	src     string
	i       int
	depth   int
	kind    Kind // of the section
	escapes bool
	// orphaned: the if before was wrong; an else behind it is not.
	orphaned bool
	report   report
}

func (p *parser) pos() Pos { return p.text.pos(p.i) }

func (p *parser) fail(offset int, hint, format string, args ...any) bool {
	p.report.errorf(p.text.pos(offset), hint, format, args...)
	return false
}

// expected reports what should stand here.
func (p *parser) expected(what, hint string) bool {
	return p.fail(p.i, hint, "expected %s, found %s", what, p.found())
}

// found names what stands here.
func (p *parser) found() string {
	if strings.TrimLeft(p.src[p.i:], " \t\r\n") == "" {
		return "the end of the configuration"
	}
	if name := p.peekName(); name != "" {
		return strconv.Quote(name)
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.i:])
	return strconv.Quote(string(r))
}

func (p *parser) at(s string) bool { return strings.HasPrefix(p.src[p.i:], s) }

func (p *parser) take(s string) bool {
	if p.at(s) {
		p.i += len(s)
		return true
	}
	return false
}

// space skips blanks and comments and reports whether there were any.
func (p *parser) space() bool {
	start := p.i
	for p.i < len(p.src) {
		switch p.src[p.i] {
		case ' ', '\t', '\r', '\n':
			p.i++
		case '#':
			if n := strings.IndexByte(p.src[p.i:], '\n'); n >= 0 {
				p.i += n
			} else {
				p.i = len(p.src)
			}
		default:
			return p.i > start
		}
	}
	return p.i > start
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

func (p *parser) peekName() string { return p.peekNameAt(p.i) }

func (p *parser) peekNameAt(start int) string {
	j := start
	for j < len(p.src) && isNameByte(p.src[j]) {
		j++
	}
	return p.src[start:j]
}

// file reads the sections.
func (p *parser) file() *File {
	f := &File{}
	p.space()
	if p.i == len(p.src) {
		p.fail(p.i, "", "the configuration is empty: expected input, filter or output")
	}
	for p.i < len(p.src) {
		start := p.i
		name := p.peekName()
		section := map[string]*[]Statement{"input": &f.Inputs, "filter": &f.Filters, "output": &f.Outputs}[name]
		if section == nil {
			hint := ""
			if p.at("}") {
				hint = "a brace is closed that was not opened"
			}
			p.expected("input, filter or output", hint)
			if !p.skipBlock(start) {
				break
			}
			p.space()
			continue
		}
		p.i += len(name)
		p.kind = Kind(name)
		p.space()
		if !p.take("{") {
			p.expected("{ after "+name, "")
			if !p.skipBlock(start) {
				break
			}
			p.space()
			continue
		}
		body, ok := p.body(start, name)
		*section = append(*section, body...)
		if !ok {
			break
		}
		p.space()
	}
	return f
}

// body reads statements up to the closing brace. What is wrong in one of them does not
// hide the next. false: the end of the text came first.
func (p *parser) body(opened int, what string) (list []Statement, ok bool) {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.i, "", "blocks are nested deeper than %d levels", maxDepth)
		p.i = len(p.src)
		return nil, false
	}
	defer func() { p.depth-- }()
	for {
		p.space()
		if p.take("}") {
			return list, true
		}
		if p.i >= len(p.src) {
			open := p.text.pos(opened)
			p.fail(len(p.src)-1, "", "the block %s from line %d is not closed: expected }", what, open.Line)
			return list, false
		}
		start := p.i
		s, ok := p.statement()
		if ok {
			list = append(list, s)
			continue
		}
		broken := p.peekNameAt(start)
		if !p.skipBlock(start) {
			return list, false
		}
		p.orphaned = broken == "if" || broken == "else"
	}
}

func (p *parser) statement() (Statement, bool) {
	orphaned := p.orphaned
	p.orphaned = false
	name := p.peekName()
	switch name {
	case "if":
		return p.branch()
	case "else", "elsif", "elif", "elseif":
		start := p.i
		if orphaned && name == "else" {
			return p.otherwise(&Branch{Pos: p.pos()})
		}
		p.i += len(name)
		hint := "is the } before it missing?"
		if name != "else" {
			hint = "write else if"
		}
		return nil, p.fail(start, hint, "%s without an if before it", name)
	}
	plugin, ok := p.plugin(p.kind)
	if !ok {
		return nil, false
	}
	return plugin, true
}

// skipBlock goes on behind the block that begins at start, for the sake of what is
// wrong further down. It reports whether there is anything further.
func (p *parser) skipBlock(start int) bool {
	j, depth, operator := start, 0, false
	for j < len(p.src) {
		c := p.src[j]
		switch {
		case c == '"' || c == '\'' || operator && c == '/':
			end := quotedEnd(p.src, j)
			if end < 0 {
				p.i = len(p.src)
				return false
			}
			j = end
			operator = false
			continue
		case c == '#':
			if n := strings.IndexByte(p.src[j:], '\n'); n >= 0 {
				j += n
			}
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 && j > start {
				p.i = j // the end of the block around
				return true
			}
			if depth--; depth <= 0 {
				p.i = j + 1
				return true
			}
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			operator = c == '~'
		}
		j++
	}
	p.i = len(p.src)
	return false
}

// quotedEnd is the offset behind a quoted text that begins at i, -1 when it is not
// closed. Only the quote can be escaped, as in Logstash's grammar.
func quotedEnd(s string, i int) int {
	quote := s[i]
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\' && j+1 < len(s) && s[j+1] == quote:
			j++
		case s[j] == quote:
			return j + 1
		}
	}
	return -1
}

// quoted reads a text in quotes or slashes and returns what is between.
func (p *parser) quoted() (string, bool) {
	end := quotedEnd(p.src, p.i)
	if end < 0 {
		return "", p.fail(p.i, "", "the text that begins with %c is not closed", p.src[p.i])
	}
	s := p.src[p.i+1 : end-1]
	p.i = end
	return s, true
}

// str reads a string in quotes.
func (p *parser) str() (string, bool) {
	s, ok := p.quoted()
	if ok && p.escapes {
		s = unescape(s)
	}
	return s, ok
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case '"', '\'', '\\':
			b.WriteByte(s[i])
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case '0':
			b.WriteByte(0)
		default:
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

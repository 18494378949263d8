package elastic

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// document is what an entry needs of a document's source.
type document struct {
	source string
	// time is @timestamp in nanoseconds, if timed.
	time  int64
	timed bool
	// service is what service.name, service, kubernetes.container.name or
	// container.name says, the first of them that is a text; "" if none is.
	service string
}

const (
	maxService = 128 // bytes
	// maxDepth is how deep a document may nest.
	maxDepth = 100
)

// parseError says what is wrong with a document.
type parseError struct {
	at   int // byte, from 0
	what string
}

func (e *parseError) Error() string {
	return fmt.Sprintf("[1:%d] failed to parse: %s", e.at+1, e.what)
}

// parseDocument reads a document: one JSON object, whole and valid.
func parseDocument(source string) (document, error) {
	s := scanner{s: source}
	s.space()
	begin := s.at
	if !s.has('{') {
		return document{}, s.fail("a document must be an object")
	}
	s.value(root)
	end := s.at
	s.space()
	if s.err == nil && s.at != len(source) {
		s.err = s.fail("there is more after the document's end")
	}
	if s.err == nil && !utf8.ValidString(source) {
		s.err = s.fail("invalid UTF-8")
	}
	if s.err != nil {
		return document{}, s.err
	}
	d := document{source: source[begin:end], time: s.time, timed: s.timed}
	if s.services != 0 {
		d.service = clipService(s.service[bits.TrailingZeros8(s.services)])
	}
	return d, nil
}

func clipService(s string) string {
	if len(s) <= maxService {
		return s
	}
	return strings.ToValidUTF8(s[:maxService], "")
}

// place is where in a document the scanner is, as far as it matters.
type place uint8

const (
	elsewhere place = iota
	root
	inKubernetes
	inKubernetesContainer
	inContainer
	atTimestamp
	atServiceName   // service.name
	atServiceText   // service, a text or an object
	atContainerName // kubernetes.container.name
	atContainer     // container.name
)

// below returns the place of a member.
func (p place) below(key string) place {
	switch p {
	case root:
		switch key {
		case "@timestamp":
			return atTimestamp
		case "service.name":
			return atServiceName
		case "service":
			return atServiceText
		case "kubernetes":
			return inKubernetes
		case "kubernetes.container":
			return inKubernetesContainer
		case "kubernetes.container.name":
			return atContainerName
		case "container":
			return inContainer
		case "container.name":
			return atContainer
		}
	case atServiceText:
		if key == "name" {
			return atServiceName
		}
	case inKubernetes:
		switch key {
		case "container":
			return inKubernetesContainer
		case "container.name":
			return atContainerName
		}
	case inKubernetesContainer:
		if key == "name" {
			return atContainerName
		}
	case inContainer:
		if key == "name" {
			return atContainer
		}
	}
	return elsewhere
}

// scanner checks JSON by RFC 8259 in one pass and picks out what an entry needs.
type scanner struct {
	s     string
	at    int
	depth int
	err   error

	time     int64
	timed    bool
	service  [4]string // in the order of preference
	services uint8     // which of them are there
}

func (s *scanner) fail(what string) error { return &parseError{s.at, what} }

func (s *scanner) has(c byte) bool { return s.at < len(s.s) && s.s[s.at] == c }

func (s *scanner) space() {
	for s.at < len(s.s) {
		switch s.s[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// value reads one value; the cursor is at its first byte.
func (s *scanner) value(p place) {
	if s.at == len(s.s) {
		s.err = s.fail("unexpected end")
		return
	}
	switch c := s.s[s.at]; {
	case c == '"':
		text := s.text()
		if p >= atTimestamp && s.err == nil {
			s.found(p, text)
		}
		return
	case c == '{' || c == '[':
		if p == atTimestamp {
			s.err = s.fail("@timestamp must be a date")
			return
		}
		if s.depth++; s.depth > maxDepth {
			s.err = s.fail(fmt.Sprintf("the document nests deeper than %d", maxDepth))
			return
		}
		if c == '{' {
			s.object(p)
		} else {
			s.list()
		}
		s.depth--
	case c == '-' || c >= '0' && c <= '9':
		begin := s.at
		s.number()
		if p == atTimestamp && s.err == nil {
			s.timestamp(s.s[begin:s.at], parseMillis)
		}
	case s.literal("true"), s.literal("false"):
		if p == atTimestamp {
			s.err = s.fail("@timestamp must be a date")
		}
	case s.literal("null"):
	default:
		s.err = s.fail("unexpected character")
	}
}

func (s *scanner) literal(word string) bool {
	if strings.HasPrefix(s.s[s.at:], word) {
		s.at += len(word)
		return true
	}
	return false
}

func (s *scanner) object(p place) {
	s.at++ // the brace
	s.space()
	if s.has('}') {
		s.at++
		return
	}
	for {
		if !s.has('"') {
			s.err = s.fail("want a name in quotes")
			return
		}
		key := s.text()
		if s.err != nil {
			return
		}
		below := elsewhere
		if p != elsewhere {
			below = p.below(unquoted(key))
		}
		s.space()
		if !s.has(':') {
			s.err = s.fail("want a colon")
			return
		}
		s.at++
		s.space()
		if s.value(below); s.err != nil {
			return
		}
		if s.next('}') {
			return
		}
	}
}

func (s *scanner) list() {
	s.at++ // the bracket
	s.space()
	if s.has(']') {
		s.at++
		return
	}
	for {
		if s.value(elsewhere); s.err != nil || s.next(']') {
			return
		}
	}
}

// next goes on after a comma; it reports the end, or an error.
func (s *scanner) next(end byte) (ended bool) {
	s.space()
	if s.has(end) {
		s.at++
		return true
	}
	if !s.has(',') {
		s.err = s.fail("want a comma or the end")
		return true
	}
	s.at++
	s.space()
	return false
}

// text reads a text and returns it without quotes, escapes as they are.
func (s *scanner) text() string {
	s.at++ // the quote
	begin := s.at
	for s.at < len(s.s) {
		switch c := s.s[s.at]; {
		case c == '"':
			s.at++
			return s.s[begin : s.at-1]
		case c == '\\':
			if !s.escape() {
				s.err = s.fail("invalid escape")
				return ""
			}
		case c < ' ':
			s.err = s.fail("control characters must be escaped")
			return ""
		default:
			s.at++
		}
	}
	s.err = s.fail("unexpected end of a text")
	return ""
}

func (s *scanner) escape() bool {
	if s.at+1 >= len(s.s) {
		return false
	}
	switch s.s[s.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
		return true
	case 'u':
		if s.at+6 > len(s.s) {
			return false
		}
		for _, c := range []byte(s.s[s.at+2 : s.at+6]) {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
		s.at += 6
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	begin := s.at
	for s.at < len(s.s) && s.s[s.at] >= '0' && s.s[s.at] <= '9' {
		s.at++
	}
	return s.at > begin
}

func (s *scanner) number() {
	if s.has('-') {
		s.at++
	}
	ok := true
	if s.has('0') {
		s.at++
	} else {
		ok = s.digits()
	}
	if ok && s.has('.') {
		s.at++
		ok = s.digits()
	}
	if ok && (s.has('e') || s.has('E')) {
		if s.at++; s.has('+') || s.has('-') {
			s.at++
		}
		ok = s.digits()
	}
	if !ok {
		s.err = s.fail("invalid number")
	}
}

// found takes a text that an entry may need; of two of one name the first counts.
func (s *scanner) found(p place, text string) {
	if text == "" && p != atTimestamp {
		return
	}
	if p == atTimestamp {
		s.timestamp(unquoted(text), parseTime)
		return
	}
	if which := p - atServiceName; s.services&(1<<which) == 0 {
		s.service[which] = unquoted(text)
		s.services |= 1 << which
	}
}

func (s *scanner) timestamp(text string, parse func(string) (int64, bool)) {
	if s.timed {
		return
	}
	if s.time, s.timed = parse(text); !s.timed {
		s.err = s.fail(fmt.Sprintf("failed to parse date field [%.64s] of [@timestamp] with format [strict_date_optional_time||epoch_millis]", text))
	}
}

// unquoted undoes the escapes of a text that was checked.
func unquoted(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out string
	if json.Unmarshal([]byte(`"`+s+`"`), &out) != nil {
		return s
	}
	return out
}

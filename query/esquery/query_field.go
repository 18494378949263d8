package esquery

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery/internal/esdate"
	"github.com/pharosd/pharos/query/esquery/internal/lucene"
)

// fieldQuery matches documents of which one value of a field passes a test.
type fieldQuery struct {
	path *path
	test test
}

// test is what a value must pass.
type test interface {
	// value tests one; keyword: only its exact text counts.
	value(v *value, keyword bool) bool
	prefilter(p *path) prefilter
	// spans appends what it finds in an analysed text.
	spans(to []span, text string) []span
}

func (q *fieldQuery) match(d *document) bool {
	var buf [8]value
	if q.path.kind == anyPath || q.path.kind == patternPath {
		found := false
		d.each(q.path, func(_ string, v value) bool {
			found = q.test.value(&v, q.path.keyword)
			return !found
		})
		return found
	}
	for _, v := range d.values(buf[:0], q.path) {
		if q.test.value(&v, q.path.keyword || q.path.kind == idPath || q.path.kind == indexPath) {
			return true
		}
	}
	return false
}

func (q *fieldQuery) prefilter() prefilter { return q.test.prefilter(q.path) }

func (q *fieldQuery) marks(to []span, p *path, text string) []span {
	switch {
	case p.kind == anyPath, q.path.kind == anyPath, q.path.kind == patternPath && q.path.pattern.MatchString(p.name), q.path.name == p.name:
		return q.test.spans(to, text)
	}
	return to
}

// termTest is an exact value: of a text, the whole of it or one of its tokens.
type termTest struct {
	text string
	fold bool
	// number is the text as one, if it is one.
	number   float64
	isNumber bool
	// token says that an analysed text can have it as a token: it may have one.
	token bool
	// analysed: only tokens count, not the whole text (match).
	analysed bool
	// millis is the text as a date.
	millis int64
	isDate bool
}

func newTerm(text string, fold bool) *termTest {
	t := &termTest{text: text, fold: fold}
	t.number, t.isNumber = logs.ParseNumber(text)
	tokens := analyse(text)
	t.token = len(tokens) == 1 && (tokens[0] == text || fold && tokens[0] == lower(text))
	if at, err := esdate.Default.Parse(text, false, utc); err == nil && len(text) > 4 {
		t.millis, t.isDate = at.UnixMilli(), true
	}
	return t
}

func (t *termTest) value(v *value, keyword bool) bool {
	switch v.kind {
	case numberValue:
		return t.isNumber && t.number == v.number && !keyword || keyword && t.text == v.text
	case boolValue:
		return t.text == v.text
	case dateValue:
		if v.text != "" && t.same(v.text) {
			return true
		}
		return !keyword && t.isDate && t.millis == v.whole
	}
	if !t.analysed && t.same(v.text) {
		return true
	}
	if keyword || !t.token {
		return false
	}
	if t.fold {
		return hasToken(v.text, lower(t.text))
	}
	return hasToken(v.text, t.text)
}

func (t *termTest) same(s string) bool {
	return s == t.text || t.fold && strings.EqualFold(s, t.text)
}

func (t *termTest) prefilter(p *path) prefilter {
	var f prefilter
	switch {
	case p.kind == timestampPath && t.isDate:
		return within(t.millis, t.millis+1)
	case p.keyword && !t.fold:
		return equalOn(p, t.text)
	case t.token || t.fold:
		f = textOn(p, t.text, true)
	default:
		f = equalOn(p, t.text)
	}
	if t.isNumber && p.kind == plainPath {
		f = or(f, numberOn(p, t.number, t.number))
	} else if t.isNumber && p.kind == anyPath {
		f = or(f, spelled(t.number))
	} else if t.isNumber {
		return everything
	}
	if t.isDate {
		return everything // a date may be written in many ways
	}
	return f
}

// spelled selects lines that a number may be on: as a decimal number it has these
// digits, but for one with an exponent.
func spelled(f float64) prefilter {
	if a := math.Abs(f); a >= 1e15 || a != 0 && a < 1e-6 {
		return everything
	}
	return prefilter{filter: logs.Or{
		logs.Contains{Text: strconv.FormatFloat(math.Abs(f), 'f', -1, 64)},
		logs.MatchRegex{Expr: `[0-9.][eE][+-]?[0-9]`},
	}}
}

func (t *termTest) spans(to []span, text string) []span {
	eachToken(text, func(word string, start int) bool {
		if isToken(word, lower(t.text)) && t.token {
			to = append(to, span{start, start + len(word)})
		}
		return true
	})
	if len(to) == 0 && t.same(text) && text != "" {
		to = append(to, span{0, len(text)})
	}
	return to
}

// newToken tests for a word of an analysed text; whole is what a value that is not
// analysed is compared with.
func newToken(token, whole string) test {
	t := newTerm(whole, false)
	if t.text != token {
		t.isNumber = t.isNumber && analysesTo(whole, token)
		t.text = token
	}
	t.token, t.analysed = true, true
	return t
}

// analysesTo says whether a text is one token.
func analysesTo(text, token string) bool {
	tokens := analyse(text)
	return len(tokens) == 1 && tokens[0] == token
}

// patternTest is a regular expression over the whole text, or over one of its tokens.
type patternTest struct {
	exact *regexp.Regexp
	// token is for tokens; nil: none.
	token *regexp.Regexp
	// literal is in every text that matches.
	literal string
}

func (t *patternTest) value(v *value, keyword bool) bool {
	text := v.string()
	if t.exact != nil && t.exact.MatchString(text) {
		return true
	}
	if keyword || t.token == nil || v.kind != textValue {
		return false
	}
	found := false
	eachToken(text, func(word string, _ int) bool {
		found = t.token.MatchString(lower(word))
		return !found
	})
	return found
}

func (t *patternTest) prefilter(p *path) prefilter {
	if p.kind == anyPath || p.kind == plainPath {
		return or(textOn(p, t.literal, true))
	}
	return everything
}

func (t *patternTest) spans(to []span, text string) []span {
	if t.token != nil {
		eachToken(text, func(word string, start int) bool {
			if t.token.MatchString(lower(word)) {
				to = append(to, span{start, start + len(word)})
			}
			return true
		})
	}
	if len(to) == 0 && text != "" && t.exact != nil && t.exact.MatchString(text) {
		to = append(to, span{0, len(text)})
	}
	return to
}

// maxPattern bounds the length of a pattern, in bytes.
const maxPattern = 4096

// newWildcard tests with * and ?. Lowered: tokens are compared with the pattern
// lower-cased, as query_string does.
func newWildcard(pattern string, fold, lowered bool) (*patternTest, error) {
	if len(pattern) > maxPattern {
		return nil, illegalf("the pattern has %d bytes, the limit is %d", len(pattern), maxPattern)
	}
	exact, err := lucene.WildcardRegexp(pattern, fold)
	if err != nil {
		return nil, illegalf("the pattern is too long: %s", err)
	}
	t := &patternTest{exact: exact, token: exact, literal: unescapable(lucene.Literal(pattern))}
	if lowered {
		if t.token, err = lucene.WildcardRegexp(lower(pattern), fold); err != nil {
			return nil, illegalf("the pattern is too long: %s", err)
		}
	}
	return t, nil
}

// prefixTest is the begin of the whole text, or of one of its tokens.
type prefixTest struct {
	text string
	fold bool
	// token is the begin of a token.
	token string
}

func newPrefix(text string, fold, lowered bool) *prefixTest {
	t := &prefixTest{text: text, fold: fold, token: text}
	if lowered || fold {
		t.token = lower(text)
	}
	return t
}

func (t *prefixTest) value(v *value, keyword bool) bool {
	text := v.string()
	if t.begins(text) {
		return true
	}
	if keyword || v.kind != textValue {
		return false
	}
	found := false
	eachToken(text, func(word string, _ int) bool {
		found = hasTokenPrefix(word, t.token)
		return !found
	})
	return found
}

func (t *prefixTest) begins(s string) bool {
	if t.fold {
		return len(s) >= len(t.text) && strings.EqualFold(s[:len(t.text)], t.text)
	}
	return strings.HasPrefix(s, t.text)
}

// hasTokenPrefix says whether a word, lower-cased, begins with a token.
func hasTokenPrefix(word, token string) bool {
	if isASCII(word) {
		return len(word) >= len(token) && isToken(word[:len(token)], token)
	}
	return strings.HasPrefix(lower(word), token)
}

func (t *prefixTest) prefilter(p *path) prefilter {
	if p.kind == anyPath || p.kind == plainPath {
		return textOn(p, unescapable(t.text), true)
	}
	return everything
}

func (t *prefixTest) spans(to []span, text string) []span {
	eachToken(text, func(word string, start int) bool {
		if hasTokenPrefix(word, t.token) {
			to = append(to, span{start, start + len(word)})
		}
		return true
	})
	return to
}

// fuzzyTest is a word with at most so many edits.
type fuzzyTest struct {
	text   string
	edits  int
	prefix int
}

// newFuzzy takes edits -1 for what the length allows: none up to 2 characters, one up
// to 5, two beyond.
func newFuzzy(text string, edits, prefix int) *fuzzyTest {
	if edits < 0 {
		switch n := utf8.RuneCountInString(text); {
		case n < 3:
			edits = 0
		case n < 6:
			edits = 1
		default:
			edits = 2
		}
	}
	return &fuzzyTest{text: lower(text), edits: edits, prefix: prefix}
}

func (t *fuzzyTest) value(v *value, keyword bool) bool {
	if v.kind != textValue || keyword {
		return t.near(lower(v.string()))
	}
	found := t.near(lower(v.text))
	if !found {
		eachToken(v.text, func(word string, _ int) bool {
			found = t.near(lower(word))
			return !found
		})
	}
	return found
}

func (t *fuzzyTest) near(s string) bool {
	if n := len(s) - len(t.text); n > 4*t.edits || -n > 4*t.edits {
		return false
	}
	if t.prefix > 0 && (len(s) < t.prefix || len(t.text) < t.prefix || s[:t.prefix] != t.text[:t.prefix]) {
		return false
	}
	return distance([]rune(s), []rune(t.text)) <= t.edits
}

func (t *fuzzyTest) prefilter(p *path) prefilter {
	if t.edits == 0 {
		return textOn(p, t.text, true)
	}
	return everything
}

func (t *fuzzyTest) spans(to []span, text string) []span {
	eachToken(text, func(word string, start int) bool {
		if t.near(lower(word)) {
			to = append(to, span{start, start + len(word)})
		}
		return true
	})
	return to
}

// distance counts edits: insertions, deletions, changes and swaps of neighbours.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

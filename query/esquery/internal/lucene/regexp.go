package lucene

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxRegexp is Elasticsearch's index.max_regex_length.
const maxRegexp = 1000

// Errors of TranslateRegexp; test with errors.Is.
var ErrRegexp = errors.New("not supported in a regular expression")

// TranslateRegexp returns the RE2 expression that matches what Lucene's does: the
// whole text. Complement (~) and intersection (&) are refused.
func TranslateRegexp(s string, fold bool) (*regexp.Regexp, error) {
	if utf8.RuneCountInString(s) > maxRegexp {
		return nil, fmt.Errorf("the length of regex [%d] used in the Regexp Query request has exceeded the allowed maximum of [%d]", len(s), maxRegexp)
	}
	t := &translator{s: s}
	if err := t.run(); err != nil {
		return nil, err
	}
	flags := "(?s)"
	if fold {
		flags = "(?si)"
	}
	re, err := regexp.Compile(flags + `\A(?:` + t.out.String() + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression: %w", err)
	}
	return re, nil
}

type translator struct {
	s   string
	i   int
	out strings.Builder
	// repeated is the place behind the last repetition.
	repeated int
}

func (t *translator) run() error {
	for t.i < len(t.s) {
		switch c := t.s[t.i]; c {
		case '~', '&':
			return fmt.Errorf("operator %q is %w", c, ErrRegexp)
		case '@':
			t.out.WriteString("(?:.*)")
			t.i++
		case '#':
			t.out.WriteString(`(?:[^\x00-\x{10FFFF}])`)
			t.i++
		case '^', '$':
			t.out.WriteByte('\\')
			t.out.WriteByte(c)
			t.i++
		case '"':
			closing := strings.IndexByte(t.s[t.i+1:], '"')
			if closing < 0 {
				return errors.New("expected '\"' at the end of a literal")
			}
			t.out.WriteString("(?:" + regexp.QuoteMeta(t.s[t.i+1:t.i+1+closing]) + ")")
			t.i += closing + 2
		case '\\':
			if err := t.escape(); err != nil {
				return err
			}
		case '[':
			if err := t.class(); err != nil {
				return err
			}
		case '<':
			if err := t.interval(); err != nil {
				return err
			}
		case '(':
			t.out.WriteString("(?:")
			t.i++
			if strings.HasPrefix(t.s[t.i:], "?") {
				return fmt.Errorf("(? is %w", ErrRegexp)
			}
		default:
			t.plain(c)
		}
	}
	return nil
}

// plain copies a character. One that makes a repetition lazy or possessive in RE2
// repeats again in Lucene.
func (t *translator) plain(c byte) {
	if t.repeated == t.i && t.i > 0 && strings.IndexByte("?+*{", c) >= 0 {
		all := t.out.String()
		t.out.Reset()
		t.out.WriteString(regroup(all))
	}
	t.out.WriteByte(c)
	t.i++
	if strings.IndexByte("?+*}", c) >= 0 {
		t.repeated = t.i
	}
}

// regroup puts the last atom with its repetition into a group.
func regroup(s string) string {
	i := len(s) - 1
	if s[i] == '}' {
		i = strings.LastIndexByte(s, '{')
	}
	i-- // the end of the atom
	if i < 0 {
		return s
	}
	start := i
	switch s[i] {
	case ')', ']':
		depth := 0
		for ; start >= 0; start-- {
			if start > 0 && s[start-1] == '\\' {
				continue
			}
			if s[start] == ')' || s[start] == ']' {
				depth++
			} else if s[start] == '(' || s[start] == '[' {
				if depth--; depth == 0 {
					break
				}
			}
		}
		start = max(start, 0)
	default:
		for start > 0 && !utf8.RuneStart(s[start]) {
			start--
		}
		if start > 0 && s[start-1] == '\\' {
			start--
		}
	}
	return s[:start] + "(?:" + s[start:] + ")"
}

func (t *translator) escape() error {
	if t.i+1 >= len(t.s) {
		return errors.New("unexpected end-of-string")
	}
	r, n := utf8.DecodeRuneInString(t.s[t.i+1:])
	t.i += 1 + n
	if strings.ContainsRune("dDwWsS", r) {
		t.out.WriteByte('\\')
		t.out.WriteRune(r)
		return nil
	}
	t.out.WriteString(regexp.QuoteMeta(string(r)))
	return nil
}

func (t *translator) class() error {
	t.out.WriteByte('[')
	t.i++
	if strings.HasPrefix(t.s[t.i:], "^") {
		t.out.WriteByte('^')
		t.i++
	}
	for first := true; ; first = false {
		if t.i >= len(t.s) {
			return errors.New("expected ']'")
		}
		c := t.s[t.i]
		switch {
		case c == ']' && !first:
			t.out.WriteByte(']')
			t.i++
			return nil
		case c == '\\':
			if t.i+1 >= len(t.s) {
				return errors.New("unexpected end-of-string")
			}
			r, n := utf8.DecodeRuneInString(t.s[t.i+1:])
			t.i += 1 + n
			if strings.ContainsRune("dDwWsS", r) {
				t.out.WriteString(`\` + string(r))
			} else {
				t.literal(r)
			}
		case c == '-':
			t.out.WriteByte('-')
			t.i++
		default:
			r, n := utf8.DecodeRuneInString(t.s[t.i:])
			t.i += n
			t.literal(r)
		}
	}
}

// literal writes a character of a class.
func (t *translator) literal(r rune) {
	if strings.ContainsRune(`[]^-\&~`, r) {
		t.out.WriteByte('\\')
	}
	t.out.WriteRune(r)
}

// maxInterval bounds the numbers of <n-m>, which are spelled out.
const maxInterval = 1000

func (t *translator) interval() error {
	closing := strings.IndexByte(t.s[t.i:], '>')
	if closing < 0 {
		return errors.New("expected '>'")
	}
	low, high, ok := strings.Cut(t.s[t.i+1:t.i+closing], "-")
	a, err1 := strconv.Atoi(low)
	b, err2 := strconv.Atoi(high)
	if !ok || err1 != nil || err2 != nil || a < 0 || b < 0 {
		return errors.New("interval syntax error")
	}
	if a > b {
		a, b = b, a
	}
	if b-a > maxInterval {
		return fmt.Errorf("an interval of more than %d numbers is %w", maxInterval, ErrRegexp)
	}
	t.out.WriteString("(?:")
	for n := a; n <= b; n++ {
		if n > a {
			t.out.WriteByte('|')
		}
		if len(low) == len(high) {
			fmt.Fprintf(&t.out, "%0*d", len(low), n)
		} else {
			t.out.WriteString("0*" + strconv.Itoa(n))
		}
	}
	t.out.WriteByte(')')
	t.i += closing + 1
	return nil
}

// Wildcard returns the expression that matches what a pattern does: the whole text.
func WildcardRegexp(pattern string, fold bool) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	if fold {
		b.Reset()
		b.WriteString(`(?si)\A`)
	}
	for i := 0; i < len(pattern); {
		r, n := utf8.DecodeRuneInString(pattern[i:])
		i += n
		switch {
		case r == '*':
			b.WriteString(".*")
		case r == '?':
			b.WriteByte('.')
		case r == '\\' && i < len(pattern):
			r, n = utf8.DecodeRuneInString(pattern[i:])
			i += n
			b.WriteString(regexp.QuoteMeta(string(r)))
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return regexp.Compile(b.String())
}

// Literal returns the longest run of characters that every text has that a wildcard
// pattern matches.
func Literal(pattern string) string {
	var runs []string
	var b strings.Builder
	for i := 0; i < len(pattern); {
		r, n := utf8.DecodeRuneInString(pattern[i:])
		i += n
		if r == '*' || r == '?' {
			runs = append(runs, b.String())
			b.Reset()
			continue
		}
		if r == '\\' && i < len(pattern) {
			r, n = utf8.DecodeRuneInString(pattern[i:])
			i += n
		}
		b.WriteRune(r)
	}
	best := b.String()
	for _, run := range runs {
		if len(run) > len(best) {
			best = run
		}
	}
	return best
}

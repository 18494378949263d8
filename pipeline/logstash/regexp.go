package logstash

import (
	"slices"
	"strings"
	"sync"

	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// Regexp is a compiled regular expression of a condition or of gsub, read as Ruby reads
// it: ^ and $ match at lines. It is safe for concurrent use. A search that takes longer
// than regexLimit does not match.
type Regexp struct {
	literals []string // the whole expression is one of these texts
	compiled *onig.Regexp
	matchers sync.Pool
}

// CompileRegexp compiles an expression.
func CompileRegexp(pattern string) (*Regexp, error) {
	compiled, err := onig.Compile(pattern, onig.Options{})
	if err != nil {
		return nil, err
	}
	r := &Regexp{compiled: compiled}
	r.matchers.New = func() any { return compiled.Matcher() }
	if !strings.ContainsAny(pattern, `\.+*?()[]{}^$`) {
		r.literals = strings.Split(pattern, "|")
	}
	return r, nil
}

// Match reports whether the expression matches somewhere in s.
func (r *Regexp) Match(s string) bool {
	if r.literals != nil {
		return slices.ContainsFunc(r.literals, func(l string) bool { return strings.Contains(s, l) })
	}
	m := r.matchers.Get().(*onig.Matcher)
	defer r.matchers.Put(m)
	return found(m, s)
}

// ReplaceAll is Ruby's gsub: in the replacement \1 and \k<name> are groups, \0 and \&
// the match, \\ a backslash. An expression that takes too long, or makes more than
// maxText, leaves s as it is.
func (r *Regexp) ReplaceAll(s, replacement string) string {
	m := r.matchers.Get().(*onig.Matcher)
	defer r.matchers.Put(m)
	plain := !strings.Contains(replacement, `\`)
	var out []byte
	done := 0
	err := m.Each(s, regexLimit, func(m *onig.Matcher) bool {
		from, to, _ := m.Span(0)
		out = append(out, s[done:from]...)
		done = to
		if plain {
			out = append(out, replacement...)
		} else {
			out = append(out, r.expand(replacement, m)...)
		}
		return len(out) <= maxText
	})
	if err != nil || out == nil && done == 0 || len(out) > maxText {
		return s
	}
	return string(append(out, s[done:]...))
}

// expand puts groups into a replacement.
func (r *Regexp) expand(replacement string, m *onig.Matcher) string {
	dst := make([]byte, 0, len(replacement)+32)
	group := func(n int) {
		if text, ok := m.Text(n); ok {
			dst = append(dst, text...)
		}
	}
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c != '\\' || i+1 == len(replacement) {
			dst = append(dst, c)
			continue
		}
		i++
		switch c = replacement[i]; {
		case c >= '0' && c <= '9':
			if n := int(c - '0'); n <= m.Groups() {
				group(n)
			}
		case c == '&':
			group(0)
		case c == '\\':
			dst = append(dst, '\\')
		case c == 'k' && strings.HasPrefix(replacement[i+1:], "<") && strings.Contains(replacement[i:], ">"):
			end := strings.IndexByte(replacement[i:], '>')
			if n := slices.Index(r.compiled.Names(), replacement[i+2:i+end]); n > 0 {
				group(n)
			}
			i += end
		default:
			dst = append(dst, '\\', c)
		}
	}
	return string(dst)
}

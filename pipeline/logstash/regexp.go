package logstash

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// matchLimit is how long one match of an expression that may backtrack can take.
const matchLimit = time.Second

// Regexp is a compiled regular expression of Ruby: ^ and $ match at lines. Expressions
// that need no backtracking run in time linear to the text; the others have a limit of
// a second for each match, after which they do not match.
type Regexp struct {
	source   string
	literals []string // the whole expression is one of these texts
	linear   *regexp.Regexp
	back     *regexp2.Regexp
}

// CompileRegexp compiles an expression as Ruby reads it.
func CompileRegexp(pattern string) (*Regexp, error) {
	const longest = 64 << 10
	if len(pattern) > longest {
		return nil, fmt.Errorf("a regular expression has more than %d bytes", longest)
	}
	r := &Regexp{source: pattern}
	if !strings.ContainsAny(pattern, `\.+*?()[]{}^$`) && pattern != "" {
		r.literals = strings.Split(pattern, "|")
	}
	t, err := translateRegexp(pattern)
	if err != nil {
		return nil, fmt.Errorf("regular expression /%s/: %w", pattern, err)
	}
	if !t.backtracks {
		if r.linear, err = regexp.Compile("(?m)" + t.out.String()); err == nil {
			return r, nil
		}
	}
	r.back, err = regexp2.Compile(t.out.String(), regexp2.Multiline|regexp2.RE2)
	if err != nil {
		return nil, fmt.Errorf("regular expression /%s/: %w", pattern, err)
	}
	r.back.MatchTimeout = matchLimit
	return r, nil
}

// String is the expression as written.
func (r *Regexp) String() string { return r.source }

// Match reports whether the expression matches somewhere in s.
func (r *Regexp) Match(s string) bool {
	if r.literals != nil {
		for _, l := range r.literals {
			if strings.Contains(s, l) {
				return true
			}
		}
		return false
	}
	if r.linear != nil {
		return r.linear.MatchString(s)
	}
	ok, err := r.back.MatchString(s)
	return ok && err == nil
}

// ReplaceAll is Ruby's gsub: in the replacement \1 and \k<name> are groups, \0 and \&
// the match, \\ a backslash. An expression that takes too long leaves s as it is.
func (r *Regexp) ReplaceAll(s, replacement string) string {
	if r.linear != nil {
		return r.replaceLinear(s, replacement)
	}
	out, err := r.back.ReplaceFunc(s, func(m regexp2.Match) string {
		groups := m.Groups()
		return string(expandReplacement(nil, replacement, len(groups), func(i int) string { return groups[i].String() },
			func(name string) string {
				if g := m.GroupByName(name); g != nil {
					return g.String()
				}
				return ""
			}))
	}, -1, -1)
	if err != nil {
		return s
	}
	return out
}

func (r *Regexp) replaceLinear(s, replacement string) string {
	found := r.linear.FindAllStringSubmatchIndex(s, -1)
	if found == nil {
		return s
	}
	out := make([]byte, 0, len(s)+len(replacement))
	last := 0
	plain := !strings.Contains(replacement, `\`)
	for _, m := range found {
		out = append(out, s[last:m[0]]...)
		last = m[1]
		if plain {
			out = append(out, replacement...)
			continue
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return s[m[2*i]:m[2*i+1]]
		}
		out = expandReplacement(out, replacement, len(m)/2, group, func(name string) string {
			if i := r.linear.SubexpIndex(name); i >= 0 {
				return group(i)
			}
			return ""
		})
	}
	return string(append(out, s[last:]...))
}

func expandReplacement(dst []byte, replacement string, groups int, group func(int) string, named func(string) string) []byte {
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c != '\\' || i+1 == len(replacement) {
			dst = append(dst, c)
			continue
		}
		i++
		switch c = replacement[i]; {
		case c >= '0' && c <= '9':
			if n := int(c - '0'); n < groups {
				dst = append(dst, group(n)...)
			}
		case c == '&':
			dst = append(dst, group(0)...)
		case c == '\\':
			dst = append(dst, '\\')
		case c == 'k' && i+1 < len(replacement) && replacement[i+1] == '<':
			end := strings.IndexByte(replacement[i:], '>')
			if end < 0 {
				dst = append(dst, `\k`...)
				continue
			}
			dst = append(dst, named(replacement[i+2:i+end])...)
			i += end
		default:
			dst = append(dst, '\\', c)
		}
	}
	return dst
}

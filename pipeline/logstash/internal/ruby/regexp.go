package ruby

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// searchLimit bounds one search.
const searchLimit = time.Second

// search finds the first match from a byte on, nil without one; it becomes $~.
func (in *interp) search(re *Regexp, text string, from int) *Match {
	m := re.re.Matcher()
	ok, err := m.Find(text, from, searchLimit)
	in.searched(err)
	in.spend(len(text) / 64)
	if !ok {
		in.last = nil
		return nil
	}
	in.last = matchOf(m, re, text)
	return in.last
}

func (in *interp) searched(err error) {
	if errors.Is(err, onig.ErrDeadline) || errors.Is(err, onig.ErrStack) {
		in.raise("RegexpError", err.Error())
	}
}

func matchOf(m *onig.Matcher, re *Regexp, text string) *Match {
	out := &Match{text: text, names: re.re.Names()}
	for g := 0; g <= re.re.Groups(); g++ {
		from, to, ok := m.Span(g)
		if !ok {
			from, to = -1, -1
		}
		out.groups = append(out.groups, span{from, to})
	}
	return out
}

// every calls of for each match in turn.
func (in *interp) every(re *Regexp, text string, of func(m *Match)) {
	in.spend(len(text) / 64)
	err := re.re.Matcher().Each(text, searchLimit, func(m *onig.Matcher) bool {
		in.spend(1)
		in.last = matchOf(m, re, text)
		of(in.last)
		return true
	})
	in.searched(err)
}

// matches is =~: the place in characters, nil without one.
func (in *interp) matches(a, b any) any {
	re, ok := a.(*Regexp)
	text := b
	if !ok {
		if re, ok = b.(*Regexp); !ok {
			if a == nil {
				return nil
			}
			in.raise("TypeError", "wrong argument type (expected Regexp)")
		}
		text = a
	}
	if text == nil {
		return nil
	}
	s := in.textArg([]any{text}, 0)
	m := in.search(re, s, 0)
	if m == nil {
		return nil
	}
	return int64(utf8.RuneCountInString(s[:m.groups[0].from]))
}

// regexpArg is an expression, or a text to be found as it is.
func (in *interp) regexpArg(args []any, i int) *Regexp {
	if re, ok := in.arg(args, i).(*Regexp); ok {
		return re
	}
	return in.compiled(escapeRegexp(in.textArg(args, i)))
}

func (in *interp) compiled(source string) *Regexp {
	re, err := compileRegexp(source, "")
	if err != nil {
		in.raise("RegexpError", err.Error())
	}
	return re
}

func escapeRegexp(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
			continue
		case r == '\t':
			b.WriteString(`\t`)
			continue
		case r == '\r':
			b.WriteString(`\r`)
			continue
		case strings.ContainsRune(`.*?+^$|\()[]{}- #`, r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// replace is gsub, or sub when once.
func (in *interp) replace(text string, args []any, b *proc, once bool) any {
	re := in.regexpArg(args, 0)
	var out strings.Builder
	done := 0
	put := func(m *Match) {
		out.WriteString(text[done:m.groups[0].from])
		done = m.groups[0].to
		switch {
		case len(args) < 2:
			in.needBlock(b, "gsub")
			out.WriteString(toS(in.run(b, []any{m.group(0)})))
		default:
			if h, ok := args[1].(*Hash); ok {
				v, _ := h.Get(m.group(0))
				out.WriteString(toS(v))
			} else {
				out.WriteString(expand(in.textArg(args, 1), m))
			}
		}
		if out.Len() > maxText {
			panic(limit{})
		}
	}
	if once {
		if m := in.search(re, text, 0); m != nil {
			put(m)
		}
	} else {
		in.every(re, text, put)
	}
	out.WriteString(text[done:])
	return in.text(out.String())
}

// expand writes a replacement: \1, \k<name> and \0 are groups.
func expand(replacement string, m *Match) string {
	if !strings.Contains(replacement, `\`) {
		return replacement
	}
	var b strings.Builder
	for i := 0; i < len(replacement); i++ {
		if replacement[i] != '\\' || i+1 == len(replacement) {
			b.WriteByte(replacement[i])
			continue
		}
		i++
		switch c := replacement[i]; {
		case isDigit(c):
			b.WriteString(toS(m.group(int(c - '0'))))
		case c == '&':
			b.WriteString(toS(m.group(0)))
		case c == 'k' && strings.IndexByte(replacement[i:], '>') > 1:
			end := i + strings.IndexByte(replacement[i:], '>')
			v, _ := m.named(replacement[i+2 : end])
			b.WriteString(toS(v))
			i = end
		default:
			if c != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

func regexpMethods() map[string]method {
	return map[string]method{
		"match": func(in *interp, r any, args []any, _ *proc) any {
			if in.arg(args, 0) == nil {
				return nil
			}
			if m := in.search(r.(*Regexp), in.textArg(args, 0), 0); m != nil {
				return m
			}
			return nil
		},
		"match?": func(in *interp, r any, args []any, _ *proc) any {
			return in.arg(args, 0) != nil && in.search(r.(*Regexp), in.textArg(args, 0), 0) != nil
		},
		"source": func(_ *interp, r any, _ []any, _ *proc) any { return r.(*Regexp).source },
		"names": func(_ *interp, r any, _ []any, _ *proc) any {
			a := &Array{}
			for _, n := range r.(*Regexp).re.Names()[1:] {
				a.Items = append(a.Items, n)
			}
			return a
		},
	}
}

func matchMethods() map[string]method {
	return alias(map[string]method{
		"[]": func(in *interp, r any, args []any, _ *proc) any {
			m := r.(*Match)
			if n, ok := in.arg(args, 0).(int64); ok {
				return m.group(int(max(min(n, maxItems), -maxItems)))
			}
			v, known := m.named(in.textArg(args, 0))
			if !known {
				in.raisef("IndexError", "undefined group name reference: %s", toS(args[0]))
			}
			return v
		},
		"captures": func(_ *interp, r any, _ []any, _ *proc) any { return r.(*Match).list(1) },
		"to_a":     func(_ *interp, r any, _ []any, _ *proc) any { return r.(*Match).list(0) },
		"named_captures": func(_ *interp, r any, _ []any, _ *proc) any {
			m, h := r.(*Match), NewHash()
			for _, n := range m.names {
				if n != "" {
					v, _ := m.named(n)
					h.Set(n, v)
				}
			}
			return h
		},
		"pre_match":  func(_ *interp, r any, _ []any, _ *proc) any { m := r.(*Match); return m.text[:m.groups[0].from] },
		"post_match": func(_ *interp, r any, _ []any, _ *proc) any { m := r.(*Match); return m.text[m.groups[0].to:] },
	}, "")
}

func (m *Match) list(from int) *Array {
	a := &Array{}
	for g := from; g < len(m.groups); g++ {
		a.Items = append(a.Items, m.group(g))
	}
	return a
}

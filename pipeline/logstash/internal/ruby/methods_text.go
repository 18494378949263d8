package ruby

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pure is a method that needs nothing but the text.
func pure(of func(s string) any) method {
	return func(in *interp, r any, _ []any, _ *proc) any {
		in.spend(len(toS(r)) / 256)
		return of(toS(r))
	}
}

func textMethods() map[string]method {
	return merge(textCase(), textParts(), textTests(), textBuild(), textNumbers())
}

func textCase() map[string]method {
	return alias(map[string]method{
		"upcase":     pure(func(s string) any { return strings.ToUpper(s) }),
		"downcase":   pure(func(s string) any { return strings.ToLower(s) }),
		"capitalize": pure(func(s string) any { return capitalize(s) }),
		"swapcase": pure(func(s string) any {
			return strings.Map(func(r rune) rune {
				if unicode.IsUpper(r) {
					return unicode.ToLower(r)
				}
				return unicode.ToUpper(r)
			}, s)
		}),
		"strip":   pure(func(s string) any { return strings.Trim(s, " \t\n\v\f\r\x00") }),
		"lstrip":  pure(func(s string) any { return strings.TrimLeft(s, " \t\n\v\f\r\x00") }),
		"rstrip":  pure(func(s string) any { return strings.TrimRight(s, " \t\n\v\f\r\x00") }),
		"chop":    pure(func(s string) any { _, n := utf8.DecodeLastRuneInString(s); return s[:len(s)-n] }),
		"reverse": pure(func(s string) any { return reversed(s) }),
		"chomp": func(in *interp, r any, args []any, _ *proc) any {
			if len(args) > 0 {
				return strings.TrimSuffix(toS(r), in.textArg(args, 0))
			}
			return strings.TrimSuffix(strings.TrimSuffix(toS(r), "\n"), "\r")
		},
		"delete_prefix": func(in *interp, r any, args []any, _ *proc) any {
			return strings.TrimPrefix(toS(r), in.textArg(args, 0))
		},
		"delete_suffix": func(in *interp, r any, args []any, _ *proc) any {
			return strings.TrimSuffix(toS(r), in.textArg(args, 0))
		},
		"scrub":  pure(func(s string) any { return strings.ToValidUTF8(s, "\ufffd") }),
		"encode": pure(func(s string) any { return strings.ToValidUTF8(s, "?") }),
		"dump":   pure(func(s string) any { return quote(s) }),
		"itself": pure(func(s string) any { return s }),
	}, "force_encoding itself unicode_normalize itself to_str itself b itself")
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + strings.ToLower(s[n:])
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func textParts() map[string]method {
	return alias(map[string]method{
		"split": splitText,
		"chars": pure(func(s string) any {
			a := &Array{}
			for _, r := range s {
				a.Items = append(a.Items, string(r))
			}
			return a
		}),
		"bytes": pure(func(s string) any {
			a := &Array{}
			for i := range len(s) {
				a.Items = append(a.Items, int64(s[i]))
			}
			return a
		}),
		"lines": pure(func(s string) any {
			a := &Array{}
			for l := range strings.Lines(s) {
				a.Items = append(a.Items, l)
			}
			return a
		}),
		"each_line": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "each_line")
			for l := range strings.Lines(toS(r)) {
				in.run(b, []any{l})
			}
			return r
		},
		"each_char": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "each_char")
			for _, c := range toS(r) {
				in.run(b, []any{string(c)})
			}
			return r
		},
		"scan": func(in *interp, r any, args []any, b *proc) any {
			a := &Array{}
			in.every(in.regexpArg(args, 0), toS(r), func(m *Match) {
				v := m.group(0)
				if len(m.groups) > 1 {
					v = m.list(1)
				}
				in.grow(a, v)
			})
			if b == nil {
				return a
			}
			for _, v := range a.Items {
				in.run(b, []any{v})
			}
			return r
		},
		"partition": func(in *interp, r any, args []any, _ *proc) any {
			s := toS(r)
			m := in.search(in.regexpArg(args, 0), s, 0)
			if m == nil {
				return &Array{[]any{s, "", ""}}
			}
			return &Array{[]any{s[:m.groups[0].from], m.group(0), s[m.groups[0].to:]}}
		},
		"rpartition": func(in *interp, r any, args []any, _ *proc) any {
			s, by := toS(r), in.textArg(args, 0)
			i := strings.LastIndex(s, by)
			if i < 0 {
				return &Array{[]any{"", "", s}}
			}
			return &Array{[]any{s[:i], by, s[i+len(by):]}}
		},
		"[]":        func(in *interp, r any, args []any, _ *proc) any { return in.slice(toS(r), args) },
		"byteslice": func(in *interp, r any, args []any, _ *proc) any { return byteSlice(in, toS(r), args) },
	}, "slice []")
}

func splitText(in *interp, r any, args []any, _ *proc) any {
	s := toS(r)
	most := in.intOr(args, 1, 0)
	var parts []string
	re, isRegexp := any(nil), false
	if len(args) > 0 {
		re, isRegexp = args[0].(*Regexp)
		re = args[0]
	}
	switch {
	case isRegexp:
		parts = splitRegexp(in, s, re.(*Regexp), most)
	case re == nil || re == " ":
		if parts = strings.Fields(s); most > 0 {
			parts = fieldsN(s, most)
		}
	case re == "":
		parts = strings.Split(s, "")
	case most > 0:
		parts = strings.SplitN(s, in.textArg(args, 0), most)
	default:
		parts = strings.Split(s, in.textArg(args, 0))
	}
	if most == 0 { // empty parts at the end are left out
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
	}
	a := &Array{}
	for _, p := range parts {
		in.grow(a, p)
	}
	return a
}

// fieldsN splits at white space into at most n parts.
func fieldsN(s string, n int) (parts []string) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	for s != "" {
		i := strings.IndexAny(s, " \t\n\v\f\r")
		if i < 0 || len(parts) == n-1 {
			return append(parts, s)
		}
		parts = append(parts, s[:i])
		s = strings.TrimLeft(s[i:], " \t\n\v\f\r")
	}
	return parts
}

func splitRegexp(in *interp, s string, re *Regexp, most int) (parts []string) {
	done := 0
	in.every(re, s, func(m *Match) {
		g := m.groups[0]
		if most > 0 && len(parts) >= most-1 || g.to == g.from && (g.from == 0 || g.from == len(s)) {
			return
		}
		parts = append(parts, s[done:g.from])
		for i := 1; i < len(m.groups); i++ {
			if v := m.group(i); v != nil {
				parts = append(parts, toS(v))
			}
		}
		done = g.to
	})
	if s == "" {
		return nil
	}
	return append(parts, s[done:])
}

// slice is text[...]: a character, a range, a part by length, what an expression finds.
func (in *interp) slice(s string, args []any) any {
	switch x := in.arg(args, 0).(type) {
	case *Regexp:
		m := in.search(x, s, 0)
		if m == nil {
			return nil
		}
		if len(args) > 1 {
			if name, ok := args[1].(string); ok {
				v, _ := m.named(name)
				return v
			}
			return m.group(in.intArg(args, 1))
		}
		return m.group(0)
	case string:
		if strings.Contains(s, x) {
			return x
		}
		return nil
	case *Range:
		r := []rune(s)
		from, to, ok := in.bounds(x, len(r))
		if !ok {
			return nil
		}
		return string(r[from:to])
	}
	r := []rune(s)
	from := in.intArg(args, 0)
	if from < 0 {
		from += len(r)
	}
	if len(args) == 1 {
		if from < 0 || from >= len(r) {
			return nil
		}
		return string(r[from])
	}
	n := in.intArg(args, 1)
	if from < 0 || from > len(r) || n < 0 {
		return nil
	}
	return string(r[from:min(from+n, len(r))])
}

func byteSlice(in *interp, s string, args []any) any {
	from, n := in.intArg(args, 0), in.intOr(args, 1, 1)
	if from < 0 {
		from += len(s)
	}
	if from < 0 || from > len(s) || n < 0 {
		return nil
	}
	return s[from:min(from+n, len(s))]
}

// bounds are the ends of a range in something of a size; ok is false if it begins
// outside.
func (in *interp) bounds(r *Range, size int) (from, to int, ok bool) {
	from, to = 0, size
	if r.From != nil {
		from = in.intArg([]any{r.From}, 0)
	}
	if from < 0 {
		from += size
	}
	if r.To != nil {
		if to = in.intArg([]any{r.To}, 0); to < 0 {
			to += size
		}
		if !r.Exclusive {
			to++
		}
	}
	if from < 0 || from > size {
		return 0, 0, false
	}
	to = min(max(to, from), size)
	return from, to, true
}

func textTests() map[string]method {
	return alias(map[string]method{
		"length":   pure(func(s string) any { return int64(utf8.RuneCountInString(s)) }),
		"bytesize": pure(func(s string) any { return int64(len(s)) }),
		"empty?":   pure(func(s string) any { return s == "" }),
		"include?": func(in *interp, r any, args []any, _ *proc) any { return strings.Contains(toS(r), in.textArg(args, 0)) },
		"start_with?": func(in *interp, r any, args []any, _ *proc) any {
			for i := range args {
				if re, ok := args[i].(*Regexp); ok {
					if m := in.search(re, toS(r), 0); m != nil && m.groups[0].from == 0 {
						return true
					}
				} else if strings.HasPrefix(toS(r), in.textArg(args, i)) {
					return true
				}
			}
			return false
		},
		"end_with?": func(in *interp, r any, args []any, _ *proc) any {
			for i := range args {
				if strings.HasSuffix(toS(r), in.textArg(args, i)) {
					return true
				}
			}
			return false
		},
		"match": func(in *interp, r any, args []any, _ *proc) any {
			if m := in.search(in.regexpSource(args), toS(r), 0); m != nil {
				return m
			}
			return nil
		},
		"match?": func(in *interp, r any, args []any, _ *proc) any {
			return in.search(in.regexpSource(args), toS(r), 0) != nil
		},
		"index": func(in *interp, r any, args []any, _ *proc) any {
			s := toS(r)
			runes := []rune(s)
			skip := len(string(runes[:min(max(in.intOr(args, 1, 0), 0), len(runes))]))
			m := in.search(in.regexpArg(args, 0), s, skip)
			if m == nil {
				return nil
			}
			return int64(utf8.RuneCountInString(s[:m.groups[0].from]))
		},
		"rindex": func(in *interp, r any, args []any, _ *proc) any {
			i := strings.LastIndex(toS(r), in.textArg(args, 0))
			if i < 0 {
				return nil
			}
			return int64(utf8.RuneCountInString(toS(r)[:i]))
		},
		"ascii_only?":     pure(func(s string) any { return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0 }),
		"valid_encoding?": pure(func(s string) any { return utf8.ValidString(s) }),
		"casecmp?": func(in *interp, r any, args []any, _ *proc) any {
			return strings.EqualFold(toS(r), in.textArg(args, 0))
		},
		"casecmp": func(in *interp, r any, args []any, _ *proc) any {
			return int64(strings.Compare(strings.ToLower(toS(r)), strings.ToLower(in.textArg(args, 0))))
		},
		"count": func(in *interp, r any, args []any, _ *proc) any {
			set, n := newCharSet(in.textArg(args, 0)), int64(0)
			for _, c := range toS(r) {
				if set.has(c) {
					n++
				}
			}
			return n
		},
	}, "size length")
}

// regexpSource is an expression, or a text that is the source of one, as match takes.
func (in *interp) regexpSource(args []any) *Regexp {
	if s, ok := in.arg(args, 0).(string); ok {
		return in.compiled(s)
	}
	return in.regexpArg(args, 0)
}

func textBuild() map[string]method {
	return alias(map[string]method{
		"gsub": func(in *interp, r any, args []any, b *proc) any { return in.replace(toS(r), args, b, false) },
		"sub":  func(in *interp, r any, args []any, b *proc) any { return in.replace(toS(r), args, b, true) },
		"tr": func(in *interp, r any, args []any, _ *proc) any {
			return translate(toS(r), in.textArg(args, 0), in.textArg(args, 1))
		},
		"delete": func(in *interp, r any, args []any, _ *proc) any {
			set := newCharSet(in.textArg(args, 0))
			return strings.Map(func(c rune) rune {
				if set.has(c) {
					return -1
				}
				return c
			}, toS(r))
		},
		"squeeze": func(in *interp, r any, args []any, _ *proc) any {
			set := charSet{not: true}
			if len(args) > 0 {
				set = newCharSet(in.textArg(args, 0))
			}
			last := rune(-1)
			return strings.Map(func(c rune) rune {
				if c == last && set.has(c) {
					return -1
				}
				last = c
				return c
			}, toS(r))
		},
		"+":       func(in *interp, r any, args []any, _ *proc) any { return in.binary("+", toS(r), in.arg(args, 0)) },
		"concat":  func(in *interp, r any, args []any, _ *proc) any { return in.binary("<<", toS(r), in.arg(args, 0)) },
		"prepend": func(in *interp, r any, args []any, _ *proc) any { return in.text(in.textArg(args, 0) + toS(r)) },
		"replace": func(in *interp, _ any, args []any, _ *proc) any { return in.textArg(args, 0) },
		"clear":   pure(func(string) any { return "" }),
		"insert": func(in *interp, r any, args []any, _ *proc) any {
			s, at := []rune(toS(r)), in.intArg(args, 0)
			if at < 0 {
				at += len(s) + 1
			}
			if at < 0 || at > len(s) {
				in.raisef("IndexError", "index %d out of string", at)
			}
			return in.text(string(s[:at]) + in.textArg(args, 1) + string(s[at:]))
		},
		"center": pad(func(n int) (int, int) { return n / 2, n - n/2 }),
		"ljust":  pad(func(n int) (int, int) { return 0, n }),
		"rjust":  pad(func(n int) (int, int) { return n, 0 }),
	}, "<< concat")
}

func pad(sides func(n int) (left, right int)) method {
	return func(in *interp, r any, args []any, _ *proc) any {
		s, with := toS(r), " "
		if len(args) > 1 {
			with = in.textArg(args, 1)
		}
		missing := in.intArg(args, 0) - utf8.RuneCountInString(s)
		if missing <= 0 || with == "" {
			return s
		}
		if missing > maxText {
			panic(limit{})
		}
		left, right := sides(missing)
		fill := func(n int) string {
			runes := []rune(strings.Repeat(with, n/utf8.RuneCountInString(with)+1))
			return string(runes[:n])
		}
		return in.text(fill(left) + s + fill(right))
	}
}

func textNumbers() map[string]method {
	return alias(map[string]method{
		"to_i": func(in *interp, r any, args []any, _ *proc) any {
			base := in.intOr(args, 0, 10)
			if base == 10 {
				return ParseInt(toS(r))
			}
			return parseBase(toS(r), base)
		},
		"to_f":   pure(func(s string) any { return ParseFloat(s) }),
		"to_sym": pure(func(s string) any { return Symbol(s) }),
		"hex":    pure(func(s string) any { return parseBase(s, 16) }),
		"oct":    pure(func(s string) any { return parseBase(s, 8) }),
		"ord": pure(func(s string) any {
			r, _ := utf8.DecodeRuneInString(s)
			return int64(r)
		}),
	}, "intern to_sym to_r to_f to_c to_f")
}

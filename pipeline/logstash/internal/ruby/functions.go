package ruby

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// functions are what is called without a receiver.
func functions() map[string]method {
	quiet := func(*interp, any, []any, *proc) any { return nil }
	m := map[string]method{
		"Integer": func(in *interp, _ any, args []any, _ *proc) any {
			switch v := in.arg(args, 0).(type) {
			case int64, float64:
				return in.method(v, "to_i", nil, nil)
			case string:
				n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(v), "_", ""), 0, 64)
				if err == nil {
					return n
				}
			}
			in.raisef("ArgumentError", "invalid value for Integer(): %s", inspect(args[0]))
			return nil
		},
		"Float": func(in *interp, _ any, args []any, _ *proc) any {
			switch v := in.arg(args, 0).(type) {
			case int64, float64:
				f, _ := toFloat(v)
				return f
			case string:
				f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
				if err == nil && !strings.ContainsAny(v, "nN") {
					return f
				}
			}
			in.raisef("ArgumentError", "invalid value for Float(): %s", inspect(args[0]))
			return nil
		},
		"String": func(in *interp, _ any, args []any, _ *proc) any { return toS(in.arg(args, 0)) },
		"Array":  func(in *interp, _ any, args []any, _ *proc) any { return &Array{in.items(in.arg(args, 0))} },
		"Hash": func(in *interp, _ any, args []any, _ *proc) any {
			if a, ok := in.arg(args, 0).(*Array); args[0] == nil || ok && len(a.Items) == 0 {
				return NewHash()
			}
			if h, ok := args[0].(*Hash); ok {
				return h
			}
			in.raisef("TypeError", "can't convert %s into Hash", typeName(args[0]))
			return nil
		},
		"rand":    func(in *interp, _ any, args []any, _ *proc) any { return in.random(args) },
		"format":  func(in *interp, _ any, args []any, _ *proc) any { return in.format(in.textArg(args, 0), args[1:]) },
		"puts":    quiet, // texts for a terminal go nowhere
		"require": requireLibrary,
		"loop": func(in *interp, _ any, _ []any, b *proc) any {
			in.needBlock(b, "loop")
			for {
				in.run(b, nil)
			}
		},
		"lambda": func(in *interp, _ any, _ []any, b *proc) any { in.needBlock(b, "lambda"); return b },
		"raise": func(in *interp, _ any, args []any, _ *proc) any {
			class, message := "RuntimeError", "unhandled exception"
			for _, v := range args {
				switch v := v.(type) {
				case *exception:
					class, message = v.class, v.message
				case string:
					message = v
				default:
					class = toS(v)
				}
			}
			in.raise(class, message)
			return nil
		},
	}
	return alias(m, "sprintf format p puts print puts warn puts proc lambda")
}

// requireLibrary takes the libraries whose classes are here anyway.
func requireLibrary(in *interp, _ any, args []any, _ *proc) any {
	name := in.textArg(args, 0)
	known := []string{"json", "time", "date", "digest", "digest/md5", "digest/sha1", "digest/sha2", "securerandom", "base64", "uri", "cgi", "openssl", "bigdecimal", "set"}
	if !slices.Contains(known, name) {
		in.raisef("LoadError", "the library %s is not here", name)
	}
	return true
}

// format is sprintf, for %d %i %f %e %g %s %p %x %X %o %b %c %%, %<name>d and %{name}.
func (in *interp) format(format string, args []any) string {
	var b strings.Builder
	next := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		spec := "%"
		var v any
		named := false
		for i++; ; i++ {
			if i >= len(format) {
				in.raise("ArgumentError", "incomplete format specifier")
			}
			c := format[i]
			if (c == '<' || c == '{') && len(args) > 0 {
				end := strings.IndexByte(format[i:], map[byte]byte{'<': '>', '{': '}'}[c])
				h, ok := args[0].(*Hash)
				if end < 0 || !ok {
					in.raise("ArgumentError", "one hash required")
				}
				v, _ = h.Get(Symbol(format[i+1 : i+end]))
				named = true
				i += end
				if c == '{' {
					b.WriteString(toS(v))
					break
				}
				continue
			}
			if strings.IndexByte("-+ 0#.123456789", c) >= 0 && len(spec) < 8 {
				spec += string(c)
				continue
			}
			if c == '%' {
				b.WriteByte('%')
				break
			}
			if !named {
				v = in.arg(args, next)
				next++
			}
			b.WriteString(in.formatted(spec, c, v))
			break
		}
	}
	return in.text(b.String())
}

func (in *interp) formatted(spec string, verb byte, v any) string {
	switch verb {
	case 'd', 'i', 'u':
		return fmt.Sprintf(spec+"d", in.functionInt(v))
	case 'f', 'e', 'E', 'g', 'G':
		f := in.self.methods().functions["Float"](in, nil, []any{v}, nil)
		return fmt.Sprintf(spec+string(verb), f)
	case 'x', 'X', 'o', 'b':
		return fmt.Sprintf(spec+string(verb), in.functionInt(v))
	case 's':
		return fmt.Sprintf(spec+"s", toS(v))
	case 'p':
		return fmt.Sprintf(spec+"s", inspect(v))
	case 'c':
		if n, ok := v.(int64); ok {
			return string(rune(n))
		}
		return toS(v)
	}
	in.raisef("ArgumentError", "malformed format string - %%%c", verb)
	return ""
}

func (in *interp) functionInt(v any) any {
	if f, ok := v.(float64); ok {
		return whole(in, func(x float64) float64 { return float64(int64(x)) }, f)
	}
	return in.self.methods().functions["Integer"](in, nil, []any{v}, nil)
}

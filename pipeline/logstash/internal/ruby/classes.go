package ruby

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"math"
	mathrand "math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"
)

// plainClasses are names without methods of their own: for is_a?, rescue and ===.
const plainClasses = "String Integer Float Numeric Symbol NilClass TrueClass FalseClass Fixnum Bignum BigDecimal Enumerable Comparable Object Proc Range MatchData " +
	"StandardError RuntimeError ArgumentError TypeError NameError NoMethodError ZeroDivisionError KeyError IndexError Exception RegexpError FloatDomainError " +
	"JSON::ParserError LogStash::Json::ParserError Boolean DateTime Date"

// constantValue are values under names.
func constantValue(name string) (any, bool) {
	switch name {
	case "Math::PI":
		return math.Pi, true
	case "Float::INFINITY":
		return math.Inf(1), true
	case "Float::NAN":
		return math.NaN(), true
	case "Float::MAX":
		return math.MaxFloat64, true
	case "Integer::MAX":
		return int64(math.MaxInt64), true
	case "LogStash::Event::TIMESTAMP":
		return "@timestamp", true
	case "LogStash::Event::TAGS":
		return "tags", true
	}
	return nil, false
}

// constant reports whether a name is one of the classes and values that there are.
func (m *methods) constant(name string) bool {
	if _, ok := constantValue(name); ok || slices.Contains(strings.Fields(plainClasses), name) {
		return true
	}
	for key := range m.class {
		if strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}

func (in *interp) constant(name string) any {
	if v, ok := constantValue(name); ok {
		return v
	}
	return class(name)
}

// classMethod calls Name.method.
func (in *interp) classMethod(c class, name string, args []any, b *proc) any {
	if m := in.self.methods().class[string(c)+"."+name]; m != nil {
		return m(in, c, args, b)
	}
	switch name {
	case "new":
		if slices.Contains(strings.Fields(plainClasses), string(c)) && strings.HasSuffix(string(c), "Error") {
			return &exception{string(c), in.textOr(args, 0, string(c))}
		}
	case "===":
		return isA(in.arg(args, 0), string(c))
	case "name", "to_s", "inspect":
		return string(c)
	}
	if m := in.self.methods().object[name]; m != nil {
		return m(in, c, args, b)
	}
	in.raisef("NoMethodError", "undefined method '%s' for class %s", name, string(c))
	return nil
}

// classMethods are by Name.method.
func classMethods() map[string]method {
	return merge(timeClasses(), eventClasses(), valueClasses(), digestClasses(), codecClasses(), mathClasses())
}

func timeClasses() map[string]method {
	now := func(in *interp, _ any, _ []any, _ *proc) any { return in.self.host.Now() }
	at := func(in *interp, _ any, args []any, _ *proc) any { return in.epoch(args) }
	parse := func(in *interp, _ any, args []any, _ *proc) any {
		if t, ok := in.arg(args, 0).(time.Time); ok {
			return t
		}
		return in.parseTime(in.textArg(args, 0))
	}
	build := func(loc *time.Location) method {
		return func(in *interp, _ any, args []any, _ *proc) any {
			part := func(i, def int) int { return in.intOr(args, i, def) }
			return time.Date(in.intArg(args, 0), time.Month(part(1, 1)), part(2, 1), part(3, 0), part(4, 0), part(5, 0), 0, loc)
		}
	}
	m := map[string]method{
		"Time.now": now, "Time.at": at, "Time.parse": parse, "Time.iso8601": parse, "Time.utc": build(time.UTC), "Time.gm": build(time.UTC),
		"Time.local": build(time.Local), "Time.mktime": build(time.Local), "DateTime.parse": parse, "DateTime.now": now, "Date.parse": parse,
		"Date.today": now, "LogStash::Timestamp.now": now, "LogStash::Timestamp.at": at, "LogStash::Timestamp.coerce": parse,
		"LogStash::Timestamp.parse_iso8601": parse,
	}
	m["Time.new"] = func(in *interp, r any, args []any, b *proc) any {
		if len(args) == 0 {
			return in.self.host.Now()
		}
		return build(time.Local)(in, r, args, b)
	}
	m["LogStash::Timestamp.new"] = func(in *interp, r any, args []any, b *proc) any {
		if len(args) == 0 {
			return in.self.host.Now()
		}
		return parse(in, r, args, b)
	}
	m["Time.strptime"] = func(in *interp, _ any, args []any, _ *proc) any {
		return in.strptime(in.textArg(args, 0), in.textArg(args, 1))
	}
	m["DateTime.strptime"] = m["Time.strptime"]
	return m
}

// strptime reads a time by the letters of strftime, as far as package time has them.
func (in *interp) strptime(s, format string) any {
	layouts := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'B': "January",
		'b': "Jan", 'A': "Monday", 'a': "Mon", 'z': "-0700", 'Z': "MST", 'L': "000", 'N': "000000000", 'F': "2006-01-02", 'T': "15:04:05", '%': "%",
	}
	if format == "%s" {
		return in.epoch([]any{ParseInt(s)})
	}
	var layout strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			layout.WriteByte(format[i])
			continue
		}
		i++
		l, ok := layouts[format[i]]
		if !ok {
			in.raisef("ArgumentError", "the directive %%%c is not supported", format[i])
		}
		layout.WriteString(l)
	}
	t, err := time.Parse(layout.String(), s)
	if err != nil {
		in.raise("ArgumentError", "invalid date or strptime format")
	}
	return t
}

func eventClasses() map[string]method {
	return map[string]method{
		"LogStash::Event.new": func(in *interp, _ any, args []any, _ *proc) any {
			fields := map[string]any{}
			if len(args) > 0 {
				h, ok := args[0].(*Hash)
				if !ok {
					in.raisef("TypeError", "wrong argument type %s (expected Hash)", typeName(args[0]))
				}
				fields = ToGo(h).(map[string]any)
			}
			return in.self.host.NewEvent(fields)
		},
		"LogStash::Util.normalize": func(in *interp, _ any, args []any, _ *proc) any { return in.arg(args, 0) },
		"ENV.[]": func(in *interp, _ any, args []any, _ *proc) any {
			if v, ok := in.self.host.Lookup(in.textArg(args, 0)); ok {
				return v
			}
			return nil
		},
		"ENV.key?": func(in *interp, _ any, args []any, _ *proc) any {
			_, ok := in.self.host.Lookup(in.textArg(args, 0))
			return ok
		},
		"ENV.fetch": func(in *interp, _ any, args []any, b *proc) any {
			v, ok := in.self.host.Lookup(in.textArg(args, 0))
			switch {
			case ok:
				return v
			case b != nil:
				return in.run(b, args[:1])
			case len(args) > 1:
				return args[1]
			}
			in.raisef("KeyError", "key not found: %s", inspect(args[0]))
			return nil
		},
	}
}

func valueClasses() map[string]method {
	return map[string]method{
		"Hash.new": func(_ *interp, _ any, args []any, b *proc) any {
			h := NewHash()
			if b != nil {
				h.def = b
			} else if len(args) > 0 {
				h.def = args[0]
			}
			return h
		},
		"Hash.[]": func(in *interp, _ any, args []any, _ *proc) any { return in.method(in.arg(args, 0), "to_h", nil, nil) },
		"Array.new": func(in *interp, _ any, args []any, b *proc) any {
			a := &Array{}
			for i := range in.intOr(args, 0, 0) {
				var v any
				if b != nil {
					v = in.run(b, []any{int64(i)})
				} else if len(args) > 1 {
					v = args[1]
				}
				in.grow(a, v)
			}
			return a
		},
		"String.new":    func(in *interp, _ any, args []any, _ *proc) any { return in.textOr(args, 0, "") },
		"Regexp.escape": func(in *interp, _ any, args []any, _ *proc) any { return escapeRegexp(in.textArg(args, 0)) },
		"Regexp.quote":  func(in *interp, _ any, args []any, _ *proc) any { return escapeRegexp(in.textArg(args, 0)) },
		"Regexp.new": func(in *interp, _ any, args []any, _ *proc) any {
			if re, ok := in.arg(args, 0).(*Regexp); ok {
				return re
			}
			return in.compiled(in.textArg(args, 0))
		},
		"Regexp.union": func(in *interp, _ any, args []any, _ *proc) any {
			if len(args) == 1 {
				args = in.items(args[0])
			}
			var parts []string
			for i := range args {
				if re, ok := args[i].(*Regexp); ok {
					parts = append(parts, "(?:"+re.source+")")
				} else {
					parts = append(parts, escapeRegexp(in.textArg(args, i)))
				}
			}
			return in.compiled(strings.Join(parts, "|"))
		},
		"Regexp.last_match": func(in *interp, _ any, args []any, _ *proc) any {
			if in.last == nil {
				return nil
			}
			if len(args) > 0 {
				return in.last.group(in.intArg(args, 0))
			}
			return in.last
		},
		"SecureRandom.uuid": func(*interp, any, []any, *proc) any {
			h := randomHex(16)
			return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
		},
		"SecureRandom.hex": func(in *interp, _ any, args []any, _ *proc) any {
			return randomHex(min(max(in.intOr(args, 0, 16), 0), 4096))
		},
		"Random.rand": func(in *interp, _ any, args []any, _ *proc) any { return in.random(args) },
		"Kernel.rand": func(in *interp, _ any, args []any, _ *proc) any { return in.random(args) },
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// random is rand: below 1, below a number, or within a range.
func (in *interp) random(args []any) any {
	if len(args) == 0 || args[0] == nil {
		return mathrand.Float64()
	}
	if r, ok := args[0].(*Range); ok {
		items := in.elements(r)
		if len(items) == 0 {
			return nil
		}
		return items[mathrand.IntN(len(items))]
	}
	n := in.intArg(args, 0)
	if n <= 0 {
		return mathrand.Float64()
	}
	return int64(mathrand.IntN(n))
}

func digestClasses() map[string]method {
	m := map[string]method{}
	for name, algorithm := range map[string]func() hash.Hash{"MD5": md5.New, "SHA1": sha1.New, "SHA256": sha256.New, "SHA384": sha512.New384, "SHA512": sha512.New} {
		sum := func(in *interp, args []any) []byte {
			h := algorithm()
			h.Write([]byte(in.textArg(args, 0)))
			return h.Sum(nil)
		}
		for _, prefix := range []string{"Digest::", "OpenSSL::Digest::"} {
			m[prefix+name+".hexdigest"] = func(in *interp, _ any, args []any, _ *proc) any { return hex.EncodeToString(sum(in, args)) }
			m[prefix+name+".base64digest"] = func(in *interp, _ any, args []any, _ *proc) any {
				return base64.StdEncoding.EncodeToString(sum(in, args))
			}
		}
	}
	m["OpenSSL::HMAC.hexdigest"] = func(in *interp, _ any, args []any, _ *proc) any {
		algorithm := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}[strings.ToLower(in.textArg(args, 0))]
		if algorithm == nil {
			in.raisef("RuntimeError", "unsupported digest algorithm (%s)", toS(args[0]))
		}
		h := hmac.New(algorithm, []byte(in.textArg(args, 1)))
		h.Write([]byte(in.textArg(args, 2)))
		return hex.EncodeToString(h.Sum(nil))
	}
	return m
}

func codecClasses() map[string]method {
	parse := func(in *interp, _ any, args []any, _ *proc) any {
		symbols := false
		if len(args) > 1 {
			if h, ok := args[1].(*Hash); ok {
				v, _ := h.Get(Symbol("symbolize_names"))
				symbols = truthy(v)
			}
		}
		return in.parseJSON(in.textArg(args, 0), symbols)
	}
	dump := func(in *interp, _ any, args []any, _ *proc) any { return in.json(in.arg(args, 0), false) }
	decode := func(in *interp, _ any, args []any, _ *proc) any {
		text := strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, in.textArg(args, 0))
		out, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			out, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		}
		if err != nil {
			in.raise("ArgumentError", "invalid base64")
		}
		return string(out)
	}
	unescape := func(in *interp, _ any, args []any, _ *proc) any {
		out, err := url.QueryUnescape(in.textArg(args, 0))
		if err != nil {
			in.raise("ArgumentError", err.Error())
		}
		return out
	}
	escape := func(in *interp, _ any, args []any, _ *proc) any { return url.QueryEscape(in.textArg(args, 0)) }
	return map[string]method{
		"JSON.parse": parse, "JSON.load": parse, "LogStash::Json.load": parse, "JSON.generate": dump, "JSON.dump": dump, "LogStash::Json.dump": dump,
		"JSON.pretty_generate":   func(in *interp, _ any, args []any, _ *proc) any { return in.json(in.arg(args, 0), true) },
		"Base64.strict_decode64": decode, "Base64.decode64": decode,
		"Base64.strict_encode64": func(in *interp, _ any, args []any, _ *proc) any {
			return in.text(base64.StdEncoding.EncodeToString([]byte(in.textArg(args, 0))))
		},
		"Base64.urlsafe_encode64": func(in *interp, _ any, args []any, _ *proc) any {
			return in.text(base64.URLEncoding.EncodeToString([]byte(in.textArg(args, 0))))
		},
		"Base64.encode64": func(in *interp, _ any, args []any, _ *proc) any {
			var b strings.Builder
			for part := range slices.Chunk([]byte(in.textArg(args, 0)), 45) {
				b.WriteString(base64.StdEncoding.EncodeToString(part) + "\n")
			}
			return in.text(b.String())
		},
		"CGI.unescape": unescape, "URI.decode_www_form_component": unescape, "URI.unescape": unescape, "URI.decode": unescape,
		"CGI.escape": escape, "URI.encode_www_form_component": escape,
	}
}

func mathClasses() map[string]method {
	m := map[string]method{}
	for name, of := range map[string]func(float64) float64{
		"sqrt": math.Sqrt, "exp": math.Exp, "log2": math.Log2, "log10": math.Log10, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan,
		"atan": math.Atan, "cbrt": math.Cbrt,
	} {
		m["Math."+name] = func(in *interp, _ any, args []any, _ *proc) any {
			f, ok := toFloat(in.arg(args, 0))
			if !ok {
				in.raisef("TypeError", "can't convert %s into Float", typeName(args[0]))
			}
			return of(f)
		}
	}
	m["Math.log"] = func(in *interp, _ any, args []any, _ *proc) any {
		f, _ := toFloat(in.arg(args, 0))
		if len(args) > 1 {
			base, _ := toFloat(args[1])
			return math.Log(f) / math.Log(base)
		}
		return math.Log(f)
	}
	m["Math.pow"] = func(in *interp, _ any, args []any, _ *proc) any {
		x, _ := toFloat(in.arg(args, 0))
		y, _ := toFloat(in.arg(args, 1))
		return math.Pow(x, y)
	}
	return m
}

package ruby

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func (in *interp) setField(e Event, ref string, v any) any {
	if err := e.Set(ref, ToGo(v)); err != nil {
		in.raise("TypeError", err.Error())
	}
	return v
}

func (in *interp) getField(e Event, ref string) any {
	v, err := e.Get(ref)
	if err != nil {
		in.raise("RuntimeError", err.Error())
	}
	in.spend(1)
	return FromGo(v)
}

func eventMethods() map[string]method {
	m := map[string]method{
		"get": func(in *interp, r any, args []any, _ *proc) any { return in.getField(r.(Event), in.textArg(args, 0)) },
		"set": func(in *interp, r any, args []any, _ *proc) any {
			return in.setField(r.(Event), in.textArg(args, 0), in.arg(args, 1))
		},
		"remove":   func(in *interp, r any, args []any, _ *proc) any { return FromGo(r.(Event).Remove(in.textArg(args, 0))) },
		"include?": func(in *interp, r any, args []any, _ *proc) any { return r.(Event).Include(in.textArg(args, 0)) },
		"tag": func(in *interp, r any, args []any, _ *proc) any {
			r.(Event).Tag(in.textArg(args, 0))
			return nil
		},
		"cancel":     func(_ *interp, r any, _ []any, _ *proc) any { r.(Event).Cancel(); return true },
		"cancelled?": func(_ *interp, r any, _ []any, _ *proc) any { return r.(Event).Cancelled() },
		"sprintf": func(in *interp, r any, args []any, _ *proc) any {
			return in.text(r.(Event).Sprintf(in.textArg(args, 0)))
		},
		"to_hash":   func(_ *interp, r any, _ []any, _ *proc) any { return FromGo(r.(Event).Fields()) },
		"to_json":   func(in *interp, r any, _ []any, _ *proc) any { return in.json(FromGo(r.(Event).Fields()), false) },
		"timestamp": func(in *interp, r any, _ []any, _ *proc) any { return in.getField(r.(Event), "@timestamp") },
		"clone":     func(_ *interp, r any, _ []any, _ *proc) any { return r.(Event).Clone() },
		"append": func(in *interp, r any, args []any, _ *proc) any {
			e := r.(Event)
			h, ok := in.arg(args, 0).(*Hash)
			if !ok {
				in.raise("TypeError", "append takes a hash")
			}
			for _, k := range h.list(true) {
				in.setField(e, toS(k), h.values[k])
			}
			return nil
		},
		"overwrite": func(in *interp, r any, args []any, _ *proc) any {
			from, ok := in.arg(args, 0).(Event)
			if !ok {
				in.raise("TypeError", "overwrite takes an event")
			}
			e := r.(Event)
			for name := range e.Fields() {
				if name != "@timestamp" {
					e.Remove("[" + name + "]")
				}
			}
			for name, v := range from.Fields() {
				in.setField(e, "["+name+"]", FromGo(v))
			}
			return e
		},
	}
	return alias(m, "to_hash_with_metadata to_hash to_h to_hash [] get []= set")
}

// json writes a value as JSON.
func (in *interp) json(v any, pretty bool) string {
	var b strings.Builder
	in.writeJSON(&b, v, 0)
	if !pretty {
		return in.text(b.String())
	}
	text, err := json.MarshalIndent(json.RawMessage(b.String()), "", "  ")
	if err != nil {
		in.raise("JSON::GeneratorError", err.Error())
	}
	return in.text(string(text))
}

func (in *interp) writeJSON(b *strings.Builder, v any, depth int) {
	in.spend(1)
	if depth > maxDepth || b.Len() > maxText {
		panic(limit{})
	}
	switch v := v.(type) {
	case *Array:
		b.WriteByte('[')
		for i, x := range v.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			in.writeJSON(b, x, depth+1)
		}
		b.WriteByte(']')
	case *Hash:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSONText(b, toS(k))
			b.WriteByte(':')
			in.writeJSON(b, v.values[k], depth+1)
		}
		b.WriteByte('}')
	case nil:
		b.WriteString("null")
	case bool, int64, float64:
		b.WriteString(toS(v))
	default:
		writeJSONText(b, toS(v))
	}
}

func writeJSONText(b *strings.Builder, s string) {
	var line strings.Builder
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(strings.ToValidUTF8(s, "\ufffd")) // texts always have a form
	b.WriteString(strings.TrimSuffix(line.String(), "\n"))
}

// parseJSON reads JSON, keeping the order of keys.
func (in *interp) parseJSON(text string, symbols bool) any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	in.spend(len(text) / 64)
	v, err := in.jsonValue(dec, symbols, 0)
	if err == nil && dec.More() {
		in.raise("JSON::ParserError", "unexpected text behind the value")
	}
	if err != nil {
		in.raise("JSON::ParserError", err.Error())
	}
	return v
}

func (in *interp) jsonValue(dec *json.Decoder, symbols bool, depth int) (any, error) {
	in.spend(1)
	if depth > maxDepth {
		panic(limit{})
	}
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		if n, err := t.Int64(); err == nil {
			return n, nil
		}
		return t.Float64()
	case json.Delim:
		if t == '[' {
			return in.jsonList(dec, symbols, depth)
		}
		return in.jsonHash(dec, symbols, depth)
	}
	return t, nil
}

func (in *interp) jsonList(dec *json.Decoder, symbols bool, depth int) (any, error) {
	a := &Array{}
	for dec.More() {
		v, err := in.jsonValue(dec, symbols, depth+1)
		if err != nil {
			return nil, err
		}
		in.grow(a, v)
	}
	_, err := dec.Token()
	return a, err
}

func (in *interp) jsonHash(dec *json.Decoder, symbols bool, depth int) (any, error) {
	h := NewHash()
	for dec.More() {
		k, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := in.jsonValue(dec, symbols, depth+1)
		if err != nil {
			return nil, err
		}
		if symbols {
			h.Set(Symbol(k.(string)), v)
		} else {
			h.Set(k, v)
		}
	}
	_, err := dec.Token()
	return h, err
}

// objectMethods are those of every value.
func objectMethods() map[string]method {
	m := map[string]method{
		"nil?":    func(_ *interp, r any, _ []any, _ *proc) any { return r == nil },
		"to_s":    func(in *interp, r any, _ []any, _ *proc) any { return in.text(toS(r)) },
		"inspect": func(in *interp, r any, _ []any, _ *proc) any { return in.text(inspect(r)) },
		"class":   func(_ *interp, r any, _ []any, _ *proc) any { return class(typeName(r)) },
		"is_a?": func(in *interp, r any, args []any, _ *proc) any {
			c, ok := in.arg(args, 0).(class)
			return ok && isA(r, string(c))
		},
		"respond_to?": func(in *interp, r any, args []any, _ *proc) any { return in.responds(r, in.textArg(args, 0)) },
		"itself":      func(_ *interp, r any, _ []any, _ *proc) any { return r },
		"frozen?":     func(_ *interp, _ any, _ []any, _ *proc) any { return false },
		"dup": func(_ *interp, r any, _ []any, _ *proc) any {
			switch v := r.(type) {
			case *Array:
				return &Array{slices.Clone(v.Items)}
			case *Hash:
				return v.clone()
			}
			return r
		},
		"to_i": onNil(int64(0)),
		"to_f": onNil(0.0),
		"to_a": func(in *interp, r any, _ []any, _ *proc) any { return &Array{in.items(r)} },
		"to_h": func(in *interp, r any, _ []any, _ *proc) any {
			if r != nil {
				in.undefined(r, "to_h")
			}
			return NewHash()
		},
		"to_json": func(in *interp, r any, _ []any, _ *proc) any { return in.json(r, false) },
		"tap": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "tap")
			in.run(b, []any{r})
			return r
		},
		"then": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "then")
			return in.run(b, []any{r})
		},
		"between?": func(in *interp, r any, args []any, _ *proc) any {
			return in.ordered(">=", r, in.arg(args, 0)) == true && in.ordered("<=", r, in.arg(args, 1)) == true
		},
		"clamp": func(in *interp, r any, args []any, _ *proc) any {
			if in.ordered("<", r, in.arg(args, 0)) == true {
				return args[0]
			}
			if in.ordered(">", r, in.arg(args, 1)) == true {
				return args[1]
			}
			return r
		},
		"eql?": func(in *interp, r any, args []any, _ *proc) any {
			return equal(r, in.arg(args, 0)) && typeName(r) == typeName(args[0])
		},
		"equal?": func(in *interp, r any, args []any, _ *proc) any { return equal(r, in.arg(args, 0)) },
		"!":      func(_ *interp, r any, _ []any, _ *proc) any { return !truthy(r) },
		// map_meta of aggregate is a hash whose entries are asked for as methods.
		"send": func(in *interp, r any, args []any, b *proc) any {
			return in.method(r, in.textArg(args, 0), args[1:], b)
		},
	}
	for _, op := range strings.Fields("== != < <= > >= <=> + - * / % ** & | ^ << >> === =~") {
		m[op] = func(in *interp, r any, args []any, _ *proc) any {
			if op == "!=" {
				return !equal(r, in.arg(args, 0))
			}
			return in.binary(op, r, in.arg(args, 0))
		}
	}
	return alias(m, "kind_of? is_a? instance_of? is_a? freeze itself clone dup yield_self then public_send send __send__ send")
}

func onNil(v any) method {
	return func(in *interp, r any, _ []any, _ *proc) any {
		if r != nil {
			in.undefined(r, "to_i")
		}
		return v
	}
}

// isA is is_a?.
func isA(v any, name string) bool {
	name = strings.TrimPrefix(name, "::")
	switch name {
	case "Object", "BasicObject":
		return true
	case "Numeric", "Comparable":
		_, number := toFloat(v)
		if _, text := v.(string); name == "Comparable" && text {
			return true
		}
		return number
	case "Enumerable":
		switch v.(type) {
		case *Array, *Hash, *Range:
			return true
		}
		return false
	case "Fixnum", "Bignum":
		name = "Integer"
	case "BigDecimal":
		name = "Float"
	case "LogStash::Timestamp", "DateTime", "Date":
		_, ok := v.(time.Time)
		return ok
	case "Boolean":
		_, ok := v.(bool)
		return ok
	case "Java::JavaUtil::Map", "java::util::Map":
		name = "Hash"
	}
	return typeName(v) == name
}

func (in *interp) responds(v any, name string) bool {
	t := in.self.methods()
	of := t.object
	switch v.(type) {
	case string, Symbol:
		of = merge(of, t.text)
	case *Array:
		of = merge(of, t.list)
	case *Hash:
		of = merge(of, t.hash)
	case int64, float64:
		of = merge(of, t.number)
	case time.Time:
		of = merge(of, t.moment)
	case Event:
		of = merge(of, t.event)
	}
	if v != nil && (name == "to_i" || name == "to_f" || name == "to_h") {
		switch v.(type) {
		case string, int64, float64, time.Time, *Hash:
		default:
			return false
		}
	}
	return of[name] != nil
}

package ruby

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// Values are nil, bool, int64, float64, string, Symbol, *Array, *Hash, *Range, *Regexp,
// *Match, time.Time, *proc, Func, Event, *exception and class.
type (
	// Symbol is :name.
	Symbol string
	// Array is a list.
	Array struct{ Items []any }
	// Range is from..to; To may be nil.
	Range struct {
		From, To  any
		Exclusive bool
	}
	// Regexp is a regular expression.
	Regexp struct {
		source string
		re     *onig.Regexp
	}
	// Match is what a search found.
	Match struct {
		text   string
		groups []span
		names  []string
	}
	class     string
	exception struct{ class, message string }
	proc      struct {
		block *block
		scope *scope
	}
	span struct{ from, to int }
)

// Hash is a map that remembers the order of its keys.
type Hash struct {
	keys   []any
	values map[any]any
	def    any // what is there when nothing is
}

// NewHash returns an empty one.
func NewHash() *Hash { return &Hash{values: map[any]any{}} }

// Len is how many keys there are.
func (h *Hash) Len() int { return len(h.values) }

// Get returns a value.
func (h *Hash) Get(key any) (any, bool) {
	v, ok := h.values[key]
	return v, ok
}

// Set puts a value; lists and maps cannot be keys.
func (h *Hash) Set(key, v any) {
	if _, ok := h.values[key]; !ok {
		if len(h.keys) >= maxItems {
			panic(limit{})
		}
		h.keys = append(h.keys, key)
	}
	h.values[key] = v
}

// Delete removes a key and returns its value.
func (h *Hash) Delete(key any) any {
	v, ok := h.values[key]
	if !ok {
		return nil
	}
	delete(h.values, key)
	for i, k := range h.keys {
		if k == key {
			h.keys = append(h.keys[:i:i], h.keys[i+1:]...)
			break
		}
	}
	return v
}

func compileRegexp(source, flags string) (*Regexp, error) {
	o := onig.Options{
		DotAll: strings.Contains(flags, "m"), IgnoreCase: strings.Contains(flags, "i"), Extended: strings.Contains(flags, "x"),
	}
	re, err := onig.Compile(source, o)
	if err != nil {
		return nil, err
	}
	return &Regexp{source, re}, nil
}

func (m *Match) group(n int) any {
	if n < 0 {
		n += len(m.groups)
	}
	if n < 0 || n >= len(m.groups) || m.groups[n].from < 0 {
		return nil
	}
	return m.text[m.groups[n].from:m.groups[n].to]
}

func (m *Match) named(name string) (any, bool) {
	var v any
	known := false
	for i, n := range m.names {
		if n == name && i > 0 {
			known = true
			if g := m.group(i); g != nil {
				v = g
			}
		}
	}
	return v, known
}

// FromGo turns a value of an event into one of code: a copy.
func FromGo(v any) any {
	switch v := v.(type) {
	case []any:
		a := &Array{make([]any, len(v))}
		for i, x := range v {
			a.Items[i] = FromGo(x)
		}
		return a
	case map[string]any:
		h := NewHash()
		for _, k := range sortedKeys(v) {
			h.Set(k, FromGo(v[k]))
		}
		return h
	}
	return v
}

// ToGo turns a value of code into one of an event: a copy. What events cannot hold
// becomes its text.
func ToGo(v any) any { return toGo(v, 0) }

func toGo(v any, depth int) any {
	if depth > maxDepth {
		panic(limit{})
	}
	switch v := v.(type) {
	case nil, bool, int64, float64, string, time.Time:
		return v
	case Symbol:
		return string(v)
	case *Array:
		out := make([]any, len(v.Items))
		for i, x := range v.Items {
			out[i] = toGo(x, depth+1)
		}
		return out
	case *Hash:
		out := make(map[string]any, len(v.keys))
		for _, k := range v.keys {
			out[toS(k)] = toGo(v.values[k], depth+1)
		}
		return out
	}
	return toS(v)
}

func truthy(v any) bool { return v != nil && v != false }

// typeName is what error messages call a value's class.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "NilClass"
	case bool:
		if v {
			return "TrueClass"
		}
		return "FalseClass"
	case int64:
		return "Integer"
	case float64:
		return "Float"
	case string:
		return "String"
	case Symbol:
		return "Symbol"
	case *Array:
		return "Array"
	case *Hash:
		return "Hash"
	case *Range:
		return "Range"
	case *Regexp:
		return "Regexp"
	case *Match:
		return "MatchData"
	case time.Time:
		return "Time"
	case *proc, Func:
		return "Proc"
	case Event:
		return "LogStash::Event"
	case *exception:
		return v.class
	case class:
		return "Class"
	}
	return "Object"
}

// toS is to_s.
func toS(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case Symbol:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return floatText(v)
	case time.Time:
		return isoTime(v)
	case *Match:
		return toS(v.group(0))
	case *exception:
		return v.message
	case class:
		return string(v)
	case *Regexp:
		return "(?-mix:" + v.source + ")"
	case *Range:
		dots := ".."
		if v.Exclusive {
			dots = "..."
		}
		return toS(v.From) + dots + toS(v.To)
	}
	return inspect(v)
}

// isoTime is how Logstash's timestamps look.
func isoTime(t time.Time) string {
	t = t.UTC()
	switch {
	case t.Nanosecond()%1_000_000 == 0:
		return t.Format("2006-01-02T15:04:05.000Z")
	case t.Nanosecond()%1000 == 0:
		return t.Format("2006-01-02T15:04:05.000000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000000Z")
}

// floatText is Float#to_s.
func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		return mantissa + "e" + exponent
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// inspect is how p writes a value.
func inspect(v any) string {
	var b strings.Builder
	writeInspect(&b, v, 0)
	return b.String()
}

func writeInspect(b *strings.Builder, v any, depth int) {
	if depth > maxDepth || b.Len() > maxText {
		panic(limit{})
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("nil")
	case string:
		b.WriteString(quote(v))
	case Symbol:
		b.WriteString(":" + string(v))
	case *Array:
		b.WriteByte('[')
		for i, x := range v.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			writeInspect(b, x, depth+1)
		}
		b.WriteByte(']')
	case *Hash:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			writeInspect(b, k, depth+1)
			b.WriteString("=>")
			writeInspect(b, v.values[k], depth+1)
		}
		b.WriteByte('}')
	case *Regexp:
		b.WriteString("/" + v.source + "/")
	case *proc, Func, Event:
		b.WriteString("#<" + typeName(v) + ">")
	default:
		b.WriteString(toS(v))
	}
}

// quote is String#inspect.
func quote(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strconv.Quote(s), `\x1b`, `\e`), "#{", `\#{`)
}

// equal is ==.
func equal(a, b any) bool { return equalAt(a, b, 0) }

func equalAt(a, b any, depth int) bool {
	if depth > maxDepth {
		panic(limit{})
	}
	switch x := a.(type) {
	case int64:
		if y, ok := b.(float64); ok {
			return float64(x) == y
		}
	case float64:
		if y, ok := b.(int64); ok {
			return x == float64(y)
		}
	case time.Time:
		y, ok := b.(time.Time)
		return ok && x.Equal(y)
	case *Array:
		y, ok := b.(*Array)
		if !ok || len(x.Items) != len(y.Items) {
			return false
		}
		for i := range x.Items {
			if !equalAt(x.Items[i], y.Items[i], depth+1) {
				return false
			}
		}
		return true
	case *Hash:
		y, ok := b.(*Hash)
		if !ok || len(x.values) != len(y.values) {
			return false
		}
		for k, v := range x.values {
			if w, ok := y.values[k]; !ok || !equalAt(v, w, depth+1) {
				return false
			}
		}
		return true
	case Func:
		return false
	}
	switch b.(type) {
	case Func:
		return false
	}
	return a == b
}

// compare is <=>; ok is false for values without an order between them.
func compare(a, b any) (int, bool) {
	switch x := a.(type) {
	case int64, float64:
		y, ok := toFloat(b)
		if !ok {
			return 0, false
		}
		if i, ok := a.(int64); ok {
			if j, ok := b.(int64); ok {
				return order(i < j, i > j), true
			}
		}
		f, _ := toFloat(a)
		return order(f < y, f > y), true
	case string:
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	case Symbol:
		y, ok := b.(Symbol)
		return strings.Compare(string(x), string(y)), ok
	case time.Time:
		y, ok := b.(time.Time)
		return x.Compare(y), ok
	case *Array:
		y, ok := b.(*Array)
		if !ok {
			return 0, false
		}
		for i := 0; i < len(x.Items) && i < len(y.Items); i++ {
			if c, ok := compare(x.Items[i], y.Items[i]); !ok || c != 0 {
				return c, ok
			}
		}
		return order(len(x.Items) < len(y.Items), len(x.Items) > len(y.Items)), true
	}
	return 0, equal(a, b)
}

func order(less, more bool) int {
	switch {
	case less:
		return -1
	case more:
		return 1
	}
	return 0
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// key checks that a value can be a key of a hash.
func (in *interp) key(v any) any {
	switch v.(type) {
	case nil, bool, int64, float64, string, Symbol, time.Time, class:
		return v
	case *Array, *Hash:
		return inspect(v) // by what it holds, near enough
	}
	in.raise("TypeError", fmt.Sprintf("%s cannot be a key here", typeName(v)))
	return nil
}

package traceql

import (
	"cmp"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Type is the type of a value.
type Type uint8

// The types. Any is that of an attribute before its value is known.
const (
	Nil Type = iota
	Bool
	Int
	Float
	String
	Duration
	Status
	Kind
	List
	Any
)

func (t Type) String() string {
	return [...]string{"nil", "bool", "int", "float", "string", "duration", "status", "kind", "list", "any"}[t]
}

// numeric says that values of the type are numbers, which compare with each other.
func (t Type) numeric() bool { return t == Int || t == Float || t == Duration }

// Value is a value of the language. The zero Value is nil, which is that of an
// attribute that a span lacks.
type Value struct {
	Type Type
	// Int is that of Int, Duration (nanoseconds), Bool (0 or 1), Status and Kind (their
	// OpenTelemetry codes).
	Int   int64
	Float float64
	Str   string
	List  []Value
}

func boolValue(b bool) Value {
	if b {
		return Value{Type: Bool, Int: 1}
	}
	return Value{Type: Bool}
}

func intValue(n int64) Value            { return Value{Type: Int, Int: n} }
func floatValue(f float64) Value        { return Value{Type: Float, Float: f} }
func stringValue(s string) Value        { return Value{Type: String, Str: s} }
func durationValue(ns int64) Value      { return Value{Type: Duration, Int: ns} }
func (v Value) isTrue() bool            { return v.Type == Bool && v.Int != 0 }
func statusOf(s ptrace.Span) Value      { return Value{Type: Status, Int: int64(s.Status().Code())} }
func kindValue(k ptrace.SpanKind) Value { return Value{Type: Kind, Int: int64(k)} }

// number returns a numeric value as a float.
func (v Value) number() (float64, bool) {
	switch v.Type {
	case Int, Duration:
		return float64(v.Int), true
	case Float:
		return v.Float, !math.IsNaN(v.Float)
	}
	return 0, false
}

// The names of statuses and kinds, by their codes.
var (
	statusNames = [...]string{"unset", "ok", "error"}
	kindNames   = [...]string{"unspecified", "internal", "server", "client", "producer", "consumer"}
)

// Text returns the value as people read it: strings bare, durations with units.
func (v Value) Text() string {
	switch v.Type {
	case Bool:
		return strconv.FormatBool(v.Int != 0)
	case Int:
		return strconv.FormatInt(v.Int, 10)
	case Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case String:
		return v.Str
	case Duration:
		return time.Duration(v.Int).String()
	case Status:
		return nameOf(statusNames[:], v.Int)
	case Kind:
		return nameOf(kindNames[:], v.Int)
	case List:
		parts := make([]string, len(v.List))
		for i, e := range v.List {
			parts[i] = e.Text()
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "nil"
}

func nameOf(names []string, code int64) string {
	if code < 0 || code >= int64(len(names)) {
		return strconv.FormatInt(code, 10)
	}
	return names[code]
}

// literal returns the value as a query spells it.
func (v Value) literal() string {
	switch {
	case v.Type == String:
		return strconv.Quote(v.Str)
	case v.Type == Int && v.Int == math.MinInt64: // whose digits are too large without the sign
		return "minInt"
	}
	return v.Text()
}

// key tells values apart in maps.
func (v Value) key() string { return string('a'+rune(v.Type)) + v.Text() }

// attributeValue returns the value of an attribute. Maps are texts in JSON.
func attributeValue(v pcommon.Value) Value {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return stringValue(v.Str())
	case pcommon.ValueTypeInt:
		return intValue(v.Int())
	case pcommon.ValueTypeDouble:
		return floatValue(v.Double())
	case pcommon.ValueTypeBool:
		return boolValue(v.Bool())
	case pcommon.ValueTypeBytes:
		return stringValue(hex.EncodeToString(v.Bytes().AsRaw()))
	case pcommon.ValueTypeSlice:
		out := make([]Value, 0, v.Slice().Len())
		for _, e := range v.Slice().All() {
			out = append(out, attributeValue(e))
		}
		return Value{Type: List, List: out}
	case pcommon.ValueTypeMap:
		return stringValue(v.AsString())
	}
	return Value{}
}

// compare orders two values; ok is false of values that do not compare.
func compare(a, b Value) (order int, ok bool) {
	switch {
	case a.Type == Float && b.Type.numeric() || b.Type == Float && a.Type.numeric():
		x, okX := a.number()
		y, okY := b.number()
		return cmp.Compare(x, y), okX && okY
	case a.Type.numeric() && b.Type.numeric():
		return cmp.Compare(a.Int, b.Int), true
	case a.Type != b.Type:
		return 0, false
	case a.Type == String:
		return strings.Compare(a.Str, b.Str), true
	case a.Type == Bool || a.Type == Status || a.Type == Kind:
		return cmp.Compare(a.Int, b.Int), true
	}
	return 0, false
}

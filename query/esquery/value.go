package esquery

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// valueKind is the type that dynamic mapping gives a value.
type valueKind uint8

const (
	textValue valueKind = iota
	numberValue
	boolValue
	dateValue
)

// value is one value of a field. Its text is valid as long as its document.
type value struct {
	kind valueKind
	// text is the text itself, a number as it is written, true or false, a date as it
	// is written.
	text string
	// number is a number, 1 for true, a date's milliseconds.
	number float64
	// integer says that the number is whole, and fits whole.
	integer bool
	whole   int64
}

func newText(s string) value { return value{text: s} }

// typed returns the value of a JSON string.
func typed(s string) value {
	if t, ok := esdate.LooksLikeDate(s); ok {
		ms := t.UnixMilli()
		return value{kind: dateValue, text: s, number: float64(ms), integer: true, whole: ms}
	}
	return value{text: s}
}

func newDate(ms int64) value {
	return value{kind: dateValue, number: float64(ms), integer: true, whole: ms}
}

func newNumber(text string) value {
	v := value{kind: numberValue, text: text}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		v.integer, v.whole, v.number = true, i, float64(i)
		return v
	}
	v.number, _ = strconv.ParseFloat(text, 64)
	return v
}

func newBool(b bool) value {
	if b {
		return value{kind: boolValue, text: "true", number: 1, integer: true, whole: 1}
	}
	return value{kind: boolValue, text: "false", integer: true}
}

// string is the value as text; a date made from the entry's time is written out.
func (v *value) string() string {
	if v.kind == dateValue && v.text == "" {
		return esdate.Default.Text(esdate.FromMillis(v.whole))
	}
	return v.text
}

// asNumber is the value for what computes: texts that are decimal numbers count.
func (v *value) asNumber() (float64, bool) {
	if v.kind != textValue {
		return v.number, true
	}
	return logs.ParseNumber(v.text)
}

// asMillis is the value as a time: numbers are milliseconds.
func (v *value) asMillis(format *esdate.Format) (int64, bool) {
	switch v.kind {
	case dateValue:
		return v.whole, true
	case numberValue:
		return int64(v.number), true
	case boolValue:
		return 0, false
	}
	if format == nil {
		format = esdate.Default
	}
	t, err := format.Parse(v.text, false, utc)
	if err != nil {
		return 0, false
	}
	return t.UnixMilli(), true
}

// leaves calls f for the values of v: those of arrays one by one, nothing for null
// and objects.
func leaves(v *fastjson.Value, f func(value)) {
	switch v.Type() {
	case fastjson.TypeString:
		f(typed(view(v.GetStringBytes())))
	case fastjson.TypeNumber:
		f(newNumber(numberText(v)))
	case fastjson.TypeTrue:
		f(newBool(true))
	case fastjson.TypeFalse:
		f(newBool(false))
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			leaves(item, f)
		}
	}
}

func numberText(v *fastjson.Value) string {
	var buf [32]byte
	return string(v.MarshalTo(buf[:0]))
}

// hasLeaf says whether there is any value in v, at any depth.
func hasLeaf(v *fastjson.Value) bool {
	switch v.Type() {
	case fastjson.TypeNull:
		return false
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			if hasLeaf(item) {
				return true
			}
		}
		return false
	case fastjson.TypeObject:
		found := false
		v.GetObject().Visit(func(_ []byte, m *fastjson.Value) { found = found || hasLeaf(m) })
		return found
	}
	return true
}

// trimKeyword takes the suffix off that names a text's exact value.
func trimKeyword(name string) (string, bool) { return strings.CutSuffix(name, ".keyword") }

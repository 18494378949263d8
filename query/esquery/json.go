package esquery

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/valyala/fastjson"
)

// parseBody reads a request's body strictly.
func parseBody(body []byte) (*fastjson.Value, error) {
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	var p fastjson.Parser
	v, err := p.ParseBytes(body)
	if err != nil {
		return nil, parsingf("%s", err)
	}
	if v.Type() != fastjson.TypeObject {
		return nil, parsingf("Expected [START_OBJECT] but found [%s]", tokenOf(v))
	}
	return v, nil
}

func checkJSON(body []byte) error {
	if json.Valid(body) {
		return nil
	}
	var raw json.RawMessage
	err := json.Unmarshal(body, &raw)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return badf("json_parse_exception", "the body is no JSON")
	}
	before := body[:min(int(syntax.Offset), len(body))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return badf("json_parse_exception", "[%d:%d] %s", line, col, syntax)
}

// tokenOf is Elasticsearch's name for the kind of a value.
func tokenOf(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeObject:
		return "START_OBJECT"
	case fastjson.TypeArray:
		return "START_ARRAY"
	case fastjson.TypeString:
		return "VALUE_STRING"
	case fastjson.TypeNumber:
		return "VALUE_NUMBER"
	case fastjson.TypeNull:
		return "VALUE_NULL"
	}
	return "VALUE_BOOLEAN"
}

// members calls f for each member of an object, in order, until it fails. what names
// the object in errors.
func members(v *fastjson.Value, what string, f func(key string, v *fastjson.Value) error) error {
	if v.Type() != fastjson.TypeObject {
		return parsingf("[%s] query malformed, no start_object after query name: found [%s]", what, tokenOf(v))
	}
	var err error
	v.GetObject().Visit(func(key []byte, m *fastjson.Value) {
		if err == nil {
			err = f(string(key), m)
		}
	})
	return err
}

// only returns the single member of an object.
func only(v *fastjson.Value, what string) (key string, m *fastjson.Value, err error) {
	err = members(v, what, func(k string, mv *fastjson.Value) error {
		if m != nil {
			return parsingf("[%s] malformed query, expected [END_OBJECT] but found [FIELD_NAME]: [%s] and [%s]", what, key, k)
		}
		key, m = k, mv
		return nil
	})
	if err == nil && m == nil {
		err = illegalf("query malformed, empty clause found at [%s]", what)
	}
	return key, m, err
}

func unknownKey(what, key string) error {
	return parsingf("[%s] query does not support [%s]", what, key)
}

// items returns the elements of an array, or the value itself.
func items(v *fastjson.Value) []*fastjson.Value {
	if v.Type() == fastjson.TypeArray {
		return v.GetArray()
	}
	return []*fastjson.Value{v}
}

// textOf returns a string, number or boolean as text.
func textOf(v *fastjson.Value, what string) (string, error) {
	switch v.Type() {
	case fastjson.TypeString:
		return string(v.GetStringBytes()), nil
	case fastjson.TypeNumber, fastjson.TypeTrue, fastjson.TypeFalse:
		return v.String(), nil
	}
	return "", parsingf("[%s] unknown token [%s]", what, tokenOf(v))
}

func floatOf(v *fastjson.Value, what string) (float64, error) {
	s, err := textOf(v, what)
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) {
		return 0, illegalf("failed to parse [%s]: For input string: \"%.60s\"", what, s)
	}
	return f, nil
}

func intOf(v *fastjson.Value, what string) (int, error) {
	f, err := floatOf(v, what)
	if err != nil {
		return 0, err
	}
	if f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return 0, illegalf("failed to parse [%s]: [%v] is no integer", what, f)
	}
	return int(f), nil
}

func boolOf(v *fastjson.Value, what string) (bool, error) {
	s, err := textOf(v, what)
	if err != nil {
		return false, err
	}
	switch s {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	return false, illegalf("Failed to parse value [%.60s] as only [true] or [false] are allowed for [%s]", s, what)
}

func stringsOf(v *fastjson.Value, what string) ([]string, error) {
	var out []string
	for _, item := range items(v) {
		s, err := textOf(item, what)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// view returns b as a string without a copy; b must not change while it is used.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// appendFloat writes a number as Java does: 85.0, 1.5E10.
func appendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.AppendQuote(b, map[bool]string{true: "NaN", false: "Infinity"}[math.IsNaN(f)])
	}
	if a := math.Abs(f); a != 0 && (a < 1e-3 || a >= 1e7) {
		s := strconv.FormatFloat(f, 'E', -1, 64)
		return append(b, javaExponent(s)...)
	}
	at := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if bytes.IndexByte(b[at:], '.') < 0 {
		b = append(b, '.', '0')
	}
	return b
}

// javaExponent turns 1E+10 into 1.0E10.
func javaExponent(s string) []byte {
	mantissa, exponent, _ := bytes.Cut([]byte(s), []byte("E"))
	out := mantissa
	if bytes.IndexByte(mantissa, '.') < 0 {
		out = append(bytes.Clone(mantissa), '.', '0')
	}
	n, _ := strconv.Atoi(string(exponent))
	return strconv.AppendInt(append(bytes.Clone(out), 'E'), int64(n), 10)
}

const hex = "0123456789abcdef"

// appendString writes a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n != 1 {
				i += n
				continue
			}
			b = append(append(b, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

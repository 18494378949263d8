package logstash

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pharosd/pharos/pipeline"
)

// Text is how Logstash turns a value into text: numbers as Java writes them (1.0,
// 1.0E10), times in ISO 8601 with milliseconds, maps as JSON, lists joined with commas.
// nil is "".
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	}
	return string(AppendText(nil, v))
}

// AppendText appends what Text returns.
func AppendText(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(dst, v...)
	case nil:
		return dst
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case float64:
		return appendFloat(dst, v)
	case time.Time:
		return appendTime(dst, v)
	case []any:
		for i, x := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendText(dst, x)
		}
		return dst
	}
	return AppendJSON(dst, v)
}

// appendTime writes as java.time does: three digits of a second at least, six or nine
// when there are more.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	switch n := t.Nanosecond(); {
	case n%1_000_000 == 0:
		return t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	case n%1_000 == 0:
		return t.AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.000000000Z")
}

// appendFloat writes as java.lang.Double.toString: with a point always, with an exponent
// below a thousandth and from ten millions.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 0):
		if f < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "Infinity"...)
	}
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		n := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if !slices.Contains(dst[n:], '.') {
			dst = append(dst, '.', '0')
		}
		return dst
	}
	s := strconv.FormatFloat(f, 'e', -1, 64) // 1.5e+07
	mantissa, exponent, _ := strings.Cut(s, "e")
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, '.', '0')
	}
	e, _ := strconv.Atoi(exponent)
	return strconv.AppendInt(append(dst, 'E'), int64(e), 10)
}

// AppendJSON appends v as JSON: keys sorted, times as text, a number that is not an
// integer with its point, so that it stays one; NaN and infinities as null.
func AppendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendJSONString(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(dst, "null"...)
		}
		return appendFloat(dst, v)
	case time.Time:
		return append(appendTime(append(dst, '"'), v), '"')
	case []any:
		dst = append(dst, '[')
		for i, x := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, x)
		}
		return append(dst, ']')
	case map[string]any:
		return appendJSONMap(dst, v)
	}
	return append(dst, "null"...) // no such value is in an event
}

func appendJSONMap(dst []byte, m map[string]any) []byte {
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, k), ':')
		dst = AppendJSON(dst, m[k])
	}
	return append(dst, '}')
}

const hexDigits = "0123456789abcdef"

func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

// AppendEvent appends an event as the JSON document that leaves Logstash: with
// @timestamp, without @metadata.
func AppendEvent(dst []byte, e *pipeline.Event) []byte { return appendEvent(dst, e, false) }

// AppendEventMetadata is AppendEvent with @metadata when the event has any: for people.
func AppendEventMetadata(dst []byte, e *pipeline.Event) []byte { return appendEvent(dst, e, true) }

func appendEvent(dst []byte, e *pipeline.Event, metadata bool) []byte {
	keys := make([]string, 0, len(e.Fields)+1)
	for k := range e.Fields {
		if k != metadataField && k != timestampField {
			keys = append(keys, k)
		}
	}
	if m, ok := e.Fields[metadataField].(map[string]any); metadata && ok && len(m) > 0 {
		keys = append(keys, metadataField)
	}
	if !e.Time.IsZero() {
		keys = append(keys, timestampField)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, k), ':')
		if k == timestampField {
			dst = append(appendTime(append(dst, '"'), e.Time), '"')
			continue
		}
		dst = AppendJSON(dst, e.Fields[k])
	}
	return append(dst, '}')
}

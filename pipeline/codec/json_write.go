package codec

import (
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/pharosd/pharos/pipeline"
)

// AppendEvent writes an event as one JSON object: @timestamp and all fields but
// @metadata, sorted by name, so that the same event has the same bytes.
func AppendEvent(dst []byte, e *pipeline.Event) []byte { return appendEvent(dst, e, false) }

func appendEvent(dst []byte, e *pipeline.Event, metadata bool) []byte {
	var room [48]string
	names := room[:0]
	for name := range e.Fields {
		if name != "@timestamp" && (metadata || name != "@metadata") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	dst = append(dst, `{"@timestamp":"`...)
	dst = AppendTime(dst, e.Time)
	dst = append(dst, '"')
	for _, name := range names {
		dst = append(dst, ',')
		dst = AppendString(dst, name)
		dst = append(dst, ':')
		dst = AppendValue(dst, e.Fields[name])
	}
	return append(dst, '}')
}

// AppendValue writes a value of an event's fields as JSON. What JSON has no number for
// is null.
func AppendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return AppendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case float64:
		return appendFloat(dst, v)
	case time.Time:
		dst = append(dst, '"')
		dst = AppendTime(dst, v)
		return append(dst, '"')
	case []any:
		dst = append(dst, '[')
		for i, x := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendValue(dst, x)
		}
		return append(dst, ']')
	case map[string]any:
		return appendMap(dst, v)
	}
	panic("BUG: a value that events do not have")
}

func appendMap(dst []byte, m map[string]any) []byte {
	var room [32]string
	names := room[:0]
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, name)
		dst = append(dst, ':')
		dst = AppendValue(dst, m[name])
	}
	return append(dst, '}')
}

// appendFloat writes a float so that it is read as one again: 3.0, not 3.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		dst = strconv.AppendFloat(dst, f, 'f', 1, 64)
		return dst
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e15) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, 64)
}

const hexDigits = "0123456789abcdef"

// AppendString writes a text as JSON; bytes that are no UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	begin := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[begin:i]...)
				dst = append(dst, "\ufffd"...)
				begin = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[begin:i]...)
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
		begin = i
	}
	dst = append(dst, s[begin:]...)
	return append(dst, '"')
}

package logql

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/grafana/regexp"
)

// templateFuncs are the functions of line_format and label_format. Names and
// results are those of Loki, which takes many from the library sprig.
func templateFuncs(f *formatter) template.FuncMap {
	m := template.FuncMap{
		"__line__":      func() string { return f.e.line },
		"__timestamp__": func() time.Time { return time.Unix(0, f.e.time) },
		iterateFunc:     f.iterate,
	}
	for _, group := range []template.FuncMap{textFuncs, builtinFuncs, numberFuncs, timeFuncs} {
		for name, fn := range group {
			m[name] = fn
		}
	}
	return m
}

var textFuncs = template.FuncMap{
	"ToLower": strings.ToLower, "ToUpper": strings.ToUpper, "Replace": replace,
	"Trim": strings.Trim, "TrimLeft": strings.TrimLeft, "TrimRight": strings.TrimRight,
	"TrimPrefix": strings.TrimPrefix, "TrimSuffix": strings.TrimSuffix, "TrimSpace": strings.TrimSpace,
	"lower": strings.ToLower, "upper": strings.ToUpper,
	"title":                  strings.Title, //nolint:staticcheck // what Loki's title does
	"trunc":                  trunc,
	"substr":                 substr,
	"contains":               func(sub, s string) bool { return strings.Contains(s, sub) },
	"hasPrefix":              func(p, s string) bool { return strings.HasPrefix(s, p) },
	"hasSuffix":              func(p, s string) bool { return strings.HasSuffix(s, p) },
	"indent":                 indent,
	"nindent":                func(n int, s string) (string, error) { s, err := indent(n, s); return "\n" + s, err },
	"replace":                func(old, repl, s string) (string, error) { return replace(s, old, repl, -1) },
	"repeat":                 repeat,
	"trim":                   strings.TrimSpace,
	"trimAll":                func(cut, s string) string { return strings.Trim(s, cut) },
	"trimSuffix":             func(x, s string) string { return strings.TrimSuffix(s, x) },
	"trimPrefix":             func(x, s string) string { return strings.TrimPrefix(s, x) },
	"alignLeft":              alignLeft,
	"alignRight":             alignRight,
	"b64enc":                 func(s string) (string, error) { return bounded(base64.StdEncoding.EncodeToString([]byte(s))) },
	"b64dec":                 b64dec,
	"urlencode":              url.QueryEscape,
	"urldecode":              url.QueryUnescape,
	"regexReplaceAll":        regexReplaceAll,
	"regexReplaceAllLiteral": regexReplaceAllLiteral,
	"count":                  countMatches,
	"fromJson":               fromJSON,
	"default":                defaultTo,
	"bytes":                  parseSize,
	"duration":               parseSeconds,
	"duration_seconds":       parseSeconds,
}

// trunc keeps the first n bytes, the last ones if n is negative. Positions count
// bytes, as sprig's do.
func trunc(n int, s string) string {
	if n < 0 && len(s)+n > 0 {
		return s[len(s)+n:]
	}
	if n >= 0 && len(s) > n {
		return s[:n]
	}
	return s
}

// substr returns the bytes from start to end; a negative start means from the
// begin, a negative end to the end.
func substr(start, end int, s string) string {
	switch {
	case start < 0:
		return s[:clamp(end, len(s))]
	case end < 0 || end > len(s):
		return s[clamp(start, len(s)):]
	}
	if start > end {
		return ""
	}
	return s[start:end]
}

func clamp(i, n int) int { return max(0, min(i, n)) }

func indent(n int, s string) (string, error) {
	if n < 0 || n > maxFormatted/(strings.Count(s, "\n")+1) {
		return "", errTooLong
	}
	pad := strings.Repeat(" ", n)
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad), nil
}

func repeat(n int, s string) (string, error) {
	if n < 0 || len(s) > 0 && n > maxFormatted/len(s) {
		return "", errTooLong
	}
	return strings.Repeat(s, n), nil
}

func alignLeft(n int, s string) (string, error) {
	r := []rune(s)
	switch {
	case n > maxFormatted:
		return "", errTooLong
	case n < 0 || n == len(r):
		return s, nil
	case n > len(r):
		return s + strings.Repeat(" ", n-len(r)), nil
	}
	return string(r[:n]), nil
}

func alignRight(n int, s string) (string, error) {
	r := []rune(s)
	switch {
	case n > maxFormatted:
		return "", errTooLong
	case n < 0 || n == len(r):
		return s, nil
	case n > len(r):
		return strings.Repeat(" ", n-len(r)) + s, nil
	}
	return string(r[len(r)-n:]), nil
}

func b64dec(s string) string {
	if r := len(s) % 4; r > 1 {
		s += strings.Repeat("=", 4-r)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func countMatches(re, s string) (int, error) {
	r, err := regexp.Compile(re)
	if err != nil {
		return 0, err
	}
	return len(r.FindAllStringIndex(s, -1)), nil
}

// fromJSON returns nil for what is no JSON.
func fromJSON(s string) any {
	var v any
	_ = json.Unmarshal([]byte(s), &v)
	return v
}

func defaultTo(def any, given ...any) any {
	if len(given) == 0 || given[0] == nil {
		return def
	}
	if v := reflect.ValueOf(given[0]); v.IsZero() || v.Kind() == reflect.Map && v.Len() == 0 || v.Kind() == reflect.Slice && v.Len() == 0 {
		return def
	}
	return given[0]
}

func parseSize(s string) (float64, error) {
	b, err := humanize.ParseBytes(s)
	return float64(b), err
}

func parseSeconds(s string) (float64, error) {
	d, err := time.ParseDuration(s)
	return d.Seconds(), err
}

var numberFuncs = template.FuncMap{
	"int":     func(v any) int { return int(toInt(v)) },
	"float64": toFloat,
	"add": func(vs ...any) int64 {
		var sum int64
		for _, v := range vs {
			sum += toInt(v)
		}
		return sum
	},
	"sub":  func(a, b any) int64 { return toInt(a) - toInt(b) },
	"mul":  mulInts,
	"div":  func(a, b any) (int64, error) { return divInts(a, b, false) },
	"mod":  func(a, b any) (int64, error) { return divInts(a, b, true) },
	"addf": func(vs ...any) float64 { return foldFloats(vs, func(a, b float64) float64 { return a + b }) },
	"subf": func(a any, vs ...any) float64 {
		return foldFloats(append([]any{a}, vs...), func(a, b float64) float64 { return a - b })
	},
	"mulf": func(a any, vs ...any) float64 {
		return foldFloats(append([]any{a}, vs...), func(a, b float64) float64 { return a * b })
	},
	"divf": func(a any, vs ...any) float64 {
		return foldFloats(append([]any{a}, vs...), func(a, b float64) float64 { return a / b })
	},
	"max":   func(a any, vs ...any) int64 { return foldInts(a, vs, func(a, b int64) int64 { return max(a, b) }) },
	"min":   func(a any, vs ...any) int64 { return foldInts(a, vs, func(a, b int64) int64 { return min(a, b) }) },
	"maxf":  func(a any, vs ...any) float64 { return foldFloats(append([]any{a}, vs...), math.Max) },
	"minf":  func(a any, vs ...any) float64 { return foldFloats(append([]any{a}, vs...), math.Min) },
	"ceil":  func(v any) float64 { return math.Ceil(toFloat(v)) },
	"floor": func(v any) float64 { return math.Floor(toFloat(v)) },
	"round": round,
}

// toInt reads numbers and texts of numbers; everything else is 0.
func toInt(v any) int64 {
	switch x := v.(type) {
	case string:
		i, err := strconv.ParseInt(trimDecimals(x), 0, 0)
		if err != nil {
			return 0
		}
		return i
	case bool:
		if x {
			return 1
		}
		return 0
	case nil:
		return 0
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return r.Int()
	case r.CanUint():
		return int64(r.Uint())
	case r.CanFloat():
		return int64(r.Float())
	}
	return 0
}

// trimDecimals turns 12.34 into 12.
func trimDecimals(s string) string {
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(frac, "0123456789") == "" {
		return whole
	}
	return s
}

func toFloat(v any) float64 {
	switch x := v.(type) {
	case string:
		f, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return 0
		}
		return f
	case bool:
		if x {
			return 1
		}
		return 0
	case nil:
		return 0
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return float64(r.Int())
	case r.CanUint():
		return float64(r.Uint())
	case r.CanFloat():
		return r.Float()
	}
	return 0
}

func mulInts(a any, vs ...any) int64 {
	return foldInts(a, vs, func(a, b int64) int64 { return a * b })
}

func foldInts(first any, vs []any, f func(a, b int64) int64) int64 {
	acc := toInt(first)
	for _, v := range vs {
		acc = f(acc, toInt(v))
	}
	return acc
}

func foldFloats(vs []any, f func(a, b float64) float64) float64 {
	if len(vs) == 0 {
		return 0
	}
	acc := toFloat(vs[0])
	for _, v := range vs[1:] {
		acc = f(acc, toFloat(v))
	}
	return acc
}

func divInts(a, b any, remainder bool) (int64, error) {
	d := toInt(b)
	switch {
	case d == 0:
		return 0, errors.New("runtime error: integer divide by zero")
	case remainder:
		return toInt(a) % d, nil
	}
	return toInt(a) / d, nil
}

// round rounds half up (or at roundOn) to a number of decimals.
func round(v any, places int, roundOn ...float64) float64 {
	on := 0.5
	if len(roundOn) > 0 {
		on = roundOn[0]
	}
	pow := math.Pow(10, float64(places))
	digit := pow * toFloat(v)
	_, frac := math.Modf(digit)
	if frac >= on {
		return math.Ceil(digit) / pow
	}
	return math.Floor(digit) / pow
}

var timeFuncs = template.FuncMap{
	"now":  time.Now,
	"date": formatDate,
	"toDate": func(layout, s string) time.Time {
		t, _ := time.ParseInLocation(layout, s, time.Local)
		return t
	},
	"toDateInZone":    toDateInZone,
	"unixEpoch":       func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) },
	"unixEpochMillis": func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) },
	"unixEpochNanos":  func(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) },
	"unixToTime":      unixToTime,
}

func formatDate(layout string, date any) string {
	t := time.Now()
	switch d := date.(type) {
	case time.Time:
		t = d
	case *time.Time:
		t = *d
	case int64:
		t = time.Unix(d, 0)
	case int:
		t = time.Unix(int64(d), 0)
	case int32:
		t = time.Unix(int64(d), 0)
	}
	return t.Local().Format(layout)
}

func toDateInZone(layout, zone, s string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	t, _ := time.ParseInLocation(layout, s, loc)
	return t
}

// unixToTime reads an epoch whose number of digits says its unit: days, seconds,
// milliseconds, microseconds or nanoseconds.
func unixToTime(s string) (time.Time, error) {
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("unable to parse time '%v': %w", s, err)
	}
	switch len(s) {
	case 5:
		return time.Unix(i*86400, 0), nil
	case 10:
		return time.Unix(i, 0), nil
	case 13:
		return time.UnixMilli(i), nil
	case 16:
		return time.UnixMicro(i), nil
	case 19:
		return time.Unix(0, i), nil
	}
	return time.Time{}, fmt.Errorf("unable to parse time '%v': unknown unit", s)
}

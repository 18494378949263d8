package logstash

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// converters are mutate's types; false: the value cannot be converted.
var converters = map[string]func(any) (any, bool){
	"string":     func(v any) (any, bool) { return rubyText(v), true },
	"boolean":    convertBoolean,
	"integer":    convertInteger,
	"float":      convertFloat,
	"integer_eu": func(v any) (any, bool) { return convertInteger(european(v)) },
	"float_eu":   func(v any) (any, bool) { return convertFloat(european(v)) },
}

var (
	trueText  = regexp.MustCompile(`(?mi)^(true|t|yes|y|1|1.0)$`)
	falseText = regexp.MustCompile(`(?mi)^(false|f|no|n|0|0.0)$`)
)

// convertBoolean lets pass what it does not know.
func convertBoolean(v any) (any, bool) {
	s := rubyText(v)
	switch {
	case trueText.MatchString(s):
		return true, true
	case s == "" || falseText.MatchString(s):
		return false, true
	}
	return v, true
}

// european swaps the signs of 1.234,56.
func european(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	return strings.NewReplacer(".", ",", ",", ".").Replace(s)
}

func number0x(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return strings.HasPrefix(s, "0x")
}

// cleanNumber takes off what groups digits.
func cleanNumber(s string) string {
	return strings.ToLower(strings.ReplaceAll(strip(s), ",", ""))
}

func convertInteger(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1), true
		}
		return int64(0), true
	case int64:
		return v, true
	case float64:
		return wholeNumber(v)
	case string:
		s := cleanNumber(v)
		if i, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64); err == nil {
			return i, true
		}
		if number0x(s) {
			if i, err := strconv.ParseInt(s, 0, 64); err == nil {
				return i, true
			}
		}
		f, ok := parseFloat(s)
		if !ok {
			return nil, false
		}
		return wholeNumber(f)
	}
	return nil, false
}

// wholeNumber cuts off the fraction; what does not fit 64 bits stays a float.
func wholeNumber(f float64) (any, bool) {
	f = math.Trunc(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, false
	case f >= -(1<<63) && f < 1<<63:
		return int64(f), true
	}
	return f, true
}

func convertFloat(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1.0, true
		}
		return 0.0, true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, ok := parseFloat(cleanNumber(v))
		return f, ok
	}
	return nil, false
}

// parseFloat knows no words such as inf; hexadecimal digits need no exponent.
func parseFloat(s string) (float64, bool) {
	if number0x(s) {
		if !strings.Contains(s, "p") {
			s += "p0"
		}
	} else if s == "" || !strings.ContainsAny(s[len(s)-1:], "0123456789.") || strings.ContainsAny(s[:1], "in") {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// rubyText is Ruby's to_s, which writes numbers with an exponent later than Java does.
func rubyText(v any) string {
	f, ok := v.(float64)
	if !ok {
		return Text(v)
	}
	if a := math.Abs(f); a != 0 && (a >= 1e16 || a < 1e-4) && !math.IsInf(f, 0) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		return mantissa + "e" + exponent
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Text(f)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// strip takes off blanks and NUL, as Ruby does.
func strip(s string) string { return strings.Trim(s, " \t\n\v\f\r\x00") }

// rubySplit is String#split: empty parts at the end are left out, " " splits at runs of
// blanks, "" at characters.
func rubySplit(s, separator string) []any {
	var parts []string
	switch separator {
	case " ":
		parts = strings.FieldsFunc(s, func(r rune) bool { return r < utf8.RuneSelf && unicode.IsSpace(r) || r == 0 })
	default:
		parts = strings.Split(s, separator)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	list := make([]any, len(parts))
	for i, p := range parts {
		list[i] = p
	}
	return list
}

// rubyJoin is Array#join: lists inside join as well.
func rubyJoin(dst []byte, list []any, separator string) []byte {
	for i, v := range list {
		if len(dst) > maxText {
			return dst[:maxText]
		}
		if i > 0 {
			dst = append(dst, separator...)
		}
		switch v := v.(type) {
		case []any:
			dst = rubyJoin(dst, v, separator)
		case time.Time:
			dst = appendTime(dst, v)
		default:
			dst = append(dst, rubyText(v)...)
		}
	}
	return dst
}

func upcase(s string) string   { return strings.ToUpper(s) }
func downcase(s string) string { return strings.ToLower(s) }

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + strings.ToLower(s[n:])
}

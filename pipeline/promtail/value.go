package promtail

import (
	"strconv"
	"time"
)

// text is an extracted value as text; nil and what is no single value have none.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// number is an extracted value as a number. Texts are numbers ("0.804") or durations
// ("0.5ms"), which count seconds.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f, true
		}
		d, err := time.ParseDuration(v)
		return d.Seconds(), err == nil
	}
	return 0, false
}

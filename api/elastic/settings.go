package elastic

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
)

// flatten turns nested settings into names with dots, each with index. in front, and
// values into texts, as Elasticsearch keeps them.
func flatten(settings map[string]any) map[string]any {
	out := map[string]any{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, below := range v {
				walk(prefix+"."+name, below)
			}
		case string, nil:
			out[prefix] = v
		case []any:
			list := make([]any, len(v))
			for i := range v {
				list[i] = fmt.Sprint(v[i])
			}
			out[prefix] = list
		case float64:
			out[prefix] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			out[prefix] = fmt.Sprint(v)
		}
	}
	for name, v := range settings {
		if name != "index" && !strings.HasPrefix(name, "index.") {
			name = "index." + name
		}
		walk(name, v)
	}
	return out
}

// nest is the inverse of flatten, with index as the one member.
func nest(flat map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range flat {
		at := out
		for {
			first, rest, more := strings.Cut(name, ".")
			below, ok := at[first].(map[string]any)
			if !more || at[first] != nil && !ok { // a.b beside a: stays flat
				at[name] = v
				break
			}
			if !ok {
				below = map[string]any{}
				at[first] = below
			}
			at, name = below, rest
		}
	}
	return out
}

// parseDuration reads Elasticsearch's time units: 30d, 12h, 5m, 10s, 100ms.
func parseDuration(s string) (time.Duration, error) {
	bad := esapi.Illegal("failed to parse setting with value [" + s + "] as a time value: unit is missing or unrecognized")
	for _, u := range []struct {
		suffix string
		unit   time.Duration
	}{
		{"nanos", 1}, {"micros", time.Microsecond}, {"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour},
	} {
		number, ok := strings.CutSuffix(strings.ToLower(strings.TrimSpace(s)), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err != nil || n < 0 || n > int64(100*365*24*time.Hour/u.unit) {
			return 0, bad
		}
		return time.Duration(n) * u.unit, nil
	}
	return 0, bad
}

// stringList is a list of texts, or one text.
type stringList []string

func (l *stringList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = stringList{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	*l = many
	return nil
}

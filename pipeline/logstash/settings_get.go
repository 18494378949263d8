package logstash

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Value returns a setting as written, variables resolved: string, int64, float64, []any,
// []Pair or *Plugin. Barewords are strings.
func (s *Settings) Value(name string) (any, bool) {
	s.known[name] = true
	v, ok := s.values[name]
	return v.value, ok
}

// Has reports whether a setting is written.
func (s *Settings) Has(name string) bool {
	_, ok := s.Value(name)
	return ok
}

// Required records a problem when a setting is absent.
func (s *Settings) Required(name string) {
	if !s.Has(name) {
		s.report.errorf(s.plugin.Pos, "", "%s needs the setting %s", s.plugin.Name, name)
	}
}

func (s *Settings) wrong(name, want string, v any) {
	s.report.errorf(s.Pos(name), "", "%s: expected %s, found %s", s.what(name), want, describe(v))
}

func describe(v any) string {
	switch v := v.(type) {
	case string:
		const most = 40
		if len(v) > most {
			v = strings.ToValidUTF8(v[:most], "") + "..."
		}
		return strconv.Quote(v)
	case []any:
		return "a list"
	case []Pair:
		return "a hash"
	case *Plugin:
		return "the block " + v.Name + " {...}"
	}
	return Text(v)
}

// scalar returns a value, or the only one of a list.
func (s *Settings) scalar(name string) (any, bool) {
	v, ok := s.Value(name)
	if list, isList := v.([]any); isList && len(list) == 1 {
		return list[0], true
	}
	return v, ok
}

// String returns text; a number counts as its text.
func (s *Settings) String(name, def string) string {
	v, ok := s.scalar(name)
	if !ok {
		return def
	}
	switch v := v.(type) {
	case string:
		return v
	case int64, float64:
		return Text(v)
	}
	s.wrong(name, "text", v)
	return def
}

// Bool returns true or false.
func (s *Settings) Bool(name string, def bool) bool {
	v, ok := s.scalar(name)
	if !ok {
		return def
	}
	switch v {
	case "true":
		return true
	case "false":
		return false
	}
	s.wrong(name, "true or false", v)
	return def
}

// Float returns a number.
func (s *Settings) Float(name string, def float64) float64 {
	v, ok := s.scalar(name)
	if !ok {
		return def
	}
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
	s.wrong(name, "a number", v)
	return def
}

// Int returns a whole number.
func (s *Settings) Int(name string, def int64) int64 {
	v, ok := s.scalar(name)
	if !ok {
		return def
	}
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	case string:
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return i
		}
	}
	s.wrong(name, "a whole number", v)
	return def
}

// Duration returns a time: a number is seconds, text is as "90", "1.5 hours", "30s" or
// "1h30m".
func (s *Settings) Duration(name string, def time.Duration) time.Duration {
	v, ok := s.scalar(name)
	if !ok {
		return def
	}
	switch v := v.(type) {
	case int64:
		return seconds(float64(v))
	case float64:
		return seconds(v)
	case string:
		if d, ok := parseDuration(v); ok {
			return d
		}
	}
	s.wrong(name, `a time such as 30 (seconds) or "5m"`, v)
	return def
}

func seconds(f float64) time.Duration {
	return time.Duration(min(f, float64(math.MaxInt64/time.Second)) * float64(time.Second))
}

func parseDuration(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return seconds(f), true
	}
	if d, err := time.ParseDuration(s); err == nil {
		return d, true
	}
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i <= 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(s[:i], 64)
	if err != nil {
		return 0, false
	}
	unit := strings.TrimSpace(s[i:])
	if len(unit) > 3 {
		unit = strings.TrimSuffix(unit, "s")
	}
	scale, ok := map[string]float64{
		"w": 604800, "week": 604800, "d": 86400, "day": 86400, "h": 3600, "hour": 3600,
		"m": 60, "min": 60, "minute": 60, "s": 1, "sec": 1, "second": 1,
		"ms": 1e-3, "msec": 1e-3, "msecs": 1e-3, "us": 1e-6, "usec": 1e-6, "usecs": 1e-6,
		"mins": 60, "secs": 1,
	}[unit]
	return seconds(f * scale), ok
}

// Bytes returns a size: a number is bytes, text is as "10 MiB" or "10MB".
func (s *Settings) Bytes(name string, def int64) int64 {
	v, ok := s.scalar(name)
	if !ok {
		return def
	}
	switch v := v.(type) {
	case int64:
		return v
	case string:
		if n, ok := parseBytes(v); ok {
			return n
		}
	}
	s.wrong(name, `a size such as 1048576 or "10 MiB"`, v)
	return def
}

func parseBytes(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i < 0 {
		i = len(s)
	}
	f, err := strconv.ParseFloat(s[:i], 64)
	if err != nil {
		return 0, false
	}
	unit := strings.TrimSpace(s[i:])
	if unit == "" || strings.EqualFold(unit, "b") {
		return int64(f), true
	}
	base := 1000.0
	unit, binary := strings.CutSuffix(strings.ToLower(unit), "ib")
	if binary {
		base = 1024
	} else {
		unit = strings.TrimSuffix(unit, "b")
	}
	power := strings.Index("kmgtp", unit)
	if len(unit) != 1 || power < 0 {
		return 0, false
	}
	f *= math.Pow(base, float64(power+1))
	return int64(f), f < math.MaxInt64
}

// Strings returns a list of text; a scalar counts as a list of one.
func (s *Settings) Strings(name string) []string {
	v, ok := s.Value(name)
	if !ok {
		return nil
	}
	list := asList(v)
	out := make([]string, 0, len(list))
	for _, x := range list {
		switch x := x.(type) {
		case string:
			out = append(out, x)
		case int64, float64:
			out = append(out, Text(x))
		default:
			s.wrong(name, "a list of texts", v)
			return nil
		}
	}
	return out
}

// Enum returns one of a few texts.
func (s *Settings) Enum(name, def string, allowed ...string) string {
	v := s.String(name, def)
	if v == def || slices.Contains(allowed, v) {
		return v
	}
	hint := strictyaml.Suggest(v, allowed)
	if hint == "" {
		hint = "one of " + strings.Join(allowed, ", ")
	}
	s.report.errorf(s.Pos(name), hint, "%s: %q is not known", s.what(name), v)
	return def
}

// Hash returns the entries of a hash in their order. A list of an even number of values
// counts as a hash, as in Logstash.
func (s *Settings) Hash(name string) []Pair {
	v, ok := s.Value(name)
	if !ok {
		return nil
	}
	pairs, ok := PairsOf(v, s.Pos(name))
	if !ok {
		s.wrong(name, "a hash { key => value ... }", v)
	}
	return pairs
}

// PairsOf reads a value as a hash: one, or a list of keys and values in turn.
func PairsOf(v any, pos Pos) ([]Pair, bool) {
	switch v := v.(type) {
	case []Pair:
		return v, true
	case []any:
		if len(v)%2 != 0 {
			return nil, false
		}
		pairs := make([]Pair, 0, len(v)/2)
		for i := 0; i < len(v); i += 2 {
			pairs = mergePairs(pairs, []Pair{{Text(v[i]), v[i+1], pos}})
		}
		return pairs, true
	}
	return nil, false
}

// Ref returns a field reference; with def "" an absent setting is the zero Ref.
func (s *Settings) Ref(name, def string) Ref {
	text := s.String(name, def)
	if text == "" {
		return Ref{}
	}
	return s.ref(name, text)
}

// Refs returns a list of field references.
func (s *Settings) Refs(name string) []Ref {
	var refs []Ref
	for _, text := range s.Strings(name) {
		if r := s.ref(name, text); !r.IsZero() {
			refs = append(refs, r)
		}
	}
	return refs
}

func (s *Settings) ref(name, text string) Ref {
	r, err := ParseRef(text)
	if err != nil {
		s.Errorf(name, "%v", err)
	}
	return r
}

// Template returns a compiled sprintf text; never nil.
func (s *Settings) Template(name, def string) *Template {
	return s.Compile(name, s.String(name, def))
}

// Templates returns a list of them.
func (s *Settings) Templates(name string) []*Template {
	var all []*Template
	for _, text := range s.Strings(name) {
		all = append(all, s.Compile(name, text))
	}
	return all
}

// Compile compiles a sprintf text that belongs to a setting; never nil.
func (s *Settings) Compile(name, text string) *Template {
	t, err := ParseTemplate(text)
	if err != nil {
		s.Errorf(name, "%v", err)
		return &Template{source: text, parts: []templatePart{{text: text}}}
	}
	return t
}

// Block returns a plugin within a setting: codec => json and codec => json { ... } are
// both blocks. def "" gives nil when the setting is absent.
func (s *Settings) Block(name, def string) *Plugin {
	v, ok := s.Value(name)
	block := func(plugin string) *Plugin {
		return &Plugin{Kind: Codec, Name: plugin, Pos: s.Pos(name)}
	}
	switch v := v.(type) {
	case *Plugin:
		return v
	case string:
		return block(v)
	}
	if ok {
		s.wrong(name, "a name or a block", v)
	}
	if def == "" {
		return nil
	}
	return block(def)
}

// GoValue turns a value of a setting into one of an event: hashes become maps.
func GoValue(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = GoValue(x)
		}
		return list
	case []Pair:
		m := make(map[string]any, len(v))
		for _, p := range v {
			m[p.Key] = GoValue(p.Value)
		}
		return m
	case *Plugin:
		return fmt.Sprintf("%s {...}", v.Name)
	}
	return v
}

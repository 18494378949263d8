package logstore

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/storage/rowstore"
)

// rowFilters translates filters that the engine can do. inLine are the parsed fields
// whose values may be in lines: conditions on these come out wider.
type rowFilters struct{ inLine map[string]bool }

func (r rowFilters) one(f logs.Filter) (rowstore.Filter, error) {
	switch f := f.(type) {
	case nil:
		return nil, nil
	case logs.And:
		fs, err := r.all(f)
		return rowstore.And(fs), err
	case logs.Or:
		fs, err := r.all(f)
		return rowstore.Or(fs), err
	case logs.Not:
		inner, err := r.one(f.Filter)
		return rowstore.Not{Filter: inner}, err
	case logs.InStreams:
		return rowstore.InStreams{Streams: streamMatchers(f.Matchers)}, nil
	case logs.Within:
		return rowstore.Within{Start: f.Start, End: f.End}, nil
	case logs.HasFormat:
		return rowstore.Equals{Name: formatColumn, Value: formatValues[f.Format]}, nil
	case logs.MaybeEqual:
		return rowstore.MaybeEqual{}, nil
	}
	field, c := onColumn(f)
	if c == nil {
		return nil, fmt.Errorf("unknown filter %T", f)
	}
	if len(r.inLine) > 0 && readsLine(f, r.inLine) {
		return widened(f, c, field.Name), nil
	}
	return c, nil
}

// onColumn translates a condition on one field, nil if it is none.
func onColumn(f logs.Filter) (logs.Field, rowstore.Filter) {
	switch f := f.(type) {
	case logs.Contains:
		return f.Field, rowstore.Contains{Name: fieldColumn(f.Field), Text: f.Text, FoldCase: f.FoldCase}
	case logs.MatchRegex:
		return f.Field, rowstore.MatchRegex{Name: fieldColumn(f.Field), Expr: f.Expr}
	case logs.Equals:
		return f.Field, rowstore.Equals{Name: fieldColumn(f.Field), Value: f.Value}
	case logs.In:
		return f.Field, rowstore.In{Name: fieldColumn(f.Field), Values: f.Values}
	case logs.Exists:
		return f.Field, rowstore.Exists{Name: fieldColumn(f.Field)}
	case logs.NumberRange:
		return f.Field, rowstore.NumberRange{Name: fieldColumn(f.Field), Min: f.Min, Max: f.Max}
	}
	return logs.Field{}, nil
}

func (r rowFilters) all(fs []logs.Filter) ([]rowstore.Filter, error) {
	out := make([]rowstore.Filter, len(fs))
	for i, f := range fs {
		var err error
		if out[i], err = r.one(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func streamMatchers(ms []*labels.Matcher) []rowstore.StreamMatcher {
	out := make([]rowstore.StreamMatcher, len(ms))
	for i, m := range ms {
		out[i] = rowstore.StreamMatcher{Name: labelField(m.Name), Op: matchOps[m.Type], Value: m.Value}
	}
	return out
}

// engineCan is what logs.Weaken asks: text that is not UTF-8 has no spelling in the
// engine's language, and its numbers with fractions may be off by their last bit.
func engineCan(leaf logs.Filter) (instead logs.Filter, same bool) {
	switch f := leaf.(type) {
	case logs.Contains:
		if utf8.ValidString(f.Text) && (!f.FoldCase || longestValid(f.Text) == f.Text) {
			return f, true
		}
		f.Text = longestValid(f.Text)
		return f, false
	case logs.MatchRegex:
		// In a literal the engine finds the replacement character itself only.
		if strings.ContainsRune(f.Expr, utf8.RuneError) || strings.Contains(strings.ToLower(f.Expr), "fffd") {
			return logs.And{}, false
		}
		if !rowstore.ExactRegex(f.Expr) {
			return logs.And{}, false
		}
	case logs.NumberRange:
		if sameForEngine(f.Min) && sameForEngine(f.Max) {
			return f, true
		}
		f.Min, f.Max = stepBy(f.Min, math.Inf(-1)), stepBy(f.Max, math.Inf(1))
		return f, false
	}
	return leaf, true
}

// longestValid returns the longest run of s that is UTF-8, without the replacement
// character, which regular expressions find in broken text too.
func longestValid(s string) string {
	best, start := "", 0
	for i, r := range s + "\xff" {
		if r != utf8.RuneError {
			continue
		}
		if i-start > len(best) {
			best = s[start:i]
		}
		_, n := utf8.DecodeRuneInString(s[min(i, len(s)):])
		start = i + n
	}
	return best
}

// numberError is by how many steps the engine's value of a number may differ.
const numberError = 4

// sameForEngine says whether the engine finds every number on the same side of a
// bound as we do: the bound is an integer, or as near to one as an open bound is.
func sameForEngine(bound float64) bool {
	whole := math.Round(bound)
	return math.Abs(whole) < 1<<53 &&
		(bound == whole || bound == math.Nextafter(whole, math.Inf(1)) || bound == math.Nextafter(whole, math.Inf(-1))) ||
		math.IsInf(bound, 0) || math.IsNaN(bound)
}

func stepBy(f, towards float64) float64 {
	for range numberError {
		f = math.Nextafter(f, towards)
	}
	return f
}

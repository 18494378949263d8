package esquery

import (
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
)

// prefilter is what the store can do of a query: filter selects at least what
// matches (nil: everything); exact says that it selects nothing else.
type prefilter struct {
	filter logs.Filter
	exact  bool
}

// everything is the prefilter of what the store knows nothing about.
var everything = prefilter{}

// none matches nothing.
var none = prefilter{filter: logs.Or{}, exact: true}

// and selects what all do.
func and(ps ...prefilter) prefilter {
	out := prefilter{exact: true}
	var all logs.And
	for _, p := range ps {
		out.exact = out.exact && p.exact
		if p.filter != nil {
			all = append(all, p.filter)
		}
	}
	switch len(all) {
	case 0:
	case 1:
		out.filter = all[0]
	default:
		out.filter = all
	}
	return out
}

// or selects what one does.
func or(ps ...prefilter) prefilter {
	out := prefilter{exact: true}
	any := logs.Or{}
	for _, p := range ps {
		out.exact = out.exact && p.exact
		if p.filter == nil {
			return prefilter{exact: p.exact} // everything; exact if that one surely is
		}
		any = append(any, p.filter)
	}
	if len(any) == 1 {
		out.filter = any[0]
	} else {
		out.filter = any
	}
	return out
}

// not selects what p does not; if p selects too much, that says nothing.
func not(p prefilter) prefilter {
	switch {
	case !p.exact:
		return everything
	case p.filter == nil:
		return none
	}
	return prefilter{filter: logs.Not{Filter: p.filter}, exact: true}
}

// foreign selects entries that did not come through Elasticsearch.
var foreign = logs.InStreams{Matchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, indexLabel, "")}}

// escaped matches lines that have a \u escape: a text may be spelled so.
var escaped = logs.Contains{Text: `\u`}

// inLine selects lines that a JSON string with this text in it may be on.
func inLine(text string, fold bool) logs.Filter {
	text = unescapable(text)
	if text == "" {
		return nil
	}
	return logs.Or{logs.Contains{Text: text, FoldCase: fold && hasLetter(text)}, escaped}
}

// unescapable returns the longest run of a text that JSON can write in one way only,
// but for \u.
func unescapable(s string) string {
	best, start := "", 0
	for i, r := range s {
		if r >= ' ' && r != '"' && r != '\\' && r != '/' && r != utf8.RuneError {
			continue
		}
		if i-start > len(best) {
			best = s[start:i]
		}
		start = i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n := utf8.DecodeRuneInString(s[i:])
			start = i + n
		}
	}
	if len(s)-start > len(best) {
		best = s[start:]
	}
	return best
}

// onPath selects entries whose field may pass: of a parsed field column is asked, of
// a line that has it elsewhere (in an array, or not parsed) line must match too, and
// outer is asked of a label and of metadata. line and what outer returns may be nil.
func onPath(p *path, column func(logs.Field) logs.Filter, line logs.Filter) prefilter {
	switch p.kind {
	case idPath, indexPath, timestampPath, patternPath:
		return everything
	case anyPath:
		return prefilter{filter: line}
	}
	if p.name == "message" {
		// A line is the whole message of an entry that is foreign.
		if line == nil {
			return everything
		}
		return prefilter{filter: line}
	}
	parsed := logs.Field{Kind: logs.Parsed, Name: p.column}
	json := logs.HasFormat{Format: logs.JSON}
	elsewhere := logs.And{logs.Or{logs.Not{Filter: json}, logs.Not{Filter: logs.Exists{Field: parsed}}}}
	if key := inLine(p.key(), false); key != nil {
		elsewhere = append(elsewhere, key)
	}
	if line != nil {
		elsewhere = append(elsewhere, line)
	}
	return prefilter{filter: logs.Or{
		logs.And{json, column(parsed)},
		elsewhere,
		logs.And{foreign, logs.Or{
			column(logs.Field{Kind: logs.Label, Name: p.name}),
			column(logs.Field{Kind: logs.Metadata, Name: p.name}),
		}},
	}}
}

// textOn selects entries whose field may have a text in it, at any place.
func textOn(p *path, text string, fold bool) prefilter {
	if text == "" {
		return everything
	}
	return onPath(p, func(f logs.Field) logs.Filter {
		return logs.Contains{Field: f, Text: text, FoldCase: fold && hasLetter(text)}
	}, inLine(text, fold))
}

// equalOn selects entries whose field may be a text.
func equalOn(p *path, text string) prefilter {
	if text == "" {
		return everything
	}
	return onPath(p, func(f logs.Field) logs.Filter { return logs.Equals{Field: f, Value: text} }, inLine(text, false))
}

// numberOn selects entries whose field may be a number within bounds.
func numberOn(p *path, low, high float64) prefilter {
	return onPath(p, func(f logs.Field) logs.Filter { return logs.NumberRange{Field: f, Min: low, Max: high} }, nil)
}

// existsOn selects entries that may have the field: an object of that name counts.
func existsOn(p *path) prefilter {
	if p.kind != plainPath || p.name == "message" {
		return everything
	}
	key := inLine(p.key(), false)
	if key == nil {
		return everything
	}
	return prefilter{filter: logs.Or{key, logs.And{foreign, logs.Or{
		logs.Exists{Field: logs.Field{Kind: logs.Label, Name: p.name}},
		logs.Exists{Field: logs.Field{Kind: logs.Metadata, Name: p.name}},
	}}}}
}

// within selects by @timestamp, both bounds in milliseconds, high exclusive.
func within(low, high int64) prefilter {
	return prefilter{filter: logs.Within{Start: clampNanos(low), End: clampNanos(high)}, exact: true}
}

// Entries have times between these.
const (
	minTime = 0
	maxTime = 1 << 62
)

func clampNanos(ms int64) int64 {
	switch {
	case ms <= minTime:
		return minTime
	case ms >= maxTime/1_000_000:
		return maxTime
	}
	return ms * 1e6
}

// timeRange returns the range that a filter surely lies in, for the store's index.
func timeRange(f logs.Filter) (start, end int64) {
	start, end = minTime, maxTime
	switch f := f.(type) {
	case logs.Within:
		return f.Start, f.End
	case logs.And:
		for _, one := range f {
			s, e := timeRange(one)
			start, end = max(start, s), min(end, e)
		}
	case logs.Or:
		if len(f) == 0 {
			return 0, 0
		}
		start, end = maxTime, minTime
		for _, one := range f {
			s, e := timeRange(one)
			start, end = min(start, s), max(end, e)
		}
	}
	return start, end
}

// onlyPlain says whether a text has neither wildcards nor a backslash.
func onlyPlain(s string) bool { return !strings.ContainsAny(s, `*?\`) }

package logstest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// texts are values that break naive quoting, tokenising or type guessing.
var texts = []string{
	"", " ", "*", `"`, `\`, "a\"b", "foo", "foobar", "foo bar", "FOO Bar", "foo.bar", "a\nb", "\x00", "\xff", "a\xffb", "a\xfeb", "\xffa", "b\xff\xfe",
	"\ufffd", "a\ufffdb", "☃ snow", "é", "É", "ſ", "0", "1", "-1", "1.5", "4.35", "4.350", "0.3", "1e3", "100", "007", "+5", ".5", "5.", "10s", "1KB", "1.2.3.4",
	"NaN", "inf", "0x10", "1_000", "2024-01-02T03:04:05Z", "18446744073709551616", "9007199254740993", "1e400", "499.5", "500", "500.00",
	"status=500 duration=12ms", `{"a":1}`, `{"app":"foo","level":"é","b":{"c":4.35}}`, `{"level":"","app":500,"env":"a\nb"}`, `level=foo app="a\"b" env=1.5`, "in(a)", "_time:1d", "trace=4bf92f3577b34da6a3ce929d0e0e4736",
}

type generator struct{ *rand.Rand }

func (g generator) text() string {
	s := texts[g.IntN(len(texts))]
	if g.IntN(3) == 0 {
		s += texts[g.IntN(len(texts))]
	}
	return s
}

var names = []string{"app", "env", "level", "m:x", "_msg", "~y", "a b", "p:z", "f:"}

func (g generator) labels(n int) model.Labels {
	ls := []model.Label{{Name: "app", Value: fmt.Sprint("app", g.IntN(3))}}
	for range g.IntN(n) {
		ls = append(ls, model.Label{Name: names[g.IntN(len(names))], Value: g.text()})
	}
	return model.NewLabels(ls...)
}

// field is the line, or a field that some entries have.
func (g generator) field() logs.Field {
	switch g.IntN(4) {
	case 0:
		return logs.Field{Kind: logs.Label, Name: names[g.IntN(len(names))]}
	case 1:
		return logs.Field{Kind: logs.Metadata, Name: names[g.IntN(len(names))]}
	case 2:
		return logs.Field{Kind: logs.Parsed, Name: []string{"app", "env", "level", "a", "b_c", "status"}[g.IntN(6)]}
	}
	return logs.Field{}
}

var expressions = []string{"", "foo", "^foo", "o+$", "^$", "(?i)FOO", "a.b", "(?s)a.b", ".+", "foo|bar", "[0-9]{3}", `\bfoo\b`, `\d+\.\d+`, "☃", "[^a-z]", "500|trace=.*36$", "^.$", "\ufffd", `a\x{fffd}b`,
	`foo\b`, `foo\B`, `[a-z]+\b foo`, `foo(?s:.)`, `foo[\s\S]+bar`, `(?m)foo$`, `o(?m:^|$)`, `.foo(?s:.)b?`, "x^", "[a-z]+ bar", `5[0-9]+.*foo`}

var bounds = []float64{math.Inf(-1), -1, 0, 0.3, 1, 1.5, 4.35, math.Nextafter(4.35, 5), math.Nextafter(500, 0), 500, math.Nextafter(500, 501), 1e18, math.Inf(1), math.NaN()}

func (g generator) leaf(base int64) logs.Filter {
	f := g.field()
	switch g.IntN(12) {
	case 0, 1, 2:
		return logs.Contains{Field: f, Text: g.text(), FoldCase: g.IntN(4) == 0}
	case 3:
		return logs.MatchRegex{Field: f, Expr: expressions[g.IntN(len(expressions))]}
	case 4:
		return logs.Equals{Field: f, Value: g.text()}
	case 5:
		var vs []string
		for range g.IntN(4) {
			vs = append(vs, g.text())
		}
		return logs.In{Field: f, Values: vs}
	case 6:
		return logs.Exists{Field: f}
	case 7, 8:
		return logs.NumberRange{Field: f, Min: bounds[g.IntN(len(bounds))], Max: bounds[g.IntN(len(bounds))]}
	case 9:
		types := []labels.MatchType{labels.MatchEqual, labels.MatchNotEqual, labels.MatchRegexp, labels.MatchNotRegexp}
		return logs.InStreams{Matchers: []*labels.Matcher{
			labels.MustNewMatcher(types[g.IntN(4)], names[g.IntN(len(names))], []string{"app1", "", "foo", "a"}[g.IntN(4)])}}
	case 10:
		start := base + g.Int64N(100)
		return logs.Within{Start: start, End: start + g.Int64N(50)}
	}
	return logs.HasFormat{Format: logs.Format(g.IntN(4))}
}

func (g generator) filter(base int64, depth int) logs.Filter {
	if depth == 0 || g.IntN(3) == 0 {
		return g.leaf(base)
	}
	switch g.IntN(4) {
	case 0:
		return logs.Not{Filter: g.filter(base, depth-1)}
	case 1:
		and := logs.And{}
		for range g.IntN(4) {
			and = append(and, g.filter(base, depth-1))
		}
		return and
	}
	or := logs.Or{}
	for range g.IntN(4) {
		or = append(or, g.filter(base, depth-1))
	}
	return or
}

// streams are entries with such values, some at one time, up to the time that is
// returned.
func (g generator) streams(base int64) (streams []model.LogStream, end int64) {
	at := base
	for range 40 {
		st := model.LogStream{Labels: g.labels(4)}
		for range 1 + g.IntN(20) {
			st.Entries = append(st.Entries, model.LogEntry{Time: at, Line: g.text(), Metadata: g.labels(5)})
			at += g.Int64N(2)
		}
		streams = append(streams, st)
	}
	return streams, at + 1
}

// grouping groups by up to three fields, in time or not.
func (g generator) grouping() logs.Grouping {
	out := logs.Grouping{Bytes: g.IntN(2) == 0}
	if g.IntN(2) == 0 {
		out.Step, out.Offset = 1+g.Int64N(60), g.Int64N(100)-50
	}
	for range g.IntN(4) {
		out.By = append(out.By, g.field())
	}
	if g.IntN(2) == 0 {
		f := g.field()
		out.Number = &f
	}
	return out
}

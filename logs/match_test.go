package logs

import (
	"fmt"
	"math"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
)

// testBlock has four entries with times 0 to 3.
func testBlock() *Block {
	return &Block{
		Stream:     model.NewLabels(model.Label{Name: "app", Value: "web"}),
		Times:      []int64{0, 1, 2, 3},
		Lines:      []string{"", "Foo bar", "a\xffb\n", "ÉTÉ 500"},
		Metadata:   []Column{{Name: "id", Values: []string{"1", "", "1e3", "10s"}}},
		Parsed:     []Column{{Name: "level", Values: []string{"", "info", "", "error"}}},
		Formats:    []Format{Raw, JSON, Raw, Logfmt},
		MaybeEqual: []bool{false, true, false, false},
	}
}

func TestMatcher(t *testing.T) {
	line, id, level := Field{}, Field{Metadata, "id"}, Field{Parsed, "level"}
	app, none := Field{Label, "app"}, Field{Metadata, "none"}
	for _, c := range []struct {
		filter Filter
		want   []int
	}{
		{nil, []int{0, 1, 2, 3}},
		{And{}, []int{0, 1, 2, 3}},
		{Or{}, nil},
		{Not{Or{}}, []int{0, 1, 2, 3}},
		{Contains{Field: line, Text: "foo"}, nil},
		{Contains{Field: line, Text: "foo", FoldCase: true}, []int{1}},
		{Contains{Field: line, Text: "été", FoldCase: true}, []int{3}},
		{Contains{Field: line, Text: "\xff"}, []int{2}},
		{Contains{Field: line, Text: "A\xffB", FoldCase: true}, []int{2}},
		{Contains{Field: line, Text: "\xfe", FoldCase: true}, nil},
		{Contains{Field: line}, []int{0, 1, 2, 3}},
		{MatchRegex{line, "^F.*r$"}, []int{1}},
		{MatchRegex{line, "b.$"}, nil},
		{Equals{app, "web"}, []int{0, 1, 2, 3}},
		{Equals{none, ""}, []int{0, 1, 2, 3}},
		{Exists{none}, nil},
		{Exists{id}, []int{0, 2, 3}},
		{In{level, []string{"error", "", "x"}}, []int{0, 2, 3}},
		{NumberRange{id, 1, 1000}, []int{0, 2}},
		{NumberRange{id, 1, math.Nextafter(1000, 0)}, []int{0}},
		{InStreams{[]*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, "app", "w.b")}}, []int{0, 1, 2, 3}},
		{InStreams{[]*labels.Matcher{labels.MustNewMatcher(labels.MatchNotEqual, "app", "web")}}, nil},
		{Within{1, 3}, []int{1, 2}},
		{HasFormat{JSON}, []int{1}},
		{HasFormat{Raw}, []int{0, 2}},
		{MaybeEqual{}, []int{1}},
		{Or{MaybeEqual{}, And{Exists{level}, Not{HasFormat{JSON}}}}, []int{1, 3}},
		{Not{Or{Equals{level, "info"}, Equals{id, "1"}}}, []int{2, 3}},
	} {
		m, err := NewMatcher(c.filter)
		require.NoError(t, err)
		var got []int
		for i, keep := range m.Match(testBlock(), nil) {
			if keep {
				got = append(got, i)
			}
		}
		assert.Equal(t, c.want, got, "%#v", c.filter)
	}
	_, err := NewMatcher(Not{MatchRegex{line, "("}})
	require.ErrorContains(t, err, "missing closing")
	m, err := NewMatcher(And{Exists{id}, Or{Exists{level}, Equals{id, "1"}}})
	require.NoError(t, err)
	assert.Equal(t, []Field{id, level}, m.Fields())
}

func TestParseNumber(t *testing.T) {
	for s, want := range map[string]float64{"0": 0, "-1": -1, "+5": 5, ".5": .5, "5.": 5, "1e3": 1000, "1.5E-1": .15, "007": 7} {
		got, ok := ParseNumber(s)
		assert.True(t, ok, s)
		assert.Equal(t, want, got, s)
	}
	for _, s := range []string{"", ".", "+", "e3", "1e", "1e+", "inf", "NaN", "0x10", "1_000", "10s", " 1", "1 ", "1e400", "1.2.3"} {
		_, ok := ParseNumber(s)
		assert.False(t, ok, s)
	}
}

// TestWeaken checks that a weakened filter matches at least what the filter does,
// for every place that a part can have.
func TestWeaken(t *testing.T) {
	hard, easy := Contains{Text: "o"}, Within{0, 2}
	can := func(leaf Filter) (Filter, bool) { return And{}, leaf != hard }
	for _, f := range []Filter{hard, Not{hard}, And{hard, easy}, Or{hard, easy}, Not{And{hard, easy}}, Not{Or{Not{hard}, easy}}, And{Not{hard}, Not{easy}}} {
		weak, exact := Weaken(f, can)
		assert.False(t, exact)
		w, err := NewMatcher(weak)
		require.NoError(t, err)
		m, err := NewMatcher(f)
		require.NoError(t, err)
		assert.NotContains(t, fmt.Sprintf("%#v", weak), "Contains")
		more := w.Match(testBlock(), nil)
		for i, keep := range m.Match(testBlock(), nil) {
			assert.True(t, more[i] || !keep, "%#v entry %d", f, i)
		}
	}
	weak, exact := Weaken(Not{easy}, can)
	assert.True(t, exact)
	assert.Equal(t, Not{easy}, weak)
}

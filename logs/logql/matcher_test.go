package logql

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// TestMatcher: what a live tail asks of a query, entry by entry.
func TestMatcher(t *testing.T) {
	stream := model.NewLabels(model.Label{Name: "app", Value: "web"})
	entry := &model.LogEntry{Line: `level=error msg=x`, Metadata: model.Labels{{Name: "app", Value: "shadowed"}, {Name: "trace", Value: "1"}}}
	for query, want := range map[string]struct {
		selects, lineOnly, keeps bool
		labels, line             string
	}{
		`{app="web"}`:                                     {true, true, true, `{app="web", app_extracted="shadowed", trace="1"}`, entry.Line},
		`{app="web"} |= "error" != "y" |~ "m.g"`:          {true, true, true, `{app="web", app_extracted="shadowed", trace="1"}`, entry.Line},
		`{app="web"} |= "nothing"`:                        {true, true, false, "", ""},
		`{app="db"} |= "error"`:                           {false, true, true, `{app="web", app_extracted="shadowed", trace="1"}`, entry.Line},
		`{app="web"} | trace="1"`:                         {true, false, true, `{app="web", app_extracted="shadowed", trace="1"}`, entry.Line},
		`{app="web"} | logfmt | line_format "{{.level}}"`: {true, false, true, `{app="web", app_extracted="shadowed", level="error", msg="x", trace="1"}`, "error"},
		`{app="web"} | trace="2"`:                         {true, false, false, "", ""},
	} {
		x, err := Parse(query)
		require.NoError(t, err)
		m, err := NewMatcher(x.(*LogExpr))
		require.NoError(t, err)
		assert.Equal(t, want.selects, m.Selects(stream), query)
		assert.Equal(t, want.lineOnly, m.LineOnly(), query)
		if m.LineOnly() {
			assert.Equal(t, want.keeps, m.KeepsLine(entry.Line), query)
		}
		ls, line, ok := m.Entry(stream, entry)
		assert.Equal(t, want.keeps, ok, query)
		if ok {
			assert.Equal(t, want.labels, ls.String(), query)
			assert.Equal(t, want.line, line, query)
		}
	}
}

func TestPreselect(t *testing.T) {
	for query, want := range map[string]struct {
		lines []logs.LineFilter
		whole bool
	}{
		`{a="b"}`:                            {nil, true},
		`{a="b"} |= "x" != "y"`:              {[]logs.LineFilter{{Text: "x"}, {Text: "y", Not: true}}, true},
		`{a="b"} |= "x" |~ "y"`:              {[]logs.LineFilter{{Text: "x"}}, false},
		`{a="b"} |= "x" or "y"`:              {nil, false},
		`{a="b"} |= ip("10.0.0.0/8")`:        {nil, false},
		`{a="b"} | json |= "x"`:              {[]logs.LineFilter{{Text: "x"}}, false},
		`{a="b"} | line_format "y" |= "x"`:   {nil, false},
		`{a="b"} | level="error" |= "x"`:     {nil, false},
		"{a=\"b\"} |= `x` | line_format `y`": {[]logs.LineFilter{{Text: "x"}}, false},
	} {
		x, err := Parse(query)
		require.NoError(t, err)
		q, whole := Preselect(x.(*LogExpr))
		assert.Equal(t, want.lines, q.Lines, query)
		assert.Equal(t, want.whole, whole, query)
		assert.Len(t, q.Matchers, 1)
	}
}

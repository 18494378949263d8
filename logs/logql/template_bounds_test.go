package logql

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
)

// TestTemplateBounds runs templates that would take memory or time without end.
func TestTemplateBounds(t *testing.T) {
	for _, tmpl := range []string{
		`{{ range 1000000000 }}{{ end }}`,
		`{{ range 90000 }}{{ range 90000 }}{{ end }}{{ end }}`,
		`{{ range fromJson __line__ }}{{ range 100000 }}{{ end }}{{ end }}`,
		`{{ repeat 1000000000 "x" }}`,
		`{{ __line__ ` + strings.Repeat(`| printf "%[1]s%[1]s" `, 40) + `}}`,
		`{{ __line__ ` + strings.Repeat(`| replace "" "0123456789" `, 40) + `}}`,
		`{{ __line__ ` + strings.Repeat(`| b64enc `, 200) + `}}`,
		`{{ regexReplaceAll "" (repeat 100000 "x") (repeat 100000 "y") }}`,
		`{{ alignLeft 2000000000 __line__ }}`,
		`{{ indent 2000000000 __line__ }}`,
	} {
		e, err := Parse("{a=\"b\"} | line_format `" + tmpl + "`")
		require.NoError(t, err, tmpl)
		m, err := NewMatcher(e.(*LogExpr))
		require.NoError(t, err, tmpl)
		begin := time.Now()
		ls, line, ok := m.Entry(model.NewLabels(model.Label{Name: "a", Value: "b"}), &model.LogEntry{Line: "[1,2,3]"})
		require.True(t, ok)
		assert.Equal(t, errTemplateFormat, ls.Get(errorLabel), tmpl)
		assert.Equal(t, "[1,2,3]", line)
		assert.Less(t, time.Since(begin), 5*time.Second, tmpl)
	}
	e, err := Parse("{a=\"b\"} | line_format `{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}`")
	require.NoError(t, err)
	require.ErrorContains(t, Check(e), "templates cannot use other templates")
}

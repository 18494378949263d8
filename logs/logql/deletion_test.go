package logql

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// TestDeletionSelectsWhatTheQueryFinds compares the filter of a deletion with the
// pipeline of its query.
func TestDeletionSelectsWhatTheQueryFinds(t *testing.T) {
	block := &logs.Block{
		Stream: model.NewLabels(model.Label{Name: "app", Value: "web"}, model.Label{Name: "env", Value: "prod"}),
		Lines:  []string{"", "user=ann", "user=bob failed", "line\nbreak", "USER=ANN", "a\xffb", "failed: ann"},
		Metadata: []logs.Column{
			{Name: "level", Values: []string{"", "error", "info", "er\nror", "error", "", "warn"}},
			{Name: "app", Values: []string{"x", "", "web", "x", "", "", ""}},
		},
	}
	block.Times = make([]int64, len(block.Lines))
	selected := 0
	for _, text := range []string{
		`{app="web"}`, `{app="web"} |= ""`, `{app="web"} != ""`, `{app="web"} |= "ann"`, `{app="web"} |= "ann" or "bob"`,
		`{app="web"} != "ann" != "bob"`, `{app="web"} |~ "(?i)ann$"`, `{app="web"} !~ "^user=.*"`, `{app="web"} |~ "line.break"`,
		`{app="web"} | level="error"`, `{app="web"} | level=""`, `{app="web"} | level!="error"`, `{app="web"} | level=~"er.*"`,
		`{app="web"} | level!~"er.*r"`, `{app="web"} | level=~".*"`, `{app="web"} | app="x"`, `{app="web"} | app="web"`,
		`{app="web"} |= "user" | level="error" or level="info"`, `{app="web"} | level=~"error|info", app="web" != "bob"`,
	} {
		streams, entries, err := ParseDeletion(text)
		require.NoError(t, err, text)
		require.Len(t, streams, 1)
		m, err := logs.NewMatcher(entries)
		require.NoError(t, err, text)
		x, err := Parse(text)
		require.NoError(t, err)
		p, err := newLogPipeline(x.(*LogExpr).Stages)
		require.NoError(t, err)
		for i, got := range m.Match(block, nil) {
			require.Equal(t, p.runRow(block, i), got, "%s on line %d %q", text, i, block.Lines[i])
			if got {
				selected++
			}
		}
	}
	require.Greater(t, selected, 50)
}

func TestDeletionsThatAreNotExactAreRefused(t *testing.T) {
	for _, text := range []string{
		`{app="web"} | json`, `{app="web"} | logfmt | level="error"`, `{app="web"} |> "a <_>"`, `{app="web"} |= ip("10.0.0.0/8")`,
		`{app="web"} | size > 10`, `{app="web"} | took > 1s`, `{app="web"} | __error__=""`, `{app="web"} | app_extracted="x"`,
		`{app="web"} | line_format "x"`, `{app="web"} | a="b" or took > 1s`,
	} {
		_, _, err := ParseDeletion(text)
		require.ErrorIs(t, err, ErrUnsupported, text)
	}
	for _, text := range []string{``, `{}`, `{app=~".*"}`, `sum(rate({app="web"}[1m]))`, `{app="web"} |~ "("`} {
		_, _, err := ParseDeletion(text)
		require.ErrorIs(t, err, ErrParse, text)
	}
}

package tenant

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseScope(t *testing.T) {
	for text, want := range map[string]string{
		``:                                  ``,
		` {project="x"} `:                   `{project="x"}`,
		`{project="x", env=~"a|b"}`:         `{env=~"a|b",project="x"}`,
		`{project=~".+",team!="y"}`:         `{project=~".+",team!="y"}`,
		`{project="with \"quotes\" and }"}`: `{project="with \"quotes\" and }"}`,
	} {
		s, err := ParseScope(text)
		require.NoError(t, err, text)
		require.Equal(t, want, s.String())
		require.Equal(t, text == "", s.IsZero())
	}
	for _, text := range []string{
		`{}`, `{project=""}`, `{project=~".*"}`, `{project!="x"}`, `project`, `up{project="x"}`, `{project="x"} or {project="y"}`,
		`{project="x"}[5m]`, `{project=~"("}`, "{project=\"\xff\"}", `{project="` + strings.Repeat("x", 2000) + `"}`,
		`{` + strings.Repeat(`a="b",`, 20) + `}`, `{project="x"`,
	} {
		s, err := ParseScope(text)
		require.ErrorIs(t, err, ErrInvalidScope, text)
		require.True(t, s.IsZero())
	}
}

func FuzzParseScope(f *testing.F) {
	for _, text := range []string{`{project="x"}`, `{a=~"b|c",d!~"e"}`, `{"utf 8"="x"}`, `{a="\xff"}`, `{a='b'}`, "{a=`b`}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScope(text)
		if err != nil || s.IsZero() {
			return
		}
		if s.Allows(func(string) string { return "" }) {
			t.Fatalf("%q allows what has no labels", text)
		}
		again, err := ParseScope(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%q is written %q, which reads as %q, %v", text, s, again, err)
		}
	})
}

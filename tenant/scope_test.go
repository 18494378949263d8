package tenant

import (
	"context"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

func TestScope(t *testing.T) {
	var none Scope
	require.True(t, none.IsZero())
	require.Empty(t, none.String())
	require.True(t, none.Allows(func(string) string { return "" }))
	require.True(t, ScopeFrom(context.Background()).IsZero())

	s := NewScope(labels.MustNewMatcher(labels.MatchEqual, "project", "x"), labels.MustNewMatcher(labels.MatchRegexp, "env", "a|b"))
	require.Equal(t, `{env=~"a|b",project="x"}`, s.String())
	get := func(project, env string) func(string) string {
		return func(name string) string { return map[string]string{"project": project, "env": env}[name] }
	}
	require.True(t, s.Allows(get("x", "a")))
	require.False(t, s.Allows(get("x", "c")))
	require.False(t, s.Allows(get("y", "a")))
	require.Equal(t, s.String(), ScopeFrom(WithScope(context.Background(), s)).String())
}

package logstest

import (
	"context"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// testStreams asks for labels and streams.
func testStreams(t *testing.T, s *store) {
	streams := s.hostile()
	s.append(streams...)
	late := s.numbered(1, "app", "late")
	late.Entries[0].Time += 20 * minute
	s.append(late)

	ctx := context.Background()
	for _, st := range streams {
		for _, l := range st.Labels {
			q := s.query()
			q.Matchers = []*labels.Matcher{match("app", st.Labels.Get("app")), match(l.Name, l.Value)}
			series, err := s.r.Series(ctx, tenant.Default, q, 0)
			require.NoError(t, err)
			assert.Equal(t, []model.Labels{st.Labels}, series, l.Name)
			assert.Len(t, s.lines(q), len(st.Entries), l.Name)
			values, err := s.r.LabelValues(ctx, tenant.Default, s.query(), l.Name)
			require.NoError(t, err)
			assert.Contains(t, values, l.Value)
			assert.True(t, slices.IsSorted(values))
		}
		var want []string
		for _, l := range st.Labels {
			want = append(want, l.Name)
		}
		q := s.query()
		q.Matchers = []*labels.Matcher{match("app", st.Labels.Get("app"))}
		names, err := s.r.LabelNames(ctx, tenant.Default, q)
		require.NoError(t, err)
		assert.Equal(t, want, names)
	}
	values, err := s.r.LabelValues(ctx, tenant.Default, s.query(), "app")
	require.NoError(t, err)
	assert.Equal(t, []string{"hostile", "other", "values"}, values)
	values, err = s.r.LabelValues(ctx, tenant.Default, s.query(), "none")
	require.NoError(t, err)
	assert.Empty(t, values)
	series, err := s.r.Series(ctx, tenant.Default, s.query(), 2)
	require.NoError(t, err)
	assert.Len(t, series, 2)

	// Matchers, alone and as filters.
	for _, c := range []struct {
		typ         labels.MatchType
		name, value string
		want        int
	}{
		{labels.MatchEqual, "app", "other", 1}, {labels.MatchNotEqual, "app", "other", 2}, {labels.MatchRegexp, "app", "o.*r|val.*", 2},
		{labels.MatchRegexp, "app", "o", 0}, {labels.MatchNotRegexp, "app", "o.*", 2}, {labels.MatchEqual, "space", "", 2},
		{labels.MatchNotEqual, "space", "", 1}, {labels.MatchRegexp, "space", ".*", 3}, {labels.MatchRegexp, "none", "a|", 3}, {labels.MatchEqual, "é", "ü", 1},
	} {
		m := labels.MustNewMatcher(c.typ, c.name, c.value)
		q := s.query()
		q.Matchers = []*labels.Matcher{m}
		series, err := s.r.Series(ctx, tenant.Default, q, 0)
		require.NoError(t, err)
		assert.Len(t, series, c.want, m.String())
		byMatcher := s.lines(q)
		q.Matchers, q.Where = nil, logs.InStreams{Matchers: []*labels.Matcher{m}}
		assert.Equal(t, byMatcher, s.lines(q), m.String())
	}

	// A stream that comes later is found at once.
	q := s.query()
	q.Matchers = []*labels.Matcher{match("app", "new")}
	for i := range 3 {
		assert.Len(t, s.lines(q), i)
		st := s.numbered(1, "app", "new", "n", string(rune('a'+i)))
		s.append(st)
	}
}

// Package logstest checks that an engine keeps the contract of package logs. Every
// engine runs the same suite.
package logstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Open returns an empty store; it is closed by the test's clean-up.
type Open func(t *testing.T) (logs.Appender, logs.Reader)

// Run checks the store that open returns.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *store)
	}{
		{"round trip", testRoundTrip},
		{"tenants", testTenants},
		{"refusal", testRefusal},
		{"lines", testLines},
		{"columns", testColumns},
		{"bounds", testBounds},
		{"limits", testLimits},
		{"stop", testStop},
		{"parallel", testParallel},
		{"streams", testStreams},
		{"parsed", testParsed},
		{"parsed bounds", testParsedBounds},
		{"numbers", testNumbers},
		{"maybe equal", testMaybeEqual},
		{"random", testRandom},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &store{t: t, base: time.Now().Add(-time.Hour).Truncate(time.Minute).UnixNano()}
			s.w, s.r = open(t)
			c.run(t, s)
		})
	}
}

// store is a store under test. Entries lie within the minutes from base on.
type store struct {
	t    *testing.T
	w    logs.Appender
	r    logs.Reader
	base int64
}

const minute = int64(time.Minute)

func (s *store) append(streams ...model.LogStream) {
	s.t.Helper()
	require.NoError(s.t, s.w.Append(context.Background(), tenant.Default, streams))
}

// query selects everything that tests append.
func (s *store) query() logs.Query {
	return logs.Query{Start: s.base, End: s.base + 10*minute}
}

// entry is an entry outside a block.
type entry struct {
	Stream     string
	Time       int64
	Line       string
	Metadata   model.Labels
	Parsed     model.Labels
	Format     logs.Format
	MaybeEqual bool
}

// entries returns the i-th entries of a block as copies.
func entries(b *logs.Block) []entry {
	out := make([]entry, len(b.Times))
	for i := range out {
		e := entry{Stream: strings.Clone(b.Stream.String()), Time: b.Times[i], Format: b.Format(i),
			Metadata: values(b.Metadata, i), Parsed: values(b.Parsed, i), MaybeEqual: b.MaybeEqual == nil || b.MaybeEqual[i]}
		if b.Lines != nil {
			e.Line = strings.Clone(b.Lines[i])
		}
		out[i] = e
	}
	return out
}

func values(cs []logs.Column, i int) model.Labels {
	ls := model.Labels{}
	for _, c := range cs {
		if c.Values[i] != "" {
			ls = append(ls, model.Label{Name: strings.Clone(c.Name), Value: strings.Clone(c.Values[i])})
		}
	}
	slices.SortFunc(ls, func(a, b model.Label) int { return strings.Compare(a.Name, b.Name) })
	return ls
}

// selected returns the entries of a query in the order in which they came.
func (s *store) selected(q logs.Query) []entry {
	s.t.Helper()
	var mu sync.Mutex
	var out []entry
	err := s.r.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
		mu.Lock()
		defer mu.Unlock()
		s.checkBlock(q, b)
		out = append(out, entries(b)...)
		return nil
	})
	require.NoError(s.t, err, "%#v", q)
	return out
}

// checkBlock checks what holds for each block.
func (s *store) checkBlock(q logs.Query, b *logs.Block) {
	s.t.Helper()
	n := len(b.Times)
	require.Positive(s.t, n, "an empty block")
	require.Equal(s.t, q.NoLines, b.Lines == nil, "lines")
	if !q.NoLines {
		require.Len(s.t, b.Lines, n)
	}
	for _, c := range slices.Concat(b.Metadata, b.Parsed) {
		require.Len(s.t, c.Values, n, c.Name)
	}
	if b.Formats != nil {
		require.Len(s.t, b.Formats, n)
	}
	if q.MaybeEqual && b.MaybeEqual != nil {
		require.Len(s.t, b.MaybeEqual, n)
	}
	require.True(s.t, slices.IsSortedFunc(b.Stream, func(a, b model.Label) int { return strings.Compare(a.Name, b.Name) }))
}

// lines returns the lines of a query, sorted.
func (s *store) lines(q logs.Query) []string {
	s.t.Helper()
	var out []string
	for _, e := range s.selected(q) {
		out = append(out, e.Line)
	}
	slices.Sort(out)
	return out
}

func labelsOf(pairs ...string) model.Labels {
	ls := make([]model.Label, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		ls = append(ls, model.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return model.NewLabels(ls...)
}

func match(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

// numbered is a stream with n entries, a millisecond apart, whose lines are "line i".
func (s *store) numbered(n int, pairs ...string) model.LogStream {
	st := model.LogStream{Labels: labelsOf(pairs...)}
	for i := range n {
		st.Entries = append(st.Entries, model.LogEntry{Time: s.base + int64(i)*int64(time.Millisecond), Line: fmt.Sprint("line ", i)})
	}
	return st
}

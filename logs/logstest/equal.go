package logstest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// testMaybeEqual appends entries again, in one batch and in later ones. The store may
// keep them once or each time, but never call two that are equal distinct.
func testMaybeEqual(t *testing.T, s *store) {
	type key struct {
		stream, line string
		time         int64
	}
	pushed := map[key]int{}
	push := func(streams ...model.LogStream) {
		for _, st := range streams {
			for _, e := range st.Entries {
				pushed[key{st.Labels.String(), e.Line, e.Time}]++
			}
		}
		s.append(streams...)
	}
	a, b := s.numbered(50, "app", "a"), s.numbered(50, "app", "b")
	twice := a
	twice.Entries = append(append([]model.LogEntry{}, a.Entries...), a.Entries[10:20]...)
	push(twice, b)
	push(b)
	for i := range 3 {
		again := model.LogStream{Labels: a.Labels, Entries: append([]model.LogEntry{}, a.Entries[i*15:i*15+20]...)}
		for j := range again.Entries {
			again.Entries[j].Metadata = labelsOf("attempt", fmt.Sprint(i)) // equal all the same
		}
		push(again)
	}

	q := s.query()
	q.MaybeEqual = true
	got, distinct := map[key]int{}, map[key]int{}
	marked := 0
	for _, e := range s.selected(q) {
		k := key{e.Stream, e.Line, e.Time}
		got[k]++
		if e.MaybeEqual {
			marked++
		} else {
			distinct[k]++
		}
	}
	require.Len(t, got, len(pushed))
	for k, n := range got {
		assert.LessOrEqual(t, n, pushed[k], k)
		assert.LessOrEqual(t, distinct[k], 1, k)
	}
	q.Where = logs.MaybeEqual{}
	for _, e := range s.selected(q) {
		assert.True(t, e.MaybeEqual)
		marked--
	}
	assert.Zero(t, marked, "the filter and the column differ")

	// What the documentation of logs.MaybeEqual says: a count without equals.
	q.Where = logs.Not{Filter: logs.MaybeEqual{}}
	count := 0
	seen := map[key]bool{}
	for _, e := range s.selected(q) {
		require.False(t, e.MaybeEqual)
		count++
		seen[key{e.Stream, e.Line, e.Time}] = true
	}
	q.Where = logs.MaybeEqual{}
	for _, e := range s.selected(q) {
		if k := (key{e.Stream, e.Line, e.Time}); !seen[k] {
			seen[k] = true
			count++
		}
	}
	assert.Equal(t, len(pushed), count)
}

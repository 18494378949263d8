package logstest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// many appends entries of many streams, so that queries see many blocks.
func (s *store) many() (total int) {
	const streams, each = 40, 500
	var sts []model.LogStream
	for i := range streams {
		sts = append(sts, s.numbered(each, "app", string(rune('a'+i%26)), "n", string(rune('A'+i/26))))
	}
	s.append(sts...)
	return streams * each
}

// testStop ends queries from within emit, with and without an error.
func testStop(t *testing.T, s *store) {
	s.many()
	failure := errors.New("emit failed")
	for _, c := range []struct{ give, want error }{{logs.ErrStop, nil}, {failure, failure}} {
		for _, limit := range []int{0, 1000} {
			for _, parallel := range []bool{false, true} {
				q := s.query()
				q.Limit, q.Parallel = limit, parallel
				var calls atomic.Int32
				err := s.r.Select(t.Context(), tenant.Default, q, func(*logs.Block) error {
					calls.Add(1)
					return c.give
				})
				require.ErrorIs(t, err, c.want)
				if !parallel || limit > 0 {
					assert.EqualValues(t, 1, calls.Load())
				}
			}
		}
	}
}

// testParallel wants calls of emit apart unless they may overlap, and then no two
// of one worker at a time; each sees its own block until it returns.
func testParallel(t *testing.T, s *store) {
	total := s.many()
	for _, parallel := range []bool{false, true} {
		q := s.query()
		q.Parallel, q.AllParsed, q.MaybeEqual = parallel, true, true
		var mu sync.Mutex
		busy := map[int]bool{}
		n := 0
		err := s.r.Select(t.Context(), tenant.Default, q, func(b *logs.Block) error {
			mu.Lock()
			worker := b.Worker
			require.GreaterOrEqual(t, worker, 0)
			require.Less(t, worker, 4096)
			assert.False(t, busy[worker], "two calls of one worker")
			assert.True(t, parallel || len(busy) == 0, "calls overlap")
			busy[worker] = true
			n += len(b.Times)
			mu.Unlock()
			before := entries(b)
			time.Sleep(time.Millisecond)
			assert.Equal(t, before, entries(b), "the block changed during emit")
			mu.Lock()
			delete(busy, worker)
			mu.Unlock()
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, total, n)
	}
}

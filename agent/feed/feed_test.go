package feed

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/pipeline"
)

// TestRanges makes pieces done in a random order and compares with a set of bytes.
func TestRanges(t *testing.T) {
	for range 200 {
		const size = 60
		var r Ranges
		var done [size + 1]bool
		for range 40 {
			from := rand.Int64N(size)
			to := from + rand.Int64N(size-from) + 1
			r.Add(from, to)
			for i := from; i < to; i++ {
				done[i] = true
			}
			low := int64(0)
			for done[low] {
				low++
			}
			require.Equal(t, low, r.Low)
			for at := int64(0); at < size; at++ {
				next := at
				for done[next] {
					next++
				}
				require.Equal(t, next, r.From(at), "from %d with %+v", at, r)
			}
		}
	}
}

// broken is a queue that fails when it is told to.
type broken struct {
	batches []ship.Batch
	fail    error
}

func (b *broken) Append(_ context.Context, batch ship.Batch) error {
	if b.fail != nil {
		return b.fail
	}
	batch.Entries = append([]ship.Entry(nil), batch.Entries...)
	b.batches = append(b.batches, batch)
	return nil
}

type place struct {
	r    Ranges
	kept int64
}

func (p *place) Done(from, to int64) { p.r.Add(from, to) }
func (p *place) State() (ship.State, bool) {
	return ship.State{Key: "p", Value: []byte{byte(p.r.Low)}}, true
}
func (p *place) Kept() { p.kept = p.r.Low }

func TestLinesAndStateAreOneRecord(t *testing.T) {
	q := &broken{}
	f := New(Config{Job: "j", Chain: pipeline.NewChain(nil, nil), Queue: q})
	p := &place{}
	id := f.Register(p)
	push := func(text string, from, to int64) {
		require.NoError(t, f.Push(t.Context(), Line{Text: text, Labels: map[string]string{"b": "2", "a": "1", "empty": ""}, Source: id, From: from, To: to}))
	}
	push("one", 0, 4)
	push("one", 4, 8)
	q.fail = errors.New("disk is gone")
	require.Error(t, f.Tick(t.Context()))
	require.Zero(t, p.kept, "what is not kept is not acknowledged")
	q.fail = nil
	require.NoError(t, f.Tick(t.Context()))
	require.Equal(t, int64(8), p.kept)
	require.Len(t, q.batches, 1)
	b := q.batches[0]
	require.Equal(t, []ship.State{{Key: "p", Value: []byte{8}}}, b.State)
	require.Equal(t, `{a="1", b="2"}`, b.Entries[0].Labels.String())
	require.Less(t, b.Entries[0].Entry.Time, b.Entries[1].Entry.Time, "two equal lines of one moment are two")
	require.NoError(t, f.Tick(t.Context()))
	require.Len(t, q.batches, 1, "nothing new, no record")
}

func TestLimits(t *testing.T) {
	q := &broken{}
	limits := (&Limits{MaxLine: 4, Rate: 0.001, Burst: 2, Drop: true}).Init()
	f := New(Config{Job: "j", Chain: pipeline.NewChain(nil, nil), Queue: q, Limits: limits})
	p := &place{}
	id := f.Register(p)
	for i, text := range []string{"fits", "too long", "above the rate"} {
		require.NoError(t, f.Push(t.Context(), Line{Text: text, Source: id, From: int64(i), To: int64(i + 1)}))
	}
	require.NoError(t, f.Tick(t.Context()))
	require.Len(t, q.batches[0].Entries, 1)
	require.Equal(t, int64(3), p.kept, "what is dropped on purpose is done")

	limits = (&Limits{MaxLine: 4, Truncate: true, Rate: 20, Burst: 1}).Init()
	f = New(Config{Job: "j", Chain: pipeline.NewChain(nil, nil), Queue: q, Limits: limits})
	began := time.Now()
	for range 3 {
		require.NoError(t, f.Push(t.Context(), Line{Text: "too long"}))
	}
	require.NoError(t, f.Tick(t.Context()))
	require.GreaterOrEqual(t, time.Since(began), 80*time.Millisecond, "lines above the rate wait")
	require.Equal(t, "too ", q.batches[1].Entries[0].Entry.Line)
}

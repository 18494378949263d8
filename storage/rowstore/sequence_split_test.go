package rowstore

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSplitNumbers asks for ranges of numbers over rows whose numbers are split and
// rows from before, which have whole ones.
func TestSplitNumbers(t *testing.T) {
	now := time.Now().Add(-time.Hour).UnixNano()
	rows := func(n, stream int) []Row {
		out := make([]Row, n)
		for i := range out {
			out[i] = Row{Time: now + int64(i), Stream: []Field{{"app", strconv.Itoa(stream)}}, Fields: []Field{{MessageField, "x"}}}
		}
		return out
	}
	const whole = 700
	s := openWithOld(t, rows(whole, 0))
	defer func() { require.NoError(t, s.Close()) }()
	for batch := range 5 {
		require.NoError(t, s.Append(t.Context(), "t", rows(300, batch)))
	}
	numbers := func(f Filter) (out []uint64) {
		q := Query{Start: now - 1, End: now + whole + 1, Columns: []string{}, Sequence: true, Filter: f}
		require.NoError(t, s.Query(t.Context(), "t", q, func(b *Block) error {
			require.Len(t, b.Column(SequenceColumn), len(b.Times))
			for _, v := range b.Column(SequenceColumn) {
				n, err := strconv.ParseUint(v, 10, 64)
				require.NoError(t, err)
				out = append(out, n)
			}
			return nil
		}))
		slices.Sort(out)
		return out
	}
	all := numbers(nil)
	require.Len(t, all, whole+5*300)
	require.Len(t, slices.Compact(slices.Clone(all)), len(all))
	last := all[len(all)-1] + 2
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 200 {
		f := Numbered{rng.Uint64N(last), rng.Uint64N(last)}
		if n%4 == 0 { // within one step, or at its borders
			f.First = f.First / sequenceStep * sequenceStep
			f.Before = f.First + rng.Uint64N(sequenceStep+2)
		}
		var want []uint64
		for _, n := range all {
			if n >= f.First && n < f.Before {
				want = append(want, n)
			}
		}
		require.Equal(t, want, numbers(f), "%+v", f)
		require.Len(t, numbers(Not{f}), len(all)-len(want), "%+v", f)
	}
}

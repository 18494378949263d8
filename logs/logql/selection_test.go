package logql

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSelectAt compares places with those of sorted values: of many kinds, with many
// equal ones, in orders that are bad for a choice of pivots.
func TestSelectAt(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 2000 {
		vs := make([]float64, 1+rng.IntN(300))
		kinds := 1 + rng.IntN(len(vs))
		for i := range vs {
			switch rng.IntN(20) {
			case 0:
				vs[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[rng.IntN(3)]
			default:
				vs[i] = float64(rng.IntN(kinds))
			}
		}
		switch n % 4 {
		case 1:
			slices.Sort(vs)
		case 2: // organ pipes
			half := len(vs) / 2
			slices.Sort(vs[:half])
			slices.SortFunc(vs[half:], func(a, b float64) int { return cmp.Compare(b, a) })
		}
		want := slices.Sorted(slices.Values(vs))
		k := rng.IntN(len(vs))
		selectAt(vs, k)
		require.Zero(t, cmp.Compare(want[k], vs[k]))
		for i, v := range vs {
			require.False(t, i < k && cmp.Less(vs[k], v) || i > k && cmp.Less(v, vs[k]))
		}
		slices.Sort(vs)
		require.Zero(t, slices.Compare(want, vs))
	}
}

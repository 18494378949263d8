package tail

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrder plays pushes that overtake each other and compares each position with a
// plain set of what was published.
func TestOrder(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		const before = 1000
		var o order
		o.start(before)
		type push struct{ mark, first, n uint64 }
		var flying, numbered []push
		published, next := map[uint64]bool{}, uint64(before+1)
		for range 400 {
			switch k := rng.IntN(4); {
			case k == 0 && len(flying) < 20:
				flying = append(flying, push{mark: o.begin()})
			case k == 1 && len(flying) > 0: // the store numbers it
				i := rng.IntN(len(flying))
				p := flying[i]
				flying = append(flying[:i], flying[i+1:]...)
				p.first, p.n = next, uint64(rng.IntN(5)+1)
				next += p.n + uint64(rng.IntN(2)*3) // or refuses another, whose numbers are lost
				numbered = append(numbered, p)
			case k == 2 && len(numbered) > 0:
				i := rng.IntN(len(numbered))
				p := numbered[i]
				numbered = append(numbered[:i], numbered[i+1:]...)
				if rng.IntN(8) == 0 {
					o.end(p.mark, 0, 0)
					break
				}
				o.end(p.mark, p.first, p.n)
				for j := range p.n {
					published[p.first+j] = true
				}
			case k == 3 && len(flying) > 0 && rng.IntN(4) == 0:
				o.end(flying[0].mark, 0, 0)
				flying = flying[1:]
			}
			p := o.position()
			require.LessOrEqual(t, len(p.ahead), len(flying)+len(numbered)+1+len(published))
			for _, q := range numbered { // under way: not published, and not below
				for j := range q.n {
					require.False(t, p.has(q.first+j), "seed %d: %d of %+v", seed, q.first+j, p)
				}
			}
			for n := range published {
				require.True(t, p.has(n), "seed %d: %d of %+v", seed, n, p)
			}
			back, err := ParseCursor(p.Cursor())
			require.NoError(t, err)
			if len(p.ahead) <= maxSpans {
				require.Equal(t, p.Low, back.Low)
				require.Equal(t, append([]span(nil), p.ahead...), back.ahead)
				require.Equal(t, p.time, back.time)
			}
		}
	}
}

func TestCursorOfAStoreWithoutNumbers(t *testing.T) {
	p := &Position{unnumbered: true, time: 1_795_000_000_000_000_000}
	back, err := ParseCursor(p.Cursor())
	require.NoError(t, err)
	require.Equal(t, p, back)
}

// FuzzParseCursor: whatever a client sends is refused or is a cursor that reads the
// same again.
func FuzzParseCursor(f *testing.F) {
	for _, p := range []*Position{
		{}, {Low: 5, time: 7}, {Low: 5, time: 7, ahead: []span{{7, 7}, {9, 12}}}, {unnumbered: true, time: 3}, {Low: 1<<64 - 1},
	} {
		f.Add(p.Cursor())
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseCursor(text)
		if err != nil {
			require.ErrorIs(t, err, ErrBadCursor)
			return
		}
		again, err := ParseCursor(p.Cursor())
		require.NoError(t, err)
		require.Equal(t, p, again)
		p.has(3)
		p.upTo(p.top() / 2)
	})
}

package feed

import (
	"slices"
	"sort"
)

// Ranges are the parts of an input that are done: everything before Low, and Done
// above it, sorted and apart from each other. It grows with what stages hold back, not
// with the input.
type Ranges struct {
	Low  int64
	Done [][2]int64
}

// Add makes [from, to) done.
func (r *Ranges) Add(from, to int64) {
	if to <= from || to <= r.Low {
		return
	}
	if from <= r.Low {
		r.Low = to
		n := 0
		for n < len(r.Done) && r.Done[n][0] <= r.Low {
			r.Low = max(r.Low, r.Done[n][1])
			n++
		}
		r.Done = slices.Delete(r.Done, 0, n)
		return
	}
	i := sort.Search(len(r.Done), func(i int) bool { return r.Done[i][1] >= from })
	j := i
	for j < len(r.Done) && r.Done[j][0] <= to {
		from, to = min(from, r.Done[j][0]), max(to, r.Done[j][1])
		j++
	}
	r.Done = slices.Replace(r.Done, i, j, [2]int64{from, to})
}

// From is where to go on at or after at: at itself, or the end of the range that holds
// it.
func (r *Ranges) From(at int64) int64 {
	if at < r.Low {
		return r.Low
	}
	i := sort.Search(len(r.Done), func(i int) bool { return r.Done[i][1] > at })
	if i < len(r.Done) && r.Done[i][0] <= at {
		return r.Done[i][1]
	}
	return at
}

// Clone is a copy that shares nothing.
func (r *Ranges) Clone() Ranges { return Ranges{r.Low, slices.Clone(r.Done)} }

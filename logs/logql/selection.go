package logql

import (
	"cmp"
	"math/bits"
	"slices"
)

// sortFrom is up to how many values sorting is as fast as selecting.
const sortFrom = 32

// selectAt moves the values so that the one at place k is what it were if they were
// sorted (NaN first), no greater one before it and no lesser one behind. On average it
// looks at each value three times; values that were made to slow it down are sorted.
func selectAt(vs []float64, k int) {
	for tries := 2 * bits.Len(uint(len(vs))); len(vs) > sortFrom; tries-- {
		if tries == 0 {
			break
		}
		less, greater := partition(vs, medianOfThree(vs))
		switch {
		case k < less:
			vs = vs[:less]
		case k >= greater:
			vs, k = vs[greater:], k-greater
		default:
			return // among the equal ones
		}
	}
	slices.Sort(vs)
}

func medianOfThree(vs []float64) float64 {
	a, b, c := vs[0], vs[len(vs)/2], vs[len(vs)-1]
	if cmp.Less(b, a) {
		a, b = b, a
	}
	if cmp.Less(c, b) {
		b = c
	}
	if cmp.Less(b, a) {
		b = a
	}
	return b
}

// partition moves what is less than the pivot before vs[less], and what is greater to
// vs[greater] and behind.
func partition(vs []float64, pivot float64) (less, greater int) {
	greater = len(vs)
	for i := 0; i < greater; {
		switch v := vs[i]; {
		case cmp.Less(v, pivot):
			vs[i], vs[less] = vs[less], v
			less++
			i++
		case cmp.Less(pivot, v):
			greater--
			vs[i], vs[greater] = vs[greater], v
		default:
			i++
		}
	}
	return less, greater
}

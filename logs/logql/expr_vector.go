package logql

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/pharosd/pharos/model"
)

// group is what series of one step with the same labels after grouping make.
type group struct {
	labels model.Labels
	key    string

	n           float64
	value, mean float64
	members     []sample // of topk, bottomk, sort, sort_desc
}

type vectorEvaluator struct {
	e    *VectorAggregation
	next evaluator
	// names keeps the grouped labels of each series: they are the same in every
	// step.
	names map[string]*group
}

func (q *query) newVectorAggregation(ctx context.Context, e *VectorAggregation) (evaluator, error) {
	next, err := q.aggregated(ctx, e)
	if err != nil {
		return nil, err
	}
	return &vectorEvaluator{e: e, next: next, names: map[string]*group{}}, nil
}

// aggregated returns the evaluator of the operand. A sum of counts needs only
// the labels it groups by.
func (q *query) aggregated(ctx context.Context, e *VectorAggregation) (evaluator, error) {
	r, ok := e.Expr.(*RangeAggregation)
	if ok && e.Op == opSum && r.Grouping == nil {
		switch r.Op {
		case opBytesOverTime, opBytesRate, opSumOverTime, opRate, opCountOverTime:
			return q.newRange(ctx, r, &e.Grouping)
		}
	}
	return q.evaluator(ctx, e.Expr)
}

func (v *vectorEvaluator) at(t int64) ([]sample, error) {
	vec, err := v.next.at(t)
	if err != nil {
		return nil, err
	}
	groups := map[*group]bool{}
	var order []*group
	for _, s := range vec {
		g := v.group(s)
		if !groups[g] {
			groups[g] = true
			order = append(order, g)
			g.n, g.value, g.mean, g.members = 0, 0, 0, g.members[:0]
		}
		g.add(v.e.Op, s)
	}
	out := make([]sample, 0, len(order))
	for _, g := range order {
		out = g.result(v.e, out)
	}
	return out, nil
}

// group returns the group that a series belongs to.
func (v *vectorEvaluator) group(s sample) *group {
	if g := v.names[s.key]; g != nil {
		return g
	}
	ls := groupLabels(s.labels, v.e.Grouping)
	key := labelsKey(ls)
	g := v.names["\xff"+key] // no series' own key begins so
	if g == nil {
		g = &group{labels: ls, key: key}
		v.names["\xff"+key] = g
	}
	v.names[s.key] = g
	return g
}

func groupLabels(ls model.Labels, g Grouping) model.Labels {
	out := make(model.Labels, 0, len(ls))
	for _, l := range ls {
		if slices.Contains(g.Labels, l.Name) != g.Without {
			out = append(out, l)
		}
	}
	return out
}

func (g *group) add(op string, s sample) {
	g.n++
	first := g.n == 1
	switch op {
	case opSum:
		g.value += s.value
	case opAvg:
		if first {
			g.mean = s.value
		} else if !math.IsInf(g.mean, 0) || math.IsNaN(s.value) || math.IsInf(s.value, 0) && (g.mean > 0) != (s.value > 0) {
			g.mean += (s.value - g.mean) / g.n
		}
	case opMax:
		if first || g.value < s.value || math.IsNaN(g.value) {
			g.value = s.value
		}
	case opMin:
		if first || g.value > s.value || math.IsNaN(g.value) {
			g.value = s.value
		}
	case opStddev, opStdvar:
		d := s.value - g.mean
		g.mean += d / g.n
		g.value += d * (s.value - g.mean)
	case opTopK, opApproxTopK, opBottomK, opSort, opSortDesc:
		g.members = append(g.members, s)
	}
}

func (g *group) result(e *VectorAggregation, out []sample) []sample {
	v := g.value
	switch e.Op {
	case opAvg:
		v = g.mean
	case opCount:
		v = g.n
	case opStdvar:
		v = g.value / g.n
	case opStddev:
		v = math.Sqrt(g.value / g.n)
	case opTopK, opApproxTopK, opSortDesc, opBottomK, opSort:
		return append(out, g.ordered(e)...)
	}
	return append(out, sample{g.labels, g.key, v})
}

// ordered sorts the members, best first; NaN comes last. topk and bottomk keep
// the first few. approx_topk is exact here, which it may be.
func (g *group) ordered(e *VectorAggregation) []sample {
	descending := e.Op != opBottomK && e.Op != opSort
	slices.SortStableFunc(g.members, func(a, b sample) int {
		if an, bn := math.IsNaN(a.value), math.IsNaN(b.value); an != bn {
			if an {
				return 1
			}
			return -1
		}
		if descending {
			return cmp.Compare(b.value, a.value)
		}
		return cmp.Compare(a.value, b.value)
	})
	if e.Param > 0 && len(g.members) > e.Param {
		return g.members[:e.Param]
	}
	return g.members
}

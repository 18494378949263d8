package logql

import (
	"context"
	"fmt"
	"slices"

	"github.com/pharosd/pharos/model"
)

// sample is a value of a series at one step.
type sample struct {
	labels model.Labels
	key    string // labelsKey(labels)
	value  float64
}

// evaluator yields the vector of a step. Steps are asked for in order. The
// vector may be changed by the caller.
type evaluator interface {
	at(t int64) ([]sample, error)
}

const millisecond = 1e6 // nanoseconds

func (q *query) evalMetric(ctx context.Context, x MetricExpr) (Value, error) {
	if v, ok := x.(*Literal); ok && q.params.Instant() {
		return Scalar{q.params.Start / millisecond, v.Value}, nil
	}
	ev, err := q.evaluator(ctx, x)
	if err != nil {
		return nil, err
	}
	if q.params.Instant() {
		return q.vector(ev, x)
	}
	return q.matrix(ctx, ev)
}

func (q *query) vector(ev evaluator, x MetricExpr) (Value, error) {
	vec, err := ev.at(q.params.Start)
	if err != nil {
		return nil, err
	}
	if err := q.seriesLimit(len(vec)); err != nil {
		return nil, err
	}
	out := make(Vector, len(vec))
	for i, s := range vec {
		out[i] = Sample{s.labels, q.params.Start / millisecond, s.value}
	}
	if !sorts(x) {
		slices.SortFunc(out, func(a, b Sample) int { return compareLabels(a.Labels, b.Labels) })
	}
	q.stats.Returned = int64(len(out))
	return out, nil
}

// sorts says whether the query has sort or sort_desc, whose order counts.
func sorts(x Expr) bool {
	found := false
	walk(x, func(e Expr) {
		a, ok := e.(*VectorAggregation)
		found = found || ok && (a.Op == opSort || a.Op == opSortDesc)
	})
	return found
}

func (q *query) matrix(ctx context.Context, ev evaluator) (Value, error) {
	out := Matrix{}
	index := map[string]int{}
	for t := q.params.Start; ; t += q.params.Step {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		vec, err := ev.at(t)
		if err != nil {
			return nil, err
		}
		for _, s := range vec {
			i, ok := index[s.key]
			if !ok {
				if err := q.seriesLimit(len(out) + 1); err != nil {
					return nil, err
				}
				i = len(out)
				index[s.key] = i
				out = append(out, Series{Labels: s.labels})
			}
			out[i].Points = append(out[i].Points, Point{t / millisecond, s.value})
		}
		q.stats.Returned += int64(len(vec))
		if q.params.End-t < q.params.Step {
			break
		}
	}
	slices.SortFunc(out, func(a, b Series) int { return compareLabels(a.Labels, b.Labels) })
	return out, nil
}

func (q *query) evaluator(ctx context.Context, x MetricExpr) (evaluator, error) {
	switch x := x.(type) {
	case *Literal:
		return constant(x.Value), nil
	case *VectorLiteral:
		return constant(x.Value), nil
	case *RangeAggregation:
		return q.newRange(ctx, x, nil)
	case *VectorAggregation:
		return q.newVectorAggregation(ctx, x)
	case *LabelReplace:
		return q.newLabelReplace(ctx, x)
	case *BinaryOp:
		return q.newBinary(ctx, x)
	case *Variants:
		return q.newVariants(ctx, x)
	}
	panic(fmt.Sprintf("BUG: unknown expression %T", x))
}

// constant is a number at every step.
type constant float64

func (c constant) at(int64) ([]sample, error) {
	return []sample{{labels: model.Labels{}, value: float64(c)}}, nil
}

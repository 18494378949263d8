package logql

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/model"
)

// variantLabel tells the series of a variant, by its place in the query.
const variantLabel = "__variant__"

// Variants is variants(a, b) of ({...} | ... [5m]): several aggregations of the
// lines of one selector, which each variant's windows and unwrap are applied to. As
// in Loki the pipeline of a variant runs behind the common one if there is a vector
// aggregation around it, and is ignored if there is none. Loki drops the series of a
// variant that aggregates without labels; here they have the label as others do.
type Variants struct {
	Variants []MetricExpr
	Of       *LogRange
}

func (*Variants) expr()       {}
func (*Variants) metricExpr() {}

func (v *Variants) String() string {
	texts := make([]string, len(v.Variants))
	for i, x := range v.Variants {
		texts[i] = x.String()
	}
	return "variants(" + strings.Join(texts, ", ") + ") of (" + v.Of.String() + ")"
}

// variants reads what stands at the begin of a query only.
func (p *parser) variants() Expr {
	p.advance()
	p.expect("(")
	v := &Variants{Variants: []MetricExpr{p.metricExpr()}}
	for p.accept(",") {
		v.Variants = append(v.Variants, p.metricExpr())
	}
	p.expect(")")
	if !p.accept("of") {
		p.unexpected("of")
	}
	p.expect("(")
	v.Of = p.logRange()
	p.expect(")")
	return v
}

// over returns the aggregation with other lines.
func (e *RangeAggregation) over(ms []*labels.Matcher, stages []StageExpr) *RangeAggregation {
	own, r := *e, *e.Range
	r.Log = &LogExpr{Matchers: ms, Stages: stages}
	own.Range = &r
	return &own
}

// variantsEvaluator puts the vectors of all variants one behind the other.
type variantsEvaluator []evaluator

func (q *query) newVariants(ctx context.Context, v *Variants) (evaluator, error) {
	var out variantsEvaluator
	for _, x := range v.Variants {
		x, err := variant(x, v.Of)
		if err != nil {
			return nil, err
		}
		ev, err := q.evaluator(ctx, x)
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}

// variant returns the query that a variant is short for.
func variant(x MetricExpr, of *LogRange) (MetricExpr, error) {
	switch x := x.(type) {
	case *RangeAggregation:
		return x.over(of.Log.Matchers, of.Log.Stages), nil
	case *VectorAggregation:
		r, ok := x.Expr.(*RangeAggregation)
		if !ok {
			return nil, executionErrorf("expected a range aggregation in a variant, got %s", x.Expr)
		}
		own := *x
		own.Expr = r.over(of.Log.Matchers, slices.Concat(of.Log.Stages, r.Range.Log.Stages))
		return &own, nil
	}
	return nil, executionErrorf("a variant must be a range aggregation or a vector aggregation of one, got %s", x)
}

func (v variantsEvaluator) at(t int64) ([]sample, error) {
	var out []sample
	for i, ev := range v {
		vec, err := ev.at(t)
		if err != nil {
			return nil, err
		}
		label := model.Label{Name: variantLabel, Value: strconv.Itoa(i)}
		for _, s := range vec {
			ls := append(groupLabels(s.labels, Grouping{Without: true, Labels: []string{variantLabel}}), label)
			sortLabels(ls)
			out = append(out, sample{ls, labelsKey(ls), s.value})
		}
	}
	return out, nil
}

package logql

import (
	"context"
	"math"
	"slices"

	"github.com/pharosd/pharos/model"
)

// arithmetic returns the value of a op b; comparisons are 1 or 0, and also
// returned as truth. Division by zero is no number, not an infinity.
func arithmetic(op string, a, b float64) (v float64, truth bool) {
	if comparisons[op] {
		if compare(op, a, b) {
			return 1, true
		}
		return 0, false
	}
	switch op {
	case "+":
		v = a + b
	case "-":
		v = a - b
	case "*":
		v = a * b
	case "/":
		if v = math.NaN(); b != 0 {
			v = a / b
		}
	case "%":
		if v = math.NaN(); b != 0 {
			v = math.Mod(a, b)
		}
	case "^":
		v = math.Pow(a, b)
	}
	return v, true
}

func (q *query) newBinary(ctx context.Context, e *BinaryOp) (evaluator, error) {
	if l, ok := e.Left.(*Literal); ok {
		next, err := q.evaluator(ctx, e.Right)
		return &literalEvaluator{e: e, literal: l.Value, left: true, next: next}, err
	}
	if l, ok := e.Right.(*Literal); ok {
		next, err := q.evaluator(ctx, e.Left)
		return &literalEvaluator{e: e, literal: l.Value, next: next}, err
	}
	left, err := q.evaluator(ctx, e.Left)
	if err != nil {
		return nil, err
	}
	right, err := q.evaluator(ctx, e.Right)
	return &binaryEvaluator{e: e, left: left, right: right}, err
}

// literalEvaluator combines every series with a number.
type literalEvaluator struct {
	e       *BinaryOp
	literal float64
	left    bool // the number stands on the left
	next    evaluator
}

func (l *literalEvaluator) at(t int64) ([]sample, error) {
	vec, err := l.next.at(t)
	if err != nil {
		return nil, err
	}
	out := make([]sample, 0, len(vec))
	for _, s := range vec {
		a, b := s.value, l.literal
		if l.left {
			a, b = b, a
		}
		v, truth := arithmetic(l.e.Op, a, b)
		if comparisons[l.e.Op] && !l.e.Bool {
			if !truth {
				continue
			}
			v = s.value
		}
		s.value = v
		out = append(out, s)
	}
	return out, nil
}

// binaryEvaluator combines two vectors.
type binaryEvaluator struct {
	e           *BinaryOp
	left, right evaluator
}

func (b *binaryEvaluator) at(t int64) ([]sample, error) {
	right, err := b.right.at(t)
	if err != nil {
		return nil, err
	}
	left, err := b.left.at(t)
	if err != nil {
		return nil, err
	}
	if setOps[b.e.Op] {
		return b.set(left, right), nil
	}
	return b.combine(left, right)
}

// signature identifies the labels of a series that are compared.
func (b *binaryEvaluator) signature(s sample) string {
	m := b.e.Matching
	if !m.On && len(m.Labels) == 0 {
		return s.key
	}
	return labelsKey(groupLabels(s.labels, Grouping{Labels: m.Labels, Without: !m.On}))
}

func (b *binaryEvaluator) signatures(vec []sample) map[string]bool {
	m := make(map[string]bool, len(vec))
	for _, s := range vec {
		m[b.signature(s)] = true
	}
	return m
}

// set evaluates and, or, unless.
func (b *binaryEvaluator) set(left, right []sample) []sample {
	switch b.e.Op {
	case "or":
		if len(left) == 0 {
			return right
		}
		in := b.signatures(left)
		return append(slices.Clone(left), slices.DeleteFunc(slices.Clone(right), func(s sample) bool { return in[b.signature(s)] })...)
	case "and":
		in := b.signatures(right)
		return slices.DeleteFunc(left, func(s sample) bool { return !in[b.signature(s)] })
	default:
		in := b.signatures(right)
		return slices.DeleteFunc(left, func(s sample) bool { return in[b.signature(s)] })
	}
}

// combine evaluates arithmetic and comparisons: one is the side with one series
// for each signature, many the other.
func (b *binaryEvaluator) combine(left, right []sample) ([]sample, error) {
	m := b.e.Matching
	many, one, side := left, right, "right"
	if m.Card == OneToMany {
		many, one, side = right, left, "left"
	}
	ones := make(map[string]sample, len(one))
	for _, s := range one {
		sig := b.signature(s)
		if _, twice := ones[sig]; twice {
			return nil, executionErrorf("found duplicate series on the %s hand-side;many-to-many matching not allowed: matching labels must be unique on one side", side)
		}
		ones[sig] = s
	}
	matched := map[string]map[string]bool{}
	var out []sample
	for _, s := range many {
		sig := b.signature(s)
		o, ok := ones[sig]
		if !ok {
			continue
		}
		ls := b.resultLabels(s.labels, o.labels)
		key := labelsKey(ls)
		if matched[sig] == nil {
			matched[sig] = map[string]bool{}
		} else if m.Card == OneToOne {
			return nil, executionErrorf("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
		} else if matched[sig][key] {
			return nil, executionErrorf("multiple matches for labels: grouping labels must ensure unique matches")
		}
		matched[sig][key] = true
		l, r := s.value, o.value
		if m.Card == OneToMany {
			l, r = r, l
		}
		v, truth := arithmetic(b.e.Op, l, r)
		if comparisons[b.e.Op] && !b.e.Bool {
			if !truth {
				continue
			}
			v = l
		}
		out = append(out, sample{ls, key, v})
	}
	return out, nil
}

// resultLabels are those of the many side: without what was ignored, or only
// what was compared, if sides match one to one; with what group_left includes.
func (b *binaryEvaluator) resultLabels(many, one model.Labels) model.Labels {
	m := b.e.Matching
	ls := many
	if m.Card == OneToOne && (m.On || len(m.Labels) > 0) {
		ls = groupLabels(many, Grouping{Labels: m.Labels, Without: !m.On})
	}
	if len(m.Include) == 0 {
		return ls
	}
	ls = groupLabels(ls, Grouping{Labels: m.Include, Without: true})
	for _, name := range m.Include {
		if v := one.Get(name); v != "" {
			ls = append(ls, model.Label{Name: name, Value: v})
		}
	}
	sortLabels(ls)
	return ls
}

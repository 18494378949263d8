package traceql

import (
	"math"
	"slices"
)

// spanset is a set of spans of one trace with what the pipeline said of it.
type spanset struct {
	spans []*span // in the order of tree.spans
	// notes are values of the set, such as by(resource.service.name) and count().
	notes []note
}

type note struct {
	name  string
	value Value
}

func (s *spanset) note(name string, v Value) []note {
	for _, n := range s.notes {
		if n.name == name {
			return s.notes
		}
	}
	return append(slices.Clip(s.notes), note{name, v})
}

// runStages returns the sets that the pipeline leaves of a trace's spans.
func runStages(stages []stage, in []*spanset) []*spanset {
	for _, st := range stages {
		var out []*spanset
		switch st := st.(type) {
		case *scalarFilter:
			for _, s := range in {
				if kept := st.run(s); kept != nil {
					out = append(out, kept)
				}
			}
		case *groupBy:
			for _, s := range in {
				out = append(out, st.run(s)...)
			}
		case coalesce:
			for _, s := range merge(in) {
				out = append(out, &spanset{spans: s.spans})
			}
		case *selection:
			out = in
		default: // a spansetExpr
			for _, s := range in {
				if spans := spansOf(st, s.spans); len(spans) > 0 {
					out = append(out, &spanset{spans, s.notes})
				}
			}
		}
		if in = out; len(in) == 0 {
			return nil
		}
	}
	return in
}

// spansOf evaluates a spanset expression over spans of one trace.
func spansOf(e spansetExpr, in []*span) []*span {
	switch e := e.(type) {
	case *spansetFilter:
		if e.cond == nil {
			return in
		}
		var out []*span
		for _, s := range in {
			if holds(e.cond, s) {
				out = append(out, s)
			}
		}
		return out
	case *subPipeline:
		sets := merge(runStages(e.stages, []*spanset{{spans: in}}))
		if len(sets) == 0 {
			return nil
		}
		return sets[0].spans
	case *spansetOp:
		l, r := spansOf(e.l, in), spansOf(e.r, in)
		switch e.op {
		case "&&":
			if len(l) == 0 || len(r) == 0 {
				return nil
			}
			return union(l, r)
		case "||":
			return union(l, r)
		}
		return related(e.op, l, r)
	}
	panic("BUG: spanset expression of an unknown kind")
}

// merge makes one set of all.
func merge(in []*spanset) []*spanset {
	if len(in) < 2 {
		return in
	}
	var all []*span
	for _, s := range in {
		all = union(all, s.spans)
	}
	return []*spanset{{spans: all}}
}

// union joins sets; both are in the order of their places.
func union(a, b []*span) []*span {
	out := make([]*span, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			out = append(out, a[0])
			a, b = a[1:], b[1:]
		case a[0].place < b[0].place:
			out = append(out, a[0])
			a = a[1:]
		default:
			out = append(out, b[0])
			b = b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// related evaluates a structural operator, in time linear in the trace's spans: it
// marks what spans of one side relate to and looks the other side up.
func related(op string, l, r []*span) []*span {
	relation := op
	if op[0] == '!' || op[0] == '&' {
		relation = op[1:]
	}
	isRelated := relationTo(relation, l)
	negated := op[0] == '!'
	var right []*span
	for _, s := range r {
		if isRelated(s) != negated {
			right = append(right, s)
		}
	}
	if op[0] != '&' || len(right) == 0 {
		return right
	}
	back := map[string]string{">": "<", "<": ">", ">>": "<<", "<<": ">>", "~": "~"}[relation]
	isLeft := relationTo(back, right)
	var left []*span
	for _, s := range l {
		if isLeft(s) {
			left = append(left, s)
		}
	}
	return union(left, right)
}

// relationTo returns whether a span is the child (>), descendant (>>), parent (<),
// ancestor (<<) or sibling (~) of one of the set.
func relationTo(relation string, set []*span) func(*span) bool {
	in := make(map[*span]bool, len(set))
	switch relation {
	case ">", ">>":
		for _, s := range set {
			in[s] = true
		}
		if relation == ">" {
			return func(s *span) bool { return s.parent != nil && in[s.parent] }
		}
		below := map[*span]bool{} // of spans that were looked up
		return func(s *span) bool { return descends(s, in, below) }
	case "<":
		for _, s := range set {
			in[s.parent] = true
		}
	case "<<":
		for _, s := range set {
			for at := s.parent; at != nil && !in[at]; at = at.parent {
				in[at] = true
			}
		}
	case "~":
		count := map[*span]int{} // spans of the set by their parents
		for _, s := range set {
			in[s] = true
			if s.parent != nil {
				count[s.parent]++
			}
		}
		return func(s *span) bool {
			n := count[s.parent]
			if in[s] {
				n--
			}
			return s.parent != nil && n > 0
		}
	}
	return func(s *span) bool { return in[s] }
}

// descends says whether an ancestor of s is in the set; below remembers answers.
func descends(s *span, in, below map[*span]bool) bool {
	var path []*span
	found := false
	for at := s; at != nil; at = at.parent {
		if known, ok := below[at]; ok {
			found = known
			break
		}
		path = append(path, at)
		if at.parent != nil && in[at.parent] {
			found = true
			break
		}
	}
	for _, p := range path {
		below[p] = found
	}
	return found
}

// run splits a set by the values of a field. Spans without the field are one group.
func (g *groupBy) run(s *spanset) []*spanset {
	var out []*spanset
	place := map[string]int{}
	for _, sp := range s.spans {
		v := eval(g.by, sp)
		k := v.key()
		i, ok := place[k]
		if !ok {
			i = len(out)
			place[k] = i
			out = append(out, &spanset{notes: s.note(g.String(), v)})
		}
		out[i].spans = append(out[i].spans, sp)
	}
	return out
}

// run returns the set with the numbers that were compared, nil if it does not pass.
func (f *scalarFilter) run(s *spanset) *spanset {
	out := &spanset{spans: s.spans, notes: s.notes}
	l, r := out.scalar(f.l), out.scalar(f.r)
	if l.Type == Nil || r.Type == Nil || !compares(f.op, l, r) {
		return nil
	}
	return out
}

// scalar returns a number of the set, nil if there is none.
func (s *spanset) scalar(e scalar) Value {
	switch e := e.(type) {
	case *literal:
		return e.value
	case *scalarOp:
		return arithmetic(e.op, s.scalar(e.l), s.scalar(e.r))
	case *aggregate:
		v := e.over(s.spans)
		if v.Type != Nil {
			s.notes = s.note(e.String(), v)
		}
		return v
	}
	panic("BUG: scalar of an unknown kind")
}

// over aggregates spans. What has no number does not count.
func (a *aggregate) over(spans []*span) Value {
	if a.of == nil {
		return intValue(int64(len(spans)))
	}
	n, sum, least, most := 0, 0.0, math.Inf(1), math.Inf(-1)
	typ := Int
	for _, s := range spans {
		v := eval(a.of, s)
		x, ok := v.number()
		if !ok {
			continue
		}
		n++
		sum, least, most = sum+x, min(least, x), max(most, x)
		if typ != Duration && v.Type != Int {
			typ = v.Type
		}
	}
	if n == 0 {
		return Value{}
	}
	out := map[string]float64{"avg": sum / float64(n), "min": least, "max": most, "sum": sum}[a.name]
	switch {
	case typ == Duration:
		return durationValue(int64(math.Round(out)))
	case typ == Int && a.name != "avg" && math.Abs(out) < 1<<53:
		return intValue(int64(out))
	}
	return floatValue(out)
}

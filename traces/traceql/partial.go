package traceql

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// ParsePartial reads what an editor has so far, such as { resource.env = "prod" && name = }:
// it keeps the conditions that are whole. It returns nil if there are none.
func ParsePartial(text string) *Query {
	if q, err := Parse(text); err == nil && len(q.stages) > 0 {
		if f, ok := q.stages[0].(*spansetFilter); ok && f.cond != nil {
			return q
		}
		return nil
	}
	p, err := newParser(text)
	if err != nil || !p.accept("{") {
		return nil
	}
	var kept []string
	from, depth := p.peek().at, 0
	keep := func(to int) {
		part := strings.TrimSpace(text[from:to])
		if q, err := Parse("{" + part + "}"); err == nil && part != "" {
			if f, ok := q.stages[0].(*spansetFilter); ok && f.cond != nil {
				kept = append(kept, f.cond.String())
			}
		}
	}
	for {
		t := p.take()
		switch {
		case t.kind == tokEnd, t.kind == tokOperator && t.text == "}":
			keep(t.at)
			if len(kept) == 0 {
				return nil
			}
			q, err := Parse("{ " + strings.Join(kept, " && ") + " }")
			if err != nil {
				return nil
			}
			return q
		case t.kind == tokOperator && t.text == "(":
			depth++
		case t.kind == tokOperator && t.text == ")":
			depth--
		case t.kind == tokOperator && (t.text == "&&" || t.text == "||") && depth == 0:
			keep(t.at)
			from = t.at + len(t.text)
		}
	}
}

// IsFilter says that the query is one filter, { ... }.
func (q *Query) IsFilter() bool {
	if len(q.stages) != 1 || q.IsMetrics() {
		return false
	}
	_, ok := q.stages[0].(*spansetFilter)
	return ok
}

// Filter returns those spans of a trace that the query leaves; with ancestors also those
// above them.
func (q *Query) Filter(t traces.Trace, ancestors bool) ptrace.Traces {
	tr := newTree(t)
	keep := map[*span]bool{}
	for _, set := range runStages(q.stages, []*spanset{{spans: tr.spans}}) {
		for _, s := range set.spans {
			keep[s] = true
			for at := s.parent; ancestors && at != nil && !keep[at]; at = at.parent {
				keep[at] = true
			}
		}
	}
	out := ptrace.NewTraces()
	for _, s := range slices.DeleteFunc(slices.Clone(tr.spans), func(s *span) bool { return !keep[s] }) {
		rs := out.ResourceSpans().AppendEmpty()
		s.resource.CopyTo(rs.Resource())
		ss := rs.ScopeSpans().AppendEmpty()
		s.scope.CopyTo(ss.Scope())
		s.span.CopyTo(ss.Spans().AppendEmpty())
	}
	return out
}

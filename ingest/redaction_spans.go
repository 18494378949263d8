package ingest

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// spans returns td redacted, a copy if something was found in it.
func (r *redacting) spans(td ptrace.Traces) ptrace.Traces {
	if r == nil || !r.findsInSpans(td) {
		return td
	}
	out := ptrace.NewTraces()
	td.CopyTo(out)
	eachText(out, func(name string, v string, set func(string)) bool {
		if redacted := r.rules.Value(name, v, r.counts); redacted != v {
			set(redacted)
		}
		return true
	})
	return out
}

// findsInSpans reports whether a rule finds anything; most pushes have nothing and need
// no copy.
func (r *redacting) findsInSpans(td ptrace.Traces) bool {
	scratch := make([]int, len(r.counts))
	found := false
	eachText(td, func(name string, v string, _ func(string)) bool {
		found = r.rules.Value(name, v, scratch) != v
		return !found
	})
	return found
}

// textVisitor sees a text of a span or around it and the name that it has ("" if none);
// set replaces it. It returns false to see no more.
type textVisitor func(name, v string, set func(string)) bool

// eachText visits names, messages and the texts of all attributes.
func eachText(td ptrace.Traces, visit textVisitor) {
	for _, rs := range td.ResourceSpans().All() {
		if !eachAttribute(rs.Resource().Attributes(), visit) {
			return
		}
		for _, ss := range rs.ScopeSpans().All() {
			if !eachAttribute(ss.Scope().Attributes(), visit) {
				return
			}
			for _, span := range ss.Spans().All() {
				if !eachSpanText(span, visit) {
					return
				}
			}
		}
	}
}

func eachSpanText(span ptrace.Span, visit textVisitor) bool {
	if !visit("", span.Name(), span.SetName) || !visit("", span.Status().Message(), span.Status().SetMessage) ||
		!eachAttribute(span.Attributes(), visit) {
		return false
	}
	for _, e := range span.Events().All() {
		if !visit("", e.Name(), e.SetName) || !eachAttribute(e.Attributes(), visit) {
			return false
		}
	}
	for _, l := range span.Links().All() {
		if !eachAttribute(l.Attributes(), visit) {
			return false
		}
	}
	return true
}

func eachAttribute(m pcommon.Map, visit textVisitor) bool {
	for name, v := range m.All() {
		if !eachValue(name, v, visit) {
			return false
		}
	}
	return true
}

// eachValue visits the texts of a value. The protocol's decoder bounds its depth.
func eachValue(name string, v pcommon.Value, visit textVisitor) bool {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return visit(name, v.Str(), v.SetStr)
	case pcommon.ValueTypeMap:
		return eachAttribute(v.Map(), visit)
	case pcommon.ValueTypeSlice:
		for _, item := range v.Slice().All() {
			if !eachValue(name, item, visit) {
				return false
			}
		}
	}
	return true
}

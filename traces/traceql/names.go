package traceql

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// maxSampled is how many spans are looked at for the values of a field, or for the
// names that the store's index does not have; the latest ones are.
const maxSampled = 100_000

// ScopedNames are attributes' names by scope.
type ScopedNames struct {
	Scope Scope
	Names []string // sorted
}

// Names returns the attributes of spans that start in [start, end) and for which the
// filters of q hold (nil: all), by scope. It looks at the latest spans only where the
// store's index does not tell.
func (e *Engine) Names(ctx context.Context, t tenant.ID, q *Query, start, end int64) (_ []ScopedNames, err error) {
	defer func(begin time.Time) { e.observe("names", begin, 0, "", err) }(time.Now())
	ctx, done, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	found := map[Scope]map[string]bool{}
	add := func(s Scope, name string) {
		if found[s] == nil {
			found[s] = map[string]bool{}
		}
		if !found[s][name] {
			found[s][strings.Clone(name)] = true
		}
	}
	if q == nil {
		names, err := e.store.AttributeNames(ctx, t, start, end)
		if err != nil {
			return nil, e.explain(ctx, err)
		}
		for _, n := range names {
			add(map[traces.Property]Scope{traces.SpanAttribute: SpanScope, traces.ResourceAttribute: ResourceScope, traces.EventAttribute: EventScope}[n.Property], n.Key)
		}
	}
	scan := &sampling{conditions: conditionsOf(q), limit: maxSampled}
	if q == nil {
		scan.limit = maxSampled / 10 // for links and scopes, which are not in the index
	}
	err = scan.run(ctx, e.store, t, traces.ScanQuery{Start: start, End: end, All: q != nil}, func(s *span) bool {
		addNames(add, s, q != nil)
		return true
	})
	if err != nil {
		return nil, e.explain(ctx, err)
	}
	var out []ScopedNames
	for s := SpanScope; s <= InstrumentationScope; s++ {
		var names []string
		for n := range found[s] {
			names = append(names, n)
		}
		slices.Sort(names)
		if len(names) > 0 {
			out = append(out, ScopedNames{s, names})
		}
	}
	return out, nil
}

func addNames(add func(Scope, string), s *span, all bool) {
	each := func(scope Scope, m pcommon.Map) {
		for k := range m.All() {
			add(scope, k)
		}
	}
	each(InstrumentationScope, s.scope.Attributes())
	for _, l := range s.span.Links().All() {
		each(LinkScope, l.Attributes())
	}
	if !all {
		return
	}
	each(SpanScope, s.span.Attributes())
	each(ResourceScope, s.resource.Attributes())
	for _, e := range s.span.Events().All() {
		each(EventScope, e.Attributes())
	}
}

// conditionsOf returns what of a query's first filters is about single spans.
func conditionsOf(q *Query) []expr {
	if q == nil {
		return nil
	}
	var out []expr
	for _, st := range q.stages {
		f, ok := st.(*spansetFilter)
		if !ok {
			break
		}
		if f.cond != nil {
			if c := localPart(f.cond); c != nil {
				out = append(out, c)
			}
		}
	}
	return out
}

// Values returns the different values of a field on spans that start in [start, end)
// and for which the filters of q hold (nil: all), sorted, at most limit. It looks at the
// latest spans that have the field.
func (e *Engine) Values(ctx context.Context, t tenant.ID, f Field, q *Query, start, end int64, limit int) (_ []Value, err error) {
	defer func(begin time.Time) { e.observe("values", begin, 0, "", err) }(time.Now())
	ctx, done, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	scan := &sampling{conditions: conditionsOf(q), limit: maxSampled}
	query := traces.ScanQuery{Start: start, End: end}
	if f.Scope != Intrinsic && !f.Parent {
		query.Where = condition(f, "!=", Value{})
	}
	root := f.Scope == Intrinsic && (f.Name == fieldRootName || f.Name == fieldRootService)
	if root {
		// What roots have; conditions are on other spans of their traces.
		scan.conditions = nil
		query.Where = traces.Condition{Property: traces.Root, Op: traces.Exists}
		if f.Name == fieldRootName {
			f = Field{Scope: Intrinsic, Name: fieldName}
		} else {
			f = Field{Scope: ResourceScope, Name: "service.name"}
		}
	}
	found := map[string]Value{}
	scan.keys.add(&reference{f})
	err = scan.run(ctx, e.store, t, query, func(s *span) bool {
		if root && !s.span.ParentSpanID().IsEmpty() {
			return true
		}
		for _, v := range appendValue(nil, f.value(s)) {
			if v.Type == String && v.Str == "" {
				continue
			}
			if _, ok := found[v.key()]; !ok {
				v.Str = strings.Clone(v.Str)
				found[v.key()] = v
			}
		}
		return len(found) < limit
	})
	if err != nil {
		return nil, e.explain(ctx, err)
	}
	out := make([]Value, 0, len(found))
	for _, v := range found {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b Value) int {
		if order, ok := compare(a, b); ok {
			return order
		}
		return cmp.Compare(a.Type, b.Type)
	})
	return out[:min(limit, len(out))], nil
}

// sampling looks at the latest spans.
type sampling struct {
	conditions []expr
	keys       wanted
	limit      int
}

// run calls f for spans for which the conditions hold until it returns false.
func (c *sampling) run(ctx context.Context, store Store, t tenant.ID, q traces.ScanQuery, f func(*span) bool) error {
	for _, cond := range c.conditions {
		c.keys.add(cond)
		q.Where = both(q.Where, narrow(cond))
	}
	q.SpanKeys, q.ResourceKeys, q.NewestFirst = c.keys.span, c.keys.resource, true
	q.NoEvents, q.NoLinks = !c.keys.events, !c.keys.links
	n := 0
	var sp span
	return store.Scan(ctx, t, q, func(in *traces.ScannedSpan) error {
		if n++; n > c.limit {
			return traces.ErrStop
		}
		sp.scanned(in)
		for _, cond := range c.conditions {
			if !holds(cond, &sp) {
				return nil
			}
		}
		if !f(&sp) {
			return traces.ErrStop
		}
		return nil
	})
}

// FixedValues returns the values of fields that can have only these, nil for others.
func FixedValues(f Field) []string {
	if f.Scope != Intrinsic {
		return nil
	}
	switch f.Name {
	case fieldStatus:
		return slices.Clone(statusNames[:])
	case fieldKind:
		return slices.Clone(kindNames[:])
	}
	return nil
}

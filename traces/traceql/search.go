package traceql

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// SearchOptions are the bounds of a search.
type SearchOptions struct {
	// Start (inclusive) and End (exclusive), nanoseconds since the Unix epoch, bound when
	// a span starts that makes its trace a candidate.
	Start, End int64
	// Limit is the most traces wanted, at least 1; of more matches the latest are found.
	Limit int
	// SpansPerSet is the most spans listed of a set; 0 lists all.
	SpansPerSet int
	// MinDuration and MaxDuration, nanoseconds, bound how long the traces took; 0 does
	// not.
	MinDuration, MaxDuration int64
	// Found, unless it is nil, gets each trace as soon as it is found, about newest first.
	// An error ends the search and is returned.
	Found func(FoundTrace) error
}

// SearchResult is the answer to a search.
type SearchResult struct {
	Traces []FoundTrace
	// Incomplete says why traces may be missing that match (other than the limit), ""
	// when none is.
	Incomplete string
	// Candidates is how many traces were read, Spans how many spans were looked at to
	// find them.
	Candidates, Spans int
}

// FoundTrace is a trace of which a query left something.
type FoundTrace struct {
	ID                    pcommon.TraceID
	RootService, RootName string // "" when the root is missing
	Start, Duration       int64  // nanoseconds
	Sets                  []FoundSet
	Services              map[string]ServiceStats
	Incomplete            string
}

// ServiceStats counts a service's spans in a trace.
type ServiceStats struct{ Spans, Errors int }

// FoundSet is a set of spans that a query left.
type FoundSet struct {
	Notes   []Attr
	Spans   []FoundSpan
	Matched int // also those that are not listed
}

// FoundSpan is one of a set.
type FoundSpan struct {
	ID              pcommon.SpanID
	Name            string
	Start, Duration int64 // nanoseconds
	Attributes      []Attr
}

// Attr is a named value.
type Attr struct {
	Key   string
	Value Value
}

// Search returns the latest traces of which q leaves spans, newest first. q must not be
// a metrics query.
func (e *Engine) Search(ctx context.Context, t tenant.ID, q *Query, opts SearchOptions) (out SearchResult, err error) {
	defer func(begin time.Time) { e.observe("search", begin, out.Spans, out.Incomplete, err) }(time.Now())
	if q.IsMetrics() {
		hint := "ask for it as a metric"
		if q.metric != nil {
			hint += ", or leave out " + q.metric.name + "()"
		}
		return SearchResult{}, &ParseError{Line: 1, Column: 1, Message: "this is a metrics query", Hint: hint}
	}
	ctx, end, err := e.begin(ctx)
	if err != nil {
		return SearchResult{}, err
	}
	defer end()
	s := &searching{engine: e, tenant: t, query: q, opts: opts, shown: shownFields(q)}
	s.opts.Limit = min(max(opts.Limit, 1), e.cfg.MaxTraces)
	if err := s.run(ctx); err != nil {
		return SearchResult{}, e.explain(ctx, err)
	}
	slices.SortStableFunc(s.out.Traces, func(a, b FoundTrace) int { return cmp.Compare(b.Start, a.Start) })
	s.out.Incomplete = string(s.incomplete)
	return s.out, nil
}

type searching struct {
	engine     *Engine
	tenant     tenant.ID
	query      *Query
	opts       SearchOptions
	shown      []shownField
	trees      treeReader
	fresh      map[pcommon.TraceID]int64 // candidates that were not read yet, with their latest match
	out        SearchResult
	incomplete incomplete
	batch      int   // of traces to read at once
	failed     error // of opts.Found
}

// run scans for candidates, newest first, and reads those of each slice of time.
func (s *searching) run(ctx context.Context) error {
	c := candidates(s.query.stages)
	s.trees = treeReader{engine: s.engine, tenant: s.tenant, wanted: wantedOf(s.query)}
	var k wanted
	k.add(c.test)
	seen := map[pcommon.TraceID]bool{} // that were read
	s.fresh = map[pcommon.TraceID]int64{}
	scan := k.scan()
	scan.Start, scan.End, scan.Where, scan.NewestFirst, scan.IDsOnly = s.opts.Start, s.opts.End, c.where, true, c.test == nil
	scan.SliceDone = func() error { return s.read(ctx, seen) }
	stopped := false
	var sp span
	err := s.engine.store.Scan(ctx, s.tenant, scan, func(in *traces.ScannedSpan) error {
		if s.out.Spans++; s.out.Spans > s.engine.cfg.MaxSpans {
			s.incomplete.add(fmt.Sprintf("the search stopped after %d spans (traces.traceql.max_spans); narrow its time or its conditions", s.engine.cfg.MaxSpans))
			stopped = true
			return traces.ErrStop
		}
		at := int64(in.Span.StartTimestamp())
		if known, ok := s.fresh[in.TraceID]; seen[in.TraceID] || ok && known >= at {
			return nil
		}
		sp.scanned(in)
		if holds(c.test, &sp) {
			s.fresh[in.TraceID] = at
		}
		if len(seen)+len(s.fresh) > maxCandidates {
			s.incomplete.add(tooManyTraces)
			stopped = true
			return traces.ErrStop
		}
		return nil
	})
	if err == nil && stopped {
		if err = s.read(ctx, seen); errors.Is(err, traces.ErrStop) {
			return nil
		}
	}
	return err
}

// read evaluates the query on the candidates of a slice, those with the latest match
// first; ErrStop means that there are enough.
func (s *searching) read(ctx context.Context, seen map[pcommon.TraceID]bool) error {
	ids := slices.SortedFunc(maps.Keys(s.fresh), func(a, b pcommon.TraceID) int {
		return cmp.Or(cmp.Compare(s.fresh[b], s.fresh[a]), bytes.Compare(a[:], b[:]))
	})
	clear(s.fresh)
	if s.batch == 0 {
		s.batch = min(batchOf, max(s.opts.Limit, 10))
	} else { // the first were not enough
		s.batch = min(8*s.batch, maxBatch)
	}
	for _, id := range ids {
		seen[id] = true
	}
	more, err := s.trees.each(ctx, ids, s.batch, func(t *tree) bool {
		s.out.Candidates++
		s.evaluate(t)
		return s.failed == nil && len(s.out.Traces) < s.opts.Limit
	})
	if s.failed != nil {
		return s.failed
	}
	if err == nil && !more {
		return traces.ErrStop
	}
	return err
}

func (s *searching) evaluate(t *tree) {
	if s.opts.MinDuration > 0 && t.duration() < s.opts.MinDuration || s.opts.MaxDuration > 0 && t.duration() > s.opts.MaxDuration {
		return
	}
	if t.incomplete != "" { // and may match or not for what is missing
		s.incomplete.add(fmt.Sprintf("trace %s: %s", TraceIDText(t.id), t.incomplete))
	}
	sets := runStages(s.query.stages, []*spanset{{spans: t.spans}})
	if len(sets) == 0 {
		return
	}
	found := FoundTrace{
		ID: t.id, RootService: t.rootService(), RootName: t.rootName(), Start: t.start, Duration: t.duration(),
		Services: map[string]ServiceStats{}, Incomplete: t.incomplete,
	}
	for _, sp := range t.spans {
		stats := found.Services[sp.service()]
		stats.Spans++
		if sp.span.Status().Code() == ptrace.StatusCodeError {
			stats.Errors++
		}
		found.Services[sp.service()] = stats
	}
	for _, set := range sets {
		found.Sets = append(found.Sets, s.show(set))
	}
	s.out.Traces = append(s.out.Traces, found)
	if s.opts.Found != nil {
		s.failed = s.opts.Found(found)
	}
}

func (s *searching) show(set *spanset) FoundSet {
	out := FoundSet{Matched: len(set.spans)}
	for _, n := range set.notes {
		out.Notes = append(out.Notes, Attr{n.name, n.value})
	}
	spans := set.spans
	if n := s.opts.SpansPerSet; n > 0 && len(spans) > n {
		spans = spans[:n]
	}
	for _, sp := range spans {
		f := FoundSpan{ID: sp.span.SpanID(), Name: sp.span.Name(), Start: sp.start(), Duration: sp.duration()}
		for _, field := range s.shown {
			if v := eval(field.expr, sp); v.Type != Nil {
				f.Attributes = append(f.Attributes, Attr{field.key, v})
			}
		}
		out.Spans = append(out.Spans, f)
	}
	return out
}

// shownField is what answers say of each span.
type shownField struct {
	key  string
	expr expr
}

// shownFields are the fields that a query's conditions name and those that it selects.
// Answers name attributes without their scope, as Tempo's do.
func shownFields(q *Query) []shownField {
	var out []shownField
	add := func(f Field, selected bool) {
		if f.Parent || !selected && isShownAnyway(f) {
			return
		}
		s := shownField{f.Name, &reference{f}}
		same := func(o shownField) bool { return o.key == s.key }
		if at := slices.IndexFunc(out, same); at < 0 {
			out = append(out, s)
		} else if out[at].expr.String() != s.expr.String() { // one key for the attribute of two scopes
			out[at].expr = &reference{Field{Name: f.Name}}
		}
	}
	var stages func(list []stage)
	var sets func(e stage)
	sets = func(e stage) {
		switch e := e.(type) {
		case *spansetFilter:
			eachField(e.cond, func(f Field) { add(f, false) })
		case *spansetOp:
			sets(e.l)
			sets(e.r)
		case *subPipeline:
			stages(e.stages)
		case *groupBy:
			eachField(e.by, func(f Field) { add(f, false) })
		case *selection:
			for _, x := range e.fields {
				eachField(x, func(f Field) { add(f, true) })
			}
		}
	}
	stages = func(list []stage) {
		for _, st := range list {
			sets(st)
		}
	}
	stages(q.stages)
	return out
}

// isShownAnyway says that answers tell a field of each span or trace.
func isShownAnyway(f Field) bool {
	if f.Scope != Intrinsic {
		return false
	}
	switch f.Name {
	case fieldName, fieldDuration, fieldSpanID, fieldTraceID, fieldTraceDuration, fieldRootName, fieldRootService,
		fieldNestedSetParent, fieldNestedSetLeft, fieldNestedSetRight:
		return true
	}
	return false
}

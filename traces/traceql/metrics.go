package traceql

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// RangeOptions say over what a metrics query is evaluated.
type RangeOptions struct {
	// Start (inclusive) and End (exclusive) bound when spans start, in nanoseconds since
	// the Unix epoch.
	Start, End int64
	// Step is the distance of points in nanoseconds; 0 asks for one point over the whole
	// range.
	Step int64
	// Exemplars is about how many spans to name, 0 for none.
	Exemplars int
	// extrapolate counts spans for those that a sampler did not keep, as the query's hint
	// says.
	extrapolate bool
}

// RangeResult is the answer to a metrics query.
type RangeResult struct {
	Series []Series
	// Incomplete says why spans may be missing from the series, "" when none is.
	Incomplete string
	Spans      int // that were looked at
}

// Metrics evaluates a metrics query.
func (e *Engine) Metrics(ctx context.Context, t tenant.ID, q *Query, opts RangeOptions) (out RangeResult, err error) {
	defer func(begin time.Time) { e.observe("metrics", begin, out.Spans, out.Incomplete, err) }(time.Now())
	if !q.IsMetrics() {
		return RangeResult{}, &ParseError{Line: 1, Column: 1, Message: "this is no metrics query", Hint: "end it with a function, such as | rate()"}
	}
	if opts.End <= opts.Start {
		return RangeResult{}, nil
	}
	if opts.Step > 0 && (opts.End-opts.Start)/opts.Step > int64(e.cfg.MaxPoints) {
		return RangeResult{}, &LimitError{fmt.Sprintf("the step gives more than %d points (traces.traceql.max_points): take a longer one", e.cfg.MaxPoints)}
	}
	ctx, end, err := e.begin(ctx)
	if err != nil {
		return RangeResult{}, err
	}
	defer end()
	opts.extrapolate = q.extrapolates()
	if q.math != nil {
		return e.calculated(ctx, t, q, opts)
	}
	if m := q.metric; m.compare != nil {
		return e.compareSpans(ctx, t, q, opts)
	}
	return e.measured(ctx, t, q, opts)
}

// measured evaluates one metric.
func (e *Engine) measured(ctx context.Context, t tenant.ID, q *Query, opts RangeOptions) (RangeResult, error) {
	a := &aggregation{
		metric: q.metric, grid: newGrid(opts.Start, opts.End, opts.Step), groups: map[string]*accumulator{},
		most: e.cfg.MaxSeries, exemplars: 10 * opts.Exemplars, extrapolate: opts.extrapolate,
	}
	var k wanted
	k.add(q.metric.of)
	k.add(q.metric.by...)
	spans, err := e.eachSpan(ctx, t, q, opts, k, local(orTrue(q.metric.of)) && allLocal(q.metric.by), a.observe, &a.incomplete)
	if err != nil {
		return RangeResult{}, e.explain(ctx, err)
	}
	series := a.series(opts.Exemplars)
	return RangeResult{Series: applyAfter(series, q.after), Incomplete: string(a.incomplete), Spans: spans}, nil
}

func orTrue(e expr) expr {
	if e == nil {
		return &literal{boolValue(true)}
	}
	return e
}

func allLocal(list []expr) bool {
	for _, e := range list {
		if !local(e) {
			return false
		}
	}
	return true
}

// filters returns the conditions of a pipeline of filters on single spans; ok is false
// of any other.
func filters(stages []stage) (out []expr, ok bool) {
	for _, st := range stages {
		switch st := st.(type) {
		case *spansetFilter:
			if st.cond != nil {
				if !local(st.cond) {
					return nil, false
				}
				out = append(out, st.cond)
			}
		case *selection, coalesce:
		default:
			return nil, false
		}
	}
	return out, true
}

// eachSpan calls observe for every span that the pipeline leaves and that starts within
// the range. measured says that what observe reads is the span's own; k are attributes
// that it reads. It returns how many spans were looked at.
func (e *Engine) eachSpan(ctx context.Context, t tenant.ID, q *Query, opts RangeOptions, k wanted, measured bool, observe func(*span), why *incomplete) (int, error) {
	conditions, ok := filters(q.stages)
	if !ok || !measured {
		return e.eachSpanOfTraces(ctx, t, q, opts, observe, why)
	}
	var where traces.Filter
	for _, c := range conditions {
		k.add(c)
		where = both(where, narrow(c))
	}
	k.all = q.metric.compare != nil
	scan := k.scan()
	scan.Start, scan.End, scan.Where = opts.Start, opts.End, where
	var sp span
	n := 0
	err := e.store.Scan(ctx, t, scan, func(in *traces.ScannedSpan) error {
		if n++; n > e.cfg.MaxSpans {
			why.add(e.tooMany())
			return traces.ErrStop
		}
		sp.scanned(in)
		for _, c := range conditions {
			if !holds(c, &sp) {
				return nil
			}
		}
		observe(&sp)
		return nil
	})
	return n, err
}

func (e *Engine) tooMany() string {
	return fmt.Sprintf("the query stopped after %d spans (traces.traceql.max_spans); narrow its time or its conditions", e.cfg.MaxSpans)
}

// eachSpanOfTraces is eachSpan for pipelines that decide about whole traces.
func (e *Engine) eachSpanOfTraces(ctx context.Context, t tenant.ID, q *Query, opts RangeOptions, observe func(*span), why *incomplete) (int, error) {
	c := counted(q.stages)
	var k wanted
	k.add(c.test)
	scan := k.scan()
	scan.Start, scan.End, scan.Where, scan.IDsOnly = opts.Start, opts.End, c.where, c.test == nil
	seen := map[pcommon.TraceID]int64{} // when a span of the trace starts
	var sp span
	n := 0
	err := e.store.Scan(ctx, t, scan, func(in *traces.ScannedSpan) error {
		if n++; n > e.cfg.MaxSpans {
			why.add(e.tooMany())
			return traces.ErrStop
		}
		if _, ok := seen[in.TraceID]; ok {
			return nil
		}
		sp.scanned(in)
		if holds(c.test, &sp) {
			if len(seen) >= maxCandidates {
				why.add(tooManyTraces)
				return traces.ErrStop
			}
			seen[in.TraceID] = sp.start()
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	// Those near in time are read together.
	ids := slices.SortedFunc(maps.Keys(seen), func(a, b pcommon.TraceID) int {
		return cmp.Or(cmp.Compare(seen[a], seen[b]), bytes.Compare(a[:], b[:]))
	})
	r := treeReader{engine: e, tenant: t, wanted: wantedOf(q)}
	_, err = r.each(ctx, ids, batchOf, func(tr *tree) bool {
		if n += len(tr.spans); n > e.cfg.MaxSpans {
			why.add(e.tooMany())
			return false
		}
		if tr.incomplete != "" {
			why.add(fmt.Sprintf("trace %s: %s", TraceIDText(tr.id), tr.incomplete))
		}
		for _, set := range merge(runStages(q.stages, []*spanset{{spans: tr.spans}})) {
			for _, s := range set.spans {
				if at := s.start(); at >= opts.Start && at < opts.End {
					observe(s)
				}
			}
		}
		return true
	})
	return n, err
}

// DefaultStep returns the distance of points for a range, nanoseconds: at most some 200
// points, of a width that people like.
func DefaultStep(start, end int64) int64 {
	const second = int64(1e9)
	for _, s := range []int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200} {
		if (end-start)/(s*second) <= 200 {
			return s * second
		}
	}
	return int64(math.Ceil(float64(end-start)/200/86_400e9)) * 86_400 * second
}

package logql

import (
	"context"
	"errors"

	"github.com/pharosd/pharos/logs"
)

// rangePlan is how the points of a range aggregation are found, by the cheapest of
// three ways:
//
//   - the store counts, and what it cannot count is read (plan_count.go);
//   - the fields of lines are read from columns, other lines are parsed
//     (plan_columns.go);
//   - all lines are read and sent through the pipeline.
//
// The answer is that of the last one, to the bit.
type rangePlan struct {
	q       *query
	e       *RangeAggregation
	x       *extraction
	columns *columnPlan
	params  Params
	// base selects all entries that pass the line filters.
	base logs.Query
	node *PlanNode
}

// planRange plans for the steps of params.
func (q *query) planRange(e *RangeAggregation, outer *Grouping, params Params) (*rangePlan, error) {
	x, err := newExtraction(e, outer, !q.engine.rowsOnly)
	if err != nil {
		return nil, err
	}
	whole, err := x.fromLines()
	if err != nil {
		return nil, err
	}
	p := &rangePlan{q: q, e: e, x: x, params: params, node: q.plan, columns: planColumns(x.rest, whole.p.entry.labels.hints.none)}
	p.base = logs.Query{
		// A window excludes its begin and includes its end.
		Start:    params.Start - e.Range.Interval - e.Range.Offset + 1,
		End:      params.End - e.Range.Offset + 1,
		Matchers: e.Range.Log.Matchers,
		Metadata: x.metadata(),
	}
	if len(x.down) > 0 {
		p.base.Where = and(x.down)
	}
	return p, nil
}

// read returns the points of all series.
func (p *rangePlan) read(ctx context.Context) ([]*rangeSeries, error) {
	if !p.q.engine.rowsOnly {
		memory, matched := p.q.memory.Load(), p.q.stats.Matched
		for _, way := range []func(context.Context) ([]*rangeSeries, error){p.count, p.fromColumns} {
			series, err := way(ctx)
			if !errors.Is(err, errNeedsLines) {
				return series, err
			}
			p.q.memory.Store(memory)
			p.q.stats.Matched = matched
		}
	}
	series, err := p.fromLines(ctx)
	if errors.Is(err, errNeedsLines) { // an error, which shows all metadata
		p.base.Metadata = nil
		series, err = p.fromLines(ctx)
	}
	return series, err
}

func (p *rangePlan) fromLines(ctx context.Context) ([]*rangeSeries, error) {
	return p.gather(ctx, p.linesPass(p.base.Where))
}

// linesPass sends what a condition selects through the pipeline.
func (p *rangePlan) linesPass(where logs.Filter) pass {
	query := p.base
	query.Where = where
	partial := query.Metadata != nil
	extractor := func() (*extractor, error) {
		x, err := p.x.fromLines()
		if err == nil {
			x.partial = partial
		}
		return x, err
	}
	return pass{query: query, extractor: extractor, lineless: p.x.countsOnly()}
}

func (p *rangePlan) fromColumns(ctx context.Context) ([]*rangeSeries, error) {
	columns, outside, ok := p.x.columnsPass(p.columns, p.base)
	if !ok {
		return nil, errNeedsLines
	}
	return p.gather(ctx, columns, p.linesPass(and(outside, p.base.Where)))
}

func (p *rangePlan) gather(ctx context.Context, passes ...pass) ([]*rangeSeries, error) {
	g := newGatherer(p.q, p.e, p.params)
	var err error
	if g.suspects, err = p.suspects(ctx); err != nil {
		return nil, err
	}
	for i := range passes {
		p.node.pass(&passes[i], p.x)
	}
	err = g.run(ctx, p.base.Start, p.base.End, passes)
	return g.sorted(), err
}

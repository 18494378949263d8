package logql

import (
	"slices"

	"github.com/pharosd/pharos/logs"
)

// logPlan is how the entries of a log query are found: the store selects those that
// may pass the pipeline, which is run on these only.
type logPlan struct {
	query logs.Query
	rest  []StageExpr
	// limited says that hardly an entry that the store selects is dropped: it can be
	// asked for as many as are wanted.
	limited bool
	node    *PlanNode
}

func (q *query) planLog(x *LogExpr) (*logPlan, error) {
	if _, err := compileStages(x.Stages); err != nil { // also of what the store does
		return nil, err
	}
	p := &logPlan{query: logs.Query{Matchers: x.Matchers}, node: q.plan}
	if q.engine.rowsOnly {
		p.rest = reorder(x.Stages)
		return p, nil
	}
	var down logs.And
	down, p.rest = pushDown(x.Stages)
	columns := planColumns(p.rest, false)
	// More than the exact condition may be selected; the pipeline is run in any case.
	condition, _ := columns.condition(resolver{sources: anySource, strays: true})
	if where := and(down, or(condition, columns.outside(columns.strictNames(nil)))); len(down) > 0 || !always(where) {
		p.query.Where = where
	}
	p.limited = !slices.ContainsFunc(p.rest[min(columns.planned, len(p.rest)):], drops)
	p.node.Store, p.node.Pipeline = storeText(p.query), stagesText(p.rest)
	return p, nil
}

func always(f logs.Filter) bool {
	a, ok := f.(logs.And)
	return ok && len(a) == 0
}

// drops says whether a stage may drop entries of its own.
func drops(s StageExpr) bool {
	switch s.(type) {
	case *LineFilter, *LabelFilterStage:
		return true
	}
	return false
}

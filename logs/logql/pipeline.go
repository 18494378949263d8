package logql

import "github.com/pharosd/pharos/logs"

// entry is one line on its way through a pipeline.
type entry struct {
	time   int64 // nanoseconds
	line   string
	labels labelSet
	// columns are the fields that the store read from the line; row is the entry's.
	columns []logs.Column
	row     int
}

// stage is a compiled stage. It belongs to one goroutine.
type stage interface {
	// process changes the entry and says whether it goes on.
	process(e *entry) bool
	// needs returns the labels that the stage reads.
	needs() []string
}

// pipeline is a compiled pipeline of one goroutine.
type pipeline struct {
	stages []stage
	entry  entry
}

// compileStages compiles stages in the order in which they run.
func compileStages(exprs []StageExpr) ([]stage, error) {
	var out []stage
	for _, x := range reorder(exprs) {
		s, err := x.compile()
		if err != nil {
			return nil, stageError(x.String(), err)
		}
		out = append(out, s)
	}
	return out, nil
}

// newLogPipeline compiles the pipeline of a log query.
func newLogPipeline(exprs []StageExpr) (*pipeline, error) {
	stages, err := compileStages(exprs)
	if err != nil {
		return nil, err
	}
	p := &pipeline{stages: stages}
	p.entry.labels.hints = newHints(stages, nil, nil, false, "")
	return p, nil
}

// run sends the entry through all stages.
func (p *pipeline) run() bool {
	for _, s := range p.stages {
		if !s.process(&p.entry) {
			return false
		}
	}
	return true
}

// reorder moves line filters to the front, but not past a label filter or past a
// stage that changes the line (line_format and unpack; decolorize too, but Loki
// moves them past it).
func reorder(in []StageExpr) []StageExpr {
	var out, filters, others []StageExpr
	flush := func() {
		out = append(append(out, filters...), others...)
		filters, others = nil, nil
	}
	for _, s := range in {
		switch s.(type) {
		case *LabelFilterStage:
			flush()
			out = append(out, s)
		case *LineFilter:
			filters = append(filters, s)
		case *LineFormatStage, *UnpackStage:
			others = append(others, s)
			flush()
		default:
			others = append(others, s)
		}
	}
	flush()
	return out
}

package logql

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// Matcher runs a log query on single entries as they arrive. It belongs to one
// goroutine at a time.
type Matcher struct {
	matchers []*labels.Matcher
	p        *pipeline
	lines    []*lineFilterStage // the whole pipeline, if lineOnly
	lineOnly bool
}

// NewMatcher compiles the query.
func NewMatcher(e *LogExpr) (*Matcher, error) {
	p, err := newLogPipeline(e.Stages)
	if err != nil {
		return nil, err
	}
	m := &Matcher{matchers: e.Matchers, p: p, lineOnly: true}
	for _, s := range p.stages {
		f, ok := s.(*lineFilterStage)
		m.lineOnly = m.lineOnly && ok
		m.lines = append(m.lines, f)
	}
	return m, nil
}

// Selects reports whether the query's selector selects the stream.
func (m *Matcher) Selects(stream model.Labels) bool {
	for _, x := range m.matchers {
		if !x.Matches(stream.Get(x.Name)) {
			return false
		}
	}
	return true
}

// LineOnly reports that the query looks at nothing but lines behind its selector:
// KeepsLine decides, and entries come out as they are.
func (m *Matcher) LineOnly() bool { return m.lineOnly }

// KeepsLine reports whether the line filters of a LineOnly query keep the line.
func (m *Matcher) KeepsLine(line string) bool {
	e := entry{line: line}
	for _, f := range m.lines {
		if !f.process(&e) {
			return false
		}
	}
	return true
}

// Entry sends an entry of a selected stream through the pipeline. The labels and the
// line that it returns are valid until the next call.
func (m *Matcher) Entry(stream model.Labels, in *model.LogEntry) (ls model.Labels, line string, ok bool) {
	e := &m.p.entry
	e.time, e.line = in.Time, in.Line
	e.labels.reset(stream)
	for _, l := range in.Metadata {
		e.labels.addMetadata(l.Name, l.Value)
	}
	if !m.p.run() {
		return nil, "", false
	}
	return e.labels.sorted(), e.line, true
}

// Preselect is what a store may apply of a log query before a Matcher does all of
// it; whole says that nothing remains to be done.
func Preselect(e *LogExpr) (q logs.Query, whole bool) {
	q.Matchers = e.Matchers
	for _, s := range reorder(e.Stages) {
		f, ok := s.(*LineFilter)
		if !ok || len(f.Terms) != 1 || f.Terms[0].IP || f.Terms[0].Text == "" || f.Op != "|=" && f.Op != "!=" {
			return q, false
		}
		q.Lines = append(q.Lines, logs.LineFilter{Text: f.Terms[0].Text, Not: f.Op == "!="})
	}
	return q, true
}

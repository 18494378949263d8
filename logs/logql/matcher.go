package logql

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/model"
)

// Matcher runs a log query on single streams as they arrive. It belongs to one
// goroutine at a time.
type Matcher struct {
	matchers []*labels.Matcher
	p        *pipeline
}

// NewMatcher compiles the query.
func NewMatcher(e *LogExpr) (*Matcher, error) {
	p, err := newLogPipeline(e.Stages)
	if err != nil {
		return nil, err
	}
	return &Matcher{e.Matchers, p}, nil
}

// Match calls emit for each entry of the stream that the query selects, with its
// labels and line after the pipeline. What emit gets is its own.
func (m *Matcher) Match(s *model.LogStream, emit func(ls model.Labels, t int64, line string)) {
	for _, x := range m.matchers {
		if !x.Matches(s.Labels.Get(x.Name)) {
			return
		}
	}
	for i := range s.Entries {
		e := &m.p.entry
		e.time, e.line = s.Entries[i].Time, s.Entries[i].Line
		e.labels.reset(s.Labels)
		for _, l := range s.Entries[i].Metadata {
			e.labels.addMetadata(l.Name, l.Value)
		}
		if m.p.run() {
			emit(cloneLabels(e.labels.sorted()), e.time, strings.Clone(e.line))
		}
	}
}

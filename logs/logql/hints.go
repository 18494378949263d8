package logql

import (
	"slices"
	"strings"
)

// hints tell parsers what a query needs, so that they stop early. They are more
// than an optimisation: a line that is not parsed cannot have a parse error, and
// a label filter drops a line as soon as its label is parsed, even if a stage in
// between would have changed the label. Both are Loki's behaviour.
type hints struct {
	// none: nothing needs to be parsed.
	none bool
	// required are the only labels that count, if there are any.
	required []string
	// preserveError: the query groups by the error label.
	preserveError bool
	// filters are the pipeline's filters on one label.
	filters []labelFilter
	names   []string // of filters
}

// newHints returns the hints of a pipeline. g is the grouping of a metric query;
// single says that it keeps no labels at all. value is the label to unwrap.
func newHints(stages []stage, extra []labelFilter, g *Grouping, single bool, value string) *hints {
	h := &hints{}
	var needed []string
	for _, s := range stages {
		needed = append(needed, s.needs()...)
		if f, ok := s.(*filterStage); ok {
			h.addFilter(f.filter)
		}
	}
	for _, f := range extra {
		needed = append(needed, f.names()...)
	}
	if len(extra) == 1 { // several are one binary filter
		h.addFilter(extra[0])
	}
	if g != nil {
		needed = append(needed, g.Labels...)
	}
	needed = append(needed, value)
	var required []string
	for _, n := range needed {
		if n == "" || slices.Contains(required, n) {
			continue
		}
		required = append(required, n)
		if bare := strings.TrimSuffix(n, extractedSuffix); bare != n && !slices.Contains(required, bare) {
			required = append(required, bare)
		}
	}
	switch {
	case single && len(required) == 0:
		h.none = true
	case single, g != nil && !g.Without && len(g.Labels) > 0:
		h.required = required
		h.preserveError = slices.Contains(required, errorLabel)
	}
	return h
}

func (h *hints) addFilter(f labelFilter) {
	if _, binary := f.(*binaryFilter); binary {
		return
	}
	if names := f.names(); len(names) == 1 {
		h.filters = append(h.filters, f)
		h.names = append(h.names, names[0])
	}
}

// skip says that nothing more needs to be parsed of this entry.
func (h *hints) skip(s *labelSet) bool { return h.none || h.complete(s) }

// complete says that every required label was extracted.
func (h *hints) complete(s *labelSet) bool {
	if len(h.required) == 0 || len(s.extracted) < len(h.required) {
		return false
	}
	for _, n := range h.required {
		if !s.wasExtracted(n) {
			return false
		}
	}
	return true
}

// wants says whether a parser should set the label.
func (h *hints) wants(name string) bool {
	return len(h.required) == 0 || slices.Contains(h.required, name)
}

// wantsPrefix says whether a label that begins so may be wanted.
func (h *hints) wantsPrefix(prefix string) bool {
	if len(h.required) == 0 {
		return true
	}
	return slices.ContainsFunc(h.required, func(n string) bool { return strings.HasPrefix(n, prefix) })
}

// keeps says whether the first filter on the label that was just set lets the
// line through.
func (h *hints) keeps(name string, s *labelSet) bool {
	if i := slices.Index(h.names, name); i >= 0 {
		return h.filters[i].match(s)
	}
	return true
}

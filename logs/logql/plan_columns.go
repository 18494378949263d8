package logql

import (
	"errors"
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
)

// errNeedsLines ends an evaluation from columns that found what only the pipeline
// itself can answer, as an error with its details.
var errNeedsLines = errors.New("BUG: entry needs its line")

// columnStage stands for a parser: it sets the labels that the store read from the
// line.
type columnStage struct{}

func (columnStage) needs() []string { return nil }

func (columnStage) process(e *entry) bool {
	ls := &e.labels
	for i := range e.columns {
		c := &e.columns[i]
		v := c.Values[e.row]
		if v == "" {
			continue
		}
		name := c.Name
		if ls.taken(name) {
			name += extractedSuffix
		}
		if !ls.hints.wants(name) || ls.wasExtracted(name) {
			continue
		}
		ls.set(name, v)
		if !ls.hints.keeps(name, ls) {
			return false
		}
	}
	return true
}

// fromColumns returns an extractor that takes the fields of lines from columns.
func (x *extraction) fromColumns(parser int) (*extractor, error) {
	var stages []stage
	for i, e := range x.rest {
		if i == parser {
			stages = append(stages, columnStage{})
			continue
		}
		s, err := e.compile()
		if err != nil {
			return nil, stageError(e.String(), err)
		}
		stages = append(stages, s)
	}
	out := x.with(stages)
	out.partial = true
	return out, nil
}

// columnsPass returns how the entries of the plan's region are read from their
// columns. It is false if that is not possible: for the length of lines, or if all
// labels of an entry are wanted.
func (x *extraction) columnsPass(p *columnPlan, base logs.Query) (_ pass, outside logs.Filter, ok bool) {
	if p.parser < 0 || !p.columnar || x.bytes {
		return pass{}, nil, false
	}
	probe, err := x.fromColumns(p.parser)
	if err != nil {
		return pass{}, nil, false
	}
	names := probe.p.entry.labels.hints.required
	if len(names) == 0 || probe.p.entry.labels.hints.preserveError || slices.ContainsFunc(names, func(n string) bool {
		return strings.HasSuffix(n, extractedSuffix)
	}) {
		return pass{}, nil, false
	}
	outside = p.outside(x.strictNames(p, names))
	condition, _ := p.condition(resolver{sources: anySource, strays: p.mayFail()})
	base.Where = and(condition, logs.Not{Filter: outside}, base.Where)
	base.Parsed = slices.Clone(names)
	base.Metadata = append(slices.Clone(names), errorLabel, errorDetailsLabel)
	if x.unwrap != nil && p.blocker == "" && !slices.Contains(p.changed, x.value) {
		base.Where = and(resolver{sources: anySource}.exists(x.value, true), base.Where)
	}
	if v := x.valuesOnly(p); v != nil && x.unwrap.Conversion == "" && !slices.Contains(v.names, x.value) {
		base.Number = x.value
	}
	extractor := func() (*extractor, error) {
		out, err := x.fromColumns(p.parser)
		if err == nil {
			out.values = x.valuesOnly(p)
		}
		return out, err
	}
	return pass{query: base, extractor: extractor, lineless: true}, outside, true
}

// strictNames are the names for which an empty value is something else than none;
// needed are all names that the query needs.
func (x *extraction) strictNames(p *columnPlan, needed []string) []string {
	if p.blocker != "" {
		return needed
	}
	var shown []string
	if !x.single && x.grouping != nil && !x.grouping.Without {
		shown = append(shown, x.grouping.Labels...)
	}
	for _, f := range x.filter {
		shown = append(shown, f.names()...)
	}
	return slices.DeleteFunc(p.strictNames(shown), func(n string) bool { return n == errorLabel })
}

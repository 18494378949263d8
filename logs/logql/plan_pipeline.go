package logql

import (
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
)

// columnPlan says what of a pipeline can be answered from columns: the fields that
// the store read from lines when they were pushed stand for what the pipeline's
// parser would find. That holds for the entries of the plan's region only: those
// whose line the store read in the parser's format. All others are read and sent
// through the pipeline; where columns and the language could differ, the language
// wins.
type columnPlan struct {
	// format is what the parser reads, Raw if there is none.
	format logs.Format
	// parser is the place of the parser in the pipeline, -1 if there is none.
	parser int
	// filters are the label filters up to the first stage that is of another kind.
	filters []plannedFilter
	// blocker is that stage; "" if there is none: then entries of the region pass the
	// pipeline if they pass the filters, with the labels that their columns have.
	blocker string
	// planned is how many stages stand before the blocker.
	planned int
	// columnar says that all stages can run on columns, without the line.
	columnar bool
	// early are names that filters before the parser read. A parser stops at them,
	// so the columns do not tell what it finds.
	early []string
	// changed are labels that a stage removed.
	changed []string
}

// plannedFilter is a label filter; parsed says that it stands behind the parser.
type plannedFilter struct {
	labelFilter
	parsed bool
}

// planColumns looks at the stages behind the line filters. skipParser says that
// nothing needs to be parsed, so that no line can fail to.
func planColumns(stages []StageExpr, skipParser bool) *columnPlan {
	p := &columnPlan{parser: -1, columnar: true}
	for i, s := range stages {
		if p.blocker == "" {
			p.planned = i
		}
		switch s := s.(type) {
		case *JSONStage:
			p.parse(i, s, logs.JSON, len(s.Labels) == 0, skipParser)
		case *LogfmtStage:
			p.parse(i, s, logs.Logfmt, len(s.Labels) == 0 && !s.Strict && !s.KeepEmpty, skipParser)
		case *LabelFilterStage:
			p.filter(s.Filter)
		case *DropStage:
			p.drop(s)
		case *LabelFormatStage:
			p.block(s, !strings.Contains(s.String(), "__line__"))
		case *KeepStage:
			p.block(s, true)
		default:
			p.block(s, false)
		}
	}
	if p.blocker == "" {
		p.planned = len(stages)
	}
	return p
}

// block notes a stage that is not planned for.
func (p *columnPlan) block(s StageExpr, columnar bool) {
	p.columnar = p.columnar && columnar
	if p.blocker == "" {
		p.blocker = s.String()
	}
}

func (p *columnPlan) parse(i int, s StageExpr, format logs.Format, plain, skip bool) {
	switch {
	case skip && plain:
	case p.parser >= 0, !plain, p.blocker != "", len(p.changed) > 0:
		p.block(s, false)
	default:
		p.parser, p.format = i, format
		for _, f := range p.filters {
			p.early = append(p.early, f.names()...)
		}
	}
}

func (p *columnPlan) filter(f labelFilter) {
	if p.blocker != "" {
		return
	}
	if slices.ContainsFunc(f.names(), func(n string) bool { return slices.Contains(p.changed, n) }) {
		p.block(&LabelFilterStage{f}, true)
		return
	}
	p.filters = append(p.filters, plannedFilter{f, p.parser >= 0})
}

// drop removes labels; those of errors are not there in the region.
func (p *columnPlan) drop(s *DropStage) {
	for _, l := range s.Labels {
		switch {
		case l.Name == errorLabel, l.Name == errorDetailsLabel:
		case l.Matcher != nil:
			p.block(s, true)
			return
		default:
			p.changed = append(p.changed, l.Name)
		}
	}
}

// condition is what entries of the region must fulfil; it selects exactly those that
// pass the filters, or more.
func (p *columnPlan) condition(r resolver) (c logs.Filter, exact bool) {
	c, exact = truth(true), true
	for _, f := range p.filters {
		one, ok := r.condition(f.labelFilter, f.parsed)
		c, exact = and(c, one), exact && ok
	}
	return c, exact
}

// numbers are the names that filters on numbers read.
func (p *columnPlan) numbers() (names []plannedFilter) {
	var visit func(f labelFilter, parsed bool)
	visit = func(f labelFilter, parsed bool) {
		switch f := f.(type) {
		case *binaryFilter:
			visit(f.left, parsed)
			visit(f.right, parsed)
		case *numberFilter:
			names = append(names, plannedFilter{f, parsed})
		}
	}
	for _, f := range p.filters {
		visit(f.labelFilter, f.parsed)
	}
	return names
}

// strictNames are the names for which a label with an empty value is something else
// than no label: those that other filters than those on texts read, and those that
// the result shows.
func (p *columnPlan) strictNames(shown []string) []string {
	names := slices.Clone(shown)
	var visit func(f labelFilter)
	visit = func(f labelFilter) {
		switch f := f.(type) {
		case *binaryFilter:
			visit(f.left)
			visit(f.right)
		case *stringFilter:
		default:
			names = append(names, f.names()...)
		}
	}
	for _, f := range p.filters {
		if f.parsed {
			visit(f.labelFilter)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// outside matches the entries that are not in the region. strict are the names whose
// empty values count.
func (p *columnPlan) outside(strict []string) logs.Filter {
	out := logs.Or{logs.Exists{Field: logs.Field{Kind: logs.Metadata, Name: errorLabel}}}
	if p.parser < 0 {
		return or(out)
	}
	read := logs.Or{logs.HasFormat{Format: p.format}}
	if p.format == logs.JSON && len(p.early) == 0 {
		nonEmpty := logs.And{logs.HasFormat{Format: logs.JSONNonEmpty}}
		for _, n := range strict {
			nonEmpty = append(nonEmpty, logs.Exists{Field: logs.Field{Kind: logs.Parsed, Name: n}})
		}
		read = append(read, nonEmpty)
	}
	out = append(out, logs.Not{Filter: or(read)})
	for _, n := range p.early {
		out = append(out, logs.Exists{Field: logs.Field{Kind: logs.Parsed, Name: n}})
	}
	return or(out)
}

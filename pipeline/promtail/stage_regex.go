package promtail

import (
	"github.com/grafana/regexp"

	"github.com/pharosd/pharos/pipeline"
)

// regexStage extracts the named groups of an expression.
type regexStage struct {
	source *string
	expr   *regexp.Regexp
	groups []group
}

// group is a named group and its number.
type group struct {
	name  string
	index int
}

func (cfg *config) regex() pipeline.Stage {
	var settings struct {
		Expression string
		Source     *string
	}
	if cfg.empty() || !cfg.decode(&settings) || !cfg.source(settings.Source) {
		return nil
	}
	if settings.Expression == "" {
		cfg.problem("expression", "the stage needs an expression", "")
		return nil
	}
	expr := cfg.regexp("expression", settings.Expression)
	if expr == nil {
		return nil
	}
	return &regexStage{settings.Source, expr, namedGroups(expr)}
}

func namedGroups(expr *regexp.Regexp) []group {
	var groups []group
	for i, name := range expr.SubexpNames() {
		if name != "" {
			groups = append(groups, group{name, i})
		}
	}
	return groups
}

func (s *regexStage) Process(e *pipeline.Event, out pipeline.Output) {
	if in, ok := input(e, s.source); ok {
		if at := s.expr.FindStringSubmatchIndex(in); at != nil {
			for _, g := range s.groups {
				e.Fields[g.name] = submatch(in, at, g.index)
			}
		}
	}
	out.Emit(e)
}

// submatch is the text of a group, "" if it took no part in the match.
func submatch(in string, at []int, group int) string {
	if from := at[2*group]; from >= 0 {
		return in[from:at[2*group+1]]
	}
	return ""
}

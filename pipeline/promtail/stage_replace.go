package promtail

import (
	"strings"

	"github.com/grafana/regexp"

	"github.com/pharosd/pharos/pipeline"
)

// replaceStage replaces what the groups of an expression match, in all of its matches,
// by a Go template that has the text as .Value. What is outside of groups stays.
type replaceStage struct {
	source *string
	expr   *regexp.Regexp
	groups []group
	format *formatter
}

func (cfg *config) replace() pipeline.Stage {
	var settings struct {
		Expression string
		Source     *string
		Replace    string
	}
	if cfg.empty() || !cfg.decode(&settings) || !cfg.source(settings.Source) {
		return nil
	}
	if settings.Expression == "" {
		cfg.problem("expression", "the stage needs an expression", "")
		return nil
	}
	expr := cfg.regexp("expression", settings.Expression)
	format, err := newFormatter(settings.Replace, cfg.c.env.Untrusted)
	if err != nil {
		cfg.problem("replace", err.Error(), "a template of Go's, .Value is what a group matched")
	}
	if expr == nil || err != nil {
		return nil
	}
	return &replaceStage{settings.Source, expr, namedGroups(expr), format}
}

func (s *replaceStage) Process(e *pipeline.Event, out pipeline.Output) {
	if in, ok := input(e, s.source); ok {
		if matches := s.expr.FindAllStringSubmatchIndex(in, -1); matches != nil {
			s.replace(e, in, matches)
		}
	}
	out.Emit(e)
}

func (s *replaceStage) replace(e *pipeline.Event, in string, matches [][]int) {
	result, replaced, err := s.replaced(in, matches, texts(e.Fields))
	if err != nil {
		return
	}
	if s.source != nil {
		e.Fields[*s.source] = result
	} else {
		e.Line = result
	}
	for _, g := range s.groups {
		if v, ok := replaced[submatch(in, matches[0], g.index)]; ok {
			e.Fields[g.name] = v
		}
	}
}

// replaced is the text with its groups replaced, and what became of each group's text.
// Of groups in one another the outer one counts.
func (s *replaceStage) replaced(in string, matches [][]int, data map[string]string) (string, map[string]string, error) {
	var b strings.Builder
	done := 0
	became := map[string]string{}
	for _, at := range matches {
		for i := 2; i < len(at); i += 2 {
			from, to := at[i], at[i+1]
			if from < 0 {
				continue
			}
			data["Value"] = in[from:to]
			v, err := s.format.format(data)
			if err == nil && b.Len()+len(v) > maxFormatted {
				err = errTooLong()
			}
			if err != nil {
				return "", nil, err
			}
			became[in[from:to]] = v
			if done <= from {
				b.WriteString(in[done:from])
				b.WriteString(v)
				done = to
			}
		}
	}
	b.WriteString(in[done:])
	return b.String(), became, nil
}

// texts are the extracted values that have a text.
func texts(fields map[string]any) map[string]string {
	m := make(map[string]string, len(fields)+1)
	for name, v := range fields {
		if t, ok := text(v); ok {
			m[name] = t
		}
	}
	return m
}

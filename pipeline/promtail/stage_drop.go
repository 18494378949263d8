package promtail

import (
	"strings"
	"time"

	"github.com/grafana/regexp"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/pipeline"
)

// dropStage drops events for which all that it names is true.
type dropStage struct {
	sources    []string // nil: the line
	separator  string
	expr       *regexp.Regexp // nil: it is enough that all sources exist
	olderThan  *time.Duration
	longerThan *byteSize
	now        func() time.Time
	drops      drops
}

func (cfg *config) drop() pipeline.Stage {
	var settings struct {
		DropReason *string `yaml:"drop_counter_reason"`
		Value      *string
		Separator  *string
		Expression *string
		OlderThan  *string   `yaml:"older_than"`
		LongerThan *byteSize `yaml:"longer_than"`
	}
	if cfg.empty() {
		return nil
	}
	rest := *cfg
	rest.node = without(cfg.node, "source")
	if !rest.decode(&settings) {
		return nil
	}
	sources, ok := cfg.dropSources()
	if !ok {
		return nil
	}
	s := &dropStage{sources: sources, separator: ";", longerThan: settings.LongerThan, now: cfg.c.env.Now,
		drops: cfg.c.drops(deref(settings.DropReason), "drop_stage")}
	if settings.Separator != nil {
		s.separator = *settings.Separator
	}
	switch {
	case sources == nil && settings.Expression == nil && settings.OlderThan == nil && settings.LongerThan == nil && settings.Value == nil:
		cfg.problem("", "the stage needs one of source, expression, older_than and longer_than", "")
		return nil
	case settings.Value != nil && sources == nil:
		cfg.problem("value", "a value needs a source", "use expression for the line")
		return nil
	case settings.Value != nil && settings.Expression != nil:
		cfg.problem("value", "value and expression cannot both be set", "")
		return nil
	case settings.Expression != nil:
		s.expr = cfg.regexp("expression", *settings.Expression)
		ok = ok && s.expr != nil
	case settings.Value != nil:
		s.expr = regexp.MustCompile("^" + regexp.QuoteMeta(*settings.Value) + "$")
	}
	if settings.OlderThan != nil {
		age, valid := cfg.duration("older_than", *settings.OlderThan)
		s.olderThan, ok = &age, ok && valid
	}
	if !ok {
		return nil
	}
	return s
}

// dropSources are one name or a list of names; nil: there is none.
func (cfg *config) dropSources() (sources []string, ok bool) {
	n := child(cfg.node, "source")
	if isNull(n) {
		return nil, true
	}
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}, true
	}
	var settings struct{ Source []string }
	rest := *cfg
	rest.node = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column,
		Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "source", Line: n.Line, Column: n.Column}, n}}
	ok = rest.decode(&settings)
	return settings.Source, ok
}

func (s *dropStage) Process(e *pipeline.Event, out pipeline.Output) {
	if s.drop(e) {
		s.drops.drop(e, out)
		return
	}
	out.Emit(e)
}

func (s *dropStage) drop(e *pipeline.Event) bool {
	if s.longerThan != nil && len(e.Line) <= int(*s.longerThan) {
		return false
	}
	if s.olderThan != nil && !e.Time.Before(s.now().Add(-*s.olderThan)) {
		return false
	}
	switch {
	case s.sources == nil:
		return s.expr == nil || s.expr.MatchString(e.Line)
	case s.expr == nil:
		for _, source := range s.sources {
			if _, ok := e.Fields[source]; !ok {
				return false
			}
		}
		return true
	}
	return s.matchSources(e)
}

// matchSources matches the values of those sources that exist, joined.
func (s *dropStage) matchSources(e *pipeline.Event) bool {
	values := make([]string, 0, len(s.sources))
	for _, source := range s.sources {
		v, ok := e.Fields[source]
		if !ok {
			continue
		}
		t, ok := text(v)
		if !ok {
			return false
		}
		values = append(values, t)
	}
	return s.expr.MatchString(strings.Join(values, s.separator))
}

package promtail

import (
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// matchStage runs stages on the events that its selector selects, or drops these. All
// others pass as they are.
type matchStage struct {
	selector *selector
	stages   *nested // nil: drop
	drops    drops
}

func (cfg *config) match() pipeline.Stage {
	var settings struct {
		PipelineName *string `yaml:"pipeline_name"`
		Selector     string
		Action       string
		DropReason   *string `yaml:"drop_counter_reason"`
	}
	if cfg.empty() {
		return nil
	}
	stages := child(cfg.node, "stages")
	rest := *cfg
	rest.node = without(cfg.node, "stages")
	ok := rest.decode(&settings)
	if settings.PipelineName != nil && *settings.PipelineName == "" {
		cfg.problem("pipeline_name", "the name must not be empty", "leave it out")
		ok = false
	}
	keep := settings.Action == "" || settings.Action == "keep"
	if !keep && settings.Action != "drop" {
		cfg.problem("action", fmt.Sprintf("expected keep or drop, found %q", settings.Action), strictyaml.Suggest(settings.Action, []string{"keep", "drop"}))
		ok = false
	}
	s := &matchStage{selector: cfg.selector(settings.Selector)}
	if steps := cfg.c.stages(cfg.key+".stages", stages, cfg.depth+1); keep {
		if isNull(stages) || stages.Kind == yaml.SequenceNode && len(stages.Content) == 0 {
			cfg.problem("stages", "the stage needs stages", "or action: drop")
		}
		s.stages = newNested(steps, cfg.c.env.Probe)
	} else if !isNull(stages) && len(stages.Content) > 0 {
		cfg.problem("stages", "a stage that drops has no stages", "leave out stages or action: drop")
	}
	if !ok || s.selector == nil {
		return nil
	}
	if !keep {
		s.drops = cfg.c.drops(deref(settings.DropReason), "match_stage")
	}
	return s
}

func (cfg *config) selector(text string) *selector {
	if text == "" {
		cfg.problem("selector", "the stage needs a selector", `such as {app="loki"} |= "error"`)
		return nil
	}
	s, err := parseSelector(text)
	if err != nil {
		cfg.problem("selector", err.Error(), "")
	}
	return s
}

// without is a mapping without one of its keys.
func without(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n
	}
	c := *n
	c.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != key {
			c.Content = append(c.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &c
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (s *matchStage) Process(e *pipeline.Event, out pipeline.Output) {
	switch {
	case !s.selector.matches(e):
		out.Emit(e)
	case s.stages == nil:
		s.drops.drop(e, out)
	default:
		s.stages.Process(e, out)
	}
}

// Flush implements pipeline.Holder.
func (s *matchStage) Flush(now time.Time, all bool, out pipeline.Output) {
	if s.stages != nil {
		s.stages.Flush(now, all, out)
	}
}

// Due implements pipeline.Holder.
func (s *matchStage) Due() time.Time {
	if s.stages == nil {
		return time.Time{}
	}
	return s.stages.Due()
}

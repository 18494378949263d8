package promtail

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/grafana/regexp"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// Bounds of one configuration, far above what people write.
const (
	maxNesting = 16
	maxStages  = 1000
)

// compiler collects the problems of a configuration while it compiles the rest.
type compiler struct {
	env      Env
	count    int
	problems []strictyaml.Problem
}

func newCompiler(env Env) *compiler {
	if env.Metrics == nil {
		env.Metrics = NewMetrics(nil)
	}
	if env.Logger == nil {
		env.Logger = slog.New(slog.DiscardHandler)
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Sleep == nil {
		env.Sleep = time.Sleep
	}
	if env.Warn == nil {
		logger := env.Logger
		env.Warn = func(p strictyaml.Problem) {
			logger.Warn("configuration key is ignored", "file", p.File, "line", p.Line, "column", p.Column,
				"key", p.Key, "message", p.Message, "hint", p.Hint)
		}
	}
	return &compiler{env: env}
}

func (c *compiler) problem(key string, n *yaml.Node, message, hint string) {
	c.problems = append(c.problems, strictyaml.Problem{File: c.env.File, Line: max(n.Line, 1), Column: max(n.Column, 1),
		Key: key, Message: message, Hint: hint})
}

// stages compiles a list of stages; depth counts the matches around it.
func (c *compiler) stages(key string, n *yaml.Node, depth int) []pipeline.Step {
	n = resolved(n)
	switch {
	case isNull(n):
		return nil
	case n.Kind != yaml.SequenceNode:
		c.problem(key, n, "expected a list of stages", "each begins with \"- \"")
		return nil
	case depth > maxNesting:
		c.problem(key, n, fmt.Sprintf("stages are nested deeper than %d levels", maxNesting), "")
		return nil
	}
	var steps []pipeline.Step
	for i, item := range n.Content {
		if c.count++; c.count > maxStages {
			c.problem(key, item, fmt.Sprintf("more than %d stages", maxStages), "")
			return nil
		}
		if step := c.step(fmt.Sprintf("%s[%d]", key, i), resolved(item), depth); step.Stage != nil {
			steps = append(steps, step)
		}
	}
	return steps
}

// step compiles one item of a list of stages; a step without a stage is a problem told.
func (c *compiler) step(key string, item *yaml.Node, depth int) pipeline.Step {
	switch {
	case item.Kind == yaml.ScalarNode && item.Value != "":
		c.problem(key, item, fmt.Sprintf("expected a stage, found the word %q", item.Value), "put a colon behind a stage's name: \"- "+item.Value+":\"")
		return pipeline.Step{}
	case item.Kind != yaml.MappingNode || len(item.Content) == 0:
		c.problem(key, item, "expected a stage", "a stage is written \"- json:\" with its settings below")
		return pipeline.Step{}
	case len(item.Content) > 2:
		c.problem(key, item.Content[2], "a stage has one name, a second one begins here", "put \"- \" before it, or indent it if it is a setting")
		return pipeline.Step{}
	}
	name, value := item.Content[0], resolved(item.Content[1])
	cfg := &config{c: c, name: name.Value, key: key + "." + name.Value, at: name, node: value, depth: depth}
	return pipeline.Step{Stage: cfg.stage(), Name: name.Value, File: c.env.File, Line: name.Line, Column: name.Column}
}

// config is one stage's part of the configuration.
type config struct {
	c     *compiler
	name  string
	key   string
	at    *yaml.Node // the stage's name
	node  *yaml.Node // its settings
	depth int
}

// decode decodes the settings into v and reports whether they are of its form. Keys
// that v does not have are warned of only: Promtail ignores them, and files that work
// there must work here.
func (cfg *config) decode(v any) bool {
	ok := true
	for _, p := range strictyaml.DecodeNode(cfg.c.env.File, cfg.key, cfg.node, v) {
		if p.Message == strictyaml.UnknownKey {
			p.Message = "the stage " + cfg.name + " has no such key, it is ignored"
			cfg.c.env.Warn(p)
			continue
		}
		cfg.c.problems = append(cfg.c.problems, p)
		ok = false
	}
	return ok
}

// weak makes numbers and booleans of what is written in quotes for these settings: some
// of Promtail's stages take "5" for 5.
func (cfg *config) weak(settings ...string) {
	if cfg.node.Kind != yaml.MappingNode {
		return
	}
	c := *cfg.node
	c.Content = slices.Clone(c.Content)
	for i := 0; i+1 < len(c.Content); i += 2 {
		if v := resolved(c.Content[i+1]); v.Kind == yaml.ScalarNode && slices.Contains(settings, c.Content[i].Value) {
			plain := *v
			plain.Style, plain.Tag = 0, ""
			plain.Tag = plain.ShortTag()
			c.Content[i+1] = &plain
		}
	}
	cfg.node = &c
}

// empty reports whether the stage has no settings and, if so, says that it must.
func (cfg *config) empty() bool {
	if !isNull(cfg.node) && (cfg.node.Kind == yaml.ScalarNode || len(cfg.node.Content) > 0) {
		return false
	}
	cfg.problem("", "the stage needs settings", "")
	return true
}

// within is the part of the settings below one of them, for its problems.
func (cfg *config) within(setting string) *config {
	sub := *cfg
	sub.key += "." + setting
	if sub.node = child(cfg.node, setting); sub.node != nil {
		sub.at = sub.node
	}
	return &sub
}

// problem tells of what is wrong with a setting, "" for the stage itself.
func (cfg *config) problem(setting, message, hint string) {
	key, at := cfg.key, cfg.at
	if setting != "" {
		key += "." + setting
		if n := child(cfg.node, setting); n != nil {
			at = n
		}
	}
	cfg.c.problem(key, at, message, hint)
}

// source reports whether an optional setting source is usable.
func (cfg *config) source(source *string) bool {
	if source != nil && *source == "" {
		cfg.problem("source", "the source must not be empty", "leave it out to take the line")
		return false
	}
	return true
}

// regexp compiles the expression of a setting; nil is a problem told.
func (cfg *config) regexp(setting, expression string) *regexp.Regexp {
	re, err := regexp.Compile(expression)
	if err != nil {
		cfg.problem(setting, err.Error(), "expressions are RE2: no look-around, no back references")
		return nil
	}
	return re
}

// child is the value of a key of a mapping, nil if it has none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolved(n.Content[i+1])
		}
	}
	return nil
}

// resolved is what an alias stands for. Aliases of aliases do not exist in YAML.
func resolved(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == 0 || n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!null" || strings.TrimSpace(n.Value) == "" && n.Style == 0)
}

// duration reads a duration of a setting: Go's notation, or days and weeks as well.
func (cfg *config) duration(setting, text string) (time.Duration, bool) {
	var d strictyaml.Duration
	if err := d.UnmarshalText([]byte(text)); err != nil {
		cfg.problem(setting, err.Error(), "")
		return 0, false
	}
	return time.Duration(d), true
}

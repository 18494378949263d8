// Package promtail compiles the pipeline_stages of Promtail configuration files to
// chains of package pipeline. Stages behave as those of Promtail 3; docs/user/
// promtail-stages.md says where they do not.
//
// One stage is one file. What stages extract lives in Event.Fields, labels in
// Event.Labels, structured metadata in Event.Metadata, and the reserved label
// __tenant_id__ in Event.Tenant.
package promtail

import (
	"log/slog"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// Env is what stages need from whoever runs them. Its zero value works.
type Env struct {
	// Metrics counts drops and holds what metrics stages count; nil: nobody sees them.
	Metrics *Metrics
	// Logger is told what happens rarely, never of single lines; nil: nobody is.
	Logger *slog.Logger
	// Now is the clock; nil: the machine's.
	Now func() time.Time
	// Sleep waits for a limit stage that does not drop. It may return early when the
	// runner stops: the line goes on then. nil: time.Sleep.
	Sleep func(time.Duration)
	// File is the configuration's, for messages.
	File string
	// Key is the dotted path to the stages in it, such as
	// "scrape_configs[0].pipeline_stages".
	Key string
	// Warn is told of what Promtail ignores too, such as keys that no stage has. nil:
	// Logger is.
	Warn func(strictyaml.Problem)
	// Untrusted says that strangers wrote the configuration: its templates have neither
	// the functions that tell of the process and its network nor those that can take
	// much memory or time.
	Untrusted bool
	// Probe looks at the chains at work, nested ones too; it may be nil.
	Probe pipeline.Probe
}

// Compile compiles a list of stages, the value of a pipeline_stages key; nil is no
// stage. The chain belongs to one goroutine at a time and keeps state (joined lines,
// limits, last timestamps) for all streams that it sees: as in Promtail, the targets of
// a scrape configuration share one. The error is an *strictyaml.Error with all that is
// wrong.
func Compile(node *yaml.Node, env Env) (*pipeline.Chain, error) {
	c := newCompiler(env)
	steps := c.stages(env.Key, node, 0)
	if err := strictyaml.NewError(c.problems); err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return pipeline.NewChain(nil, nil), nil
	}
	// The outer chain has no probe: nobody wrote its step.
	whole := pipeline.Step{Stage: newNested(steps, env.Probe), Name: "pipeline", File: env.File, Line: node.Line, Column: node.Column}
	return pipeline.NewChain([]pipeline.Step{whole}, nil), nil
}

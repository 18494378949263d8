package logstash

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// Options are what a pipeline is compiled with besides its text. The zero value is
// Logstash 8's: one worker, ECS compatibility, no escapes.
type Options struct {
	// ID is pipeline.id.
	ID string
	// Workers is pipeline.workers: how many run the filters, 1 at least.
	Workers int
	// ECSDisabled is pipeline.ecs_compatibility: disabled.
	ECSDisabled bool
	// SupportEscapes is config.support_escapes.
	SupportEscapes bool
	// Lookup finds environment variables; nil: the process's.
	Lookup func(string) (string, bool)
	// Now is the clock; nil: the machine's.
	Now func() time.Time
	// Logger may be nil.
	Logger *slog.Logger
	// Untrusted: see Env.
	Untrusted bool
	// Filters are the filters there are; nil: Filters().
	Filters map[string]Factory
}

func (o *Options) fill() {
	o.Workers = max(o.Workers, 1)
	if o.Lookup == nil {
		o.Lookup = os.LookupEnv
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Filters == nil {
		o.Filters = Filters()
	}
}

// Pipeline is one configuration, checked. It starts nothing and may be used by several
// goroutines.
type Pipeline struct {
	// ID is pipeline.id.
	ID string
	// Inputs are the input plugins in the order of the text; conditions cannot stand
	// around them.
	Inputs []*Plugin
	// Outputs say which outputs an event goes to.
	Outputs *Router
	// Workers is how many filter chains run, 1 at least.
	Workers int
	// ECS is false when pipeline.ecs_compatibility is disabled.
	ECS bool
	// Warnings are what is worth knowing without being an error.
	Warnings Problems

	filters []Statement
	options Options
	shared  *shared
}

// Compile parses and checks the text of one pipeline. The error is Problems: all that
// were found in syntax, settings, conditions and filters. Inputs and outputs are
// checked by whoever builds them.
func Compile(sources []Source, o Options) (*Pipeline, error) {
	o.fill()
	file, warnings, err := Parse(sources, o.SupportEscapes)
	if err != nil {
		if file == nil {
			return nil, err
		}
		// Filters that were read are checked all the same: problems come at once.
		r := &report{problems: err.(Problems)}
		compileFilters(file.Filters, &o, &shared{}, 0, nil, r)
		return nil, r.err()
	}
	r := &report{warnings: warnings}
	p := &Pipeline{ID: o.ID, Workers: o.Workers, ECS: !o.ECSDisabled, filters: file.Filters, options: o, shared: &shared{}}
	for _, s := range file.Inputs {
		if b, ok := s.(*Branch); ok {
			r.errorf(b.Pos, "", "an input section has no conditions")
		}
	}
	p.Inputs = Plugins(file.Inputs)
	p.Outputs = newRouter(file.Outputs, &conditions{o.Lookup, r})
	// Once to check: what is made for it is not kept.
	chain := compileFilters(file.Filters, &o, &shared{}, 0, nil, r)
	chain.Close()
	if err := r.err(); err != nil {
		return nil, err
	}
	p.Warnings = r.warnings
	return p, nil
}

// FilterNames are the types of the filters in the pipeline, in the order of the text.
func (p *Pipeline) FilterNames() []string {
	var names []string
	for _, plugin := range Plugins(p.filters) {
		names = append(names, plugin.Name)
	}
	return names
}

// FilterChain is the filters of one worker.
type FilterChain struct {
	*pipeline.Chain
	closers []io.Closer
}

// Close ends what filters hold open. Nothing runs through the chain any more.
func (c *FilterChain) Close() {
	for _, closer := range c.closers {
		_ = closer.Close() // files that were read
	}
}

// NewFilters builds the filters for one worker, which counts from 0; probe may be nil.
func (p *Pipeline) NewFilters(worker int, probe pipeline.Probe) (*FilterChain, error) {
	r := &report{}
	chain := compileFilters(p.filters, &p.options, p.shared, worker, probe, r)
	if err := r.err(); err != nil {
		chain.Close()
		return nil, err
	}
	return chain, nil
}

// builder makes stages of statements.
type builder struct {
	options *Options
	shared  *shared
	worker  int
	probe   pipeline.Probe
	report  *report
	closers []io.Closer
}

func compileFilters(section []Statement, o *Options, s *shared, worker int, probe pipeline.Probe, r *report) *FilterChain {
	b := &builder{options: o, shared: s, worker: worker, probe: probe, report: r}
	chain := b.chain(section)
	return &FilterChain{chain, b.closers}
}

func (b *builder) chain(section []Statement) *pipeline.Chain {
	steps := make([]pipeline.Step, 0, len(section))
	for _, s := range section {
		switch s := s.(type) {
		case *Plugin:
			if stage := b.filter(s); stage != nil {
				steps = append(steps, step(stage, s.Name, s.Pos))
			}
		case *Branch:
			steps = append(steps, step(b.branch(s), StepBranch, s.Pos))
		}
	}
	return pipeline.NewChain(steps, b.probe)
}

func step(stage pipeline.Stage, name string, pos Pos) pipeline.Step {
	return pipeline.Step{Stage: stage, Name: name, File: pos.File, Line: pos.Line, Column: pos.Column}
}

// filter builds one filter; nil after a problem.
func (b *builder) filter(p *Plugin) pipeline.Stage {
	factory := b.options.Filters[p.Name]
	if factory == nil {
		hint := absentFilter(p.Name)
		if hint == "" {
			hint = strictyaml.Suggest(p.Name, slices.Sorted(maps.Keys(b.options.Filters)))
		}
		b.report.errorf(p.Pos, hint, "there is no filter %q", p.Name)
		return nil
	}
	before := len(b.report.problems)
	s := newSettings(p, b.options.Lookup, b.report)
	options := commonSettings(s)
	env := b.env(p, s, options)
	made, err := factory(s, env)
	if err != nil {
		b.report.errorf(p.Pos, "", "%s: %v", p.Name, err)
	}
	s.unknown()
	if closer, ok := made.(io.Closer); ok && err == nil {
		b.closers = append(b.closers, closer)
	}
	if len(b.report.problems) > before {
		return nil
	}
	switch made := made.(type) {
	case Func:
		return &funcStage{made, options}
	case func(*pipeline.Event) bool:
		return &funcStage{made, options}
	case pipeline.Stage:
		return made
	}
	panic(fmt.Sprintf("BUG: the filter %s made a %T", p.Name, made))
}

func (b *builder) env(p *Plugin, s *Settings, options *common) *Env {
	ecs := !b.options.ECSDisabled
	if mode := s.Enum("ecs_compatibility", "", "disabled", "v1", "v8"); mode != "" {
		ecs = mode != "disabled"
	}
	id := s.String("id", "")
	env := &Env{
		Now: b.options.Now, Logger: b.options.Logger.With("filter", p.Name, "plugin_id", id, "at", p.Pos.String()),
		Dir: filepath.Dir(p.Pos.File), Lookup: b.options.Lookup, ECS: ecs, Untrusted: b.options.Untrusted,
		Worker: b.worker, Workers: b.options.Workers, plugin: p, shared: b.shared,
		Matched: func(*pipeline.Event) {},
	}
	env.options = options
	if options != nil {
		env.Matched = func(e *pipeline.Event) { options.apply(e) }
	}
	return env
}

// funcStage runs a simple filter.
type funcStage struct {
	run     Func
	options *common
}

func (s *funcStage) Process(e *pipeline.Event, out pipeline.Output) {
	if s.run(e) && s.options != nil {
		s.options.apply(e)
	}
	out.Emit(e)
}

func (b *builder) branch(x *Branch) pipeline.Stage {
	c := &conditions{b.options.Lookup, b.report}
	s := &branchStage{arms: make([]arm, len(x.Arms)), probe: b.probe}
	for i, a := range x.Arms {
		name := "else"
		if a.Condition != nil {
			s.arms[i].test = c.compile(a.Condition)
			if name += " if " + a.Text; i == 0 {
				name = "if " + a.Text
			}
		}
		s.arms[i].step = step(nil, strings.Join(strings.Fields(name), " "), a.Pos)
		s.arms[i].chain = b.chain(a.Body)
	}
	return s
}

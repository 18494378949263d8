package logstash

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
	"github.com/pharosd/pharos/tenant"
)

// program is a pipeline that is checked and wired and not yet running.
type program struct {
	spec     spec
	compiled *logstash.Pipeline
	inputs   []*inputRunner
	outputs  []*outputRunner
	warnings logstash.Problems
	m        *pipelineMetrics
	dead     *deadLetters
	clock    *clock
	log      *slog.Logger
	owner    tenant.ID
	workers  int
	batch    int
}

// build reads a pipeline's files and makes its plugins. It starts and opens nothing. The
// error has every problem of every section.
func build(sp spec, cfg *Config, d *Deps, m *metrics, b *bus) (*program, error) {
	sources, err := sp.text()
	if err != nil {
		return nil, err
	}
	own := cfg.Pipelines[sp.ID]
	owner := tenant.Default
	if own.Tenant != "" {
		owner = tenant.ID(own.Tenant) // Validate has parsed it
	}
	p := &program{spec: sp, owner: owner, log: d.Log.With("pipeline", sp.ID), m: m.pipeline(sp.ID), clock: &clock{now: d.Now}}
	p.workers = firstOf(own.Workers, sp.Workers, cfg.Workers, runtime.GOMAXPROCS(0))
	p.batch = firstOf(own.BatchSize, sp.BatchSize, cfg.BatchSize, 1000)
	mode := firstOf(own.ECSCompatibility, cfg.ECSCompatibility, "v8")
	if sp.ECSDisabled && own.ECSCompatibility == "" {
		mode = "disabled"
	}
	p.dead = &deadLetters{path: filepath.Join(d.Dir, "dead_letters", fileName(sp.ID)+".ndjson"), most: int64(cfg.DeadLetters), m: p.m, now: d.Now}
	compile := func() (*logstash.Pipeline, error) {
		return logstash.Compile(sources, logstash.Options{ID: sp.ID, Workers: p.workers, ECSDisabled: mode == "disabled", SupportEscapes: sp.SupportEscapes,
			Lookup: d.Lookup, Now: d.Now, Logger: p.log})
	}
	p.compiled, err = compile()
	if err == nil && p.workers > 1 && slices.ContainsFunc(p.compiled.FilterNames(), needsOrder) {
		p.workers = 1
		p.compiled, err = compile()
	}
	if err != nil {
		return nil, errors.Join(err, p.checkPlugins(sources, cfg, d, b, mode))
	}
	p.warnings = append(sp.warnings, p.compiled.Warnings...)
	return p, p.plugins(p.compiled.Inputs, p.compiled.Outputs.Plugins, cfg, d, b, mode)
}

// needsOrder says that a filter must see all events, in their order.
func needsOrder(filter string) bool { return filter == "aggregate" }

// checkPlugins adds what is wrong with inputs and outputs to what is wrong with the rest.
func (p *program) checkPlugins(sources []logstash.Source, cfg *Config, d *Deps, b *bus, mode string) error {
	file, _, _ := logstash.Parse(sources, p.spec.SupportEscapes)
	if file == nil {
		return nil
	}
	return p.plugins(logstash.Plugins(file.Inputs), logstash.Plugins(file.Outputs), cfg, d, b, mode)
}

func (p *program) plugins(in, out []*logstash.Plugin, cfg *Config, d *Deps, b *bus, mode string) error {
	var problems []error
	env := func(plugin *logstash.Plugin, s *logstash.Settings) *env {
		v := &env{deps: d, cfg: cfg, tenant: p.owner, pipeline: p.spec.ID, plugin: string(plugin.Kind) + " " + plugin.Name,
			dir: filepath.Dir(plugin.Pos.File), state: filepath.Join(d.Dir, fileName(p.spec.ID)), m: p.m, dead: p.dead, bus: b, clock: p.clock}
		v.ecs = ecsOf(s, mode)
		if id := s.String("id", ""); id != "" {
			v.plugin += " " + id
		}
		v.log = p.log.With("plugin", v.plugin)
		v.health = newHealth(v)
		return v
	}
	done := func(s *logstash.Settings, err error) {
		warnings, serr := s.Finish()
		p.warnings = append(p.warnings, warnings...)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %w", s.Plugin().Pos, s.Plugin().Name, err))
		}
		if serr != nil {
			problems = append(problems, serr)
		}
	}
	for _, plugin := range in {
		factory := inputs()[plugin.Name]
		if factory == nil {
			problems = append(problems, logstash.Problems{unknownPlugin(plugin, keys(inputs()), inputHints())})
			continue
		}
		s := logstash.NewSettings(plugin, d.Lookup)
		v := env(plugin, s)
		made, err := factory(s, v)
		done(s, err)
		p.inputs = append(p.inputs, &inputRunner{made, v.health})
	}
	for _, plugin := range out {
		factory := outputs()[plugin.Name]
		if factory == nil {
			problems = append(problems, logstash.Problems{unknownPlugin(plugin, keys(outputs()), outputHints())})
			continue
		}
		s := logstash.NewSettings(plugin, d.Lookup)
		s.Known("enable_metric")
		v := env(plugin, s)
		made, err := factory(s, v)
		done(s, err)
		p.outputs = append(p.outputs, &outputRunner{made, v.health, p.m.out, p.m.all.write.WithLabelValues(v.pipeline, v.plugin)})
	}
	return errors.Join(problems...)
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// firstOf returns the first value that is set.
func firstOf[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

// fileName makes an id the name of a file.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, id)
}

// running is a program at work.
type running struct {
	*program
	queue     *queue
	batchSize int
}

// newRunning makes what a run needs.
func (p *program) newRunning(limit int64) (*running, []*worker, []*logstash.FilterChain, error) {
	r := &running{program: p, batchSize: p.batch, queue: newQueue(p.batch, p.workers, limit, p.m, p.clock)}
	var workers []*worker
	var chains []*logstash.FilterChain
	for n := range p.workers {
		chain, err := p.compiled.NewFilters(n, nil)
		if err != nil {
			for _, c := range chains {
				c.Close()
			}
			return nil, nil, nil, err
		}
		chains = append(chains, chain)
		workers = append(workers, &worker{p: r, chain: chain.Chain, dropped: map[string]int{}, byPlace: make([][]*pipeline.Event, len(p.outputs))})
	}
	return r, workers, chains, nil
}

// route puts an event where its outputs find it.
func (r *running) route(e *pipeline.Event, byPlace [][]*pipeline.Event) {
	if !r.compiled.Outputs.Route(e, func(output int) { byPlace[output] = append(byPlace[output], e) }) {
		r.m.all.dropped.WithLabelValues(r.m.id, "condition_error_in_output").Inc()
	}
}

// stopTime is how long a pipeline may take to deliver what it has when it is stopped.
const stopTime = 10 * time.Second

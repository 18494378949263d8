package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pharosd/pharos/api/pipelines"
	"github.com/pharosd/pharos/pipeline/logstash"
	runner "github.com/pharosd/pharos/receiver/logstash"
)

type pipelineCmd struct {
	Test  pipelineTestCmd  `cmd:"" help:"Run the filters of a configuration on lines of standard input and print the events as JSON."`
	Check pipelineCheckCmd `cmd:"" help:"Validate Logstash configurations without running them."`
}

// pipelineSource is which configuration a command means.
type pipelineSource struct {
	Config   string `help:"A Logstash configuration: a file, a folder, a pattern in quotes, or a pipelines.yml." placeholder:"FILE" xor:"what"`
	Pipeline string `help:"The pipeline.id, of several in a pipelines.yml." placeholder:"ID"`
	ECS      string `help:"pipeline.ecs_compatibility of a configuration outside a pipelines.yml." enum:"v8,v1,disabled" default:"v8"`
	Escapes  bool   `help:"Logstash's config.support_escapes: strings know \\n and \\t."`
}

type pipelineTestCmd struct {
	pipelineSource
	Promtail string            `help:"A Promtail configuration, or a file with nothing but stages." placeholder:"FILE" xor:"what" type:"existingfile"`
	Job      string            `help:"The job_name, of several in Promtail's scrape_configs." placeholder:"NAME"`
	Label    map[string]string `help:"Labels of the lines, for Promtail's selectors."`
	Codec    string            `help:"How lines become Logstash's events: plain, json, json_lines, csv." default:"plain"`
	Explain  bool              `help:"Show what each step did to each line, and how long it took."`
}

// pipelineError is a configuration that must be corrected.
type pipelineError struct{ problems []string }

func (e *pipelineError) Error() string { return strings.Join(e.problems, "\n") }

// Run reads standard input to its end.
func (c *pipelineTestCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdin, os.Stdout, os.Stderr)
}

func (c *pipelineTestCmd) run(ctx context.Context, in io.Reader, out, notes io.Writer) error {
	t, err := c.trial()
	if err != nil {
		return err
	}
	lines := newLines(in)
	w := bufio.NewWriter(out)
	t.Next, t.Lookup, t.EventsOnly = lines.next, os.LookupEnv, !c.Explain
	t.Each = func(l *pipelines.LineRun) { printLine(w, l, c.Explain) }
	result := t.Run(ctx)
	if c.Explain {
		printSteps(w, result.Steps)
	}
	err = errors.Join(w.Flush(), lines.err())
	for _, warning := range result.Warnings {
		fmt.Fprintln(notes, "warning:", warning)
	}
	if len(result.Problems) > 0 {
		broken := &pipelineError{}
		for _, p := range result.Problems {
			broken.problems = append(broken.problems, p.String())
		}
		return broken
	}
	return err
}

// trial finds the configuration.
func (c *pipelineTestCmd) trial() (*pipelines.Trial, error) {
	if c.Promtail != "" {
		text, err := os.ReadFile(c.Promtail)
		if err != nil {
			return nil, fmt.Errorf("read configuration: %w", err)
		}
		return &pipelines.Trial{Dialect: pipelines.Promtail, File: c.Promtail, Config: string(text), Job: c.Job, Labels: c.Label}, nil
	}
	specs, _, err := c.specs()
	if err != nil {
		return nil, err
	}
	spec, err := choose(specs, c.Pipeline)
	if err != nil {
		return nil, err
	}
	t := &pipelines.Trial{Dialect: pipelines.Logstash, Codec: c.Codec, ECSDisabled: spec.ECSDisabled, SupportEscapes: spec.SupportEscapes}
	sources, err := spec.Sources()
	for _, s := range sources {
		t.Sources = append(t.Sources, pipelines.Source(s))
	}
	return t, err
}

// specs are the pipelines of a pipelines.yml, or the one of a configuration.
func (c *pipelineSource) specs() (specs []logstash.Spec, warnings logstash.Problems, err error) {
	if c.Config == "" {
		return nil, nil, errors.New("which configuration? give --config or --promtail")
	}
	if ext := filepath.Ext(c.Config); ext == ".yml" || ext == ".yaml" {
		specs, warnings, err = logstash.ReadPipelinesFile(c.Config, os.LookupEnv)
		var problems logstash.Problems
		if errors.As(err, &problems) {
			err = &pipelineError{[]string{problems.Error()}}
		}
		return specs, warnings, err
	}
	spec := logstash.NewSpec("main")
	spec.Path, spec.ECSDisabled, spec.SupportEscapes = c.Config, c.ECS == "disabled", c.Escapes
	return []logstash.Spec{spec}, nil, nil
}

func choose(specs []logstash.Spec, id string) (*logstash.Spec, error) {
	var names []string
	for i := range specs {
		if specs[i].ID == id || id == "" && len(specs) == 1 {
			return &specs[i], nil
		}
		names = append(names, specs[i].ID)
	}
	if id == "" {
		return nil, fmt.Errorf("which pipeline? give --pipeline with one of %s", strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("there is no pipeline %q; there are %s", id, strings.Join(names, ", "))
}

type pipelineCheckCmd struct {
	pipelineSource
}

// Run prints every problem of all pipelines.
func (c *pipelineCheckCmd) Run() error { return c.run(os.Stdout) }

func (c *pipelineCheckCmd) run(out io.Writer) error {
	specs, warnings, err := c.specs()
	if err != nil {
		return err
	}
	broken := &pipelineError{}
	for i := range specs {
		if c.Pipeline != "" && c.Pipeline != specs[i].ID {
			continue
		}
		sources, err := specs[i].Sources()
		if err != nil {
			broken.problems = append(broken.problems, err.Error())
			continue
		}
		p, err := logstash.Compile(sources, specs[i].Options())
		if err != nil {
			broken.problems = append(broken.problems, err.Error())
			continue
		}
		warnings = append(warnings, p.Warnings...)
		fmt.Fprintf(out, "pipeline %s is good: %d inputs, %d filters, %d outputs\n", p.ID, len(p.Inputs), len(p.FilterNames()), len(p.Outputs.Plugins))
	}
	if c.Pipeline == "" { // inputs, codecs and outputs too
		cfg := runner.DefaultConfig()
		cfg.ECSCompatibility = c.ECS
		if err := runner.Check([]string{c.Config}, cfg, os.LookupEnv); err != nil {
			broken.problems = []string{err.Error()} // with those of the filters
		}
	}
	for _, w := range warnings {
		fmt.Fprintln(out, "warning:", w)
	}
	if len(broken.problems) > 0 {
		return broken
	}
	return nil
}

// lines reads lines of any length up to a bound; the rest of a longer one is left out.
type lines struct {
	r      *bufio.Reader
	failed error
}

func newLines(in io.Reader) *lines { return &lines{r: bufio.NewReaderSize(in, 64<<10)} }

func (l *lines) next() (string, bool) {
	const longest = 16 << 20
	var line []byte
	for {
		part, more, err := l.r.ReadLine()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				l.failed = fmt.Errorf("read lines: %w", err)
			}
			return string(line), len(line) > 0
		}
		if len(line) < longest {
			line = append(line, part...)
		}
		if !more {
			return string(line), true
		}
	}
}

func (l *lines) err() error { return l.failed }

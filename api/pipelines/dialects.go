package pipelines

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// compileLogstash returns the filters' chain; nil after problems.
func (r *run) compileLogstash() (*pipeline.Chain, func()) {
	t := r.trial
	sources := []logstash.Source{{Name: t.File, Text: t.Config}}
	if t.Sources != nil {
		sources = sources[:0]
		for _, s := range t.Sources {
			sources = append(sources, logstash.Source{Name: s.Name, Text: s.Text})
		}
	}
	p, err := logstash.Compile(sources, logstash.Options{
		ECSDisabled: t.ECSDisabled, SupportEscapes: t.SupportEscapes, Lookup: t.Lookup, Untrusted: t.Untrusted, Now: t.Now,
	})
	if err != nil {
		r.logstashProblems(err)
		return nil, nil
	}
	for _, w := range p.Warnings {
		r.out.Warnings = append(r.out.Warnings, logstashProblem(w))
	}
	if r.decoder, err = t.decoder(); err != nil {
		r.problem(Problem{Message: err.Error()})
		return nil, nil
	}
	chain, err := p.NewFilters(0, r.probe())
	if err != nil {
		r.logstashProblems(err)
		return nil, nil
	}
	return chain.Chain, chain.Close
}

func (r *run) logstashProblems(err error) {
	var problems logstash.Problems
	if !errors.As(err, &problems) {
		r.problem(Problem{Message: err.Error()})
	}
	for _, p := range problems {
		r.problem(logstashProblem(p))
	}
}

func logstashProblem(p logstash.Problem) Problem {
	return Problem{File: p.Pos.File, Line: p.Pos.Line, Column: p.Pos.Column, Message: p.Message, Hint: p.Hint}
}

// compilePromtail returns the chain of the stages; nil after problems.
func (r *run) compilePromtail() (*pipeline.Chain, func()) {
	node, key := r.findStages()
	if r.trial.Untrusted {
		r.refuseFiles(node, 0)
	}
	if len(r.out.Problems) > 0 {
		return nil, nil
	}
	warn := func(p strictyaml.Problem) { r.out.Warnings = append(r.out.Warnings, yamlProblem(p)) }
	chain, err := promtail.Compile(node, promtail.Env{
		Now: r.trial.Now, File: r.trial.File, Key: key, Warn: warn, Probe: r.probe(),
		Sleep: func(time.Duration) {}, // a trial does not wait for limits
	})
	if err == nil {
		return chain, func() {}
	}
	var problems *strictyaml.Error
	if !errors.As(err, &problems) {
		r.problem(Problem{Message: err.Error()})
		return nil, nil
	}
	for _, p := range problems.Problems {
		r.problem(yamlProblem(p))
	}
	return nil, nil
}

func yamlProblem(p strictyaml.Problem) Problem {
	message := p.Message
	if p.Key != "" {
		message = p.Key + ": " + message
	}
	return Problem{File: p.File, Line: p.Line, Column: p.Column, Message: message, Hint: p.Hint}
}

// findStages finds the list of stages in a text: the list itself, a mapping with
// pipeline_stages, or a whole file with scrape_configs.
func (r *run) findStages() (*yaml.Node, string) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(r.trial.Config), &doc); err != nil {
		r.problem(yamlError(r.trial.File, err))
		return nil, ""
	}
	if len(doc.Content) == 0 {
		return nil, ""
	}
	root := doc.Content[0]
	if root.Kind == yaml.SequenceNode {
		return root, "pipeline_stages"
	}
	if stages := member(root, "pipeline_stages"); stages != nil {
		return stages, "pipeline_stages"
	}
	return r.stagesOfJob(root)
}

func (r *run) stagesOfJob(root *yaml.Node) (*yaml.Node, string) {
	configs := member(root, "scrape_configs")
	if configs == nil || configs.Kind != yaml.SequenceNode {
		r.problem(Problem{File: r.trial.File, Line: max(root.Line, 1), Column: max(root.Column, 1),
			Message: "no stages found", Hint: "write a list of stages, pipeline_stages: or a file with scrape_configs:"})
		return nil, ""
	}
	var names []string
	for _, c := range configs.Content {
		name := ""
		if n := member(c, "job_name"); n != nil {
			name = n.Value
		}
		if names = append(names, name); r.trial.Job == "" || r.trial.Job == name {
			return member(c, "pipeline_stages"), "scrape_configs[" + name + "].pipeline_stages"
		}
	}
	r.problem(Problem{File: r.trial.File, Line: configs.Line, Column: configs.Column,
		Message: "there is no job " + r.trial.Job, Hint: "there are " + strings.Join(names, ", ")})
	return nil, ""
}

func member(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// yamlError finds the line in an error of the YAML parser.
func yamlError(file string, err error) Problem {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	p := Problem{File: file, Message: message}
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		if number, text, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(number); err == nil {
				p.Line, p.Column, p.Message = line, 1, text
			}
		}
	}
	return p
}

// refuseFiles reports stages that would read a file: geoip's database.
func (r *run) refuseFiles(n *yaml.Node, depth int) {
	const deepest = 64
	if n == nil || depth > deepest {
		return
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == "geoip" {
			r.problem(Problem{File: r.trial.File, Line: c.Line, Column: c.Column,
				Message: "geoip reads a file, which only an administrator of the default tenant may"})
		}
		r.refuseFiles(c, depth+1)
	}
}

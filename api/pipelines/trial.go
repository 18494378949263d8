package pipelines

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
)

// The dialects of configurations.
const (
	Logstash = "logstash"
	Promtail = "promtail"
)

// Trial is a configuration and lines to run through it.
type Trial struct {
	// Dialect is logstash or promtail.
	Dialect string `json:"dialect"`
	// Config is the text: a Logstash configuration, whose filters run, or Promtail's:
	// a list of stages, or a whole file.
	Config string `json:"config"`
	// Job chooses one of several scrape_configs of a Promtail file; "": the first.
	Job string `json:"job,omitempty"`
	// Codec is how lines become Logstash's events; "": plain.
	Codec string   `json:"codec,omitempty"`
	Lines []string `json:"lines"`
	// Labels are those of the lines' stream, for Promtail.
	Labels map[string]string `json:"labels,omitempty"`

	// File is the configuration's name in messages.
	File string `json:"-"`
	// ECSDisabled, SupportEscapes: as in Logstash's settings.
	ECSDisabled    bool `json:"ecs_disabled,omitempty"`
	SupportEscapes bool `json:"support_escapes,omitempty"`
	// Untrusted configurations read no files.
	Untrusted bool                        `json:"-"`
	Lookup    func(string) (string, bool) `json:"-"`
	Limits    Limits                      `json:"-"`
	// Sources stand in the place of Config when a configuration is several files.
	Sources []Source         `json:"-"`
	Now     func() time.Time `json:"-"`
	// Next gives lines in the place of Lines; Each takes each line's run when it is
	// done, which is not kept then. Both may be nil.
	Next func() (line string, ok bool) `json:"-"`
	Each func(*LineRun)                `json:"-"`
	// EventsOnly leaves out the steps, which is faster.
	EventsOnly bool `json:"-"`
}

// Source is one of several files that make up a configuration.
type Source struct{ Name, Text string }

// Limits bound a trial. Zero is no bound.
type Limits struct {
	Time  time.Duration
	Lines int
	// Steps is how many steps are run and kept, Bytes how much text of them.
	Steps, Bytes int
	// EventBytes is how large one event may become.
	EventBytes int
}

// webLimits are those of requests.
func webLimits() Limits {
	return Limits{Time: 5 * time.Second, Lines: 500, Steps: 20_000, Bytes: 4 << 20, EventBytes: 1 << 20}
}

const maxConfig = 512 << 10

func (t *Trial) check() error {
	wrong := func(format string, args ...any) error {
		return &httpx.Error{Status: http.StatusBadRequest, Code: "bad_trial", Message: fmt.Sprintf(format, args...)}
	}
	most := webLimits()
	switch {
	case t.Dialect != Logstash && t.Dialect != Promtail:
		return wrong("dialect %.40q is none of logstash, promtail", t.Dialect)
	case len(t.Config) > maxConfig:
		return wrong("the configuration has more than %d bytes", maxConfig)
	case len(t.Lines) > most.Lines:
		return wrong("more than %d lines", most.Lines)
	case t.Codec != "" && !slices.Contains(readable(), t.Codec):
		return wrong("codec %.40q is none of %s", t.Codec, strings.Join(readable(), ", "))
	}
	return nil
}

// readable are the codecs that make events of lines without settings of their own.
func readable() []string {
	return []string{"plain", "line", "json", "json_lines", "csv"}
}

// Problem is one thing that is wrong with the configuration, or a warning.
type Problem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (p Problem) String() string {
	s := p.Message
	if p.Line > 0 {
		s = fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, s)
	}
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Result is what a trial gave.
type Result struct {
	// Problems are why nothing ran; Warnings are there beside a result.
	Problems []Problem `json:"problems"`
	Warnings []Problem `json:"warnings"`
	// Lines are the ways of the lines, in their order; one more for what was held back
	// until the end.
	Lines []LineRun `json:"lines"`
	// Steps sums up each step of the configuration that was reached.
	Steps []StepSum `json:"steps"`
	// Stopped is why the trial ended early; "": it did not.
	Stopped string `json:"stopped,omitempty"`
}

// LineRun is the way of one line.
type LineRun struct {
	// Line is the text; Number counts from 1, 0 is the end of the input.
	Line   string    `json:"line"`
	Number int       `json:"number"`
	Steps  []StepRun `json:"steps"`
	// Events are what came out, as JSON documents.
	Events []Document `json:"events"`
	// Dropped are the reasons of events that did not.
	Dropped []string `json:"dropped,omitempty"`
}

// StepRun is what one step did to one event.
type StepRun struct {
	// Step is its index in Result.Steps.
	Step int    `json:"step"`
	Name string `json:"name"`
	Line int    `json:"line"`
	// Changes are what became different in the first event that came out.
	Changes []Change `json:"changes"`
	// Out is how many events came out; Reason is why one was dropped.
	Out    int    `json:"out"`
	Reason string `json:"reason,omitempty"`
	// Failed are the tags that say so, such as _grokparsefailure.
	Failed []string      `json:"failed,omitempty"`
	Took   time.Duration `json:"took_ns"`
}

// StepSum is one step over all lines.
type StepSum struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Runs is how many events it saw, Dropped how many it ended, Failed how many it
	// tagged as failed.
	Runs    int           `json:"runs"`
	Dropped int           `json:"dropped"`
	Failed  int           `json:"failed"`
	Took    time.Duration `json:"took_ns"`
}

// Run compiles the configuration and runs the lines. What is wrong is in the result.
func (t *Trial) Run(ctx context.Context) *Result {
	r := newRun(ctx, t)
	var chain *pipeline.Chain
	var closeChain func()
	switch t.Dialect {
	case Promtail:
		chain, closeChain = r.compilePromtail()
	default:
		chain, closeChain = r.compileLogstash()
	}
	if chain == nil {
		return r.result()
	}
	defer closeChain()
	r.lines(chain)
	return r.result()
}

// decoder makes Logstash's events of lines.
func (t *Trial) decoder() (codec.Decoder, error) {
	name := t.Codec
	if name == "" {
		name = "plain"
	}
	c, err := codec.New(name, codec.Options{ECS: !t.ECSDisabled})
	if err != nil {
		return nil, err
	}
	if !c.Decodes() {
		return nil, fmt.Errorf("codec %s does not read", name)
	}
	return c.Decoder(), nil
}

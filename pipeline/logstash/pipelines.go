package logstash

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Spec is one pipeline of a pipelines.yml: where its text is and how it runs.
type Spec struct {
	ID string
	// Path is path.config, absolute or relative to the file; or Text is config.string.
	Path, Text string
	// Workers is pipeline.workers; 0: one for each processor.
	Workers int
	// BatchSize is pipeline.batch.size, 125 as in Logstash.
	BatchSize int
	// BatchDelay is pipeline.batch.delay, 50 ms as in Logstash.
	BatchDelay     time.Duration
	ECSDisabled    bool
	SupportEscapes bool
	Pos            Pos
}

// NewSpec has Logstash's values of what is not written.
func NewSpec(id string) Spec {
	return Spec{ID: id, BatchSize: 125, BatchDelay: 50 * time.Millisecond}
}

// Sources reads the pipeline's text.
func (s *Spec) Sources() ([]Source, error) {
	if s.Path == "" {
		return StringSources("config.string of "+s.ID, s.Text), nil
	}
	return ReadSources(s.Path)
}

// Options are the spec's share of what a pipeline is compiled with.
func (s *Spec) Options() Options {
	o := Options{ID: s.ID, Workers: s.Workers, ECSDisabled: s.ECSDisabled, SupportEscapes: s.SupportEscapes}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// ReadPipelinesFile reads a pipelines.yml. Settings of Logstash that mean nothing here
// (its queues, its own logs) are warnings, unknown ones problems.
func ReadPipelinesFile(file string, lookup func(string) (string, bool)) ([]Spec, Problems, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("read pipelines %s: %w", file, err)
	}
	return ParsePipelines(file, text, lookup)
}

// ParsePipelines reads the text of a pipelines.yml.
func ParsePipelines(file string, text []byte, lookup func(string) (string, bool)) ([]Spec, Problems, error) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	y := &pipelinesFile{file: file, lookup: lookup}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, nil, Problems{{Pos{File: file}, strings.TrimPrefix(err.Error(), "yaml: "), ""}}
	}
	if len(doc.Content) == 0 {
		return nil, nil, Problems{{Pos{File: file}, "the file names no pipeline", ""}}
	}
	list := doc.Content[0]
	if list.Kind != yaml.SequenceNode {
		y.fail(list, "", "expected a list of pipelines: - pipeline.id: ...")
		return nil, nil, y.report.err()
	}
	const most = 1000
	for i, n := range list.Content {
		if i == most {
			y.fail(n, "", "more than %d pipelines", most)
			break
		}
		y.pipeline(n)
	}
	return y.specs, y.report.warnings, y.report.err()
}

type pipelinesFile struct {
	file   string
	lookup func(string) (string, bool)
	specs  []Spec
	report report
}

func (y *pipelinesFile) pos(n *yaml.Node) Pos { return Pos{y.file, n.Line, n.Column} }

func (y *pipelinesFile) fail(n *yaml.Node, hint, format string, args ...any) {
	y.report.errorf(y.pos(n), hint, format, args...)
}

// ignoredSettings are Logstash's and mean nothing here; what begins with one that ends
// in a point as well.
var ignoredSettings = []string{
	"queue.", "dead_letter_queue.", "config.reload.", "config.debug", "config.test_and_exit", "pipeline.ordered", "pipeline.separate_logs",
	"pipeline.reloadable", "pipeline.unsafe_shutdown", "pipeline.java_execution", "pipeline.plugin_classloaders", "pipeline.buffer.type",
	"pipeline.batch.output_chunking.", "pipeline.batch.metrics.", "pipeline.field_reference.", "path.queue", "path.dead_letter_queue", "log.level",
	"slowlog.threshold.", "allow_superuser", "metric.",
}

var knownSettings = []string{
	"pipeline.id", "path.config", "config.string", "pipeline.workers", "pipeline.batch.size", "pipeline.batch.delay",
	"pipeline.ecs_compatibility", "config.support_escapes",
}

func (y *pipelinesFile) pipeline(n *yaml.Node) {
	s := NewSpec("main") // Logstash's own default
	s.Pos = y.pos(n)
	if n.Kind != yaml.MappingNode {
		y.fail(n, "", "expected settings such as pipeline.id: main")
		return
	}
	y.settings(&s, n, "", 0)
	switch {
	case s.ID == "":
		y.fail(n, "", "pipeline.id is empty")
	case (s.Path == "") == (s.Text == ""):
		y.fail(n, "", "the pipeline %s needs one of path.config and config.string", s.ID)
	}
	for _, other := range y.specs {
		if other.ID == s.ID {
			y.fail(n, "", "the pipeline.id %q is there twice", s.ID)
		}
	}
	y.specs = append(y.specs, s)
}

// settings reads names with points, and those that nest, as Logstash does.
func (y *pipelinesFile) settings(s *Spec, n *yaml.Node, prefix string, depth int) {
	const deepest = 8
	if depth > deepest {
		y.fail(n, "", "settings are nested too deep")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := prefix + key.Value
		if value.Kind == yaml.MappingNode {
			y.settings(s, value, name+".", depth+1)
			continue
		}
		y.setting(s, name, key, value)
	}
}

func (y *pipelinesFile) setting(s *Spec, name string, key, value *yaml.Node) {
	if value.Kind != yaml.ScalarNode {
		y.fail(value, "", "%s: expected one value", name)
		return
	}
	text, _, err := substitute(value.Value, y.lookup)
	if name == "config.string" {
		text, err = value.Value, nil // its variables are read with the pipeline
	}
	if err != nil {
		y.fail(value, "set it, or write ${NAME:default}", "%s: %v", name, err)
		return
	}
	switch name {
	case "pipeline.id":
		s.ID = text
	case "path.config":
		if s.Path = text; !filepath.IsAbs(s.Path) && s.Path != "" {
			s.Path = filepath.Join(filepath.Dir(y.file), s.Path)
		}
	case "config.string":
		s.Text = text
		s.Pos = y.pos(value)
	case "pipeline.workers":
		s.Workers = y.number(name, value, text, 1, 1024)
	case "pipeline.batch.size":
		s.BatchSize = y.number(name, value, text, 1, 100_000)
	case "pipeline.batch.delay":
		s.BatchDelay = time.Duration(y.number(name, value, text, 0, 3_600_000)) * time.Millisecond
	case "pipeline.ecs_compatibility":
		s.ECSDisabled = text == "disabled"
		if text != "disabled" && text != "v1" && text != "v8" {
			y.fail(value, "one of disabled, v1, v8", "%s: %q is not known", name, text)
		}
	case "config.support_escapes":
		s.SupportEscapes = text == "true"
		if text != "true" && text != "false" {
			y.fail(value, "", "%s: expected true or false", name)
		}
	default:
		y.other(name, key)
	}
}

func (y *pipelinesFile) other(name string, key *yaml.Node) {
	for _, ignored := range ignoredSettings {
		if name == ignored || strings.HasSuffix(ignored, ".") && strings.HasPrefix(name, ignored) {
			y.report.warnf(y.pos(key), "", "%s has no meaning here and is ignored", name)
			return
		}
	}
	y.fail(key, strictyaml.Suggest(name, knownSettings), "there is no setting %q", name)
}

func (y *pipelinesFile) number(name string, n *yaml.Node, text string, least, most int) int {
	v, err := strconv.Atoi(text)
	if err != nil || v < least || v > most {
		y.fail(n, "", "%s: expected a number from %d to %d", name, least, most)
		return least
	}
	return v
}

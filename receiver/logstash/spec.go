package logstash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// spec is one pipeline as pharos.yml or a pipelines.yml names it.
type spec struct {
	id    string
	files []string // patterns; the files that they match are one text, in the order of names
	text  string   // config.string
	from  string   // where it is named
	// What pipelines.yml says; 0 and "": nothing.
	workers, batchSize int
	ecs                string
	escapes            bool
	warnings           []string
}

// find resolves the entries of `pipelines:`. Each is a file, a pattern whose files are one
// pipeline as in Logstash's path.config, or a pipelines.yml.
func find(entries []string, lookup func(string) (string, bool)) ([]spec, error) {
	var out []spec
	var errs []error
	for _, entry := range entries {
		if ext := filepath.Ext(entry); ext == ".yml" || ext == ".yaml" {
			more, err := readPipelinesYML(entry, lookup)
			out, errs = append(out, more...), append(errs, err)
			continue
		}
		out = append(out, spec{id: idOfEntry(entry), files: []string{entry}, from: entry})
	}
	seen := map[string]string{}
	for i := range out {
		id := out[i].id
		for n := 2; seen[out[i].id] != ""; n++ {
			out[i].id = id + "-" + strconv.Itoa(n)
		}
		seen[out[i].id] = out[i].from
	}
	return out, errors.Join(errs...)
}

// idOfEntry is the file's name, or that of its folder for a pattern.
func idOfEntry(entry string) string {
	name := filepath.Base(entry)
	if strings.ContainsAny(name, "*?[") || name == "" {
		name = filepath.Base(filepath.Dir(entry))
	}
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if name == "" || name == "." || name == string(filepath.Separator) {
		return "main"
	}
	return name
}

// Bounds of a pipeline's text.
const (
	maxFiles     = 1000
	maxFileBytes = 16 << 20
)

// sources reads a pipeline's files.
func (sp *spec) sources() ([]logstash.Source, error) {
	if sp.text != "" {
		return []logstash.Source{{Name: sp.from, Text: sp.text}}, nil
	}
	var names []string
	for _, pattern := range sp.files {
		if info, err := os.Stat(pattern); err == nil && info.IsDir() {
			pattern = filepath.Join(pattern, "*")
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no pattern", sp.from, pattern)
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	names = slices.DeleteFunc(names, func(n string) bool {
		info, err := os.Stat(n)
		return err == nil && info.IsDir() || strings.HasSuffix(n, "~")
	})
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: there is no such file", strings.Join(sp.files, ", "))
	}
	if len(names) > maxFiles {
		return nil, fmt.Errorf("%s: %d files, at most %d are read", strings.Join(sp.files, ", "), len(names), maxFiles)
	}
	var out []logstash.Source
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("read pipeline: %w", err)
		}
		if info.Size() > maxFileBytes {
			return nil, fmt.Errorf("read pipeline %s: it has more than %d bytes", name, maxFileBytes)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read pipeline: %w", err)
		}
		out = append(out, logstash.Source{Name: name, Text: string(text)})
	}
	return out, nil
}

// readPipelinesYML reads Logstash's pipelines.yml: a list of pipelines, whose settings are
// written with dots or nested.
func readPipelinesYML(path string, lookup func(string) (string, bool)) ([]spec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read pipelines: %w", err)
	}
	if len(text) > strictyaml.MaxSize {
		return nil, fmt.Errorf("%s has more than %d bytes", path, strictyaml.MaxSize)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("%s:1:1: names no pipeline", path)
	}
	list := root.Content[0]
	if list.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d:%d: want a list of pipelines", path, list.Line, list.Column)
	}
	y := pipelinesYML{path: path, lookup: lookup}
	var out []spec
	for _, n := range list.Content {
		sp := spec{from: fmt.Sprintf("%s:%d:%d", path, n.Line, n.Column)}
		y.mapping(&sp, "", n, 0)
		if sp.id == "" {
			sp.id = "main"
		}
		if sp.text == "" && len(sp.files) == 0 {
			y.bad(n, "pipeline %s has neither path.config nor config.string", sp.id)
		}
		out = append(out, sp)
	}
	return out, errors.Join(y.errs...)
}

type pipelinesYML struct {
	path   string
	lookup func(string) (string, bool)
	errs   []error
}

func (y *pipelinesYML) bad(n *yaml.Node, format string, args ...any) {
	y.errs = append(y.errs, fmt.Errorf("%s:%d:%d: %s", y.path, n.Line, n.Column, fmt.Sprintf(format, args...)))
}

func (y *pipelinesYML) mapping(sp *spec, prefix string, n *yaml.Node, depth int) {
	if n.Kind != yaml.MappingNode || depth > 5 {
		y.bad(n, "want a mapping of settings")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := prefix+n.Content[i].Value, n.Content[i+1]
		if value.Kind == yaml.MappingNode {
			y.mapping(sp, key+".", value, depth+1)
			continue
		}
		y.set(sp, key, n.Content[i], value)
	}
}

// knownSettings have a meaning in Logstash and none here.
const knownSettings = " pipeline.batch.delay pipeline.ordered pipeline.reloadable pipeline.system pipeline.plugin_classloaders pipeline.separate_logs queue.type queue.page_capacity " +
	"queue.max_bytes queue.max_events queue.drain queue.checkpoint.acks queue.checkpoint.writes queue.checkpoint.retry queue.checkpoint.interval queue.compression path.queue " +
	"path.dead_letter_queue dead_letter_queue.enable dead_letter_queue.max_bytes dead_letter_queue.flush_interval dead_letter_queue.storage_policy dead_letter_queue.retain.age " +
	"config.reload.automatic config.reload.interval config.debug metric.collect path.data path.logs "

func (y *pipelinesYML) set(sp *spec, name string, key, n *yaml.Node) {
	value, err := y.expand(n.Value)
	if err != nil {
		y.bad(n, "%v", err)
		return
	}
	number := func(into *int, most int) {
		v, err := strconv.Atoi(value)
		if err != nil || v < 1 || v > most {
			y.bad(n, "%s is %q, want 1 to %d", name, value, most)
			return
		}
		*into = v
	}
	switch name {
	case "pipeline.id":
		sp.id = value
	case "path.config":
		for part := range strings.SplitSeq(value, ",") {
			if !filepath.IsAbs(part) {
				part = filepath.Join(filepath.Dir(y.path), part)
			}
			sp.files = append(sp.files, part)
		}
	case "config.string":
		sp.text = n.Value // its variables are the pipeline's
	case "pipeline.workers":
		number(&sp.workers, maxWorkers)
	case "pipeline.batch.size":
		number(&sp.batchSize, maxBatchSize)
	case "pipeline.ecs_compatibility":
		if value != "disabled" && value != "v1" && value != "v8" {
			y.bad(n, "%s is %q, want disabled, v1 or v8", name, value)
		}
		sp.ecs = value
	case "config.support_escapes":
		sp.escapes = value == "true"
	default:
		if !strings.Contains(knownSettings, " "+name+" ") {
			hint := strictyaml.Suggest(name, append(strings.Fields(knownSettings), "pipeline.id", "path.config", "config.string", "pipeline.workers", "pipeline.batch.size", "pipeline.ecs_compatibility", "config.support_escapes"))
			if hint != "" {
				hint = " (" + hint + ")"
			}
			y.bad(key, "there is no setting %s%s", name, hint)
		}
	}
}

// expand puts ${NAME} and ${NAME:default} in.
func (y *pipelinesYML) expand(text string) (string, error) {
	var err error
	out := os.Expand(strings.ReplaceAll(text, "$$", "$"), func(name string) string {
		name, def, has := strings.Cut(name, ":")
		if v, ok := y.lookup(name); ok {
			return v
		}
		if !has && err == nil {
			err = fmt.Errorf("environment variable %s is not set; set it, or write ${%s:default}", name, name)
		}
		return def
	})
	return out, err
}

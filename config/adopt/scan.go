package adopt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Bounds of what is read.
const (
	maxFiles    = 5000
	maxFileSize = 4 << 20
	maxDepth    = 10
)

// kind is what a file configures, told by its content.
type kind string

const (
	kindCompose       kind = "compose file"
	kindPrometheus    kind = "prometheus.yml"
	kindRules         kind = "rule file"
	kindAlertmanager  kind = "alertmanager.yml"
	kindLoki          kind = "loki-config.yml"
	kindPromtail      kind = "promtail configuration"
	kindLogstash      kind = "Logstash pipeline"
	kindPipelines     kind = "pipelines.yml"
	kindLogstashYML   kind = "logstash.yml"
	kindElasticsearch kind = "elasticsearch.yml"
	kindKibana        kind = "kibana.yml"
	kindBeats         kind = "Beats configuration"
	kindCollector     kind = "Collector configuration"
	kindProviders     kind = "dashboard providers"
	kindDatasources   kind = "data sources"
	kindDashboard     kind = "dashboard"
	kindGrafanaINI    kind = "grafana.ini"
	kindBlackbox      kind = "blackbox.yml"
	kindIndexTemplate kind = "index template"
	kindLifecycle     kind = "lifecycle policy"
	kindObjectives    kind = "objectives"
	kindKubernetes    kind = "Kubernetes manifest"
	kindUnknown       kind = ""
)

// file is one file of the folder.
type file struct {
	path string // absolute
	name string // relative to the folder, with slashes
	text []byte
	kind kind
	// root is the YAML mapping or sequence of the file, nil when it is not YAML.
	root     *yaml.Node
	fault    error // why it cannot be read
	reported bool
}

// endings are the files that are looked at.
var endings = []string{".yml", ".yaml", ".json", ".conf", ".cfg", ".ini", ".rules", ".config"}

// skipped are folders that hold other things.
var skipped = []string{"node_modules", "vendor", "data"}

func (a *adoption) scan() error {
	seen := 0
	err := filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("look at %s: %w", path, err)
		}
		name, _ := filepath.Rel(a.dir, path)
		name = filepath.ToSlash(name)
		if d.IsDir() {
			base := d.Name()
			if path != a.dir && (slices.Contains(skipped, base) || strings.HasPrefix(base, ".") || strings.Count(name, "/") >= maxDepth) {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || path == a.opts.Out || !slices.Contains(endings, filepath.Ext(path)) {
			return nil
		}
		if seen++; seen > maxFiles {
			return fmt.Errorf("%s holds more than %d files; name the folder of the configurations alone", a.dir, maxFiles)
		}
		return a.read(path, name, d)
	})
	return err
}

func (a *adoption) read(path, name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	f := &file{path: path, name: name}
	if info.Size() > maxFileSize {
		a.files = append(a.files, f)
		a.report(LeftAlone, "", f, 0, "a file", "it is larger than %d MiB", maxFileSize>>20)
		return nil
	}
	if f.text, err = os.ReadFile(path); err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if isOurs(f.text) {
		return nil
	}
	f.classify()
	a.files = append(a.files, f)
	return nil
}

// isOurs tells a pharos.yml that an earlier adoption wrote.
func isOurs(text []byte) bool { return bytes.HasPrefix(text, []byte(banner)) }

func (f *file) classify() {
	switch ext := filepath.Ext(f.path); ext {
	case ".json":
		f.kind = kindOfJSON(f.text)
	case ".ini":
		f.kind = kindOfINI(f.text)
	case ".conf", ".cfg", ".config":
		if logstashSection.Match(f.text) {
			f.kind = kindLogstash
		}
	default:
		var doc yaml.Node
		switch err := yaml.Unmarshal(f.text, &doc); {
		case objectives.Match(f.text):
			f.kind = kindObjectives // written for people, "> 10 events/s" is no YAML
		case err != nil:
			f.fault = err
		case len(doc.Content) == 1:
			f.root = doc.Content[0]
			f.kind = kindOfYAML(f.root, filepath.Base(f.path))
		}
	}
}

// objectives begin a list of service level objectives.
var objectives = regexp.MustCompile(`(?m)^slos:`)

// logstashSection begins a section of a Logstash pipeline.
var logstashSection = regexp.MustCompile(`(?m)^\s*(?:input|filter|output)\s*(?:#.*)?\s*\{`)

func kindOfINI(text []byte) kind {
	for _, section := range []string{"[server]", "[security]", "[auth", "[database]", "[smtp]"} {
		if bytes.Contains(text, []byte(section)) {
			return kindGrafanaINI
		}
	}
	return kindUnknown
}

func kindOfJSON(text []byte) kind {
	var doc map[string]json.RawMessage
	if json.Unmarshal(text, &doc) != nil {
		return kindUnknown
	}
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := doc[k]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("panels") || has("rows", "title") || has("dashboard") || has("schemaVersion", "title"):
		return kindDashboard
	case has("index_patterns"):
		return kindIndexTemplate
	case has("policy") && bytes.Contains(doc["policy"], []byte("phases")):
		return kindLifecycle
	}
	return kindUnknown
}

// kindOfYAML tells the systems apart by keys that only they have.
func kindOfYAML(root *yaml.Node, base string) kind {
	if root.Kind == yaml.SequenceNode {
		if len(root.Content) > 0 && value(root.Content[0], "pipeline.id") != nil {
			return kindPipelines
		}
		return kindUnknown
	}
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return value(root, k) != nil })
	}
	prefixed := func(p string) bool {
		return slices.ContainsFunc(keys(root), func(k string) bool { return strings.HasPrefix(k, p) })
	}
	switch {
	case has("services") && isCompose(value(root, "services")):
		return kindCompose
	case has("kind") && has("apiVersion"):
		return kindKubernetes
	case has("providers") && has("apiVersion"):
		return kindProviders
	case has("datasources"):
		return kindDatasources
	case has("scrape_configs") && has("clients", "client", "positions"):
		return kindPromtail
	case has("groups"):
		return kindRules
	case has("receivers") && has("route"):
		return kindAlertmanager
	case has("receivers") && has("service", "exporters"):
		return kindCollector
	case has("limits_config", "schema_config", "storage_config", "ingester", "compactor", "ruler", "querier"):
		return kindLoki
	case has("scrape_configs", "rule_files", "scrape_config_files", "remote_write", "alerting"):
		return kindPrometheus
	case prefixed("filebeat.") || prefixed("metricbeat.") || prefixed("heartbeat.") || prefixed("winlogbeat."):
		return kindBeats
	case prefixed("elasticsearch.hosts") || base == "kibana.yml":
		return kindKibana
	case prefixed("cluster.") || prefixed("discovery.") || base == "elasticsearch.yml":
		return kindElasticsearch
	case prefixed("pipeline.") || base == "logstash.yml":
		return kindLogstashYML
	case has("modules"):
		return kindBlackbox
	}
	return kindUnknown
}

func isCompose(services *yaml.Node) bool {
	for i := 1; i < len(services.Content); i += 2 {
		if s := services.Content[i]; value(s, "image") != nil || value(s, "build") != nil {
			return true
		}
	}
	return false
}

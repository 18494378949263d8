package adopt

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/logs/logql"
)

const (
	prometheus     = "Prometheus"
	prometheusPort = 9090
)

var prometheusImages = []string{"prom/prometheus", "prometheus/prometheus"}

func adoptPrometheus(a *adoption) {
	f := a.one(kindPrometheus, prometheus, prometheusImages...)
	if f == nil {
		return
	}
	a.draft.set("metrics", "prometheus_config", path(f.path), f)
	a.report(Taken, prometheus, f, 0, "scraping, discovery, relabelling", "")
	a.customary(prometheusPort, prometheusImages...)
	if am := value(f.root, "alerting"); am != nil {
		a.report(Differs, prometheus, f, line(am), "alerting", "alerts go to the Alertmanager inside Pharos, not to the one named here")
	}
	for _, s := range a.services(prometheusImages...) {
		a.prometheusFlags(s)
	}
	a.missingFiles(f)
}

// prometheusFlags takes what only the command line says.
func (a *adoption) prometheusFlags(s *service) {
	for flag, key := range map[string]string{
		"storage.tsdb.retention.time": "retention", "storage.tsdb.retention.size": "retention_size",
		"query.timeout": "query.timeout", "query.max-samples": "query.max_samples", "query.lookback-delta": "query.lookback_delta",
	} {
		if v := s.flag(flag); v != "" {
			a.draft.set("metrics", key, v, nil)
			a.report(Taken, prometheus, s.file, s.line, "--"+flag+"="+v, "")
		}
	}
}

// missingFiles reports files that a prometheus.yml names by the paths of its container.
func (a *adoption) missingFiles(f *file) {
	var walk func(n *yaml.Node, key string)
	walk = func(n *yaml.Node, key string) {
		if n = target(n); n == nil {
			return
		}
		if n.Kind == yaml.ScalarNode && strings.HasSuffix(key, "_file") && filepath.IsAbs(n.Value) {
			a.report(Differs, prometheus, f, n.Line, key+": "+n.Value, "this path must exist where Pharos runs")
		}
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 {
				walk(c, n.Content[i-1].Value)
			} else if n.Kind == yaml.SequenceNode {
				walk(c, key)
			}
		}
	}
	walk(f.root, "")
}

// adoptRules finds the rule files that the configuration's own patterns do not reach:
// those of a container's absolute paths. Rules over logs are told by their language.
func adoptRules(a *adoption) {
	var metrics, logs []path
	reached := a.reachedRules()
	for _, f := range a.of(kindRules) {
		switch language(f.root) {
		case "logql":
			logs = append(logs, path(f.path))
			a.report(Taken, "Loki", f, 0, "rules over logs", "")
			continue
		case "":
			a.report(Unsupported, prometheus, f, 0, "rules", "its expressions are neither PromQL nor LogQL")
			continue
		}
		if slices.Contains(reached, f.path) {
			a.report(Taken, prometheus, f, 0, "rules, by rule_files of its prometheus.yml", "")
			continue
		}
		metrics = append(metrics, path(f.path))
		a.report(Taken, prometheus, f, 0, "rules", "")
	}
	if len(metrics) > 0 {
		a.draft.set("rules", "files", metrics, a.byPath(string(metrics[0])))
	}
	if len(logs) > 0 {
		a.draft.set("logs", "rules.files", logs, a.byPath(string(logs[0])))
	}
}

// reachedRules are the files that relative patterns of the prometheus.yml in use match.
func (a *adoption) reachedRules() []string {
	var out []string
	for _, s := range a.draft.settings {
		if s.from == nil || s.from.kind != kindPrometheus {
			continue
		}
		for _, pattern := range texts(value(s.from.root, "rule_files")) {
			if !filepath.IsAbs(pattern) {
				found, _ := filepath.Glob(filepath.Join(filepath.Dir(s.from.path), pattern))
				out = append(out, found...)
			}
		}
	}
	return out
}

// language is that of the first expression which is one of PromQL or LogQL.
func language(root *yaml.Node) string {
	p := parser.NewParser(parser.Options{})
	for _, g := range elements(value(root, "groups")) {
		for _, r := range elements(value(g, "rules")) {
			expr := text(value(r, "expr"))
			if _, err := p.ParseExpr(expr); err == nil {
				return "promql"
			}
			if _, err := logql.Parse(expr); err == nil {
				return "logql"
			}
		}
	}
	return ""
}

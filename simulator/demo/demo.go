// Package demo holds the configuration of the demonstration: the files that a
// team with the simulated system would have, in their projects' own formats.
package demo

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"github.com/pharosd/pharos/simulator"
)

//go:embed files
var files embed.FS

// Values are what differs from start to start.
type Values struct {
	Targets []simulator.Target
	// Self is the server's own host:port and Token what it is scraped with.
	Self, Token string
}

// Files are the paths of what Write wrote.
type Files struct{ Prometheus, Alertmanager, LogRules string }

// Write puts the files under dir. Those of an earlier start are replaced: their
// scrape targets' ports are gone.
func Write(dir string, v Values) (Files, error) {
	tmpl, err := template.ParseFS(files, "files/prometheus.yml.tmpl")
	if err != nil {
		return Files{}, fmt.Errorf("BUG: parse demo template: %w", err)
	}
	var prom bytes.Buffer
	if err := tmpl.Execute(&prom, v); err != nil {
		return Files{}, fmt.Errorf("BUG: render demo template: %w", err)
	}
	out := map[string][]byte{"prometheus.yml": prom.Bytes()}
	for _, name := range []string{"alertmanager.yml", "alerts/collection-layer.yml", "alerts/processing-layer.yml", "alerts/storage-layer.yml", "alerts/webapp.yml", "log-rules/operations.yml"} {
		b, err := files.ReadFile("files/" + name)
		if err != nil {
			return Files{}, fmt.Errorf("BUG: %w", err)
		}
		out[name] = b
	}
	for name, b := range out {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return Files{}, fmt.Errorf("write demo configuration: %w", err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return Files{}, fmt.Errorf("write demo configuration: %w", err)
		}
	}
	return Files{Prometheus: filepath.Join(dir, "prometheus.yml"), Alertmanager: filepath.Join(dir, "alertmanager.yml"),
		LogRules: filepath.Join(dir, "log-rules", "operations.yml")}, nil
}

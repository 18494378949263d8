// Command generate writes the dashboards that come with Pharos and are much alike:
// `go generate ./dashboards`. The folders below are Grafana folders.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// boards are the generated dashboards, by the folder that they are written to.
func boards() map[string][]*board {
	return map[string][]*board{
		"platform":     {kubernetesCluster(), node(), containers(), databases()},
		"applications": {serviceRED(), userActivity(), logVolume()},
		"pharos":       {pharosItself()},
	}
}

func main() {
	if err := write("defaults"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	for folder, list := range boards() {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
		for _, b := range list {
			text, err := render(b)
			if err != nil {
				return fmt.Errorf("render %s: %w", b.uid, err)
			}
			if err := os.WriteFile(filepath.Join(dir, folder, b.uid+".json"), text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func render(b *board) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(b.document())
	return out.Bytes(), err
}

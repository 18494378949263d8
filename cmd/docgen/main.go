// Command docgen writes the pages of docs/user that follow from the code:
// configuration.md from the structs of pharos.yml with their comments and
// defaults, metrics.md from the metrics that a process registers. Its test fails
// when a page is not what the code says.
package main

//go:generate go run .

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// pages are the files, relative to the root of the repository, and what makes them.
var pages = []struct {
	file     string
	generate func(root string, p *process) (string, error)
}{
	{"docs/user/configuration.md", configurationPage},
	{"docs/user/metrics.md", metricsPage},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	wired, err := wire()
	if err != nil {
		return err
	}
	for _, p := range pages {
		text, err := p.generate(root, wired)
		if err != nil {
			return fmt.Errorf("generate %s: %w", p.file, err)
		}
		if err := os.WriteFile(filepath.Join(root, p.file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// findRoot is the folder of go.mod, above the working directory.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

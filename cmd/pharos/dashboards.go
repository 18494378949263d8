package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/pharosd/pharos/app"
	"github.com/pharosd/pharos/dashboards"
)

type dashboardsCmd struct {
	Check dashboardsCheckCmd `cmd:"" help:"Say what of Grafana dashboards would not render, without a server."`
}

type dashboardsCheckCmd struct {
	Files        []string `arg:"" name:"FILE" help:"Dashboards as JSON; a folder stands for the *.json below it." type:"path"`
	Format       string   `help:"text or json." enum:"text,json" default:"text"`
	Provisioning string   `help:"A folder as Grafana's provisioning, whose data sources the dashboards name." placeholder:"DIR" type:"existingdir"`
}

// errDashboards says that something would not render; the report said what.
var errDashboards = errors.New("something would not render")

// checkedAll is the report on all files.
type checkedAll struct{ dashboards.CheckedFiles }

// Run prints what would not render and fails when something would not.
func (c *dashboardsCheckCmd) Run() error { return c.run(os.Stdout) }

func (c *dashboardsCheckCmd) run(out io.Writer) error {
	checker := dashboards.Checker{Parse: app.QueryParsers()}
	if c.Provisioning != "" {
		p, err := dashboards.NewProvisioner(dashboards.Config{Provisioning: c.Provisioning}, slog.New(slog.DiscardHandler), os.LookupEnv)
		if err != nil {
			return err
		}
		checker.Datasources = p.Snapshot().Datasources
	}
	files, err := jsonFiles(c.Files)
	if err != nil {
		return err
	}
	all := checkedAll{dashboards.CheckedFiles{Files: []dashboards.CheckedFile{}}}
	for _, file := range files {
		all.Add(checkDashboard(&checker, file))
	}
	if c.Format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(all)
	} else {
		err = all.print(out)
	}
	if err == nil && all.Complete < len(all.Files) {
		err = errDashboards
	}
	return err
}

// jsonFiles returns files as they are and the *.json below folders, sorted.
func jsonFiles(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, name)
			continue
		}
		err = filepath.WalkDir(name, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && filepath.Ext(path) == ".json" {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read folder %s: %w", name, err)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

const maxDashboardFile = 8 << 20

func checkDashboard(checker *dashboards.Checker, file string) dashboards.CheckedFile {
	info, err := os.Stat(file)
	if err == nil && info.Size() > maxDashboardFile {
		err = fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxDashboardFile)
	}
	var source []byte
	if err == nil {
		source, err = os.ReadFile(file)
	}
	if err != nil {
		return dashboards.CheckedFile{File: file, Error: err.Error()}
	}
	return checker.CheckFile(file, source)
}

// print writes a line for each finding and a summary.
func (a *checkedAll) print(out io.Writer) error {
	w := &errWriter{w: out}
	for _, f := range a.Files {
		if f.Report == nil {
			w.printf("%s: not a dashboard: %s\n", f.File, f.Error)
			continue
		}
		for _, one := range f.Report.Findings {
			w.printf("%s: %s\n", f.File, findingLine(one))
		}
	}
	w.printf("%d dashboards, %d of them complete; %d of %d panels render (%.1f %%)\n", len(a.Files), a.Complete, a.Rendered, a.Panels, a.Percent)
	return w.err
}

// findingLine is "panel 3 "CPU": does not render: panel type "news" (it reads...); do this".
func findingLine(f dashboards.Finding) string {
	line := ""
	if f.Panel > 0 {
		line = fmt.Sprintf("panel %d %q: ", f.Panel, f.Title)
	}
	switch f.Level {
	case dashboards.LevelPanel:
		line += "does not render: "
	case dashboards.LevelFeature:
		line += "left out: "
	case dashboards.LevelNote:
		line += "note: "
	}
	line += f.What
	if f.Why != "" {
		line += ": " + f.Why
	}
	if f.Do != "" {
		line += "; " + f.Do
	}
	return line
}

// errWriter remembers the first error of writing.
type errWriter struct {
	w   io.Writer
	err error
}

func (w *errWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}

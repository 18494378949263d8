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

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/traces/traceql"
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

// checkedFile is the report on one file; Error is set when it is no dashboard.
type checkedFile struct {
	File  string `json:"file"`
	Error string `json:"error,omitempty"`
	*dashboards.Report
}

// checkedAll is the report on all files.
type checkedAll struct {
	Files []checkedFile `json:"files"`
	// Panels counts the panels of all files, Rendered those that render.
	Panels   int     `json:"panels"`
	Rendered int     `json:"rendered"`
	Percent  float64 `json:"percent"`
	// Complete counts files of which everything renders.
	Complete int `json:"complete"`
}

// Run prints what would not render and fails when something would not.
func (c *dashboardsCheckCmd) Run() error { return c.run(os.Stdout) }

func (c *dashboardsCheckCmd) run(out io.Writer) error {
	checker := dashboards.Checker{Parse: queryParsers()}
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
	all := checkedAll{Files: []checkedFile{}}
	for _, file := range files {
		all.add(checkDashboard(&checker, file))
	}
	if all.Panels > 0 {
		all.Percent = 100 * float64(all.Rendered) / float64(all.Panels)
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

// queryParsers are the languages that the check reads, by dialect.
func queryParsers() map[string]func(string) error {
	promql := parser.NewParser(parser.Options{})
	return map[string]func(string) error{
		"prometheus": func(query string) error {
			if len(query) > maxPromQL {
				return fmt.Errorf("it has %d bytes, more than %d", len(query), maxPromQL)
			}
			_, err := promql.ParseExpr(query)
			return err
		},
		"loki":  func(query string) error { _, err := logql.Parse(query); return err },
		"tempo": func(query string) error { _, err := traceql.Parse(query); return err },
	}
}

// maxPromQL is what the server takes (see api/prom).
const maxPromQL = 32 << 10

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

func checkDashboard(checker *dashboards.Checker, file string) checkedFile {
	info, err := os.Stat(file)
	if err == nil && info.Size() > maxDashboardFile {
		err = fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxDashboardFile)
	}
	var source []byte
	if err == nil {
		source, err = os.ReadFile(file)
	}
	if err != nil {
		return checkedFile{File: file, Error: err.Error()}
	}
	report, err := checker.Check(source)
	if err != nil {
		return checkedFile{File: file, Error: err.Error()}
	}
	return checkedFile{File: file, Report: report}
}

func (a *checkedAll) add(f checkedFile) {
	a.Files = append(a.Files, f)
	if f.Report == nil {
		return
	}
	a.Panels += f.Report.Panels
	a.Rendered += f.Report.Rendered
	if f.Report.Complete() {
		a.Complete++
	}
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

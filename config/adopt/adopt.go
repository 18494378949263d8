// Package adopt looks at a folder of configurations of the systems that Pharos
// replaces and writes a pharos.yml that runs them where they are, with a report of
// what was taken over, what differs and what is not supported. It changes nothing
// that it finds.
package adopt

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Outcome is what became of a piece of a configuration.
type Outcome string

// Outcomes, in the order of a report.
const (
	Taken       Outcome = "taken over"
	Differs     Outcome = "taken over, with a difference"
	Unsupported Outcome = "not supported"
	LeftAlone   Outcome = "left as it is"
)

// Item is one line of the report.
type Item struct {
	Outcome Outcome `json:"outcome"`
	// System is what the piece belongs to, such as Prometheus.
	System string `json:"system"`
	// File is relative to the folder that was looked at; Line 0: the file as a whole.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// What is the piece, Why what differs or is missing and what to do.
	What string `json:"what"`
	Why  string `json:"why,omitempty"`
}

// Options say how the result is written.
type Options struct {
	// Out is the pharos.yml to be written; names in it are relative to its folder.
	Out string
	// Host is the address to listen on; with CustomaryPorts also at the ports of what is
	// replaced.
	Host           string
	CustomaryPorts bool
	LookupEnv      func(string) (string, bool)
}

// Result is what Look found.
type Result struct {
	// Config is the text of pharos.yml.
	Config []byte `json:"-"`
	// Items are the report, Environment the variables that the files name and that are
	// not set, Commands what else is to be started.
	Items       []Item   `json:"items"`
	Environment []string `json:"environment"`
	Commands    []string `json:"commands"`
}

// Look reads the folder dir, at most maxFiles files of maxFileSize bytes.
func Look(dir string, opts Options) (*Result, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("look at %s: it is a file; name the folder that holds the configurations", dir)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if opts.Out, err = filepath.Abs(opts.Out); err != nil {
		return nil, err
	}
	a := &adoption{dir: dir, opts: opts, draft: newDraft()}
	if err := a.scan(); err != nil {
		return nil, err
	}
	if len(a.files) == 0 {
		return nil, fmt.Errorf("%s holds no configuration that Pharos knows", dir)
	}
	a.readCompose()
	for _, adopter := range adopters {
		adopter(a)
	}
	a.leaveRest()
	if err := a.settle(); err != nil {
		return nil, err
	}
	sortItems(a.items)
	return &Result{Config: a.render(), Items: a.items, Environment: a.missingEnvironment(), Commands: a.commands}, nil
}

// adopters each look at one system's files and fill the draft. Their order is that of
// pharos.yml.
var adopters = []func(*adoption){
	adoptPrometheus, adoptRules, adoptAlertmanager, adoptLoki, adoptPromtail, adoptLogstash,
	adoptElasticsearch, adoptCollector, adoptGrafana, adoptOthers,
}

// adoption is one look at a folder.
type adoption struct {
	dir     string
	opts    Options
	files   []*file
	compose []*service
	draft   *draft

	items    []Item
	commands []string
	ports    []int // customary ports that clients use, see CustomaryPorts
}

func (a *adoption) of(k kind) []*file {
	var out []*file
	for _, f := range a.files {
		if f.kind == k {
			out = append(out, f)
		}
	}
	return out
}

func (a *adoption) report(o Outcome, system string, f *file, line int, what, why string, args ...any) {
	item := Item{Outcome: o, System: system, Line: line, What: what, Why: fmt.Sprintf(why, args...)}
	if f != nil {
		f.reported = true
		item.File = f.name
	}
	a.items = append(a.items, item)
}

// one chooses the file of a kind that is used: the one that a container of the compose
// file is started with, or the first. The others are reported.
func (a *adoption) one(k kind, system string, images ...string) *file {
	all := a.of(k)
	if len(all) == 0 {
		return nil
	}
	use := all[0]
	for _, s := range a.services(images...) {
		if f := a.byPath(s.hostPath(s.flag("config.file"))); f != nil && f.kind == k {
			use = f
		}
	}
	for _, f := range all {
		if f != use {
			a.report(Unsupported, system, f, 0, "a second configuration", "one %s is taken over; %s was chosen", system, use.name)
		}
	}
	return use
}

func (a *adoption) byPath(path string) *file {
	for _, f := range a.files {
		if path != "" && f.path == path {
			return f
		}
	}
	return nil
}

// leaveRest names the files that nobody asked for.
func (a *adoption) leaveRest() {
	for _, f := range a.files {
		switch {
		case f.reported:
		case f.fault != nil:
			a.report(Unsupported, "", f, 0, "a file", "it cannot be read: %s", f.fault)
		default:
			a.report(LeftAlone, "", f, 0, "a file", "it is no configuration that Pharos knows")
		}
	}
}

// sortItems puts what is of one outcome together, then what is of one file, by line.
func sortItems(items []Item) {
	outcomes := []Outcome{Taken, Differs, Unsupported, LeftAlone}
	first := map[string]int{}
	for i, item := range items {
		if _, seen := first[item.File]; !seen {
			first[item.File] = i
		}
	}
	slices.SortStableFunc(items, func(x, y Item) int {
		return cmp.Or(slices.Index(outcomes, x.Outcome)-slices.Index(outcomes, y.Outcome), first[x.File]-first[y.File], x.Line-y.Line)
	})
}

package dashboards

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// defaults holds the dashboards that come with Pharos and the provisioning files
// that load them: the same mechanism as an operator's own.
//
//go:generate go run ./defaults/generate

//go:embed defaults/provisioning defaults/system defaults/platform defaults/applications defaults/pharos
var defaults embed.FS

const defaultUpdateInterval = 10 * time.Second

// Snapshot is what the files say at one moment. It is immutable.
type Snapshot struct {
	// Dashboards by uid.
	Dashboards  map[string]*Dashboard
	Datasources []Datasource
	// Problems are what an operator should look at; they stop nothing.
	Problems []Problem
}

// Provisioner reads dashboards from files and follows their changes.
type Provisioner struct {
	log    *slog.Logger
	lookup func(string) (string, bool)

	mu       sync.Mutex // guards what follows; held while files are read
	scanners []*scanner
	declared provisioning
	current  Snapshot
}

// NewProvisioner reads everything once. The error lists every place of the
// provisioning YAML that is wrong, as file:line: message; a dashboard that cannot
// be read or a missing folder is no error but a Problem of the snapshot. lookup
// is the environment (os.LookupEnv).
func NewProvisioner(cfg Config, log *slog.Logger, lookup func(string) (string, bool)) (*Provisioner, error) {
	p := &Provisioner{log: log, lookup: lookup}
	if err := p.Reload(cfg); err != nil {
		return nil, err
	}
	return p, nil
}

// Snapshot returns what was read last.
func (p *Provisioner) Snapshot() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}

// Reload takes a new configuration and reads the provisioning YAML and all
// dashboards again. On an error the former state stays.
func (p *Provisioner) Reload(cfg Config) error {
	var declared provisioning
	var scanners []*scanner
	if cfg.Provisioning != "" {
		dir := filepath.Clean(cfg.Provisioning)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return Problem{File: dir, Message: "dashboards.provisioning is no folder that can be read"}
		}
		d, err := readProvisioning(os.DirFS(dir), dir, p.lookup)
		if err != nil {
			return err
		}
		declared = d
		for _, pr := range d.providers {
			files := cfg.folder(pr.Options.Path)
			if !filepath.IsAbs(files) {
				files = filepath.Join(filepath.Dir(pr.file), files)
			}
			sc := newScanner(pr, os.DirFS(files), files)
			sc.onDisk = true
			scanners = append(scanners, sc)
		}
	}
	if cfg.Defaults {
		d, err := readProvisioning(sub(defaults, "defaults/provisioning"), "pharos:provisioning", p.lookup)
		if err != nil {
			return fmt.Errorf("BUG: embedded provisioning: %w", err)
		}
		for _, pr := range d.providers {
			scanners = append(scanners, newScanner(pr, sub(defaults, path.Join("defaults", pr.Options.Path)), "pharos:"+pr.Options.Path))
		}
		declared.datasources = append(declared.datasources, d.datasources...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.declared, p.scanners = declared, scanners
	p.refresh(true)
	return nil
}

// Run follows the files until ctx is done. It looks at sizes and times rather
// than waiting for notices: these do not arrive for mounted ConfigMaps and
// network folders.
func (p *Provisioner) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(p.interval()):
			p.Refresh()
		}
	}
}

// Refresh reads the files now, for what was just written.
func (p *Provisioner) Refresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refresh(false)
}

// interval is the shortest that a provider asks for, at least a second.
func (p *Provisioner) interval() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	shortest := defaultUpdateInterval
	for _, s := range p.scanners {
		if n := s.provider.UpdateIntervalSeconds; n > 0 && n < int64(shortest/time.Second) {
			shortest = time.Duration(n) * time.Second
		}
	}
	return shortest
}

// refresh scans all providers and, when something changed, makes a new snapshot.
// Problems are logged once: when they are new.
func (p *Provisioner) refresh(force bool) {
	problems := slices.Clone(p.declared.warnings)
	changed := force
	for _, s := range p.scanners {
		c, found := s.scan()
		changed = changed || c
		problems = append(problems, found...)
	}
	next := Snapshot{Dashboards: map[string]*Dashboard{}, Datasources: completeDatasources(p.declared.datasources)}
	for _, s := range p.scanners {
		for _, f := range s.sorted() {
			if f.problem != nil {
				problems = append(problems, *f.problem)
				continue
			}
			uid := uidOf(f.dashboard)
			if other := next.Dashboards[uid]; other != nil {
				problems = append(problems, Problem{File: path.Join(s.dir, f.dashboard.Path),
					Message: fmt.Sprintf("uid %q is taken by %s of provider %q; this file is not shown", uid, other.Path, other.Provider)})
				continue
			}
			next.Dashboards[uid] = f.dashboard
		}
	}
	next.Problems = problems
	if !changed && slices.Equal(problems, p.current.Problems) {
		return
	}
	for _, problem := range problems {
		if !slices.Contains(p.current.Problems, problem) {
			p.log.Warn("dashboard provisioning", "problem", problem.Error())
		}
	}
	p.current = next
}

func newScanner(pr provider, fsys fs.FS, dir string) *scanner {
	return &scanner{provider: pr, fsys: fsys, dir: dir, files: map[string]*scannedFile{}}
}

func sub(fsys fs.FS, dir string) fs.FS {
	s, err := fs.Sub(fsys, strings.TrimSuffix(dir, "/"))
	if err != nil {
		panic("BUG: embedded folder " + dir + ": " + err.Error())
	}
	return s
}

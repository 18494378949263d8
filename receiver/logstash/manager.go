package logstash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Manager runs all pipelines of a process.
type Manager struct {
	deps    Deps
	metrics *metrics
	bus     *bus

	changing sync.Mutex      // held by who starts and stops pipelines
	ctx      context.Context //nolint:containedctx // of Run: pipelines that a reload starts run in it

	mu       sync.Mutex // guards the list; nobody waits while holding it
	programs []*active
}

// active is a program and its run.
type active struct {
	*program
	since  time.Time
	source string // its text and settings, to tell whether they changed
	stop   context.CancelFunc
	done   chan struct{}
}

// New reads the pipelines that entries name: files, patterns whose files are one pipeline,
// and pipelines.yml files. Nothing runs yet. The error has every problem with its place.
func New(entries []string, cfg Config, d Deps) (*Manager, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	m := &Manager{deps: d, metrics: newMetrics(d.Registry), bus: newBus()}
	var err error
	m.programs, err = m.load(entries, cfg)
	return m, err
}

// Check reads the pipelines that entries name and says what is wrong with them. It opens
// and starts nothing.
func Check(entries []string, cfg Config, lookup func(string) (string, bool)) error {
	_, err := New(entries, cfg, Deps{Log: slog.New(slog.DiscardHandler), Lookup: lookup, MaxInFlight: 1 << 20})
	return err
}

func (m *Manager) load(entries []string, cfg Config) ([]*active, error) {
	specs, err := find(entries, m.deps.Lookup)
	errs := []error{err}
	var out []*active
	for _, sp := range specs {
		p, err := build(sp, &cfg, &m.deps, m.metrics, m.bus)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sources, err := sp.text()
		errs = append(errs, err)
		out = append(out, &active{program: p, source: fmt.Sprintf("%+v %+v %+v", sp, sources, cfg)})
	}
	if len(errs) == 1 && err == nil {
		for id := range cfg.Pipelines {
			if !slices.ContainsFunc(specs, func(s spec) bool { return s.ID == id }) {
				errs = append(errs, fmt.Errorf("logstash.settings.%s: there is no pipeline of this name", id))
			}
		}
	}
	return out, errors.Join(errs...)
}

// Run runs the pipelines until ctx is done and has then stopped them.
func (m *Manager) Run(ctx context.Context) error {
	m.changing.Lock()
	m.ctx = ctx
	all := m.list()
	for _, a := range all {
		m.start(a, len(all))
	}
	m.changing.Unlock()
	<-ctx.Done()
	m.changing.Lock()
	defer m.changing.Unlock()
	stopInOrder(m.list())
	return nil
}

func (m *Manager) list() []*active {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.programs)
}

func (m *Manager) set(programs []*active) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.programs = programs
}

// start begins the run of one of n pipelines.
func (m *Manager) start(a *active, n int) {
	// Not a child: pipelines that get events from others must stop after them.
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.ctx))
	a.stop, a.done, a.since = cancel, make(chan struct{}), m.deps.Now()
	limit := max(m.deps.MaxInFlight/int64(max(1, n)), 1<<20)
	go func() {
		defer close(a.done)
		if err := a.run(ctx, limit); err != nil {
			a.log.Error("the pipeline cannot run", "error", err)
		}
	}()
}

// Reload takes a new configuration: pipelines whose files or settings changed are stopped
// and started anew, the others go on. After an error nothing has changed.
func (m *Manager) Reload(entries []string, cfg Config) error {
	m.changing.Lock()
	defer m.changing.Unlock()
	next, err := m.load(entries, cfg)
	if err != nil {
		return err
	}
	if m.ctx == nil || m.ctx.Err() != nil {
		m.set(next)
		return nil
	}
	old := m.list()
	for i, a := range next {
		at := slices.IndexFunc(old, func(o *active) bool { return o != nil && o.spec.ID == a.spec.ID && o.source == a.source })
		if at >= 0 {
			next[i], old[at] = old[at], nil
		}
	}
	old = slices.DeleteFunc(old, func(o *active) bool { return o == nil })
	stopInOrder(old) // before the new ones start: they may want the same ports
	for _, a := range next {
		if a.done == nil {
			m.start(a, len(next))
		}
	}
	m.set(next)
	return nil
}

// Err says which pipelines stand still and why, nil if none does.
func (m *Manager) Err() error {
	var errs []error
	for _, a := range m.list() {
		if err := a.err(); err != nil {
			errs = append(errs, fmt.Errorf("pipeline %s: %w", a.spec.ID, err))
		}
	}
	return errors.Join(errs...)
}

// Len is how many pipelines there are.
func (m *Manager) Len() int {
	return len(m.list())
}

// Package alerting runs Prometheus Alertmanager inside the process, built from
// its own packages: grouping, routing, inhibition, silences, notification, the
// HTTP API v2. An alertmanager.yml works unchanged.
//
// Alertmanager knows no tenants, so each tenant has an instance of its own with
// its own alerts, silences, notification log and configuration; see
// docs/adr/0005-alertmanager-per-tenant.md. An instance starts when its tenant
// is first used. The instances of the tenant "default" and of tenants that have
// a configuration of their own start with the process.
//
// What survives what: a silence that was answered 2xx is on disk; the
// notification log is on disk within a second of a notification, so that a crash
// repeats at most what was sent in that second; alerts are held in memory only,
// as by Alertmanager itself, because who fires them repeats them.
package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/tenant"
)

// ErrNotRunning says that Run was not called yet or has returned.
var ErrNotRunning = errors.New("alerting is not running")

// Deps is what the process hands in; every field is needed.
type Deps struct {
	// DataDir is the folder for all tenants' state; each has a folder in it.
	DataDir string
	// ExternalURL is where people reach this server; notifications link there.
	// Config.ExternalURL overrides it.
	ExternalURL string
	// LookupEnv resolves ${NAME} in configuration files (os.LookupEnv).
	LookupEnv  func(string) (string, bool)
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Service holds the Alertmanager instances of all tenants. Its methods are safe
// for concurrent use.
type Service struct {
	cfg         Config
	deps        Deps
	externalURL *url.URL
	metrics     *metrics

	reloading sync.Mutex // one Reload at a time; taken before mu

	mu        sync.Mutex
	running   bool
	failed    error // why Run could not start, for Ready
	files     map[tenant.ID]*file
	instances map[tenant.ID]*instance
	cluster   *gossip // nil unless configured
}

// New reads and checks every configured file and returns a service that Run
// starts. The error lists all that is wrong with all files.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	useUTF8Matchers(deps.Logger)
	address := cfg.ExternalURL
	if address == "" {
		address = deps.ExternalURL
	}
	external, err := parseExternalURL(address)
	if err != nil {
		return nil, err
	}
	files, err := loadFiles(cfg, deps.LookupEnv)
	if err != nil {
		return nil, err
	}
	return &Service{
		cfg:         cfg,
		deps:        deps,
		externalURL: external,
		metrics:     newMetrics(deps.Registerer),
		files:       files,
		instances:   make(map[tenant.ID]*instance),
	}, nil
}

// Check reads cfg's files as New does and starts nothing.
func Check(cfg Config, lookupEnv func(string) (string, bool)) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	useUTF8Matchers(slog.New(slog.DiscardHandler))
	_, err := loadFiles(cfg, lookupEnv)
	return err
}

var matchersOnce sync.Once

// useUTF8Matchers selects how Alertmanager's packages parse matchers and label
// names: as its binary does by default (UTF-8, and the classic syntax where that
// fails). Their choice is a process-wide variable, which starts as the classic
// one.
func useUTF8Matchers(logger *slog.Logger) {
	matchersOnce.Do(func() { compat.InitFromFlags(logger, featurecontrol.NoopFlags{}) })
}

// Run starts the instances of the tenant "default" and of configured tenants and
// serves until ctx is done; then it stops all instances, which writes their
// state. It may be called once.
func (s *Service) Run(ctx context.Context) error {
	if err := s.start(); err != nil {
		s.mu.Lock()
		s.failed = err
		s.mu.Unlock()
		return errors.Join(err, s.stop())
	}
	<-ctx.Done()
	return s.stop()
}

func (s *Service) start() error {
	peer, err := joinCluster(s.cfg.Cluster, s.deps.Logger, s.deps.Registerer)
	if err != nil {
		return err
	}
	if err := s.openConfigured(peer); err != nil {
		return err
	}
	peer.join()
	return nil
}

func (s *Service) openConfigured(peer *gossip) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cluster = peer
	s.running = true
	for _, id := range slices.Sorted(maps.Keys(s.files)) {
		if _, err := s.openLocked(id); err != nil {
			return err
		}
	}
	return nil
}

// stop ends all instances. They end side by side: each may wait for a
// notification that is under way.
func (s *Service) stop() error {
	s.mu.Lock()
	s.running = false
	instances := s.instances
	s.instances = make(map[tenant.ID]*instance)
	peer := s.cluster
	s.mu.Unlock()

	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for id, inst := range instances {
		wg.Go(func() {
			if err := inst.stop(); err != nil {
				mu.Lock()
				errs = append(errs, fmt.Errorf("stop alerting of tenant %s: %w", id, err))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return errors.Join(append(errs, peer.leave())...)
}

// Ready returns nil when Run has started every configured instance.
func (s *Service) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failed != nil:
		return s.failed
	case !s.running:
		return ErrNotRunning
	}
	return nil
}

// instance returns the tenant's instance and starts it if need be.
func (s *Service) instance(id tenant.ID) (*instance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return nil, ErrNotRunning
	}
	return s.openLocked(id)
}

func (s *Service) openLocked(id tenant.ID) (*instance, error) {
	if inst, ok := s.instances[id]; ok {
		return inst, nil
	}
	f, ok := s.files[id]
	if !ok {
		var err error
		if f, err = embedded(); err != nil {
			return nil, err
		}
	}
	inst, err := openInstance(instanceOptions{
		tenant:      id,
		dir:         filepath.Join(s.deps.DataDir, string(id)),
		cfg:         s.cfg,
		externalURL: s.externalURL,
		logger:      s.deps.Logger.With("tenant", string(id)),
		registerer:  prometheus.WrapRegistererWith(prometheus.Labels{"tenant": string(id)}, s.deps.Registerer),
		metrics:     s.metrics,
		cluster:     s.cluster,
		started:     time.Now(),
	}, f)
	if err != nil {
		return nil, fmt.Errorf("start alerting of tenant %s: %w", id, err)
	}
	s.instances[id] = inst
	return inst, nil
}

// Reload reads the files that cfg names again. Either all tenants get their new
// configuration or, on an error, all keep the old one. Of cfg itself only the
// names of files are taken; its other settings need a restart.
func (s *Service) Reload(cfg Config) error {
	err := s.reload(cfg)
	s.metrics.reloaded(err)
	if err != nil {
		return fmt.Errorf("alerting keeps its previous configuration: %w", err)
	}
	return nil
}

func (s *Service) reload(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	files, err := loadFiles(cfg, s.deps.LookupEnv)
	if err != nil {
		return err
	}
	s.reloading.Lock()
	defer s.reloading.Unlock()
	changes, err := s.replaceFiles(files)
	if err != nil {
		return err
	}
	// Not under s.mu: what is under way is waited for, and others need their API.
	for _, c := range changes {
		if err := c.inst.apply(c.next); err != nil {
			return err
		}
	}
	return nil
}

// change is a configuration that is good and about to be applied.
type change struct {
	inst *instance
	next *generation
}

// replaceFiles makes files those that instances start with, starts instances of
// tenants that are new in them, and returns what running instances must apply.
// After an error everything is as before.
func (s *Service) replaceFiles(files map[tenant.ID]*file) ([]change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return nil, ErrNotRunning
	}
	var changes []change
	for id, inst := range s.instances {
		f, ok := files[id]
		if !ok { // the tenant has no file of its own, or no longer
			var err error
			if f, err = embedded(); err != nil {
				return nil, err
			}
		}
		next, err := inst.build(f)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change{inst, next})
	}
	previous := s.files
	s.files = files
	var opened []tenant.ID
	for _, id := range slices.Sorted(maps.Keys(files)) {
		if _, ok := s.instances[id]; ok {
			continue
		}
		if _, err := s.openLocked(id); err != nil {
			s.files = previous
			for _, id := range opened {
				err = errors.Join(err, s.instances[id].stop())
				delete(s.instances, id)
			}
			return nil, err
		}
		opened = append(opened, id)
	}
	return changes, nil
}

// Package scrape runs Prometheus' own service discovery and scrape manager for the
// scrape_configs of prometheus.yml.
package scrape

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	promscrape "github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/logging"
)

// updateInterval is for how long changes of the targets are gathered. Prometheus
// takes five seconds, which somebody who watches the first start would feel.
const updateInterval = time.Second

// Deps is what a Scraper is given.
type Deps struct {
	// Prometheus is the file as loaded.
	Prometheus *config.Config
	// Appendable is where samples go: the store of the tenant who owns the file.
	Appendable storage.AppendableV2
	Logger     *slog.Logger
	Registry   prometheus.Registerer
}

// Scraper discovers targets and scrapes them.
type Scraper struct {
	log       *slog.Logger
	manager   *promscrape.Manager
	discovery *discovery.Manager
	stop      context.CancelFunc

	mu      sync.Mutex // guards what follows
	current *config.Config
	running bool
}

// New returns a Scraper. It fails when the configuration does.
func New(deps Deps) (*Scraper, error) {
	manager, err := promscrape.NewManager(&promscrape.Options{
		DiscoveryReloadInterval:  model.Duration(updateInterval),
		DiscoveryReloadOnStartup: true,
		EnableZstdScrape:         true,
	}, deps.Logger, logging.NewJSONFileLogger, nil, deps.Appendable, deps.Registry)
	if err != nil {
		return nil, fmt.Errorf("create scrape manager: %w", err)
	}
	if err := manager.ApplyConfig(deps.Prometheus); err != nil {
		return nil, fmt.Errorf("configure scrapes: %w", err)
	}
	mechanisms, err := discovery.CreateAndRegisterSDMetrics(deps.Registry)
	if err != nil {
		return nil, fmt.Errorf("create service discovery: %w", err)
	}
	// Prometheus' discovery takes its context here and not when it is run.
	ctx, stop := context.WithCancel(context.Background())
	targets := discovery.NewManager(ctx, deps.Logger, deps.Registry, mechanisms,
		discovery.Name("scrape"), discovery.Updatert(updateInterval))
	if targets == nil {
		stop()
		return nil, errors.New("create service discovery: its metrics are registered already")
	}
	return &Scraper{log: deps.Logger, manager: manager, discovery: targets, stop: stop, current: deps.Prometheus}, nil
}

// Manager answers for targets, scrape pools and their metadata.
func (s *Scraper) Manager() *promscrape.Manager { return s.manager }

// Run discovers and scrapes until ctx is done; then it lets scrapes under way end.
// A discovery that cannot be reached is logged and tried again.
func (s *Scraper) Run(ctx context.Context) error {
	s.mu.Lock()
	err := s.discover(s.current)
	s.running = err == nil
	s.mu.Unlock()
	if err != nil {
		s.stop()
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.discovery.Run() }) // its error is always that of the context
	wg.Go(func() { err = s.manager.Run(s.discovery.SyncCh()) })
	<-ctx.Done()
	s.mu.Lock()
	s.running = false
	s.mu.Unlock()
	s.stop()
	s.manager.Stop()
	wg.Wait()
	if err != nil {
		return fmt.Errorf("scrape: %w", err)
	}
	return nil
}

// Reload puts a new configuration into effect. After an error the old one stays.
func (s *Scraper) Reload(prom *config.Config) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.apply(prom)
	if err != nil {
		if back := s.apply(s.current); back != nil {
			s.log.Error("old scrape configuration was not restored", "err", back)
		}
		return err
	}
	s.current = prom
	return nil
}

func (s *Scraper) apply(prom *config.Config) error {
	// The scrape manager goes first: it must know the jobs when their targets come.
	if err := s.manager.ApplyConfig(prom); err != nil {
		return fmt.Errorf("configure scrapes: %w", err)
	}
	if !s.running {
		return nil // Run does it
	}
	return s.discover(prom)
}

func (s *Scraper) discover(prom *config.Config) error {
	jobs, err := prom.GetScrapeConfigs()
	if err != nil {
		return fmt.Errorf("read scrape configurations: %w", err)
	}
	byJob := make(map[string]discovery.Configs, len(jobs))
	for _, job := range jobs {
		byJob[job.JobName] = job.ServiceDiscoveryConfigs
	}
	if err := s.discovery.ApplyConfig(byJob); err != nil {
		return fmt.Errorf("configure service discovery: %w", err)
	}
	return nil
}

// Ready returns why nothing is scraped, nil when it is.
func (s *Scraper) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return errors.New("scraping is not running")
	}
	return nil
}

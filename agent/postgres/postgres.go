// Package postgres watches a PostgreSQL server: postgres_exporter's collectors in this
// process, and as log lines the queries that run for long and the sessions that wait for a
// lock, with who holds it.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	_ "github.com/lib/pq" // the driver "postgres", which postgres_exporter uses too
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/model"
)

// Job is the label of metrics and log lines.
const Job = "postgres"

// Config is one server's settings.
type Config struct {
	// DSN is a connection string of libpq, as a URL or as keywords.
	DSN string
	// Instance is the label of log lines.
	Instance string
	// Slow is how long a query runs, LockWait how long a session waits for a lock, before
	// it is a log line.
	Slow, LockWait time.Duration
	// Interval is how often the server is asked about these.
	Interval time.Duration
}

// DefaultConfig returns a second for both, looked for every five.
func DefaultConfig() Config {
	return Config{Slow: time.Second, LockWait: time.Second, Interval: 5 * time.Second}
}

// Validate says what is wrong with the settings, all at once. It does not connect.
func (c Config) Validate() error {
	var errs []error
	if c.DSN == "" {
		errs = append(errs, errors.New("dsn is missing"))
	}
	if c.Slow <= 0 || c.LockWait <= 0 || c.Interval < 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("slow is %s, lock wait %s and interval %s, want more than 0 and an interval of at least 100ms", c.Slow, c.LockWait, c.Interval))
	}
	return errors.Join(errs...)
}

// Emit keeps log lines. Streams are the callee's; an error ends the watch.
type Emit func(ctx context.Context, streams []model.LogStream) error

// Watch watches one server.
type Watch struct {
	cfg  Config
	log  *slog.Logger
	db   *sql.DB
	emit Emit
	now  func() time.Time

	running    map[string]*event // what was reported and goes on, by key
	statements map[string]statement
	away       bool

	slowRunning, waiters, longestWait prometheus.Gauge
	slow, waits                       *prometheus.CounterVec
	registry                          *prometheus.Registry
}

// New returns a watch; it connects when it runs or is gathered.
func New(cfg Config, log *slog.Logger, emit Emit) (*Watch, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	db, err := sql.Open("postgres", cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	db.SetMaxOpenConns(2) // one watches, one is gathered
	w := &Watch{cfg: cfg, log: log, db: db, emit: emit, now: time.Now, running: map[string]*event{}, registry: prometheus.NewRegistry()}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		w.registry.MustRegister(g)
		return g
	}
	counter := func(name, help string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"datname"})
		w.registry.MustRegister(c)
		return c
	}
	w.slowRunning = gauge("pg_slow_queries_running", "Queries that run for longer than the limit.")
	w.waiters = gauge("pg_lock_waiters", "Sessions that wait for a lock.")
	w.longestWait = gauge("pg_lock_wait_longest_seconds", "How long the longest wait for a lock has taken so far.")
	w.slow = counter("pg_slow_queries_total", "Queries that were seen to run for longer than the limit.")
	w.waits = counter("pg_lock_waits_total", "Waits for a lock that were seen to take longer than the limit.")
	return w, w.registry.Register(newExporter(cfg.DSN, db, log))
}

// Gatherer returns the server's metrics.
func (w *Watch) Gatherer() prometheus.Gatherer { return w.registry }

// Run looks for slow queries and lock waits until ctx is done.
func (w *Watch) Run(ctx context.Context) error {
	defer w.db.Close()
	tick := time.NewTicker(w.cfg.Interval)
	defer tick.Stop()
	for {
		lines, err := w.look(ctx)
		if err != nil && ctx.Err() == nil && !w.away {
			w.log.Warn("postgres does not answer", "error", err)
		}
		w.away = err != nil
		if len(lines) > 0 {
			if err := w.emit(ctx, lines); err != nil && ctx.Err() == nil {
				return fmt.Errorf("postgres: keep log lines: %w", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

package ship

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// Deps are what a queue logs and counts with; Registry may be nil.
type Deps struct {
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Queue is an open queue. Its methods are safe for concurrent use.
type Queue struct{}

// Open opens the queue in cfg.Dir. It starts nothing.
func Open(cfg Config, d Deps) (*Queue, error) { panic("BUG: not built yet") }

// Append keeps a batch and returns when its record is written: it outlives the process.
// It waits while the queue or the disk is full, until ctx is done. After an error
// nothing of the batch is kept.
func (q *Queue) Append(ctx context.Context, b Batch) error { panic("BUG: not built yet") }

// States returns the states as of the last record; the map is the caller's.
func (q *Queue) States() map[string][]byte { panic("BUG: not built yet") }

// Run ships until ctx is done. Appends go on meanwhile, and before.
func (q *Queue) Run(ctx context.Context) error { panic("BUG: not built yet") }

// Close syncs and closes the files. Call it after Run has returned.
func (q *Queue) Close() error { panic("BUG: not built yet") }

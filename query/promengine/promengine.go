// Package promengine is the one PromQL engine of the process: Prometheus' own, with
// a budget of time, samples and concurrency for each query.
package promengine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pharosd/pharos/metrics"
)

// Deps is what an engine is given.
type Deps struct {
	// Memory is the bytes that one query's samples may take.
	Memory int64
	// SubqueryStep is the step of subqueries that name none: the evaluation
	// interval of prometheus.yml.
	SubqueryStep func() time.Duration
	Logger       *slog.Logger
	Registry     prometheus.Registerer
}

// New returns the engine. Queries past the concurrency wait for their turn, at
// longest for their timeout.
func New(cfg metrics.Config, deps Deps) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger:             deps.Logger,
		Reg:                deps.Registry,
		MaxSamples:         cfg.MaxQuerySamplesFor(deps.Memory),
		Timeout:            time.Duration(cfg.Query.Timeout),
		LookbackDelta:      time.Duration(cfg.Query.LookbackDelta),
		ActiveQueryTracker: newTracker(cfg.Query.Concurrency),
		NoStepSubqueryIntervalFn: func(int64) int64 {
			return deps.SubqueryStep().Milliseconds()
		},
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
		EnablePerStepStats:   true,
		Parser:               parser.NewParser(parser.Options{}),
	})
}

// errBusy is what a query gets that waited for its turn until it timed out.
var errBusy = errors.New("too many queries are running (metrics.query.concurrency)")

// tracker lets a number of queries run at once.
type tracker struct{ turns chan struct{} }

func newTracker(concurrency int) *tracker {
	return &tracker{make(chan struct{}, concurrency)}
}

func (t *tracker) GetMaxConcurrent() int { return cap(t.turns) }

func (t *tracker) Insert(ctx context.Context, _ string) (int, error) {
	select {
	case t.turns <- struct{}{}:
		return 0, nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", errBusy, ctx.Err())
	}
}

func (t *tracker) Delete(int)   { <-t.turns }
func (t *tracker) Close() error { return nil }

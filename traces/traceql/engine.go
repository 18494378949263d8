package traceql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/tenant"
)

// Engine evaluates queries over a store. It is safe for concurrent use.
type Engine struct {
	store Store
	cfg   Config
	slots chan struct{}

	metrics *instruments
}

// NewEngine returns an Engine. cfg must be valid.
func NewEngine(store Store, cfg Config) *Engine {
	return &Engine{store: store, cfg: cfg, slots: make(chan struct{}, cfg.MaxConcurrent), metrics: newMetrics()}
}

// begin waits for a place and bounds the time; the caller must call end.
func (e *Engine) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(e.cfg.Timeout))
	select {
	case e.slots <- struct{}{}:
		return ctx, func() { <-e.slots; cancel() }, nil
	case <-ctx.Done():
		cancel()
		return nil, nil, e.explain(ctx, ctx.Err())
	}
}

// explain makes an answer of the end of a query's time.
func (e *Engine) explain(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &LimitError{fmt.Sprintf("the query took longer than %s (traces.traceql.timeout): narrow its time or its conditions", time.Duration(e.cfg.Timeout))}
	}
	return err
}

// incomplete collects why an answer lacks something; the first reason is kept.
type incomplete string

func (i *incomplete) add(why string) {
	if *i == "" {
		*i = incomplete(why)
	}
}

// How many traces are read at once where many are wanted. Reading many that are near to
// each other in time costs little more than reading few: the store unpacks whole blocks,
// of which each holds spans of thousands. batchSpans keeps what is read at once below
// the bound of an answer.
const (
	batchOf    = 50
	maxBatch   = 8000
	batchSpans = 40_000
)

// maxCandidates is how many traces one query considers; it remembers their ids.
const maxCandidates = 500_000

const tooManyTraces = "the query considers at most 500000 traces; narrow its time or its conditions"

// treeReader reads traces whole, with what is wanted of their spans, as many at once as fit.
type treeReader struct {
	engine        *Engine
	tenant        tenant.ID
	wanted        wanted
	traces, spans int // that were read
}

// each reads traces, batch at first and then more at a time, and calls f for each in turn
// until it returns false.
func (r *treeReader) each(ctx context.Context, ids []pcommon.TraceID, batch int, f func(*tree) bool) (bool, error) {
	for len(ids) > 0 {
		n := min(len(ids), batch)
		if r.spans > 0 {
			n = max(1, min(n, batchSpans*r.traces/r.spans))
		}
		found, err := r.engine.trees(ctx, r.tenant, ids[:n], r.wanted)
		if err != nil {
			return false, err
		}
		next := ids[n:]
		batch = min(4*batch, maxBatch)
		for i, tr := range found {
			if tr.incomplete != "" && n > 1 { // perhaps because of the others: read it with fewer
				next, batch = ids[slices.Index(ids, tr.id):], n/2
				break
			}
			found[i] = nil // and its memory free
			r.traces, r.spans = r.traces+1, r.spans+len(tr.spans)
			if !f(tr) {
				return false, nil
			}
		}
		ids = next
	}
	return true, nil
}

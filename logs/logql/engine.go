package logql

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Config bounds what one query may take. The names are Loki's where it has one.
type Config struct {
	// MaxEntries is the highest limit that a log query may ask for.
	MaxEntries int `yaml:"max_entries_limit_per_query"`
	// MaxSeries bounds the series of an answer.
	MaxSeries int `yaml:"max_query_series"`
	// MaxLength bounds the time range of a query.
	MaxLength time.Duration `yaml:"max_query_length"`
	// MaxBytes bounds the bytes of lines that a query reads after the store's own
	// filters.
	MaxBytes int64 `yaml:"max_query_bytes_read"`
	// MaxMemory bounds what a query keeps in memory while it runs, in bytes.
	MaxMemory int64 `yaml:"max_query_memory"`
	// Timeout ends a query.
	Timeout time.Duration `yaml:"query_timeout"`
	// MaxConcurrent is how many queries run at once; MaxOutstanding is how many more of
	// a tenant wait for their turn.
	MaxConcurrent  int `yaml:"max_concurrent"`
	MaxOutstanding int `yaml:"max_outstanding_per_tenant"`
	// CacheSize is the memory for results of closed windows in bytes; 0 keeps none.
	CacheSize int64 `yaml:"results_cache_size"`
}

// DefaultConfig returns Loki's limits where it has one.
func DefaultConfig() Config {
	return Config{
		MaxEntries: 5000,
		MaxSeries:  500,
		MaxLength:  721 * time.Hour,
		MaxBytes:   64 << 30,
		MaxMemory:  256 << 20,
		Timeout:    time.Minute,

		MaxConcurrent:  4,
		MaxOutstanding: 100,
		CacheSize:      32 << 20,
	}
}

// Validate says which limit makes no sense.
func (c Config) Validate() error {
	for name, v := range map[string]int64{
		"max_entries_limit_per_query": int64(c.MaxEntries), "max_query_series": int64(c.MaxSeries),
		"max_query_length": int64(c.MaxLength), "max_query_bytes_read": c.MaxBytes,
		"max_query_memory": c.MaxMemory, "query_timeout": int64(c.Timeout), "max_concurrent": int64(c.MaxConcurrent),
		"max_outstanding_per_tenant": int64(c.MaxOutstanding),
	} {
		if v <= 0 {
			return fmt.Errorf("%s: must be positive", name)
		}
	}
	if c.CacheSize < 0 {
		return errors.New("results_cache_size: must not be negative")
	}
	return nil
}

// Engine evaluates queries. It is safe for concurrent use.
type Engine struct {
	reader logs.Reader
	cfg    Config
	// slicePoints is maxSlicePoints but in tests.
	slicePoints int
	cache       *Cache // may be nil
	flights     flights
	queue       *queue
	// rowsOnly sends every line through its pipeline, as the reference in tests.
	rowsOnly bool
	metrics  *metrics
	// limits, unless it is nil, returns a tenant's limits; see SetLimits.
	limits func(tenant.ID) Config
}

// NewEngine returns an engine over a store.
func NewEngine(reader logs.Reader, cfg Config) *Engine {
	// The points of a slice are held twice, by workers and by series: a quarter of the
	// memory beside what a query keeps.
	points := min(maxSlicePoints, max(1, int(cfg.MaxMemory/(8*pointSize))))
	return &Engine{reader: reader, cfg: cfg, slicePoints: points, metrics: newMetrics(),
		queue: newQueue(cfg.MaxConcurrent, cfg.MaxOutstanding)}
}

// WithCache makes the engine use a cache, through whose Appender all writes to the
// engine's store must go. It is called before the engine is used.
func (e *Engine) WithCache(c *Cache) *Engine {
	e.cache = c
	return e
}

// Config returns the engine's limits, of tenants without their own.
func (e *Engine) Config() Config { return e.cfg }

// Params are what a query is asked with. Times are nanoseconds since the Unix
// epoch.
type Params struct {
	// Start and End bound a range query: log queries select [Start, End), metric
	// queries are evaluated at Start, Start+Step, ... up to End. An instant query
	// has both at the same time and no Step.
	Start, End, Step int64
	// Limit is how many entries a log query returns at most.
	Limit int
	// Forward returns the oldest entries first.
	Forward bool
	// Interval, if positive, leaves out entries closer to the one before.
	Interval int64
	// Categorize keeps metadata and parsed labels apart from those of the stream,
	// instead of splitting streams by them.
	Categorize bool
}

// Instant says whether a metric query is evaluated once.
func (p Params) Instant() bool { return p.Start == p.End && p.Step == 0 }

// Value is the answer to a query: Streams, Vector, Matrix or Scalar.
type Value interface{ value() }

// Stream is a stream of an answer.
type Stream struct {
	Labels  model.Labels
	Entries []Entry
}

// Entry is a line of an answer. Metadata and Parsed are set for Categorize.
type Entry struct {
	Time             int64
	Line             string
	Metadata, Parsed model.Labels
}

// Streams are sorted by labels, their entries in the direction asked for.
type Streams []Stream

// Sample is one series at one time, in milliseconds.
type Sample struct {
	Labels model.Labels
	Time   int64
	Value  float64
}

// Vector is the answer to an instant metric query.
type Vector []Sample

// Point is one value of a series; its time is in milliseconds.
type Point struct {
	Time  int64
	Value float64
}

// Series is one series of a matrix.
type Series struct {
	Labels model.Labels
	Points []Point
}

// Matrix is the answer to a metric query over a range, sorted by labels.
type Matrix []Series

// Scalar is the answer to an instant query that is a number.
type Scalar Point

func (Streams) value() {}
func (Vector) value()  {}
func (Matrix) value()  {}
func (Scalar) value()  {}

// Stats say what a query took.
type Stats struct {
	// Entries and Bytes count what the store handed out: lines, their bytes, and
	// of these the metadata's.
	Entries, Bytes, MetadataBytes int64
	// Matched counts entries that passed the pipeline.
	Matched int64
	// Returned counts entries or points of the answer.
	Returned int64
	// Duration is the time from the call to the answer, of which the query waited for
	// its turn while Queued.
	Duration, Queued time.Duration
}

// Result is an answer with what it took.
type Result struct {
	Value Value
	Stats Stats
	Plan  *PlanNode
}

// query is one evaluation.
type query struct {
	engine *Engine
	tenant tenant.ID
	limits Config // of the tenant
	params Params
	memory atomic.Int64
	plan   *PlanNode // of what is being evaluated
	// ranges are the range aggregations that were read, by their keys.
	ranges map[string][]*rangeSeries
	// succeeded is called after the query succeeded.
	succeeded []func()

	mu    sync.Mutex // stores call back from several goroutines
	stats Stats
}

func (e *Engine) newQuery(t tenant.ID, p Params) *query {
	return &query{engine: e, tenant: t, limits: e.ConfigOf(t), params: p, ranges: map[string][]*rangeSeries{}}
}

// Eval evaluates a query that Parse returned. Errors wrap ErrLimit, ErrPipeline,
// ErrExecution, ErrBusy or the context's; others come from the store.
func (e *Engine) Eval(ctx context.Context, t tenant.ID, x Expr, p Params) (Result, error) {
	begin := time.Now()
	q := e.newQuery(t, p)
	q.plan = &PlanNode{What: x.String()}
	ctx, cancel := context.WithTimeout(ctx, q.limits.Timeout)
	defer cancel()
	if err := e.queue.enter(ctx, t); err != nil {
		return Result{}, q.timedOut(ctx, err)
	}
	defer e.queue.leave()
	q.stats.Queued = time.Since(begin)
	v, err := q.eval(ctx, x)
	q.stats.Duration = time.Since(begin)
	e.metrics.observe(x, &q.stats, err)
	if err != nil {
		return Result{}, q.timedOut(ctx, err)
	}
	for _, f := range q.succeeded {
		f()
	}
	q.plan.Seconds = q.stats.Duration.Seconds()
	return Result{Value: v, Stats: q.stats, Plan: q.plan}, nil
}

// timedOut says in an error that the engine's own timeout ended the query.
func (q *query) timedOut(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return limitErrorf("query timed out after %s", q.limits.Timeout)
	}
	return err
}

func (q *query) eval(ctx context.Context, x Expr) (Value, error) {
	if err := q.checkLength(x); err != nil {
		return nil, err
	}
	switch x := x.(type) {
	case *LogExpr:
		return q.evalLog(ctx, x)
	case MetricExpr:
		return q.evalMetric(ctx, x)
	}
	panic(fmt.Sprintf("BUG: unknown expression %T", x))
}

// read counts what a block holds and ends the query that reads too much.
func (q *query) read(b *logs.Block) (bytes int64, _ error) {
	var metadata int64
	for _, l := range b.Lines {
		bytes += int64(len(l))
	}
	for _, c := range b.Metadata {
		for _, v := range c.Values {
			metadata += int64(len(v))
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stats.Entries += int64(len(b.Times))
	q.stats.Bytes += bytes
	q.stats.MetadataBytes += metadata
	if limit := q.limits.MaxBytes; q.stats.Bytes > limit {
		return bytes, limitErrorf("the query would read too many bytes (limit: %d); consider adding more specific stream selectors or reduce the time range of the query", limit)
	}
	return bytes, nil
}

// addMatched counts entries that passed the pipeline.
func (q *query) addMatched(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stats.Matched += n
}

// keep accounts for memory that the query holds and ends the one that wants too
// much.
func (q *query) keep(bytes int) error {
	if limit := q.limits.MaxMemory; q.memory.Add(int64(bytes)) > limit {
		return limitErrorf("the query needs more memory than its limit of %d bytes; consider adding more specific stream selectors, reducing the time range or aggregating with by()", limit)
	}
	return nil
}

func (q *query) seriesLimit(n int) error {
	if limit := q.limits.MaxSeries; n > limit {
		return limitErrorf("maximum number of series (%d) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()", limit)
	}
	return nil
}

package simulator

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// backend is one database behind the storage router, with a bounded connection
// pool, as real drivers have.
type backend struct {
	name, operation string
	median          time.Duration
	pool            chan struct{}
	capacity        float64
	used            atomic.Int64
}

var errPoolExhausted = errors.New("connection pool exhausted")

// storage is the storage router: it writes events to the backends and answers
// reads for the query API.
type storage struct {
	v        *service
	in       *incidents
	backends map[string]*backend

	writes  *prometheus.CounterVec
	latency *prometheus.HistogramVec
	errors  *prometheus.CounterVec
}

func newStorage(v *service, in *incidents) *storage {
	s := &storage{v: v, in: in, backends: map[string]*backend{},
		writes:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "storage_writes_total", Help: "Writes by backend."}, []string{"backend"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "storage_write_latency_seconds", Help: "Time of a write.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}, []string{"backend", "operation"}),
		errors:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "storage_write_errors_total", Help: "Failed writes."}, []string{"backend", "error_type"}),
	}
	v.registry.MustRegister(s.writes, s.latency, s.errors)
	for _, b := range []*backend{
		{name: "timescaledb", operation: "insert", median: 6 * time.Millisecond, pool: make(chan struct{}, 20), capacity: 500 << 30},
		{name: "postgres", operation: "insert", median: 4 * time.Millisecond, pool: make(chan struct{}, 12), capacity: 200 << 30},
		{name: "s3", operation: "put", median: 25 * time.Millisecond, pool: make(chan struct{}, 50), capacity: 5 << 40},
		{name: "redis", operation: "set", median: 500 * time.Microsecond, pool: make(chan struct{}, 64), capacity: 8 << 30},
	} {
		s.add(b)
	}
	v.handle("POST /v1/write/{kind}", s.write)
	v.handle("GET /v1/read/{kind}", s.read)
	return s
}

// add registers a backend's gauges. Capacity is what is still free, as the
// platform's alert rule reads it.
func (s *storage) add(b *backend) {
	s.backends[b.name] = b
	b.used.Store(int64(b.capacity * 0.42))
	labels := prometheus.Labels{"backend": b.name}
	gauge := func(name, help string, f func() float64) {
		s.v.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f))
	}
	gauge("storage_capacity_bytes", "Free bytes.", func() float64 { return b.capacity - float64(b.used.Load()) })
	gauge("storage_capacity_total_bytes", "All bytes.", func() float64 { return b.capacity })
	gauge("storage_capacity_utilization", "Share of bytes in use.", func() float64 { return float64(b.used.Load()) / b.capacity })
	gauge("storage_connection_pool_active", "Connections in use.", func() float64 { return float64(len(b.pool)) })
	gauge("storage_connection_pool_idle", "Connections not in use.", func() float64 { return float64(cap(b.pool) - len(b.pool)) })
	gauge("storage_connection_pool_max", "Size of the pool.", func() float64 { return float64(cap(b.pool)) })
	s.errors.WithLabelValues(b.name, "connection_refused")
}

// use holds a connection for one operation.
func (s *storage) use(ctx context.Context, b *backend, operation string) error {
	return s.v.span(ctx, b.name+" "+operation, func(ctx context.Context, span trace.Span) error {
		select {
		case b.pool <- struct{}{}:
			defer func() { <-b.pool }()
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
			return errPoolExhausted
		}
		median := b.median
		if b.name == "postgres" && s.in.active(slowDatabase) {
			median *= 90
			span.AddEvent("lock wait", trace.WithAttributes(attribute.String("db.lock", "relation shipments")))
		}
		work(ctx, median)
		return nil
	}, attribute.String("db.system", b.name), attribute.String("db.operation", operation))
}

func (s *storage) write(w http.ResponseWriter, r *http.Request) {
	kind, received := r.PathValue("kind"), time.Now()
	order := []string{"timescaledb", "postgres"}
	if chance(0.2) {
		order = append(order, "s3")
	}
	for _, name := range append(order, "redis") {
		b := s.backends[name]
		begin := time.Now()
		err := s.use(r.Context(), b, b.operation)
		s.latency.WithLabelValues(name, b.operation).Observe(time.Since(begin).Seconds())
		if r.Context().Err() != nil {
			return
		}
		if err != nil {
			s.errors.WithLabelValues(name, "pool_exhausted").Inc()
			s.v.log.event(r.Context(), levelError, "Write failed: "+err.Error(), "", time.Since(begin), map[string]any{"backend": name, "kind": kind})
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		s.writes.WithLabelValues(name).Inc()
		b.used.Add(2048)
		if took := time.Since(begin); took > 300*time.Millisecond {
			s.v.log.event(r.Context(), levelWarn, "Slow write", "", took, map[string]any{"backend": name, "kind": kind})
		}
	}
	s.v.log.event(r.Context(), levelInfo, "Event written", "", time.Since(received), map[string]any{"kind": kind, "backends": len(order) + 1})
	w.WriteHeader(http.StatusNoContent)
}

func (s *storage) read(w http.ResponseWriter, r *http.Request) {
	if err := s.use(r.Context(), s.backends["postgres"], "select"); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// run plays housekeeping: old data leaves the backends again.
func (s *storage) run(ctx context.Context) {
	every(ctx, 30*time.Second, func(time.Time) {
		for _, b := range s.backends {
			if float64(b.used.Load()) > b.capacity*0.8 {
				b.used.Store(int64(b.capacity * 0.42))
			}
		}
		s.v.log.emit(ctx, levelInfo, "Retention pass finished", map[string]any{"backends": len(s.backends)})
	})
}

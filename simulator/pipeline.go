package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// pipeline plays the stream processor: validation, transformation, enrichment,
// then the storage router.
type pipeline struct {
	v      *service
	broker *broker
	router *service
	in     *incidents
	begin  time.Time

	processed  *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	failures   *prometheus.CounterVec
	hits, miss prometheus.Counter
	endToEnd   prometheus.Histogram
	pool       prometheus.Gauge
	align      prometheus.Gauge
	lastSize   prometheus.Gauge
	completed  prometheus.Counter
	failed     prometheus.Counter

	mu    sync.Mutex
	cache map[string]time.Time
}

func newPipeline(v *service, b *broker, router *service, in *incidents) *pipeline {
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	p := &pipeline{v: v, broker: b, router: router, in: in, begin: time.Now(), cache: map[string]time.Time{},
		processed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pipeline_messages_processed_total", Help: "Messages processed by stage."}, []string{"stage", "status"}),
		duration:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "pipeline_processing_duration_seconds", Help: "Time in a stage.", Buckets: buckets}, []string{"stage"}),
		failures:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pipeline_validation_failures_total", Help: "Messages that validation refused."}, []string{"error_type"}),
		hits:      counter("pipeline_enrichment_cache_hits_total", "Enrichment answered from the cache."),
		miss:      counter("pipeline_enrichment_cache_misses_total", "Enrichment that asked the source."),
		endToEnd:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "end_to_end_latency_seconds", Help: "From consumption to stored.", Buckets: buckets}),
		pool:      gauge("flink_taskmanager_job_task_buffers_inPoolUsage", "Share of input buffers in use."),
		align:     gauge("flink_taskmanager_job_task_checkpointAlignmentTime", "Nanoseconds of the last checkpoint's alignment."),
		lastSize:  gauge("flink_jobmanager_job_lastCheckpointSize", "Bytes of the last checkpoint."),
		completed: counter("flink_jobmanager_job_numberOfCompletedCheckpoints", "Checkpoints completed."),
		failed:    counter("flink_jobmanager_job_numberOfFailedCheckpoints", "Checkpoints failed."),
	}
	v.registry.MustRegister(p.processed, p.duration, p.failures, p.hits, p.miss, p.endToEnd, p.pool, p.align, p.lastSize, p.completed, p.failed,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "flink_jobmanager_job_uptime", Help: "Milliseconds since the job started."},
			func() float64 { return float64(time.Since(p.begin).Milliseconds()) }))
	p.failures.WithLabelValues("schema_violation")
	return p
}

const pipelineWorkers = 8

func (p *pipeline) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for range pipelineWorkers {
		wg.Go(func() {
			for {
				e, ok := p.broker.receive(ctx)
				if !ok {
					return
				}
				p.process(ctx, e)
			}
		})
	}
	every(ctx, 10*time.Second, func(time.Time) { p.checkpoint(ctx) })
}

// checkpoint plays the job's periodic snapshot, whose size follows its state.
func (p *pipeline) checkpoint(ctx context.Context) {
	p.mu.Lock()
	state := len(p.cache)
	p.mu.Unlock()
	p.align.Set(float64(latency(40 * time.Millisecond)))
	p.lastSize.Set(float64(64<<10 + state*512 + p.broker.lag()*256 + int(time.Since(p.begin).Seconds())))
	if p.in.active(slowDatabase) && chance(0.3) {
		p.failed.Inc()
		p.v.log.emit(ctx, levelWarn, "Checkpoint expired before completing", map[string]any{"job": "event-processing"})
		return
	}
	p.completed.Inc()
}

func (p *pipeline) process(ctx context.Context, e event) {
	begin := time.Now()
	p.pool.Set(min(1, float64(p.broker.lag())/200))
	ctx = propagation.TraceContext{}.Extract(ctx, e.carrier)
	ctx, span := p.v.tracer.Start(ctx, "process_event", trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("event.id", e.id), attribute.String("event.type", strings.TrimSuffix(e.collector, "-collector"))))
	defer span.End()
	meta := map[string]any{"collector": e.collector, "carrier": e.source}

	stages := []struct {
		name string
		run  func(context.Context, trace.Span, event) error
	}{{"validation", p.validate}, {"transformation", p.transform}, {"enrichment", p.enrich}, {"storage", p.store}}
	for _, st := range stages {
		at := time.Now()
		err := p.v.span(ctx, st.name, func(ctx context.Context, s trace.Span) error { return st.run(ctx, s, e) })
		if ctx.Err() != nil {
			return
		}
		p.duration.WithLabelValues(st.name).Observe(time.Since(at).Seconds())
		if err != nil {
			p.processed.WithLabelValues(st.name, "failure").Inc()
			failSpan(span, err)
			meta["stage"], meta["error"] = st.name, err.Error()
			level := levelError
			if errors.Is(err, errInvalid) {
				level = levelWarn
			}
			p.v.log.event(ctx, level, "Event failed in "+st.name, e.id, time.Since(begin), meta)
			return
		}
		p.processed.WithLabelValues(st.name, "success").Inc()
	}
	p.endToEnd.Observe(time.Since(begin).Seconds())
	p.v.log.event(ctx, levelInfo, "Event stored", e.id, time.Since(begin), meta)
}

var errInvalid = errors.New("validation failed")

func (p *pipeline) validate(ctx context.Context, span trace.Span, e event) error {
	work(ctx, time.Millisecond)
	if e.invalid == "" {
		return nil
	}
	p.failures.WithLabelValues(e.invalid).Inc()
	span.SetAttributes(attribute.String("validation.error", e.invalid))
	return fmt.Errorf("%w: %s: field quantity is not a number", errInvalid, e.invalid)
}

func (p *pipeline) transform(ctx context.Context, _ trace.Span, _ event) error {
	work(ctx, 4*time.Millisecond)
	return nil
}

func (p *pipeline) enrich(ctx context.Context, span trace.Span, e event) error {
	const keep = 5 * time.Second
	p.mu.Lock()
	hit := time.Since(p.cache[e.source]) < keep
	if !hit {
		p.cache[e.source] = time.Now()
	}
	p.mu.Unlock()
	span.SetAttributes(attribute.Bool("cache.hit", hit))
	if hit {
		p.hits.Inc()
		return nil
	}
	p.miss.Inc()
	work(ctx, 15*time.Millisecond)
	return nil
}

func (p *pipeline) store(ctx context.Context, _ trace.Span, e event) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.router.url()+"/v1/write/"+e.collector, nil)
	if err != nil {
		return err
	}
	resp, err := p.v.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("storage router answered %s", resp.Status)
	}
	return nil
}

package simulator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// newCarrierAPI is the outside world that collectors poll.
func newCarrierAPI(v *service, in *incidents) {
	v.handle("GET /v2/events/{source}", func(w http.ResponseWriter, r *http.Request) {
		if in.active(failingDependency) && chance(0.7) {
			work(r.Context(), 400*time.Millisecond)
			http.Error(w, "upstream unavailable", http.StatusServiceUnavailable)
			return
		}
		work(r.Context(), 25*time.Millisecond)
		if chance(0.004) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "slow down", http.StatusTooManyRequests)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// collector polls a carrier for each event and publishes it to the broker.
type collector struct {
	v       *service
	api     string
	broker  *broker
	in      *incidents
	sources []string
	rate    float64
	rng     *rand.Rand
	next    atomic.Int64

	received   *prometheus.CounterVec
	published  prometheus.Counter
	processing prometheus.Histogram
	errors     *prometheus.CounterVec
	limited    prometheus.Counter
	response   prometheus.Histogram
}

func newCollector(v *service, api string, b *broker, in *incidents, sources []string, rate float64, seed uint64) *collector {
	svc := prometheus.Labels{"service": v.name}
	buckets := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
	c := &collector{v: v, api: api, broker: b, in: in, sources: sources, rate: rate, rng: rand.New(rand.NewPCG(seed, uint64(len(v.name)))),
		received:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "collector_messages_received_total", Help: "Messages received from carriers.", ConstLabels: svc}, []string{"status"}),
		published:  prometheus.NewCounter(prometheus.CounterOpts{Name: "collector_messages_published_total", Help: "Messages published to Kafka.", ConstLabels: svc}),
		processing: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "collector_processing_duration_seconds", Help: "Time from poll to publish.", ConstLabels: svc, Buckets: buckets}),
		errors:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "collector_errors_total", Help: "Errors by type.", ConstLabels: svc}, []string{"error_type"}),
		limited:    prometheus.NewCounter(prometheus.CounterOpts{Name: "collector_rate_limit_exceeded_total", Help: "Polls that the carrier's rate limit refused.", ConstLabels: svc}),
		response:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "collector_api_response_seconds", Help: "Response time of the carrier's API.", ConstLabels: svc, Buckets: buckets}),
	}
	v.registry.MustRegister(c.received, c.published, c.processing, c.errors, c.limited, c.response,
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "kafka_producer_record_send_total", Help: "Records sent to Kafka.", ConstLabels: svc}, func() float64 { return float64(b.sent.Load()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "kafka_producer_record_ack_total", Help: "Records that Kafka acknowledged.", ConstLabels: svc}, func() float64 { return float64(b.acked.Load()) }))
	for _, kind := range []string{"api_timeout", "parse_error", "kafka_publish"} {
		c.errors.WithLabelValues(kind)
	}
	return c
}

// maxInFlight bounds how many polls one collector has under way.
const maxInFlight = 32

func (c *collector) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, maxInFlight)
	every(ctx, time.Duration(float64(time.Second)/c.rate), func(time.Time) {
		select {
		case slots <- struct{}{}:
		default:
			return // all polls are stuck; the next tick tries again
		}
		source, invalid := c.sources[c.rng.IntN(len(c.sources))], ""
		if c.rng.Float64() < 0.02 {
			invalid = "schema_violation"
		}
		wg.Go(func() {
			defer func() { <-slots }()
			c.collect(ctx, source, invalid)
		})
	})
}

var errLimited = errors.New("carrier's rate limit")

func (c *collector) collect(ctx context.Context, source, invalid string) {
	begin := time.Now()
	id := fmt.Sprintf("evt-%d", c.next.Add(1))
	ctx, span := c.v.tracer.Start(ctx, "collect_event", trace.WithAttributes(attribute.String("event.id", id), attribute.String("carrier", source)))
	defer span.End()
	meta := map[string]any{"carrier": source, "tracking_id": fmt.Sprintf("TRK%09d", rand.IntN(1e9))}

	err := c.poll(ctx, source)
	took := time.Since(begin)
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, errLimited):
		c.limited.Inc()
		c.received.WithLabelValues("rate_limited").Inc()
		c.v.log.event(ctx, levelWarn, "Rate limit exceeded, backing off", id, took, meta)
		return
	case err != nil:
		failSpan(span, err)
		c.errors.WithLabelValues("api_timeout").Inc()
		c.received.WithLabelValues("error").Inc()
		meta["error"] = err.Error()
		c.v.log.event(ctx, levelError, "Carrier API did not answer", id, took, meta)
		return
	}
	c.received.WithLabelValues("success").Inc()

	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	if !c.broker.publish(event{id: id, collector: c.v.name, source: source, carrier: carrier, invalid: invalid}) {
		c.errors.WithLabelValues("kafka_publish").Inc()
		failSpan(span, errors.New("topic is full"))
		c.v.log.event(ctx, levelError, "Publish to Kafka failed: topic is full", id, took, meta)
		return
	}
	c.published.Inc()
	c.processing.Observe(time.Since(begin).Seconds())
	c.v.log.event(ctx, levelInfo, "Event processed successfully", id, time.Since(begin), meta)
}

func (c *collector) poll(ctx context.Context, source string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api+"/v2/events/"+source, nil)
	if err != nil {
		return err
	}
	begin := time.Now()
	resp, err := c.v.client.Do(req)
	c.response.Observe(time.Since(begin).Seconds())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return errLimited
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("carrier %s answered %s", source, resp.Status)
	}
	return nil
}

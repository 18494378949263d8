package simulator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/jaeger" //nolint:staticcheck // the deprecated agent protocol is the point
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// service is what every simulated service has: a port with /metrics and its own
// handlers, a tracer, a logger and an instrumented client for calling others.
type service struct {
	name, layer string
	listener    net.Listener
	mux         *http.ServeMux
	server      *http.Server
	registry    *prometheus.Registry
	log         *logger
	tracer      trace.Tracer
	spans       *sdktrace.TracerProvider
	client      *http.Client

	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// sampled is the share of traces that are kept, so that thousands of requests a
// second do not become thousands of traces.
const sampled = 0.2

func newService(cfg Config, name, layer string, ship *shipper, agent bool) (*service, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	exporter, err := newExporter(cfg, agent)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	spans := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(time.Second), sdktrace.WithMaxQueueSize(4096)),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(sampled))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", name),
			attribute.String("service.namespace", "data-ingestion"),
			attribute.String("service.version", "1.4.2"),
			attribute.String("layer", layer),
		)),
	)
	v := &service{
		name: name, layer: layer, listener: l, mux: http.NewServeMux(),
		registry: prometheus.NewRegistry(),
		log:      &logger{service: name, layer: layer, ship: ship},
		tracer:   spans.Tracer("simulator"), spans: spans,
	}
	v.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "HTTP requests by method and status code.", ConstLabels: prometheus.Labels{"service": name},
	}, []string{"method", "code"})
	v.duration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time to answer an HTTP request.", ConstLabels: prometheus.Labels{"service": name},
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"method"})
	v.registry.MustRegister(v.requests, v.duration, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	v.mux.Handle("GET /metrics", promhttp.HandlerFor(v.registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	v.server = &http.Server{Handler: v.mux, ReadHeaderTimeout: 5 * time.Second}
	v.client = &http.Client{
		Timeout: 10 * time.Second,
		Transport: otelhttp.NewTransport(&http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 128},
			otelhttp.WithTracerProvider(spans), otelhttp.WithPropagators(propagation.TraceContext{})),
	}
	return v, nil
}

func newExporter(cfg Config, agent bool) (sdktrace.SpanExporter, error) {
	if agent {
		host, port, err := net.SplitHostPort(cfg.JaegerAgent)
		if err != nil {
			return nil, err
		}
		return jaeger.New(jaeger.WithAgentEndpoint(jaeger.WithAgentHost(host), jaeger.WithAgentPort(port)))
	}
	opts := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(cfg.OTLP + "/v1/traces"), otlptracehttp.WithCompression(otlptracehttp.GzipCompression)}
	if cfg.Token != "" {
		opts = append(opts, otlptracehttp.WithHeaders(map[string]string{"Authorization": "Bearer " + cfg.Token}))
	}
	return otlptracehttp.New(context.Background(), opts...)
}

func (v *service) addr() string { return v.listener.Addr().String() }
func (v *service) url() string  { return "http://" + v.addr() }

// handle registers an instrumented handler: a span, the two HTTP metrics.
func (v *service) handle(pattern string, f http.HandlerFunc) {
	traced := otelhttp.NewHandler(f, pattern, otelhttp.WithTracerProvider(v.spans), otelhttp.WithPropagators(propagation.TraceContext{}))
	v.mux.Handle(pattern, promhttp.InstrumentHandlerCounter(v.requests, promhttp.InstrumentHandlerDuration(v.duration, traced)))
}

// span runs f in a child span; an error marks it.
func (v *service) span(ctx context.Context, name string, f func(context.Context, trace.Span) error, attrs ...attribute.KeyValue) error {
	ctx, span := v.tracer.Start(ctx, name, trace.WithAttributes(attrs...))
	defer span.End()
	err := f(ctx, span)
	if err != nil {
		failSpan(span, err)
	}
	return err
}

func (v *service) serve() {
	if err := v.server.Serve(v.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		v.log.emit(context.Background(), levelError, "HTTP server ended", map[string]any{"error": err.Error()})
	}
}

func (v *service) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = v.server.Shutdown(ctx)
	_ = v.spans.Shutdown(ctx)
	v.client.CloseIdleConnections()
}

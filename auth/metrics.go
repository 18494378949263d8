package auth

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// gateMetrics has labels with few values only: route patterns, codes, reasons.
type gateMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	panics   prometheus.Counter
}

func newGateMetrics(reg prometheus.Registerer) *gateMetrics {
	f := promauto.With(reg)
	return &gateMetrics{
		requests: f.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_http_requests_total", Help: "HTTP requests answered, by route pattern and status code.",
		}, []string{"route", "code"}),
		duration: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pharos_http_request_duration_seconds", Help: "Time to answer an HTTP request, streaming routes left out.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10},
		}, []string{"route"}),
		refused: f.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_http_refused_total", Help: "HTTP requests that the gate refused, by reason.",
		}, []string{"reason"}),
		panics: f.NewCounter(prometheus.CounterOpts{
			Name: "pharos_http_panics_total", Help: "HTTP request handlers that panicked.",
		}),
	}
}

func (m *gateMetrics) count(route string, code int, start time.Time, streaming bool) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	if !streaming {
		m.duration.WithLabelValues(route).Observe(time.Since(start).Seconds())
	}
}

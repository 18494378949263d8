// Package promwrite receives Prometheus remote write 1.0 and 2.0, and OTLP metrics on
// the path where Prometheus takes them.
//
// Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/ and
// https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
package promwrite

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/prometheus/storage"
	"golang.org/x/sync/semaphore"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Deps is what a Receiver is given.
type Deps struct {
	// Appender begins a batch of a tenant. It is used for one request; its Commit
	// is the acknowledgement. When it is a storage.GetRef, series that are known
	// cost little.
	Appender func(context.Context, tenant.ID) storage.Appender
	// Metrics takes OTLP metrics.
	Metrics ingest.MetricSink
	// MaxInFlight bounds the bytes of all requests that are being decoded; past it
	// a request is told to come back.
	MaxInFlight int64
	// Refused counts samples that were refused.
	Refused  func(t tenant.ID, reason ingest.Reason, n int)
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Receiver answers POST /api/v1/write and POST /api/v1/otlp/v1/metrics.
type Receiver struct {
	deps     Deps
	inFlight *semaphore.Weighted
	samples  *prometheus.CounterVec
}

// New returns a Receiver.
func New(deps Deps) *Receiver {
	return &Receiver{
		deps:     deps,
		inFlight: semaphore.NewWeighted(max(deps.MaxInFlight, 2*maxDecoded)),
		samples: promauto.With(deps.Registry).NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_remote_write_samples_total",
			Help: "Samples and histograms stored, by the protocol's version.",
		}, []string{"version"}),
	}
}

// maxBody bounds a request as sent, maxDecoded what it may unpack to: Prometheus'
// own bound.
const (
	maxBody    = 32 << 20
	maxDecoded = 32 << 20
)

// Routes is the route table.
func (rc *Receiver) Routes() []httpx.Route {
	return []httpx.Route{
		{Pattern: "POST /api/v1/write", Access: httpx.Write, Scoped: true, MaxBody: maxBody, Handler: http.HandlerFunc(rc.write)},
		{Pattern: "POST /api/v1/otlp/v1/metrics", Access: httpx.Write, MaxBody: maxBody, Handler: http.HandlerFunc(rc.otlp)},
	}
}

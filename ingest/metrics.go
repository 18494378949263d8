package ingest

import (
	"context"
	"errors"

	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/pharosd/pharos/metrics/otlp"
	"github.com/pharosd/pharos/tenant"
)

// metricSink implements MetricSink over the metric store.
type metricSink struct {
	store   *otlp.Sink
	metrics *Metrics
}

// NewMetricSink returns a MetricSink that stores with store, tells receivers of
// refused samples in ingest's words and counts them.
func NewMetricSink(store *otlp.Sink, m *Metrics) MetricSink { return metricSink{store, m} }

func (s metricSink) PushMetrics(ctx context.Context, t tenant.ID, md pmetric.Metrics) error {
	if message := oversizeLabel(md); message != "" {
		n := md.DataPointCount()
		s.metrics.Refused(SignalMetrics, t, LabelValueTooLong, n)
		return &Refusal{Reason: LabelValueTooLong, Message: message, Refused: n}
	}
	err := s.store.PushMetrics(ctx, t, md)
	refused, ok := errors.AsType[*otlp.RefusedError](err)
	if !ok {
		return err
	}
	reason := metricReason(err)
	s.metrics.Refused(SignalMetrics, t, reason, refused.Refused)
	return &Refusal{Reason: reason, Message: refused.Error(), Refused: refused.Refused}
}

// metricReason names why samples were refused: the first reason that fits.
func metricReason(err error) Reason {
	if named, ok := errors.AsType[interface {
		error
		Reason() string
	}](err); ok {
		return Reason(named.Reason())
	}
	switch {
	case errors.Is(err, storage.ErrOutOfOrderSample):
		return OutOfOrder
	case errors.Is(err, storage.ErrDuplicateSampleForTimestamp):
		return Duplicate
	case errors.Is(err, storage.ErrOutOfBounds), errors.Is(err, storage.ErrTooOldSample):
		return TooOld
	}
	return Malformed
}

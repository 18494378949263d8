package metrics

import (
	"context"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/tenant"
)

// Appender returns the store's own appender unless the request is narrowed. A
// narrowed one knows no references (storage.GetRef), so that each series shows its
// labels first.
func (s scopedTenant) Appender(ctx context.Context) storage.Appender {
	app, scope := s.Tenant.Appender(ctx), tenant.ScopeFrom(ctx)
	if scope.IsZero() {
		return app
	}
	return scopedAppender{app, scope}
}

func (s scopedTenant) AppenderV2(ctx context.Context) storage.AppenderV2 {
	app, scope := s.Tenant.AppenderV2(ctx), tenant.ScopeFrom(ctx)
	if scope.IsZero() {
		return app
	}
	return scopedAppenderV2{app, scope}
}

type (
	seriesRef = storage.SeriesRef
	hist      = histogram.Histogram
	floatHist = histogram.FloatHistogram
)

// scopedAppender believes labels only: callers give them with each sample.
type scopedAppender struct {
	storage.Appender
	scope tenant.Scope
}

func outside(scope tenant.Scope, ls labels.Labels) error {
	if scope.Allows(ls.Get) {
		return nil
	}
	return &ScopeError{Scope: scope, Series: ls}
}

func (a scopedAppender) Append(ref seriesRef, ls labels.Labels, t int64, v float64) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.Appender.Append(0, ls, t, v)
}

func (a scopedAppender) AppendExemplar(ref seriesRef, ls labels.Labels, e exemplar.Exemplar) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.Appender.AppendExemplar(ref, ls, e)
}

func (a scopedAppender) AppendHistogram(ref seriesRef, ls labels.Labels, t int64, h *hist, fh *floatHist) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.Appender.AppendHistogram(0, ls, t, h, fh)
}

func (a scopedAppender) AppendHistogramSTZeroSample(ref seriesRef, ls labels.Labels, t, st int64, h *hist, fh *floatHist) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.Appender.AppendHistogramSTZeroSample(0, ls, t, st, h, fh)
}

func (a scopedAppender) AppendSTZeroSample(ref seriesRef, ls labels.Labels, t, st int64) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.Appender.AppendSTZeroSample(0, ls, t, st)
}

func (a scopedAppender) UpdateMetadata(ref seriesRef, ls labels.Labels, m metadata.Metadata) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.Appender.UpdateMetadata(ref, ls, m)
}

type scopedAppenderV2 struct {
	storage.AppenderV2
	scope tenant.Scope
}

func (a scopedAppenderV2) Append(ref seriesRef, ls labels.Labels, st, t int64, v float64, h *hist, fh *floatHist, opts storage.AppendV2Options) (seriesRef, error) {
	if err := outside(a.scope, ls); err != nil {
		return 0, err
	}
	return a.AppenderV2.Append(0, ls, st, t, v, h, fh, opts)
}

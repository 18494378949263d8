// Package otlp stores OpenTelemetry metrics with Prometheus' own translation, as the
// section `otlp:` of prometheus.yml configures it.
package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	translator "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// Deps is what a Sink is given.
type Deps struct {
	Store metrics.Store
	// Config is prometheus.yml as it is in effect.
	Config func() *config.Config
	// LookbackDelta is the PromQL engine's: target_info is repeated within it.
	LookbackDelta time.Duration
	Logger        *slog.Logger
}

// Sink stores OTLP metrics.
type Sink struct{ deps Deps }

// New returns a Sink.
func New(deps Deps) *Sink { return &Sink{deps} }

// RefusedError says that samples of a batch were refused for what they are; the
// others are stored.
type RefusedError struct {
	// Refused is how many samples, at least one.
	Refused int
	// Cause is why, for up to ten of them.
	Cause error
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%d samples refused: %s", e.Refused, strings.ReplaceAll(e.Cause.Error(), "\n", "; "))
}

// Unwrap returns the causes.
func (e *RefusedError) Unwrap() error { return e.Cause }

// maxAhead is how far in the future a sample may be, as in Prometheus.
const maxAhead = 10 * time.Minute

// PushMetrics stores md and returns when the write-ahead log has it. The error is a
// *RefusedError when a part was refused; after any other nothing was stored.
func (s *Sink) PushMetrics(ctx context.Context, t tenant.ID, md pmetric.Metrics) error {
	settings := s.deps.Config().OTLPConfig
	app := &tolerant{AppenderV2: s.deps.Store.Tenant(t).AppenderV2(ctx), maxTime: time.Now().Add(maxAhead).UnixMilli()}
	warnings, err := translator.NewPrometheusConverter(app).FromMetrics(ctx, md, translator.Settings{
		AddMetricSuffixes:                    settings.TranslationStrategy.ShouldAddSuffixes(),
		AllowUTF8:                            !settings.TranslationStrategy.ShouldEscape(),
		PromoteResourceAttributes:            translator.NewPromoteResourceAttributes(settings),
		KeepIdentifyingResourceAttributes:    settings.KeepIdentifyingResourceAttributes,
		ConvertHistogramsToNHCB:              settings.ConvertHistogramsToNHCB,
		PromoteScopeMetadata:                 settings.PromoteScopeMetadata,
		LookbackDelta:                        s.deps.LookbackDelta,
		LabelNameUnderscoreSanitization:      settings.LabelNameUnderscoreSanitization,
		LabelNamePreserveMultipleUnderscores: settings.LabelNamePreserveMultipleUnderscores,
	})
	if len(warnings) > 0 {
		s.deps.Logger.Debug("OTLP metrics were translated with warnings", "tenant", string(t), "warnings", len(warnings))
	}
	if failure := errors.Join(app.failure, ctx.Err()); failure != nil {
		return errors.Join(fmt.Errorf("store OTLP metrics: %w", failure), app.Rollback())
	}
	if err := app.Commit(); err != nil {
		return fmt.Errorf("store OTLP metrics: %w", err)
	}
	if err != nil {
		// What the translator could not make sense of (a wrong temporality, a metric
		// without a name): it goes on with the next metric.
		app.refuse(err)
	}
	if app.refused > 0 {
		return &RefusedError{Refused: app.refused, Cause: errors.Join(app.causes...)}
	}
	return nil
}

// maxCauses bounds the refusals that an error spells out.
const maxCauses = 10

// tolerant goes on after a sample that is refused for what it is, so that it does
// not take its batch with it.
type tolerant struct {
	storage.AppenderV2
	maxTime int64
	refused int
	causes  []error
	failure error
}

func (a *tolerant) refuse(err error) {
	a.refused++
	if len(a.causes) < maxCauses {
		a.causes = append(a.causes, err)
	}
}

var errTooNew = fmt.Errorf("%w: timestamp is too far in the future", storage.ErrOutOfBounds)

// Append implements storage.AppenderV2.
func (a *tolerant) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	err := reduce(h, fh)
	if err == nil && t > a.maxTime {
		err = errTooNew
	}
	if err == nil {
		ref, err = a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	}
	if err == nil || errors.Is(err, &storage.AppendPartialError{}) {
		return ref, nil // exemplars are best effort, as in Prometheus
	}
	_, invalid := errors.AsType[histogram.Error](err)
	if invalid || errors.Is(err, storage.ErrOutOfOrderSample) || errors.Is(err, storage.ErrDuplicateSampleForTimestamp) ||
		errors.Is(err, storage.ErrOutOfBounds) || errors.Is(err, storage.ErrTooOldSample) {
		a.refuse(fmt.Errorf("%w for series %s at %d", err, ls, t))
		return ref, nil
	}
	a.failure = err
	return 0, err
}

// reduce brings a histogram that is finer than the store keeps to its finest
// resolution.
func reduce(h *histogram.Histogram, fh *histogram.FloatHistogram) error {
	switch {
	case h != nil && histogram.IsExponentialSchemaReserved(h.Schema) && h.Schema > histogram.ExponentialSchemaMax:
		return h.ReduceResolution(histogram.ExponentialSchemaMax)
	case fh != nil && histogram.IsExponentialSchemaReserved(fh.Schema) && fh.Schema > histogram.ExponentialSchemaMax:
		return fh.ReduceResolution(histogram.ExponentialSchemaMax)
	}
	return nil
}

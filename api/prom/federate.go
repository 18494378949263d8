package prom

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/pharosd/pharos/tenant"
)

// maxFederatedSeries bounds one answer; past it the request is refused rather than
// cut short.
const maxFederatedSeries = 1_000_000

type federationMetrics struct{ errors, warnings prometheus.Counter }

// newFederationMetrics uses Prometheus' own names, which dashboards know.
func newFederationMetrics(reg prometheus.Registerer) *federationMetrics {
	f := promauto.With(reg)
	return &federationMetrics{
		errors: f.NewCounter(prometheus.CounterOpts{
			Name: "prometheus_web_federation_errors_total",
			Help: "Total number of errors that occurred while sending federation responses.",
		}),
		warnings: f.NewCounter(prometheus.CounterOpts{
			Name: "prometheus_web_federation_warnings_total",
			Help: "Total number of warnings that occurred while sending federation responses.",
		}),
	}
}

// federate answers GET /federate as Prometheus does: the newest sample, no older
// than the lookback delta, of each series that one of match[] selects.
func (a *API) federate(w http.ResponseWriter, r *http.Request) {
	t := tenant.FromContext(r.Context())
	if err := r.ParseForm(); err != nil {
		http.Error(w, fmt.Sprintf("error parsing form values: %v", err), http.StatusBadRequest)
		return
	}
	selectors, err := a.parser.ParseMetricSelectors(r.Form["match[]"])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	samples, err := a.newest(r, t, selectors)
	if err != nil {
		a.federation.errors.Inc()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	format := expfmt.NegotiateAccept(r.Header, expfmt.NewFormat(expfmt.TypeProtoDelim), expfmt.NewFormat(expfmt.TypeProtoText),
		expfmt.NewFormat(expfmt.TypeProtoCompact), expfmt.NewFormat(expfmt.TypeTextPlain))
	w.Header().Set("Content-Type", string(format))
	external := config.DefaultConfig.GlobalConfig.ExternalLabels
	if t == a.deps.Owner {
		external = a.deps.Config().GlobalConfig.ExternalLabels
	}
	enc := expfmt.NewEncoder(w, format)
	for _, family := range families(samples, external, nativeFormat(format)) {
		if err := enc.Encode(family); err != nil {
			a.federation.errors.Inc()
			a.deps.Logger.Warn("federation answer was cut off", "err", err)
			return
		}
	}
}

// newest returns the newest sample of each selected series, ordered by metric name.
func (a *API) newest(r *http.Request, t tenant.ID, selectors [][]*labels.Matcher) (promql.Vector, error) {
	lookback := a.deps.LookbackDelta
	maxt := time.Now().UnixMilli()
	mint := maxt - lookback.Milliseconds()
	q, err := a.deps.Store.Tenant(t).Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	hints := &storage.SelectHints{Start: mint, End: maxt}
	sets := make([]storage.SeriesSet, 0, len(selectors))
	for _, ms := range selectors {
		sets = append(sets, q.Select(r.Context(), true, hints, ms...))
	}
	set := storage.NewMergeSeriesSet(sets, 0, storage.ChainedSeriesMerge)
	window := storage.NewBuffer(lookback.Milliseconds())
	var it chunkenc.Iterator
	var samples promql.Vector
	for set.Next() {
		series := set.At()
		it = series.Iterator(it)
		window.Reset(it)
		s, ok := newestSample(window, maxt)
		if !ok {
			continue
		}
		if len(samples) == maxFederatedSeries {
			return nil, fmt.Errorf("match[] selects more than %d series", maxFederatedSeries)
		}
		s.Metric = series.Labels()
		samples = append(samples, s)
	}
	a.federation.warnings.Add(float64(len(set.Warnings())))
	if err := set.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(samples, func(x, y promql.Sample) int {
		return cmp.Compare(x.Metric.Get(labels.MetricName), y.Metric.Get(labels.MetricName))
	})
	return samples, nil
}

// newestSample returns the last sample up to maxt. The exposition formats have no
// stale markers, so a stale series has none.
func newestSample(window *storage.BufferedSeriesIterator, maxt int64) (promql.Sample, bool) {
	var s promql.Sample
	switch window.Seek(maxt) {
	case chunkenc.ValFloat:
		s.T, s.F = window.At()
	case chunkenc.ValHistogram, chunkenc.ValFloatHistogram:
		s.T, s.H = window.AtFloatHistogram(nil)
	default:
		last, ok := window.PeekBack(1)
		if !ok {
			return s, false
		}
		s.T = last.T()
		switch last.Type() {
		case chunkenc.ValFloat:
			s.F = last.F()
		case chunkenc.ValHistogram:
			s.H = last.H().ToFloat(nil)
		case chunkenc.ValFloatHistogram:
			s.H = last.FH().Copy() // the window reuses it for the next series
		default:
			return s, false
		}
	}
	sum := s.F
	if s.H != nil {
		sum = s.H.Sum
	}
	return s, !(math.IsNaN(sum) && value.IsStaleNaN(sum))
}

func nativeFormat(f expfmt.Format) bool {
	switch f.FormatType() {
	case expfmt.TypeProtoDelim, expfmt.TypeProtoText, expfmt.TypeProtoCompact:
		return true
	}
	return false
}

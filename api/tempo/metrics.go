package tempo

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces/traceql"
)

type rangeResponse struct {
	Series  []rangeSeries `json:"series"`
	Metrics searchMetrics `json:"metrics"`
	// Status and Message say that spans may be missing.
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
}

type rangeSeries struct {
	Labels     []keyValue `json:"labels"`
	Samples    []sample   `json:"samples"`
	PromLabels string     `json:"promLabels"`
	Exemplars  []exemplar `json:"exemplars,omitempty"`
}

type sample struct {
	TimestampMs string  `json:"timestampMs"`
	Value       float64 `json:"value"`
}

type exemplar struct {
	Labels      []keyValue `json:"labels"`
	Value       float64    `json:"value"`
	TimestampMs string     `json:"timestampMs"`
}

type instantResponse struct {
	Series  []instantSeries `json:"series"`
	Metrics searchMetrics   `json:"metrics"`
}

type instantSeries struct {
	Labels     []keyValue `json:"labels"`
	Value      float64    `json:"value"`
	PromLabels string     `json:"promLabels"`
}

// maxExemplars is the most spans named in an answer, which is Tempo's bound.
const maxExemplars = 100

func millis(ns int64) string { return strconv.FormatInt(ns/1e6, 10) }

// evaluate runs the metrics query of a request; ranged asks for points by step.
func (a *API) evaluate(r *http.Request, ranged bool) (traceql.RangeResult, error) {
	var opts traceql.RangeOptions
	var err error
	if opts.Start, opts.End, err = a.metricsRange(r); err != nil {
		return traceql.RangeResult{}, err
	}
	if ranged {
		opts.Step = traceql.DefaultStep(opts.Start, opts.End)
		if s := r.FormValue("step"); s != "" {
			d, err := parseDuration("step", s)
			if err != nil {
				return traceql.RangeResult{}, err
			}
			opts.Step = int64(d)
		}
		if opts.Exemplars, err = parseCount(r, "exemplars", 0); err != nil {
			return traceql.RangeResult{}, err
		}
		opts.Exemplars = min(opts.Exemplars, maxExemplars)
	}
	text := r.FormValue("q")
	if text == "" {
		text = r.FormValue("query")
	}
	q, err := traceql.Parse(text)
	if err != nil {
		return traceql.RangeResult{}, err
	}
	return a.engine.Metrics(r.Context(), tenant.FromContext(r.Context()), q, opts)
}

// exemplarLabels are the series' labels and which span it is.
func exemplarLabels(s traceql.Series, e traceql.Exemplar) []traceql.Attr {
	text := func(s string) traceql.Value { return traceql.Value{Type: traceql.String, Str: s} }
	return append(slices.Clone(s.Labels),
		traceql.Attr{Key: "trace:id", Value: text(traceql.TraceIDText(e.Trace))},
		traceql.Attr{Key: "span:id", Value: text(hex.EncodeToString(e.Span[:]))})
}

// queryRange serves /api/metrics/query_range.
func (a *API) queryRange(w http.ResponseWriter, r *http.Request) {
	found, err := a.evaluate(r, true)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := rangeResponse{Series: make([]rangeSeries, 0, len(found.Series)), Metrics: done}
	if found.Incomplete != "" {
		out.Status, out.Message = "PARTIAL", found.Incomplete
	}
	for _, s := range found.Series {
		shown := rangeSeries{Labels: keyValues(s.Labels), PromLabels: s.Name(), Samples: make([]sample, 0, len(s.Points))}
		for _, p := range s.Points {
			shown.Samples = append(shown.Samples, sample{millis(p.Time), p.Value})
		}
		for _, e := range s.Exemplars {
			shown.Exemplars = append(shown.Exemplars, exemplar{keyValues(exemplarLabels(s, e)), e.Value, millis(e.Time)})
		}
		out.Series = append(out.Series, shown)
	}
	answer(w, found.Incomplete, out)
}

// query serves /api/metrics/query: one value over the whole range.
func (a *API) query(w http.ResponseWriter, r *http.Request) {
	found, err := a.evaluate(r, false)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := instantResponse{Series: make([]instantSeries, 0, len(found.Series)), Metrics: done}
	for _, s := range found.Series {
		if len(s.Points) > 0 {
			out.Series = append(out.Series, instantSeries{keyValues(s.Labels), s.Points[len(s.Points)-1].Value, s.Name()})
		}
	}
	answer(w, found.Incomplete, out)
}

// Package jaeger serves the JSON API of Jaeger's query service (1.76), which
// Jaeger's UI and Grafana's Jaeger data source speak.
//
// Spans are translated by the OpenTelemetry Collector's own translator and
// adjusted by Jaeger's own adjusters, in the same order as there. Parameters,
// error messages and status codes follow cmd/query/app of Jaeger. Answers that the
// store had to cut carry a message in "errors" beside their data.
package jaeger

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/jaegertracing/jaeger/cmd/query/app/querysvc"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/traces"
)

// Config is what Jaeger's query service lets one choose.
type Config struct {
	// MaxClockSkewAdjustment is the most by which start times are moved to make a
	// span begin within its parent; 0 adjusts nothing and warns of skew, as Jaeger's
	// default does.
	MaxClockSkewAdjustment time.Duration `yaml:"max_clock_skew_adjustment"`
}

// DefaultConfig returns Jaeger's defaults.
func DefaultConfig() Config { return Config{} }

// Validate says what is wrong with the settings.
func (c Config) Validate() error {
	if c.MaxClockSkewAdjustment < 0 {
		return &strictyaml.KeyError{Key: "max_clock_skew_adjustment", Err: errNegativeSkew}
	}
	return nil
}

// API answers Jaeger's queries from a span store.
type API struct {
	reader    traces.Reader
	log       *slog.Logger
	adjusters []adjuster
	now       func() time.Time
}

// New returns an API over reader.
func New(reader traces.Reader, cfg Config, log *slog.Logger) (*API, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a := &API{reader: reader, log: log, now: time.Now}
	for _, adj := range querysvc.StandardAdjusters(cfg.MaxClockSkewAdjustment) {
		a.adjusters = append(a.adjusters, adj)
	}
	return a, nil
}

// Routes returns the API's route table.
func (a *API) Routes() []httpx.Route {
	read := func(pattern string, h http.HandlerFunc) httpx.Route {
		return httpx.Route{Pattern: pattern, Access: httpx.Read, Handler: h}
	}
	transform := read("POST /api/transform", a.transform)
	transform.MaxBody = maxTransformBody
	return []httpx.Route{
		read("GET /api/services", a.services),
		read("GET /api/services/{service}/operations", a.serviceOperations),
		read("GET /api/operations", a.operations),
		read("GET /api/traces", a.search),
		read("GET /api/traces/{traceID}", a.trace),
		read("GET /api/dependencies", a.dependencies),
		read("GET /api/metrics/latencies", a.latencies),
		read("GET /api/metrics/calls", a.rates),
		read("GET /api/metrics/errors", a.rates),
		read("GET /api/metrics/minstep", a.minStep),
		{Pattern: "POST /api/archive/{traceID}", Access: httpx.Edit, Handler: http.HandlerFunc(a.archive)},
		transform,
	}
}

// response is the frame of every answer.
type response struct {
	Data   any             `json:"data"`
	Total  int             `json:"total"`
	Limit  int             `json:"limit"`
	Offset int             `json:"offset"`
	Errors []responseError `json:"errors"`
}

type responseError struct {
	Code    int    `json:"code,omitempty"`
	Msg     string `json:"msg"`
	TraceID string `json:"traceID,omitempty"`
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	if status == http.StatusInternalServerError && r.Context().Err() == nil {
		a.log.Error("jaeger query failed", "path", r.URL.Path, "error", err)
	}
	b, _ := json.Marshal(response{Errors: []responseError{{Code: status, Msg: err.Error()}}}) // strings always encode
	http.Error(w, string(b), status)
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, v response) {
	marshal := json.Marshal
	if p := r.FormValue(paramPrettyPrint); p != "" && p != "false" {
		marshal = func(v any) ([]byte, error) { return json.MarshalIndent(v, "", "    ") }
	}
	b, err := marshal(v)
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b)
}

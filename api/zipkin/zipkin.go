// Package zipkin serves the query side of Zipkin's HTTP API v2, which Grafana's Zipkin
// data source and Zipkin's own page speak, from the store of spans. Spans are
// translated by the OpenTelemetry Collector's own translator.
package zipkin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv2"
	"github.com/openzipkin/zipkin-go/model"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
	"github.com/pharosd/pharos/traces/traceql"
)

// API answers Zipkin's queries.
type API struct {
	engine *traceql.Engine
	reader traces.Reader
	log    *slog.Logger
	now    func() time.Time
}

// New returns an API over an engine and the store that it reads.
func New(engine *traceql.Engine, reader traces.Reader, log *slog.Logger) *API {
	return &API{engine: engine, reader: reader, log: log, now: time.Now}
}

// Routes returns the API's route table.
func (a *API) Routes() []httpx.Route {
	read := func(path string, h func(*http.Request) (any, error)) httpx.Route {
		return httpx.Route{Pattern: "GET /api/v2/" + path, Access: httpx.Read, Handler: a.handler(h)}
	}
	return []httpx.Route{
		read("services", a.services),
		read("spans", a.spanNames),
		read("remoteServices", a.remoteServices),
		read("traces", a.search),
		read("trace/{traceID}", a.trace),
		read("traceMany", a.traceMany),
		read("dependencies", a.dependencies),
		read("autocompleteKeys", nothing),
		read("autocompleteValues", nothing),
	}
}

// nothing serves lists that a server has only if it is configured so.
func nothing(*http.Request) (any, error) { return []string{}, nil }

// statusError is an error with its status.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

func badRequest(format string, args ...any) error {
	return &statusError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func (a *API) handler(h func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := h(r)
		if err == nil {
			httpx.WriteJSON(w, http.StatusOK, v)
			return
		}
		status := http.StatusInternalServerError
		var own *statusError
		var limit *traceql.LimitError
		var refusal interface {
			error
			Refusal() (reason string, temporary bool)
		}
		switch {
		case errors.As(err, &own):
			status = own.status
		case errors.As(err, &limit):
			status = http.StatusBadRequest
		case errors.As(err, &refusal):
			status = http.StatusServiceUnavailable
			w.Header().Set("Retry-After", "5")
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			status = http.StatusGatewayTimeout
		default:
			a.log.Error("zipkin query failed", "path", r.URL.Path, "error", err)
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, err.Error()+"\n")
	})
}

func tenantOf(r *http.Request) tenant.ID { return tenant.FromContext(r.Context()) }

func (a *API) services(r *http.Request) (any, error) {
	names, err := a.reader.Services(r.Context(), tenantOf(r))
	return orEmpty(names), err
}

func orEmpty(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// spanNames serves /api/v2/spans.
func (a *API) spanNames(r *http.Request) (any, error) {
	service := r.FormValue("serviceName")
	if service == "" {
		return nil, badRequest("serviceName is required")
	}
	found, err := a.reader.Operations(r.Context(), tenantOf(r), service)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, op := range found { // sorted by name
		if n := len(names); n == 0 || names[n-1] != op.Name {
			names = append(names, op.Name)
		}
	}
	return names, nil
}

// remoteServices are those that a service called within the last day.
func (a *API) remoteServices(r *http.Request) (any, error) {
	service := r.FormValue("serviceName")
	if service == "" {
		return nil, badRequest("serviceName is required")
	}
	now := a.now()
	deps, err := a.reader.Dependencies(r.Context(), tenantOf(r), now.Add(-24*time.Hour).UnixNano(), now.UnixNano())
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, l := range deps.Links {
		if l.Parent == service {
			names = append(names, l.Child)
		}
	}
	return names, nil
}

type dependencyLink struct {
	Parent    string `json:"parent"`
	Child     string `json:"child"`
	CallCount uint64 `json:"callCount"`
}

func (a *API) dependencies(r *http.Request) (any, error) {
	start, end, err := a.timeRange(r, true)
	if err != nil {
		return nil, err
	}
	deps, err := a.reader.Dependencies(r.Context(), tenantOf(r), start, end)
	if err != nil {
		return nil, err
	}
	out := make([]dependencyLink, 0, len(deps.Links))
	for _, l := range deps.Links {
		out = append(out, dependencyLink{l.Parent, l.Child, l.Calls})
	}
	return out, nil
}

// trace serves /api/v2/trace/{traceID}.
func (a *API) trace(r *http.Request) (any, error) {
	found, err := a.byID(r, []string{r.PathValue("traceID")})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &statusError{http.StatusNotFound, "trace " + r.PathValue("traceID") + " not found"}
	}
	return found[0], nil
}

// maxMany is the most traces that one request names.
const maxMany = 100

func (a *API) traceMany(r *http.Request) (any, error) {
	ids := strings.Split(r.FormValue("traceIds"), ",")
	if len(ids) < 2 || len(ids) > maxMany {
		return nil, badRequest("traceIds must be 2 to %d trace ids with commas between them", maxMany)
	}
	return a.byID(r, ids)
}

func (a *API) byID(r *http.Request, texts []string) ([][]*model.SpanModel, error) {
	var ids []pcommon.TraceID
	for _, text := range texts {
		id, ok := traceql.ParseTraceID(strings.ToLower(strings.TrimSpace(text)))
		if !ok {
			return nil, badRequest("%.60q is no trace id: want up to 32 hexadecimal digits", text)
		}
		if slices.Contains(ids, id) {
			return nil, badRequest("trace id %s is there twice", text)
		}
		ids = append(ids, id)
	}
	return a.fetch(r, ids)
}

func (a *API) fetch(r *http.Request, ids []pcommon.TraceID) ([][]*model.SpanModel, error) {
	out := [][]*model.SpanModel{}
	if len(ids) == 0 {
		return out, nil
	}
	found, err := a.reader.GetTraces(r.Context(), tenantOf(r), ids)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		spans, err := (zipkinv2.FromTranslator{}).FromTraces(t.Spans)
		if err != nil {
			return nil, fmt.Errorf("translate trace %s: %w", t.ID, err)
		}
		out = append(out, spans)
	}
	return out, nil
}

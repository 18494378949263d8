package otlp

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/receiver/internal/collector"
	"github.com/pharosd/pharos/tenant"
)

const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"
)

// API serves OTLP over HTTP on Pharos' main port, behind the gate.
type API struct {
	cfg     HTTPConfig
	traces  ingest.TraceSink
	logs    ingest.LogSink
	metrics ingest.MetricSink
}

// NewAPI returns the HTTP endpoints over the sinks.
func NewAPI(cfg HTTPConfig, traces ingest.TraceSink, logs ingest.LogSink, metrics ingest.MetricSink) *API {
	return &API{cfg: cfg, traces: traces, logs: logs, metrics: metrics}
}

// Routes returns the route table: OTLP's own paths and the one that Loki gives to
// OTLP logs.
func (a *API) Routes() []httpx.Route {
	route := func(path string, e export) httpx.Route {
		return httpx.Route{Pattern: "POST " + path, Access: httpx.Write, MaxBody: a.cfg.MaxBody, Handler: a.handler(e)}
	}
	logs := func(path string) httpx.Route {
		r := route(path, a.exportLogs)
		r.Scoped = true // by ingest
		return r
	}
	return []httpx.Route{
		route("/v1/traces", a.exportTraces),
		logs("/v1/logs"),
		route("/v1/metrics", a.exportMetrics),
		logs("/otlp/v1/logs"),
	}
}

// message is a request or response of one of OTLP's services.
type message interface {
	MarshalProto() ([]byte, error)
	MarshalJSON() ([]byte, error)
}

// export decodes a body, hands it on and returns the answer. st is not nil when the
// request as a whole failed.
type export func(r *http.Request, t tenant.ID, decode decoder) (answer message, st *status.Status)

// decoder unpacks the body into a request.
type decoder func(into interface {
	UnmarshalProto([]byte) error
	UnmarshalJSON([]byte) error
}) error

func (a *API) handler(e export) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || contentType != typeProtobuf && contentType != typeJSON {
			http.Error(w, fmt.Sprintf("415 unsupported media type, supported: [%s, %s]", typeJSON, typeProtobuf), http.StatusUnsupportedMediaType)
			return
		}
		body, code, err := readBody(r, a.cfg.MaxUnpacked)
		if err != nil {
			writeStatus(w, contentType, code, status.New(grpcCode(code), err.Error()))
			return
		}
		answer, st := e(r, tenant.FromContext(r.Context()), func(into interface {
			UnmarshalProto([]byte) error
			UnmarshalJSON([]byte) error
		}) error {
			if contentType == typeJSON {
				return into.UnmarshalJSON(body)
			}
			return into.UnmarshalProto(body)
		})
		if st != nil {
			writeStatus(w, contentType, httpCode(st.Code()), st)
			return
		}
		writeMessage(w, contentType, answer)
	})
}

func writeMessage(w http.ResponseWriter, contentType string, m message) {
	marshal := m.MarshalProto
	if contentType == typeJSON {
		marshal = m.MarshalJSON
	}
	b, err := marshal()
	if err != nil {
		writeStatus(w, contentType, http.StatusInternalServerError, status.New(codes.Internal, err.Error()))
		return
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(b)
}

// writeStatus answers with a google.rpc.Status in the request's own encoding, as
// the OTLP specification wants for failures.
func writeStatus(w http.ResponseWriter, contentType string, code int, st *status.Status) {
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		if d := collector.RetryDelay(st); d > 0 {
			seconds := (d + time.Second - 1) / time.Second
			w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
		}
	}
	marshal := proto.Marshal
	if contentType == typeJSON {
		marshal = protojson.Marshal
	}
	b, err := marshal(st.Proto())
	if err != nil {
		http.Error(w, st.Message(), code)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(code)
	_, _ = w.Write(b)
}

// httpCode follows the OTLP specification ("OTLP/HTTP Response" and "Failures").
func httpCode(c codes.Code) int {
	switch c {
	case codes.InvalidArgument:
		return http.StatusBadRequest
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Canceled, codes.DeadlineExceeded, codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// grpcCode is what stands in the body beside an HTTP code.
func grpcCode(code int) codes.Code {
	if code == http.StatusRequestEntityTooLarge {
		return codes.ResourceExhausted
	}
	return codes.InvalidArgument
}

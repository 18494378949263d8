package otlp

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// serve mounts the routes as the gate would.
func serve(t *testing.T, s *sink) string {
	t.Helper()
	mux := http.NewServeMux()
	for _, r := range NewAPI(HTTPConfig{MaxBody: 1 << 20, MaxUnpacked: 4 << 20}, s, s, s).Routes() {
		mux.Handle(r.Pattern, http.MaxBytesHandler(r.Handler, r.MaxBody))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), "acme")))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return b
}

func TestMainPortTakesEverySignalInBothEncodings(t *testing.T) {
	s := &sink{}
	url := serve(t, s)
	traces := ptraceotlp.NewExportRequestFromTraces(someTraces(2))
	logs := plogotlp.NewExportRequestFromLogs(someLogs())
	metrics := pmetricotlp.NewExportRequestFromMetrics(someMetrics())
	for path, m := range map[string]message{"/v1/traces": traces, "/v1/logs": logs, "/otlp/v1/logs": logs, "/v1/metrics": metrics} {
		asProto, err := m.MarshalProto()
		require.NoError(t, err)
		asJSON, err := m.MarshalJSON()
		require.NoError(t, err)
		resp := post(t, url+path, typeProtobuf, "", asProto, "")
		require.Equal(t, 200, resp.StatusCode, path)
		answer := ptraceotlp.NewExportResponse() // the same message for every signal
		require.NoError(t, answer.UnmarshalProto(body(t, resp)))
		require.Zero(t, answer.PartialSuccess().RejectedSpans())
		resp = post(t, url+path, typeJSON+"; charset=utf-8", "", asJSON, "")
		require.Equal(t, 200, resp.StatusCode, path)
		require.JSONEq(t, `{"partialSuccess":{}}`, string(body(t, resp)))
	}
	require.Len(t, s.tenants, 8)
	require.Equal(t, 4, s.spans())
	require.Len(t, s.logs, 4)
	require.Len(t, s.metrics, 2)
}

func TestPartialSuccess(t *testing.T) {
	s := &sink{err: &ingest.Refusal{Reason: ingest.TooOld, Message: "1 span is too old", Refused: 1}}
	in, err := ptraceotlp.NewExportRequestFromTraces(someTraces(3)).MarshalProto()
	require.NoError(t, err)
	resp := post(t, serve(t, s)+"/v1/traces", typeProtobuf, "", in, "")
	require.Equal(t, 200, resp.StatusCode)
	answer := ptraceotlp.NewExportResponse()
	require.NoError(t, answer.UnmarshalProto(body(t, resp)))
	require.EqualValues(t, 1, answer.PartialSuccess().RejectedSpans())
	require.Equal(t, "1 span is too old", answer.PartialSuccess().ErrorMessage())
}

func TestMainPortRefusals(t *testing.T) {
	s := &sink{err: &ingest.Refusal{Reason: ingest.RateLimited, Message: "slow down", Refused: 3, Temporary: true, RetryAfter: 1500 * time.Millisecond}}
	in, err := ptraceotlp.NewExportRequestFromTraces(someTraces(3)).MarshalProto()
	require.NoError(t, err)
	resp := post(t, serve(t, s)+"/v1/traces", typeProtobuf, "", in, "")
	require.Equal(t, 429, resp.StatusCode)
	require.Equal(t, "2", resp.Header.Get("Retry-After"))
	var st spb.Status
	require.NoError(t, proto.Unmarshal(body(t, resp), &st))
	require.Equal(t, int32(codes.ResourceExhausted), st.Code)
	require.Equal(t, "slow down", st.Message)

	s.err = io.ErrClosedPipe
	resp = post(t, serve(t, s)+"/v1/logs", typeJSON, "", []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}`), "")
	require.Equal(t, 503, resp.StatusCode)
	var got map[string]any
	require.NoError(t, json.Unmarshal(body(t, resp), &got))
	require.EqualValues(t, codes.Unavailable, got["code"])
}

func TestMainPortHostileRequests(t *testing.T) {
	s := &sink{}
	url := serve(t, s)
	for _, c := range []struct {
		name, contentType, encoding string
		body                        []byte
		want                        int
	}{
		{"malformed protobuf", typeProtobuf, "", []byte{0xff, 0xff, 0xff}, 400},
		{"malformed JSON", typeJSON, "", []byte(`{"resourceSpans":[{`), 400},
		{"content type", "text/plain", "", []byte(`{}`), 415},
		{"no content type", "", "", []byte(`{}`), 415},
		{"encoding", typeJSON, "br", []byte(`{}`), 400},
		{"gzip bomb", typeJSON, "gzip", bomb(t, 8<<20), 413},
		{"not gzip", typeJSON, "gzip", []byte("plain"), 400},
		{"not zstd", typeJSON, "zstd", []byte("plain"), 400},
		{"not zlib", typeJSON, "deflate", []byte("plain"), 400},
		{"oversize", typeJSON, "", bytes.Repeat([]byte(" "), 2<<20), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, post(t, url+"/v1/traces", c.contentType, "", c.body, c.encoding).StatusCode)
		})
	}
	require.Zero(t, s.spans())
}

package tempo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
	"github.com/pharosd/pharos/traces/traceql"
)

const protobufType = "application/protobuf"

// wantsProtobuf says that a request asks for protobuf by name.
func wantsProtobuf(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept"), ",") {
		if t, _, err := mime.ParseMediaType(part); err == nil && (t == protobufType || t == "application/x-protobuf") {
			return true
		}
	}
	return false
}

// find returns the trace of the path.
func (a *API) find(r *http.Request) (traces.Trace, error) {
	text := r.PathValue("traceID")
	id, ok := traceql.ParseTraceID(text)
	if !ok {
		return traces.Trace{}, badRequest(fmt.Sprintf("invalid trace id %.60q: want up to 32 hexadecimal digits", text))
	}
	// The times are hints for stores that need them, checked and not used.
	for _, name := range []string{"start", "end"} {
		if _, err := parseTime(name, r.FormValue(name), 0); err != nil {
			return traces.Trace{}, err
		}
	}
	found, err := a.reader.GetTraces(r.Context(), tenant.FromContext(r.Context()), []pcommon.TraceID{id})
	if err != nil {
		return traces.Trace{}, err
	}
	if len(found) == 0 {
		return traces.Trace{}, &statusError{http.StatusNotFound, "trace not found"}
	}
	return found[0], nil
}

// trace serves /api/traces/{traceID}.
func (a *API) trace(w http.ResponseWriter, r *http.Request) {
	t, err := a.find(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	body, kind, err := encodeTrace(t.Spans, wantsProtobuf(r), "batches")
	a.send(w, r, body, kind, t.Incomplete, err)
}

// traceV2 serves /api/v2/traces/{traceID}: the trace in an envelope, of which a filter
// may choose spans.
func (a *API) traceV2(w http.ResponseWriter, r *http.Request) {
	t, err := a.find(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if t.Spans, err = filtered(r, t); err != nil {
		a.fail(w, r, err)
		return
	}
	body, kind, err := encodeTrace(t.Spans, wantsProtobuf(r), "resourceSpans")
	if err == nil {
		body, err = envelope(body, kind, t.Incomplete)
	}
	a.send(w, r, body, kind, t.Incomplete, err)
}

func (a *API) send(w http.ResponseWriter, r *http.Request, body []byte, kind, incomplete string, err error) {
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if incomplete != "" {
		w.Header().Set(IncompleteHeader, incomplete)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body)
}

// filtered returns the spans of a trace that the request asks for.
func filtered(r *http.Request, t traces.Trace) (ptrace.Traces, error) {
	text := strings.TrimSpace(r.FormValue("q"))
	if text == "" {
		return t.Spans, nil
	}
	q, err := traceql.Parse(text)
	if err != nil {
		return t.Spans, err
	}
	if !q.IsFilter() {
		return t.Spans, badRequest("invalid q: only a single filter, { ... }, is supported here")
	}
	ancestors := true
	if s := r.FormValue("keep_hierarchy"); s != "" {
		if ancestors, err = strconv.ParseBool(s); err != nil {
			return t.Spans, badRequest(fmt.Sprintf("invalid keep_hierarchy: want true or false, got %.60q", s))
		}
	}
	return q.Filter(t, ancestors), nil
}

// encodeTrace encodes spans as Tempo's message Trace, which is OpenTelemetry's
// TracesData. In JSON identifiers are in base64, as in every plain encoding of protobuf;
// name is what the list of resources is called.
func encodeTrace(spans ptrace.Traces, protobuf bool, name string) (body []byte, kind string, err error) {
	if body, err = (&ptrace.ProtoMarshaler{}).MarshalTraces(spans); err != nil || protobuf {
		return body, protobufType, err
	}
	var data tracepb.TracesData
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &data); err != nil {
		return nil, "", fmt.Errorf("encode a trace: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "{%q:[", name)
	for i, rs := range data.GetResourceSpans() {
		if i > 0 {
			b.WriteByte(',')
		}
		text, err := protojson.Marshal(rs)
		if err != nil {
			return nil, "", fmt.Errorf("encode a trace: %w", err)
		}
		if err := json.Compact(&b, text); err != nil { // its white space varies on purpose
			return nil, "", fmt.Errorf("encode a trace: %w", err)
		}
	}
	b.WriteString("]}")
	return b.Bytes(), "application/json", nil
}

// Fields of Tempo's message TraceByIDResponse.
const (
	fieldTrace   = 1
	fieldStatus  = 3 // 0 complete, 1 partial
	fieldMessage = 4
)

// envelope puts an encoded trace into Tempo's TraceByIDResponse.
func envelope(trace []byte, kind, incomplete string) ([]byte, error) {
	if kind == protobufType {
		out := protowire.AppendTag(nil, fieldTrace, protowire.BytesType)
		out = protowire.AppendBytes(out, trace)
		if incomplete != "" {
			out = protowire.AppendTag(out, fieldStatus, protowire.VarintType)
			out = protowire.AppendVarint(out, 1)
			out = protowire.AppendTag(out, fieldMessage, protowire.BytesType)
			out = protowire.AppendString(out, incomplete)
		}
		return out, nil
	}
	v := map[string]any{"trace": json.RawMessage(trace), "metrics": map[string]any{}}
	if incomplete != "" {
		v["status"], v["message"] = "PARTIAL", incomplete
	}
	return json.Marshal(v)
}

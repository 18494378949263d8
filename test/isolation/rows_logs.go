package isolation

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// LogRows are every way in of logs and every way out of Loki's API.
func LogRows() []Row {
	const loki = `{"streams":[{"stream":{"job":"isolation","{marker}":"x","marker":"{marker}"},"values":[["{now_ns}","line {marker}",{"field":"{marker}"}]]}]}`
	const old = `{"streams":[{"labels":"{job=\"old\"}","entries":[{"ts":"{now_rfc3339}","line":"line {marker}"}]}]}`
	const otlp = `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"isolation"}}]},` +
		`"scopeLogs":[{"logRecords":[{"timeUnixNano":"{now_ns}","body":{"stringValue":"line {marker}"}}]}]}]}`
	lines := both("/loki/api/v1/query_range", "query", `{service_name="isolation"}`)
	push := func(name, path, port string) Row {
		return Row{Name: name, Push: Request{Method: "POST", Path: path, Port: port, ContentType: jsonType, Body: otlp}, Reads: lines}
	}
	return []Row{
		{Name: "loki push", Narrows: true, Push: Request{Method: "POST", Path: "/loki/api/v1/push", ContentType: jsonType, Body: loki}, Reads: lokiReads()},
		{Name: "loki push, old path", Push: Request{Method: "POST", Path: "/api/prom/push", ContentType: jsonType, Body: old},
			Reads: both("/loki/api/v1/query_range", "query", `{job="old"}`)},
		push("OTLP logs", "/v1/logs", ""),
		push("OTLP logs, Loki's path", "/otlp/v1/logs", ""),
		push("OTLP logs, native HTTP", "/v1/logs", "otlp"),
		{Name: "OTLP logs, gRPC", Reads: lines, Push: overGRPC("otlp", otlp, func(ctx context.Context, c conn, body []byte) error {
			req := plogotlp.NewExportRequest()
			if err := req.UnmarshalJSON(body); err != nil {
				return err
			}
			_, err := plogotlp.NewGRPCClient(c).Export(ctx, req)
			return err
		})},
	}
}

func lokiReads() []Request {
	const all = `{job="isolation"}`
	reads := slices.Concat(
		both("/loki/api/v1/query_range", "query", all),
		both("/loki/api/v1/query", "query", `sum by (marker) (count_over_time({job="isolation"}[5m]))`),
		both("/loki/api/v1/labels"),
		both("/loki/api/v1/label"),
		both("/loki/api/v1/label/marker/values"),
		both("/loki/api/v1/series", "match[]", all),
		both("/loki/api/v1/index/volume", "query", all, "targetLabels", "marker"),
		both("/loki/api/v1/index/volume_range", "query", all, "targetLabels", "marker"),
		both("/loki/api/v1/detected_labels", "query", all),
		both("/loki/api/v1/detected_field/field/values", "query", all),
	)
	for _, r := range both("/loki/api/v1/index/stats", "query", `{marker="{marker}"}`) {
		r.Shows = `"streams":1`
		reads = append(reads, r)
	}
	for _, r := range both("/loki/api/v1/detected_fields", "query", `{marker="{marker}"}`) {
		r.Shows = `"label":"field"`
		reads = append(reads, r)
	}
	return append(reads, Request{Method: "GET", Path: "/loki/api/v1/tail?query=" + url.QueryEscape(all), Call: tail})
}

// both asks a path by GET and, as a form, by POST.
func both(path string, params ...string) []Request {
	form := url.Values{}
	for i := 0; i < len(params); i += 2 {
		form.Add(params[i], params[i+1])
	}
	// Placeholders must stay as they are.
	query := strings.NewReplacer("%7Bmarker%7D", "{marker}", "%7Bnow_s%7D", "{now_s}").Replace(form.Encode())
	return []Request{
		{Method: "GET", Path: path + "?" + query},
		{Method: "POST", Path: path, ContentType: formType, Body: query},
	}
}

// tail returns what a live tail sends of the past and the next half second.
func tail(t testing.TB, target Target, path string, header map[string]string, _ string) (int, string) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	h := http.Header{}
	for name, value := range header {
		h.Set(name, value)
	}
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(target.URL, "http")+path, &websocket.DialOptions{HTTPHeader: h})
	if err != nil {
		if resp == nil {
			t.Fatal(err)
		}
		return resp.StatusCode, ""
	}
	defer conn.CloseNow()
	var text strings.Builder
	for {
		quiet, stop := context.WithTimeout(ctx, 500*time.Millisecond)
		_, frame, err := conn.Read(quiet)
		stop()
		if err != nil {
			return http.StatusOK, text.String()
		}
		text.Write(frame)
	}
}

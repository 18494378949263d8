package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// badInput is one hostile request and what the peer whose API it is would answer.
type badInput struct {
	name    string
	method  string // POST if empty
	url     string // a path of the one port, or an absolute URL
	headers []string
	body    []byte
	status  int
	text    string // part of the answer
}

const (
	asJSON     = "Content-Type: application/json"
	asProtobuf = "Content-Type: application/x-protobuf"
	asForm     = "Content-Type: application/x-www-form-urlencoded"
	gzipped    = "Content-Encoding: gzip"
)

// memory is what the server may use; what it does use is measured after all
// hostile requests.
const memory = 512 << 20

// TestBadInput sends what nobody should send to every door of the built binary.
// Each gets its peer's answer, none makes the server panic, answer 5xx or exceed
// its memory, and good data still comes and goes afterwards.
func TestBadInput(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("sends hundreds of MB")
	}
	s := testkit.Start(t, "", "--auth=off", "--memory", "512MiB")
	for _, group := range []struct {
		name  string
		cases []badInput
	}{
		{"loki push", lokiPushInputs()},
		{"remote write", remoteWriteInputs()},
		{"otlp", otlpInputs(s)},
		{"native traces", nativeTraceInputs(s)},
		{"alertmanager", alertmanagerInputs()},
		{"prometheus query", promQueryInputs()},
		{"loki query", lokiQueryInputs()},
		{"jaeger query", jaegerQueryInputs()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) {
					before := peakMemory(t, s.PID())
					c.check(t, s)
					if after := peakMemory(t, s.PID()); after > before+16<<20 {
						t.Logf("peak resident memory rises from %d to %d MiB", before>>20, after>>20)
					}
				})
			}
		})
	}
	t.Run("slow and oversize", func(t *testing.T) { slowAndOversize(t, s) })
	t.Run("datagrams", func(t *testing.T) { hostileDatagrams(t, s) })
	t.Run("gRPC", func(t *testing.T) { hostileGRPC(t, s) })

	require.NotContains(t, s.Output(), "panic")
	peak := peakMemory(t, s.PID())
	t.Logf("peak resident memory %d MiB of %d MiB", peak>>20, memory>>20)
	// Go's limit is a soft one: a quarter is what a burst may exceed it by.
	require.Less(t, peak, int64(memory)+memory/4, "the process stays within its memory")
	status, body := s.Do(http.MethodPost, "/loki/api/v1/push", push("after", []string{"still here"}), asJSON)
	require.Equal(t, http.StatusNoContent, status, body)
	require.Equal(t, map[string]int{"still here": 1}, readAll(t, s, `{app="torture"}`))
	status, body = s.Get("/health/ready")
	require.Equal(t, http.StatusOK, status, body)
}

func (c badInput) check(t *testing.T, s *testkit.Server) {
	method := c.method
	if method == "" {
		method = http.MethodPost
	}
	status, body := s.Do(method, c.url, c.body, c.headers...)
	if len(body) > 2000 {
		body = body[:2000]
	}
	require.Equal(t, c.status, status, body)
	require.Contains(t, body, c.text)
}

// peakMemory is the highest resident memory of a process so far, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(t, m)
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	require.NoError(t, err)
	return kb << 10
}

// zip returns text, so many times over, compressed.
func zip(text []byte, times int) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	for range times {
		_, _ = z.Write(text)
	}
	_ = z.Close()
	return b.Bytes()
}

// bomb is a gigabyte of zeros in a megabyte.
func bomb() []byte { return zip(make([]byte, 1<<20), 1<<10) }

// nested is JSON of that depth.
func nested(depth int) []byte {
	return []byte(strings.Repeat(`{"a":[`, depth) + strings.Repeat(`]}`, depth))
}

func nowNano(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).UnixNano(), 10) }

func lokiPushInputs() []badInput {
	const path = "/loki/api/v1/push"
	line := func(labels, ts, text string) []byte {
		return []byte(`{"streams":[{"stream":` + labels + `,"values":[[` + strconv.Quote(ts) + `,"` + text + `"]]}]}`)
	}
	many := make([]string, 10_000)
	for i := range many {
		many[i] = fmt.Sprintf(`"l%d":"v"`, i)
	}
	const year = 366 * 24 * time.Hour
	return []badInput{
		{"no content type", "", path, nil, []byte("{}"), 400, "mime: no media type"},
		{"another content type", "", path, []string{"Content-Type: text/plain"}, []byte("hello"), 400, "snappy: corrupt input"},
		{"another encoding", "", path, []string{asJSON, "Content-Encoding: br"}, []byte("{}"), 400, `Content-Encoding "br" not supported`},
		{"empty protobuf", "", path, []string{asProtobuf}, nil, 400, "snappy: corrupt input"},
		{"malformed protobuf", "", path, []string{asProtobuf}, snappy.Encode(nil, []byte{7, 7, 7}), 400, "proto"},
		{"snappy that claims 4 GB", "", path, []string{asProtobuf}, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}, 413, "request body too large"},
		{"malformed JSON", "", path, []string{asJSON}, []byte(`{"streams":[{`), 400, ""},
		{"deep JSON", "", path, []string{asJSON}, nested(100_000), 400, "exceeded max depth"},
		{"gzip bomb", "", path, []string{asJSON, gzipped}, bomb(), 413, "request body too large"},
		{"100 MB line", "", path, []string{asJSON, gzipped}, zip(bytes.Repeat([]byte("x"), 1<<20), 100), 413, "request body too large"},
		{"10,000 labels", "", path, []string{asJSON}, line("{"+strings.Join(many, ",")+"}", nowNano(0), "x"), 400, "entry for stream"},
		{"a label name that is none", "", path, []string{asJSON}, line(`{"a b":"c"}`, nowNano(0), "x"), 400, "couldn't parse labels"},
		{"a year ago", "", path, []string{asJSON}, line(`{"a":"b"}`, nowNano(-year), "x"), 400, "timestamp too old"},
		{"in a year", "", path, []string{asJSON}, line(`{"a":"b"}`, nowNano(year), "x"), 400, "timestamp too new"},
		{"beyond time", "", path, []string{asJSON}, line(`{"a":"b"}`, "99999999999999999999", "x"), 400, "timestamp"},
		{"invalid UTF-8 in a label is replaced", "", path, []string{asJSON}, line("{\"a\":\"\xff\xfe\"}", nowNano(0), "x"), 204, ""},
	}
}

func remoteWriteInputs() []badInput {
	const path = "/api/v1/write"
	v1 := []string{asProtobuf, "Content-Encoding: snappy"}
	v2 := []string{"Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request", "Content-Encoding: snappy"}
	now := time.Now().UnixMilli()
	write := func(labels []prompb.Label, samples ...prompb.Sample) []byte {
		b, err := (&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{Labels: labels, Samples: samples}}}).Marshal()
		if err != nil {
			panic(err)
		}
		return snappy.Encode(nil, b)
	}
	metric := func(more ...prompb.Label) []prompb.Label {
		return append([]prompb.Label{{Name: "__name__", Value: "bad"}}, more...)
	}
	one := prompb.Sample{Value: 1, Timestamp: now}
	var many []prompb.Label
	for i := range 10_000 {
		many = append(many, prompb.Label{Name: fmt.Sprintf("l%05d", i), Value: "v"})
	}
	dangling, err := (&writev2.Request{Symbols: []string{""}, Timeseries: []writev2.TimeSeries{{LabelsRefs: []uint32{5, 6}, Samples: []writev2.Sample{{Value: 1, Timestamp: now}}}}}).Marshal()
	if err != nil {
		panic(err)
	}
	nan := func(bits uint64) []byte {
		return write(metric(prompb.Label{Name: "nan", Value: strconv.FormatUint(bits, 16)}), prompb.Sample{Value: fromBits(bits), Timestamp: now})
	}
	const year = 366 * 24 * 3_600_000
	return []badInput{
		{"another content type", "", path, []string{"Content-Type: text/plain"}, []byte("x"), 415, "expected application/x-protobuf"},
		{"another message", "", path, []string{"Content-Type: application/x-protobuf;proto=other"}, []byte("x"), 415, "unknown type for remote write protobuf message other"},
		{"another encoding", "", path, []string{asProtobuf, gzipped}, bomb(), 415, "gzip encoding (compression) is not accepted by this server; only snappy is acceptable"},
		{"empty", "", path, v1, nil, 400, "corrupt input"},
		{"malformed snappy", "", path, v1, []byte("hello"), 400, "corrupt input"},
		{"snappy that claims 4 GB", "", path, v1, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}, 400, "limit"},
		{"malformed protobuf", "", path, v1, snappy.Encode(nil, []byte{7, 7, 7}), 400, ""},
		{"malformed protobuf, version 2", "", path, v2, snappy.Encode(nil, []byte{7, 7, 7}), 400, ""},
		{"symbols that are not there", "", path, v2, snappy.Encode(nil, dangling), 400, ""},
		{"an empty label name", "", path, v1, write(metric(prompb.Label{Name: "", Value: "x"}), one), 400, "invalid"},
		{"no metric name", "", path, v1, write([]prompb.Label{{Name: "a", Value: "b"}}, one), 400, "invalid"},
		{"labels twice", "", path, v1, write(metric(prompb.Label{Name: "a", Value: "1"}, prompb.Label{Name: "a", Value: "2"}), one), 400, "duplicate"},
		{"invalid UTF-8", "", path, v1, write(metric(prompb.Label{Name: "a", Value: "\xff"}), one), 400, "invalid"},
		{"10,000 labels", "", path, v1, write(metric(many...), one), 400, "labels"},
		{"a value of 20 MB", "", path, v1, write(metric(prompb.Label{Name: "a", Value: strings.Repeat("x", 20<<20)}), one), 400, "label"},
		{"a year ago", "", path, v1, write(metric(), prompb.Sample{Value: 1, Timestamp: now - year}), 400, "is older than the retention"},
		{"in a year", "", path, v1, write(metric(), prompb.Sample{Value: 1, Timestamp: now + year}), 400, "too far in the future"},
		{"end of time", "", path, v1, write(metric(), prompb.Sample{Value: 1, Timestamp: 1<<63 - 1}), 400, ""},
		{"NaN is a value", "", path, v1, nan(value.NormalNaN), 204, ""},
		{"a stale marker is one", "", path, v1, nan(value.StaleNaN), 204, ""},
		{"infinity is a value", "", path, v1, nan(0x7ff0000000000000), 204, ""},
		{"another NaN", "", path, v1, nan(0xffffffffffffffff), 204, ""},
		{"remote read, malformed", "", "/api/v1/read", []string{asProtobuf}, []byte("hello"), 400, "snappy"},
		{"remote read that claims 4 GB", "", "/api/v1/read", []string{asProtobuf}, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}, 400, "snappy"},
		{"remote read of nothing", "", "/api/v1/read", []string{asProtobuf}, snappy.Encode(nil, nil), 200, ""},
	}
}

func otlpInputs(s *testkit.Server) []badInput {
	var cases []badInput
	long := []byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"long","gauge":{"dataPoints":[{"timeUnixNano":"1","asDouble":1,` +
		`"attributes":[{"key":"a","value":{"stringValue":"` + strings.Repeat("x", 17<<20) + `"}}]}]}}]}]}]}`)
	for _, base := range []string{s.URL, s.OTLP} {
		cases = append(cases, badInput{"a label of 17 MB, " + base, "", base + "/v1/metrics", []string{asJSON}, long, 400, "limit 1048576"})
	}
	for _, signal := range []string{"traces", "logs", "metrics"} {
		for port, base := range map[string]string{"one port": s.URL, "native": s.OTLP} {
			unpacked := http.StatusRequestEntityTooLarge
			if port == "native" {
				unpacked = http.StatusBadRequest // the Collector's own answer
			}
			path, name := base+"/v1/"+signal, signal+", "+port+", "
			cases = append(cases,
				badInput{name + "another content type", "", path, []string{"Content-Type: text/plain"}, []byte("x"), 415, "415 unsupported media type, supported: [application/json, application/x-protobuf]"},
				badInput{name + "malformed JSON", "", path, []string{asJSON}, []byte(`{"resource`), 400, ""},
				badInput{name + "malformed protobuf", "", path, []string{asProtobuf}, []byte{7, 7, 7}, 400, ""},
				badInput{name + "deep JSON", "", path, []string{asJSON}, nested(100_000), 400, ""},
				badInput{name + "empty", "", path, []string{asProtobuf}, nil, 200, ""},
				badInput{name + "no gzip", "", path, []string{asProtobuf, gzipped}, []byte("hello"), 400, ""},
				badInput{name + "another encoding", "", path, []string{asProtobuf, "Content-Encoding: br"}, []byte("hello"), 400, "unsupported Content-Encoding"},
				badInput{name + "gzip bomb", "", path, []string{asProtobuf, gzipped}, bomb(), unpacked, ""},
			)
		}
	}
	return cases
}

func nativeTraceInputs(s *testkit.Server) []badInput {
	jaeger := fmt.Sprintf("http://127.0.0.1:%d/api/traces", s.Ports.JaegerHTTP)
	zipkin := fmt.Sprintf("http://127.0.0.1:%d/api/v2/spans", s.Ports.Zipkin)
	thrift := "Content-Type: application/x-thrift"
	// A list of 2^31-1 spans in a few bytes: field 2 of Batch.
	huge := []byte{0x0f, 0, 2, 0x0c, 0x7f, 0xff, 0xff, 0xff}
	return []badInput{
		{"Jaeger, another content type", "", jaeger, []string{"Content-Type: text/plain"}, []byte("x"), 400, "Unsupported content type"},
		{"Jaeger, malformed", "", jaeger, []string{thrift}, []byte("hello"), 400, "Unable to process request body"},
		{"Jaeger, empty", "", jaeger, []string{thrift}, nil, 400, "Unable to process request body"},
		{"Jaeger, endless list", "", jaeger, []string{thrift}, huge, 400, "Unable to process request body"},
		{"Jaeger, gzip bomb", "", jaeger, []string{thrift, gzipped}, bomb(), 413, ""},
		{"Zipkin, malformed JSON", "", zipkin, []string{asJSON}, []byte(`[{`), 400, ""},
		{"Zipkin, malformed protobuf", "", zipkin, []string{asProtobuf}, []byte{7, 7, 7}, 400, ""},
		{"Zipkin, deep JSON", "", zipkin, []string{asJSON}, nested(100_000), 400, ""},
		{"Zipkin, trace id that is none", "", zipkin, []string{asJSON}, []byte(`[{"traceId":"xyz","id":"1","timestamp":1}]`), 400, ""},
		{"Zipkin, gzip bomb", "", zipkin, []string{asJSON, gzipped}, bomb(), 413, ""},
	}
}

func alertmanagerInputs() []badInput {
	const alerts, silences = "/api/v2/alerts", "/api/v2/silences"
	return []badInput{
		{"malformed alerts", "", alerts, []string{asJSON}, []byte(`[{`), 400, ""},
		{"empty", "", alerts, []string{asJSON}, nil, 422, "alerts in body is required"},
		{"no labels", "", alerts, []string{asJSON}, []byte(`[{"labels":{}}]`), 400, "at least one label pair required"},
		{"another content type", "", alerts, []string{"Content-Type: text/plain"}, []byte("x"), 415, "unsupported media type"},
		{"deep JSON", "", alerts, []string{asJSON}, nested(100_000), 400, ""},
		{"a silence without matchers", "", silences, []string{asJSON}, []byte(`{"matchers":[],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"a","comment":"b"}`), 422, "matchers"},
		{"a silence of a bad regexp", "", silences, []string{asJSON}, []byte(`{"matchers":[{"name":"a","value":"(","isRegex":true}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"a","comment":"b"}`), 400, "invalid"},
		{"a bad filter", "GET", alerts + "?filter=%3D%3D", nil, nil, 400, "bad matcher format"},
		{"a silence id that is none", "GET", "/api/v2/silence/xyz", nil, nil, 422, "uuid"},
	}
}

func promQueryInputs() []badInput {
	get := func(name, path string, status int, text string, params ...string) badInput {
		return badInput{name, "GET", path + "?" + query(params...), nil, nil, status, text}
	}
	const q, r = "/api/v1/query", "/api/v1/query_range"
	return []badInput{
		get("no query", q, 400, `unknown position: parse error: no expression found in input`),
		get("not PromQL", q, 400, `"errorType":"bad_data"`, "query", "sum("),
		get("not a time", q, 400, `invalid parameter \"time\"`, "query", "up", "time", "yesterday"),
		get("too many points", r, 400, "exceeded maximum resolution of 11,000 points per timeseries", "query", "up", "start", "0", "end", "99999999", "step", "1"),
		get("step 0", r, 400, "zero or negative query resolution step widths are not accepted", "query", "up", "start", "0", "end", "1", "step", "0"),
		get("end before start", r, 400, "end timestamp must not be before start time", "query", "up", "start", "2", "end", "1", "step", "1"),
		get("deep parentheses", q, 400, "", "query", strings.Repeat("(", 20_000)+"1"),
		get("invalid UTF-8", q, 400, "", "query", `{a="`+"\xff"+`"}`),
		get("no selector", "/api/v1/series", 400, "no match[] parameter provided"),
		get("a label that is none", "/api/v1/label/%ff/values", 400, "invalid label name"),
		get("federate without selector", "/federate", 200, ""),
		get("federate a bad selector", "/federate", 400, "parse error", "match[]", "{"),
		{"a form over the bound", "", q, []string{asForm}, []byte("query=" + strings.Repeat("1%2B", 1<<20) + "1"), 413, "request body too large"},
		{"a long query", "", q, []string{asForm}, []byte("query=" + strings.Repeat("1%2B", 100_000) + "1"), 400, ""},
		{"repetition of a regexp", "GET", q + "?" + query("query", `{a=~"(((a{100}){100}){100})"}`), nil, nil, 400, "invalid repeat count"},
	}
}

func lokiQueryInputs() []badInput {
	get := func(name, path string, status int, text string, params ...string) badInput {
		return badInput{name, "GET", path + "?" + query(params...), nil, nil, status, text}
	}
	const r = "/loki/api/v1/query_range"
	return []badInput{
		get("no query", r, 400, "parse error : syntax error: unexpected $end"),
		get("not LogQL", r, 400, "parse error", "query", `{a="b"`),
		get("no matcher that selects", r, 400, "queries require at least one regexp or equality matcher", "query", `{a=~".*"}`),
		get("end before start", r, 400, "end timestamp must not be before or equal to start time", "query", `{a="b"}`, "start", "2", "end", "1"),
		get("too many entries", r, 400, "max entries limit per query exceeded", "query", `{a="b"}`, "limit", "99999999"),
		get("limit below 0", r, 400, "limit must be a positive value", "query", `{a="b"}`, "limit", "-1"),
		get("direction", r, 400, "invalid direction", "query", `{a="b"}`, "direction", "sideways"),
		get("too many points", r, 400, "exceeded maximum resolution of 11,000 points per time series", "query", `rate({a="b"}[1m])`, "start", "0", "end", "99999999", "step", "1"),
		get("deep parentheses", r, 400, "", "query", strings.Repeat("(", 20_000)+"1"),
		get("invalid UTF-8", r, 400, "", "query", `{a="`+"\xff"+`"}`),
		get("not a regexp", r, 400, "missing closing )", "query", `{a="b"} |~ "("`),
		get("repetition of a regexp", r, 400, "invalid repeat count", "query", `{a="b"} |~ "(((a{100}){100}){100})"`),
		get("not a time", "/loki/api/v1/labels", 400, "could not parse 'start' parameter", "start", "yesterday"),
		{"a form over the bound", "", r, []string{asForm}, []byte("query=" + strings.Repeat("x", 20<<20)), 400, "too large"},
		get("tail without WebSocket", "/loki/api/v1/tail", 426, "", "query", `{a="b"}`),
	}
}

func jaegerQueryInputs() []badInput {
	get := func(name, path string, status int, text string, params ...string) badInput {
		return badInput{name, "GET", path + "?" + query(params...), nil, nil, status, text}
	}
	return []badInput{
		get("no service", "/api/traces", 400, "parameter 'service' is required"),
		get("limit", "/api/traces", 400, "invalid syntax", "service", "a", "limit", "x"),
		get("durations", "/api/traces", 400, "'maxDuration' should be greater than 'minDuration'", "service", "a", "minDuration", "2s", "maxDuration", "1s"),
		get("tags", "/api/traces", 400, "malformed 'tags' parameter", "service", "a", "tags", "{"),
		get("deep tags", "/api/traces", 400, "malformed 'tags' parameter", "service", "a", "tags", string(nested(2500))),
		get("a trace id that is none", "/api/traces/xyz", 400, ""),
		get("a trace that is none", "/api/traces/00000000000000000000000000000001", 404, "trace not found"),
		get("operations of no service", "/api/operations", 400, "parameter 'service' is required"),
		get("dependencies of no time", "/api/dependencies", 400, "unable to parse param 'endTs'", "endTs", "x"),
		{"transform nonsense", "", "/api/transform", []string{asJSON}, []byte("x"), 400, "cannot unmarshal OTLP"},
		{"transform deep JSON", "", "/api/transform", []string{asJSON}, nested(100_000), 400, "cannot unmarshal OTLP"},
	}
}

func query(params ...string) string {
	v := url.Values{}
	for i := 0; i < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	return v.Encode()
}

// slowAndOversize opens connections that drip and requests that do not fit.
func slowAndOversize(t *testing.T, s *testkit.Server) {
	status, _ := s.Get("/api/v1/labels", "X-Long: "+strings.Repeat("x", 200<<10))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, status)
	status, _ = s.Get("/api/v1/query?query=" + strings.Repeat("1", 200<<10))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, status)

	address := strings.TrimPrefix(s.URL, "http://")
	var open []net.Conn
	for range 200 {
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		defer c.Close()
		_, err = io.WriteString(c, "POST /loki/api/v1/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 16000000\r\n\r\n{")
		require.NoError(t, err)
		open = append(open, c)
	}
	status, body := s.Get("/loki/api/v1/labels")
	require.Equal(t, http.StatusOK, status, "%d bodies that do not come keep nobody out: %s", len(open), body)

	// Headers that do not come are given up after ten seconds.
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: ")
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(15*time.Second)))
	_, err = io.ReadAll(c)
	require.NoError(t, err, "the server closes a connection whose headers do not come")
}

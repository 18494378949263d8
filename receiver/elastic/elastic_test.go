package elastic

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// names is a catalog: streams that begin with "ds-", an alias "alias" of "real", and
// an alias "lost" of nothing that can be written to.
type names struct{ err error }

func (n *names) Target(_ context.Context, _ tenant.ID, name string) (Target, error) {
	switch {
	case n.err != nil:
		return Target{}, n.err
	case name == "alias":
		return Target{Index: "real", Alias: true}, nil
	case name == "lost":
		return Target{}, esapi.Illegal("no write index is defined for alias [lost]")
	}
	return Target{Index: name, DataStream: strings.HasPrefix(name, "ds-")}, nil
}

// broken is a store that can be told to fail.
type broken struct {
	*logstore.Store
	err error
}

func (b *broken) Append(ctx context.Context, t tenant.ID, s []model.LogStream) error {
	if b.err != nil {
		return b.err
	}
	return b.Store.Append(ctx, t, s)
}

type diskFull struct{ error }

func (diskFull) Refusal() (string, bool) { return "disk_full", true }

// server is the receiver over the real ingest step and the real store.
type server struct {
	*httptest.Server
	reg   *prometheus.Registry
	store *broken
	names *names
	rc    *Receiver
}

func newServer(t testing.TB, change func(*ingest.Config, *Config, *Deps)) *server {
	rows := rowstore.DefaultConfig()
	rows.Path = t.TempDir()
	rs, err := rowstore.Open(rows, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rs.Close() })
	s := &server{store: &broken{Store: logstore.New(rs, rs)}, names: &names{}, reg: prometheus.NewRegistry()}
	limits, cfg := ingest.DefaultConfig(), DefaultConfig()
	deps := Deps{Catalog: s.names, Log: slog.New(slog.DiscardHandler), MaxInFlight: 64 << 20, Metrics: ingest.NewMetrics(s.reg)}
	if change != nil {
		change(&limits, &cfg, &deps)
	}
	deps.Sink = ingest.NewLogs(ingest.NewBudget(limits), s.store, nil, deps.Metrics)
	s.rc = New(cfg, deps)
	mux := httpx.NewMux()
	for _, route := range httpx.Under("", s.rc.Routes()) {
		require.Equal(t, httpx.Write, route.Access)
		mux.Handle(route, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, route.MaxBody) // as the gate does
			route.Handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), "t")))
		}))
	}
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// refused is what was counted as refused, by reason.
func (s *server) refused(t testing.TB) map[string]float64 {
	t.Helper()
	families, err := s.reg.Gather()
	require.NoError(t, err)
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "pharos_ingest_refused_total" && l.GetName() == "reason" {
					out[l.GetValue()] = m.GetCounter().GetValue()
				}
			}
		}
	}
	return out
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (s *server) do(t testing.TB, method, path, body string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-ndjson")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "Elasticsearch", resp.Header.Get("X-Elastic-Product"), "%s", b)
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// stored returns labels, line and id of each entry.
func (s *server) stored(t testing.TB) []string {
	t.Helper()
	var out []string
	err := s.store.Select(t.Context(), "t", logs.Query{Start: math.MinInt64 / 2, End: math.MaxInt64 / 2}, func(b *logs.Block) error {
		for i := range b.Times {
			id := ""
			for _, c := range b.Metadata {
				if c.Name == "_id" {
					id = strings.Clone(c.Values[i])
				}
			}
			out = append(out, fmt.Sprintf("%s %s %s", b.Stream, b.Lines[i], id))
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(out)
	return out
}

type bulkAnswer struct {
	Errors bool
	Items  []map[string]struct {
		Index   string `json:"_index"`
		ID      string `json:"_id"`
		Version int    `json:"_version"`
		Result  string
		SeqNo   *int64 `json:"_seq_no"`
		Status  int
		Error   struct{ Type, Reason string }
	}
}

// brief is one line for each item: op, index, status, type of the error.
func (a answer) brief(t testing.TB) []string {
	t.Helper()
	var b bulkAnswer
	require.NoError(t, json.Unmarshal([]byte(a.body), &b), a.body)
	var out []string
	for _, item := range b.Items {
		for op, it := range item {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %d %s", op, it.Index, it.Status, it.Error.Type)))
		}
	}
	return out
}

func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC3339Nano) }

func TestBulkAnswersForEachItem(t *testing.T) {
	s := newServer(t, func(l *ingest.Config, c *Config, _ *Deps) { l.Limits.MaxLineSize, c.MaxDocument = 2000, 3000 })
	now := ago(time.Minute)
	a := s.do(t, "POST", "/logs/_bulk", `{"index":{"_id":"1"}}
{"@timestamp":"`+now+`","message":"one","service":{"name":"api"},"level":"warn"}
{"create":{"_index":"other"}}
{"message":"two"}
{"index":{}}
{"message":
{"create":{"_id":"1"}}
{"message":"again"}
{"update":{"_id":"1"}}
{"doc":{}}
{"delete":{"_id":"1"}}
{"index":{"_index":"Bad"}}
{}
{"index":{"_index":"ds-a"}}
{"@timestamp":"`+now+`"}
{"create":{"_index":"ds-a"}}
{"no":"time"}
{"create":{"_index":"ds-a"}}
{"@timestamp":"`+now+`"}
{"index":{"_index":"alias","require_alias":true}}
{"n":1}
{"index":{"_index":"logs","require_alias":true}}
{"n":1}
{"index":{"_index":"lost"}}
{"n":1}
{"index":{"pipeline":"geoip"}}
{"n":1}
{"index":{"if_seq_no":3,"if_primary_term":1}}
{"n":1}
{"index":{"_id":""}}
{"n":1}
{"index":{}}
{"@timestamp":"2001-01-01"}
{"index":{}}
{"message":"`+strings.Repeat("x", 2000)+`"}
{"index":{}}
{"message":"`+strings.Repeat("x", 3000)+`"}
{"index":{"_index":"<day-{now/d}>"}}
{"n":2}
{"index":{}}
{"message":"last"}
`)
	require.Equal(t, 200, a.status, a.body)
	day := "day-" + time.Now().UTC().Format("2006.01.02")
	require.Equal(t, []string{
		"index logs 201", "create other 201", "index logs 400 document_parsing_exception", "create logs 409 version_conflict_engine_exception",
		"update logs 400 illegal_argument_exception", "delete logs 400 illegal_argument_exception", "index Bad 400 invalid_index_name_exception",
		"index ds-a 400 illegal_argument_exception", "create ds-a 400 document_parsing_exception", "create ds-a 201", "index real 201",
		"index logs 404 index_not_found_exception", "index lost 400 illegal_argument_exception", "index logs 400 illegal_argument_exception",
		"index logs 400 illegal_argument_exception", "index logs 400 illegal_argument_exception", "index logs 400 illegal_argument_exception",
		"index logs 400 illegal_argument_exception", "index logs 400 illegal_argument_exception", "index " + day + " 201", "index logs 201",
	}, a.brief(t))
	require.Contains(t, a.body, `"errors":true`)
	require.Contains(t, a.body, `{"index":{"_index":"logs","_id":"1","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}}`)
	require.Contains(t, a.body, "timestamp too old")
	require.Equal(t, map[string]float64{"malformed": 11, "version_conflict": 1, "line_too_long": 2, "greater_than_max_sample_age": 1}, s.refused(t),
		"every refusal is counted")
	require.Contains(t, a.body, "max entry size")

	entries := s.stored(t)
	require.Len(t, entries, 6)
	require.Contains(t, entries, `{index="logs", service_name="api"} {"@timestamp":"`+now+`","message":"one","service":{"name":"api"},"level":"warn"} 1`)
	require.Contains(t, strings.Join(entries, "\n"), `{index="logs", service_name="unknown_service"} {"message":"last"} `)
	for _, e := range entries {
		require.Greater(t, len(e[strings.LastIndex(e, " ")+1:]), 0, "every entry has an id: %s", e)
	}
}

func TestBulkRequestsThatAreRefusedWhole(t *testing.T) {
	s := newServer(t, func(_ *ingest.Config, c *Config, _ *Deps) { c.MaxBody, c.MaxDecompressed = 1000, 2000 })
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte{'\n'}, 5000))
	require.NoError(t, z.Close())
	one := "{\"index\":{}}\n{\"a\":1}\n"
	for _, c := range []struct {
		path, body string
		header     []string
		status     int
		says       string
	}{
		{"/_bulk", "{\"index\":{\"_index\":\"a\"}}\n{}\nnonsense\n", nil, 400, "Malformed action/metadata line [3]"},
		{"/_bulk", one, nil, 400, "Validation Failed: 1: index is missing;"},
		{"/a/_bulk?refresh=soon", one, nil, 400, "Unknown value for refresh"},
		{"/a/_bulk?require_alias=3", one, nil, 400, "only [true] or [false]"},
		{"/a/_bulk", one, []string{"Content-Type", "text/plain"}, 406, "Content-Type header [text/plain] is not supported"},
		{"/a/_bulk", strings.Repeat(one, 100), nil, 413, "larger than 1000 bytes"},
		{"/a/_bulk", packed.String(), []string{"Content-Encoding", "gzip"}, 413, "larger than 2000 bytes unpacked"},
		{"/a/_bulk", "xx", []string{"Content-Encoding", "gzip"}, 400, "no valid gzip"},
		{"/a/_bulk", one, []string{"Content-Encoding", "br"}, 415, "not supported"},
		{"/a/_bulk", one, []string{"Accept", "application/vnd.elasticsearch+json;compatible-with=3"}, 400, "media_type_header_exception"},
	} {
		a := s.do(t, "POST", c.path, c.body, c.header...)
		require.Equal(t, c.status, a.status, a.body)
		require.Contains(t, a.body, c.says)
		require.Contains(t, a.body, fmt.Sprintf(`"status":%d`, c.status))
	}
	require.Empty(t, s.stored(t), "a request that is refused leaves nothing behind")
}

func TestShippersHabits(t *testing.T) {
	s := newServer(t, nil)
	// Filebeat and Logstash: gzip, only what went wrong, the vendor's media types.
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, "{\"create\":{\"_index\":\"filebeat-8.19.0\"}}\n{\"@timestamp\":\""+ago(time.Second)+"\"}\n{\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}\n")
	require.NoError(t, z.Close())
	a := s.do(t, "POST", "/_bulk?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status", packed.String(), "Content-Encoding", "gzip",
		"Content-Type", "application/vnd.elasticsearch+x-ndjson; compatible-with=8", "Accept", "application/vnd.elasticsearch+json; compatible-with=8")
	require.Equal(t, 200, a.status, a.body)
	require.Equal(t, "application/vnd.elasticsearch+json;compatible-with=8", a.header.Get("Content-Type"))
	require.JSONEq(t, `{"errors":true,"items":[{"create":{"status":201}},{"delete":{"status":400,"error":{"type":"illegal_argument_exception",
		"reason":"[delete] is not supported: logs are only appended; entries go by retention and by deletion requests"}}}]}`, a.body)
	// Fluent Bit: plain, without a filter, application/x-ndjson.
	a = s.do(t, "POST", "/_bulk", "{\"create\":{\"_index\":\"fluent-bit\"}}\n{\"@timestamp\":\""+ago(time.Second)+"\",\"log\":\"x\"}\n")
	require.Equal(t, []string{"create fluent-bit 201"}, a.brief(t))
	require.Contains(t, a.body, `{"errors":false,"took":`)
	// Vector and others ask for nothing or for one thing.
	body := "{\"index\":{\"_index\":\"v\"}}\n{}\n"
	require.JSONEq(t, `{"errors":false}`, s.do(t, "POST", "/_bulk?filter_path=errors", body).body)
	require.JSONEq(t, `{}`, s.do(t, "POST", "/_bulk?filter_path=items.*.error", body).body)
	require.JSONEq(t, `{"items":[{"index":{"_shards":{"failed":0}}}]}`, s.do(t, "PUT", "/_bulk?pretty&filter_path=items.*._shards.failed", body).body)
}

func TestTheSameDocumentTwice(t *testing.T) {
	s := newServer(t, nil)
	doc := "{\"create\":{}}\n{\"@timestamp\":\"" + ago(time.Minute) + "\",\"m\":\"same\"}\n"
	first := s.do(t, "POST", "/a/_bulk", doc+doc+doc)
	require.Len(t, s.stored(t), 3, "equal documents of one request are as many")
	var one, two bulkAnswer
	require.NoError(t, json.Unmarshal([]byte(first.body), &one))
	require.NoError(t, json.Unmarshal([]byte(s.do(t, "POST", "/a/_bulk", doc+doc+doc).body), &two))
	ids := map[string]bool{}
	for i := range one.Items {
		require.Equal(t, one.Items[i]["create"].ID, two.Items[i]["create"].ID, "a repeat has the same ids, so that the store can tell")
		ids[one.Items[i]["create"].ID] = true
	}
	require.Len(t, ids, 3)

	put := func(path string) int {
		return s.do(t, "PUT", path, `{"m":1}`, "Content-Type", "application/json").status
	}
	require.Equal(t, 201, put("/a/_create/x"))
	require.Equal(t, 409, put("/a/_create/x"))
	require.Equal(t, 201, put("/b/_create/x"), "ids belong to an index")
	require.Equal(t, 201, put("/a/_doc/x"), "appended")
	require.Equal(t, 409, put("/a/_doc/x?op_type=create"))
}

func TestOneDocument(t *testing.T) {
	s := newServer(t, nil)
	js := []string{"Content-Type", "application/json"}
	a := s.do(t, "POST", "/logs/_doc", "{\n  \"message\": \"pretty\"\n}\n", js...)
	require.Equal(t, 201, a.status, a.body)
	var got documentAnswer
	require.NoError(t, json.Unmarshal([]byte(a.body), &got))
	require.Equal(t, "/logs/_doc/"+got.ID, a.header.Get("Location"))
	require.Equal(t, []string{"{index=\"logs\", service_name=\"unknown_service\"} {\n  \"message\": \"pretty\"\n} " + got.ID}, s.stored(t))
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PUT", "/logs/_doc/1", "", 400, "request body is required"},
		{"PUT", "/logs/_doc/1", "{}{}", 400, "more after"},
		{"PUT", "/logs/_doc/1?version=3&version_type=external", "{}", 400, "only appended"},
		{"POST", "/logs/_doc?op_type=x", "{}", 400, "unknown op_type"},
		{"POST", "/logs/_doc?pipeline=x", "{}", 400, "pipeline with id [x] does not exist"},
		{"POST", "/Logs/_doc", "{}", 400, "must be lowercase"},
		{"POST", "/ds-x/_doc", "{\"@timestamp\":1}", 400, "op_type of create"},
		{"POST", "/logs/_update/1", "{\"doc\":{}}", 400, "[update] is not supported"},
		{"DELETE", "/logs/_doc/1", "", 400, "[delete] is not supported"},
		{"PUT", "/logs/_doc/" + strings.Repeat("x", 513), "{}", 400, "too long"},
	} {
		a := s.do(t, c.method, c.path, c.body, js...)
		require.Equal(t, c.status, a.status, a.body)
		require.Contains(t, a.body, c.says)
	}
}

func TestWhatMayComeLater(t *testing.T) {
	s := newServer(t, func(c *ingest.Config, _ *Config, _ *Deps) {
		c.Limits.IngestionRate, c.Limits.IngestionBurst, c.Limits.MaxStreams = 1000, 1000, 2
	})
	doc := func(index, text string) string {
		return fmt.Sprintf("{\"create\":{\"_index\":%q,\"_id\":%q}}\n{\"m\":%q}\n", index, text[:3], text)
	}
	// Nothing was stored: status and items say so.
	a := s.do(t, "POST", "/_bulk", doc("a", strings.Repeat("x", 2000)))
	require.Equal(t, 429, a.status, a.body)
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Equal(t, []string{"create a 429 es_rejected_execution_exception"}, a.brief(t))
	require.Contains(t, a.body, `"error":{"root_cause"`)
	a = s.do(t, "POST", "/_bulk?filter_path=took", doc("a", strings.Repeat("x", 2000)))
	require.Equal(t, 429, a.status)
	require.Contains(t, a.body, `"error":{"root_cause"`, "an error is whole whatever is asked for")
	// A part was stored: the items say so.
	a = s.do(t, "POST", "/_bulk", doc("a", "xxx")+doc("b", "yyy")+doc("c", "zzz"))
	require.Equal(t, 200, a.status)
	require.Equal(t, []string{"create a 201", "create b 201", "create c 429 es_rejected_execution_exception"}, a.brief(t),
		"the id of what was refused may come again")

	s.store.err = diskFull{errors.New("no space left")}
	a = s.do(t, "PUT", "/a/_create/new", `{"m":1}`, "Content-Type", "application/json")
	require.Equal(t, 503, a.status, a.body)
	require.Equal(t, "5", a.header.Get("Retry-After"))
	require.Contains(t, a.body, "no space left")
	s.store.err = errors.New("broken")
	require.Equal(t, 500, s.do(t, "POST", "/_bulk", doc("a", "111")).status)
	s.store.err = nil
	require.Equal(t, 201, s.do(t, "PUT", "/a/_create/new", `{"m":1}`, "Content-Type", "application/json").status)

	s.names.err = errors.New("no database")
	a = s.do(t, "POST", "/_bulk", doc("a", "222"))
	require.Equal(t, 503, a.status)
	require.NotContains(t, a.body, "no database")
}

func TestMemoryIsBounded(t *testing.T) {
	s := newServer(t, func(_ *ingest.Config, _ *Config, d *Deps) { d.MaxInFlight = 1 << 20 })
	tiny := strings.Repeat("{\"create\":{}}\n{}\n", 3000)
	a := s.do(t, "POST", "/a/_bulk", tiny)
	require.Equal(t, 413, a.status, "many small documents take more than their bytes: %s", a.body)
	other := s.rc.flight.share()
	require.NoError(t, other.grow(900<<10))
	a = s.do(t, "POST", "/a/_bulk", strings.Repeat("{\"create\":{}}\n{}\n", 1000))
	require.Equal(t, 429, a.status, a.body)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	other.release()
	a = s.do(t, "POST", "/a/_bulk", strings.Repeat("{\"create\":{}}\n{}\n", 1000))
	require.Equal(t, 200, a.status, a.body)
	require.Eventually(t, func() bool { return s.rc.flight.used.Load() == 0 }, time.Second, time.Millisecond)
}

func TestLargeRequestsArePushedInParts(t *testing.T) {
	s := newServer(t, nil)
	line := "{\"index\":{\"_index\":\"a\"}}\n{\"m\":\"" + strings.Repeat("x", 1000) + "\"}\n"
	a := s.do(t, "POST", "/_bulk?filter_path=errors", strings.Repeat(line, 12000))
	require.Equal(t, `{"errors":false}`, a.body)
	require.Len(t, s.stored(t), 12000, "equal, without a time, and each there")
}

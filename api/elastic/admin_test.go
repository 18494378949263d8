package elastic

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// server is the administrative side over the real stores.
type server struct {
	*httptest.Server
	t       *testing.T
	admin   *Admin
	catalog *Catalog
	store   *logstore.Store
}

func newServer(t *testing.T) *server {
	quiet := slog.New(slog.DiscardHandler)
	rows := rowstore.DefaultConfig()
	rows.Path = t.TempDir()
	rs, err := rowstore.Open(rows, quiet, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rs.Close() })
	db, err := metastore.Open(t.Context(), t.TempDir(), quiet)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	s := &server{t: t, store: logstore.New(rs, rs), catalog: NewCatalog(db, quiet)}
	s.admin = NewAdmin(Deps{Catalog: s.catalog, Reader: s.store, Log: quiet})
	mux := httpx.NewMux()
	for _, route := range httpx.Under("", s.admin.Routes()) {
		mux.Handle(route, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := tenant.ID("t")
			if other := r.Header.Get("X-Scope-OrgID"); other != "" {
				id = tenant.ID(other)
			}
			r.Body = http.MaxBytesReader(w, r.Body, route.MaxBody)
			route.Handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
		}))
	}
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) do(method, path, body string, header ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(r)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, "Elasticsearch", resp.Header.Get("X-Elastic-Product"))
	return resp.StatusCode, string(b)
}

// ok expects a good answer and returns it.
func (s *server) ok(method, path, body string) string {
	s.t.Helper()
	status, text := s.do(method, path, body)
	require.Equal(s.t, 200, status, "%s %s: %s", method, path, text)
	return text
}

// bad expects a status and a text in the answer.
func (s *server) bad(status int, says, method, path, body string) {
	s.t.Helper()
	got, text := s.do(method, path, body)
	require.Equal(s.t, status, got, "%s %s: %s", method, path, text)
	require.Contains(s.t, text, says)
}

// json reads a member of a good answer: a.b.0.c.
func (s *server) json(method, path, at string) any {
	s.t.Helper()
	var v any
	require.NoError(s.t, json.Unmarshal([]byte(s.ok(method, path, "")), &v))
	for name := range strings.SplitSeq(at, "/") {
		if list, ok := v.([]any); ok {
			require.NotEmpty(s.t, list)
			v = list[0]
			continue
		}
		v = v.(map[string]any)[name]
	}
	return v
}

func (s *server) append(id tenant.ID, labels map[string]string, lines ...string) {
	s.t.Helper()
	var ls []model.Label
	for name, value := range labels {
		ls = append(ls, model.Label{Name: name, Value: value})
	}
	stream := model.LogStream{Labels: model.NewLabels(ls...)}
	for _, line := range lines {
		stream.Entries = append(stream.Entries, model.LogEntry{Time: time.Now().UnixNano(), Line: line})
	}
	require.NoError(s.t, s.store.Append(context.Background(), id, []model.LogStream{stream}))
}

func TestCluster(t *testing.T) {
	s := newServer(t)
	s.append("t", map[string]string{"index": "logs-a", "service_name": "x"}, "{}", "{}")
	require.Equal(t, "8.19.0", s.json("GET", "/", "version/number"))
	require.Equal(t, "You Know, for Search", s.json("GET", "/", "tagline"))
	status, body := s.do("HEAD", "/", "")
	require.Equal(t, 200, status)
	require.Empty(t, body)
	require.Equal(t, "green", s.json("GET", "/_cluster/health?wait_for_status=yellow", "status"))
	require.Equal(t, 1.0, s.json("GET", "/_cluster/health", "active_shards"))
	require.Equal(t, "green", s.json("GET", "/_cluster/health/logs-a?level=indices", "indices/logs-a/status"))
	require.Equal(t, strings.TrimPrefix(s.URL, "http://"), s.json("GET", "/_nodes/http", "nodes/"+nodeID+"/http/publish_address"))
	require.Equal(t, "active", s.json("GET", "/_license", "license/status"))
	require.Equal(t, true, s.json("GET", "/_xpack", "features/ilm/enabled"))
	require.Equal(t, "t", s.json("GET", "/_security/_authenticate", "metadata/tenant"))
	s.ok("PUT", "/_cluster/settings", `{"transient":{"a":null}}`)
	s.bad(400, "not recognized", "PUT", "/_cluster/settings", `{"persistent":{"action.auto_create_index":"false"}}`)
	s.bad(400, "request body is required", "PUT", "/_cluster/settings", "")
	s.bad(400, "no handler found for uri [/_sql/close] and method [POST]", "POST", "/_sql/close", "")
	s.bad(405, "allowed: [GET]", "PUT", "/_cat/health", "")
	s.bad(400, "must not start with '_'", "GET", "/_nothing", "")
	s.bad(404, "no such index [none]", "GET", "/_cluster/health/none", "")
	require.Equal(t, "{}", s.ok("GET", "/_ingest/pipeline", ""))
	s.bad(404, "{}", "GET", "/_ingest/pipeline/x", "")
	s.bad(400, "not supported", "PUT", "/_ingest/pipeline/x", `{"processors":[]}`)
}

func TestCat(t *testing.T) {
	s := newServer(t)
	s.append("t", map[string]string{"index": "logs-b", "service_name": "x"}, strings.Repeat("x", 1000), strings.Repeat("y", 1048))
	s.append("t", map[string]string{"index": "logs-b", "service_name": "y"}, "{}")
	s.append("t", map[string]string{"app": "web", "service_name": "Web Shop"}, "12345678")
	s.append("other", map[string]string{"index": "secret"}, "{}")
	s.ok("PUT", "/empty", "")
	require.Equal(t, "logs-b        3 2kb\nlogs-Web Shop 1  8b\nempty         0  0b\n", s.ok("GET", "/_cat/indices?h=index,docs.count,store.size&s=dc:desc", ""))
	require.JSONEq(t, `[{"index":"logs-b","docs.count":"3","store.size":"2050"}]`, s.ok("GET", "/_cat/indices/logs-b*?format=json&h=index,docs.count,store.size&bytes=b", ""))
	require.Equal(t, "health status index uuid", strings.Join(strings.Fields(s.ok("GET", "/_cat/indices?v", ""))[:4], " "))
	require.JSONEq(t, `[]`, s.ok("GET", "/_cat/indices?format=json&health=red", ""))
	s.bad(404, "no such index [none]", "GET", "/_cat/indices/none", "")
	s.bad(400, "failed to parse unit", "GET", "/_cat/indices?bytes=x", "")
	s.bad(400, "none of the columns", "GET", "/_cat/indices?h=x", "")
	s.bad(400, "Unable to sort", "GET", "/_cat/indices?s=x", "")
	s.bad(400, "format [yaml]", "GET", "/_cat/indices?format=yaml", "")
	require.Contains(t, s.ok("GET", "/_cat/indices?help", ""), "docs.count | dc,docsCount | available docs")
	require.Contains(t, s.ok("GET", "/_cat/health", ""), "pharos green 1 1 3 3")
	status, body := s.do("GET", "/_cat/health", "", "Accept", "application/vnd.elasticsearch+json;compatible-with=8")
	require.Equal(t, 200, status)
	require.Contains(t, body, `"status":"green"`)
	require.NotContains(t, s.ok("GET", "/_cat/indices", ""), "secret")
}

func TestTemplates(t *testing.T) {
	s := newServer(t)
	s.ok("PUT", "/_component_template/base", `{"template":{"settings":{"index.lifecycle.name":"week"}}}`)
	s.ok("PUT", "/_index_template/logs", `{"index_patterns":"logs-*","priority":200,"version":3,"composed_of":["base"],"template":{"settings":{"number_of_shards":1},"mappings":{"properties":{"a":{"type":"keyword"}}}},"data_stream":{}}`)
	require.Equal(t, "logs-*", s.json("GET", "/_index_template/logs", "index_templates/0/index_template/index_patterns/0"), "one pattern becomes a list")
	require.Equal(t, "keyword", s.json("GET", "/_index_template/l*", "index_templates/0/index_template/template/mappings/properties/a/type"))
	s.bad(404, "", "HEAD", "/_index_template/none", "")
	s.bad(404, "resource_not_found_exception", "GET", "/_index_template/none", "")
	s.ok("HEAD", "/_index_template/logs", "")
	s.ok("GET", "/_index_template/none*", "")
	require.Equal(t, "logs [logs-*] 200 3 [base]", strings.TrimSpace(s.ok("GET", "/_cat/templates", "")))
	s.bad(400, "already exists", "PUT", "/_index_template/logs?create=true", `{"index_patterns":["x"]}`)
	s.bad(400, "index patterns are missing", "PUT", "/_index_template/x", `{}`)
	s.bad(400, "unknown field [patterns]", "PUT", "/_index_template/x", `{"patterns":["x"]}`)
	s.bad(400, "do not exist", "PUT", "/_index_template/x", `{"index_patterns":["x"],"composed_of":["none"]}`)
	s.ok("PUT", "/_index_template/x", `{"index_patterns":["x"],"composed_of":["none@custom"],"ignore_missing_component_templates":["none@custom"]}`)
	s.bad(400, "invalid name", "PUT", "/_index_template/a*b", `{"index_patterns":["x"]}`)
	s.bad(400, "cannot read [x]", "PUT", "/_index_template/x", `{"index_patterns":3}`)
	s.bad(400, "x_content_parse_exception", "PUT", "/_index_template/x", `{`)
	s.bad(400, "time value", "PUT", "/_index_template/x", `{"index_patterns":["x"],"template":{"lifecycle":{"data_retention":"soon"}}}`)
	s.bad(413, "larger than", "PUT", "/_component_template/x", `{"_meta":"`+strings.Repeat("x", maxObject)+`"}`)
	s.bad(400, "still in use by index templates [logs]", "DELETE", "/_component_template/base", "")
	s.ok("DELETE", "/_index_template/logs", "")
	s.ok("DELETE", "/_component_template/base", "")
	s.bad(404, "missing", "DELETE", "/_component_template/base", "")
	s.ok("PUT", "/_template/old?order=5", `{"index_patterns":["old-*"],"settings":{"index":{"lifecycle":{"name":"week"}}},"aliases":{"all-old":{}}}`)
	require.Equal(t, 5.0, s.json("GET", "/_template/old", "old/order"))
	s.bad(404, "{}", "GET", "/_template/none", "")
	status, _ := s.do("HEAD", "/_template/old", "", "X-Scope-OrgID", "other")
	require.Equal(t, 404, status, "another tenant's")
}

// brief are the rules as texts.
func (s *server) brief() []string {
	var out []string
	for _, r := range s.catalog.RetentionRules("t") {
		var ms []string
		for _, m := range r.Matchers {
			ms = append(ms, m.String())
		}
		out = append(out, strings.Join(ms, ",")+" "+elasticDuration(r.Period))
	}
	return out
}

func TestLifecycleBecomesRetention(t *testing.T) {
	s := newServer(t)
	require.Empty(t, s.brief())
	s.ok("PUT", "/_ilm/policy/week", `{"policy":{"phases":{"hot":{"actions":{"rollover":{"max_age":"1d","max_size":"50gb"}}},"warm":{"min_age":"2d","actions":{}},"delete":{"min_age":"7d","actions":{"delete":{}}}}}}`)
	s.ok("PUT", "/_ilm/policy/forever", `{"policy":{"phases":{"hot":{"actions":{}}},"_meta":{"a":1}}}`)
	s.ok("PUT", "/_index_template/logs", `{"index_patterns":["logs-*","app.*"],"priority":100,"template":{"settings":{"index":{"lifecycle":{"name":"week","rollover_alias":"logs"}}}}}`)
	s.ok("PUT", "/_index_template/audit", `{"index_patterns":["logs-audit-*"],"priority":200,"template":{"settings":{"lifecycle.name":"forever"}}}`)
	s.ok("PUT", "/_index_template/short", `{"index_patterns":["logs-debug-*"],"priority":300,"template":{"lifecycle":{"data_retention":"12h"}},"data_stream":{}}`)
	s.ok("PUT", "/_template/old", `{"index_patterns":["*"],"settings":{"index.lifecycle.name":"week"}}`)
	s.ok("PUT", "/special", `{"settings":{"index.lifecycle.name":"week"}}`)
	s.ok("PUT", "/_data_stream/logs-debug-x", "")
	s.ok("PUT", "/_data_stream/logs-debug-x/_lifecycle", `{"data_retention":"3h"}`)
	require.Equal(t, []string{
		`index="logs-debug-x" 3h`, `index="special" 8d`,
		`index=~"logs-debug-.*",index!="" 12h`,
		`index=~"logs-.*|app\\..*",index!~"logs-audit-.*",index!="" 8d`,
		`index=~".*",index!~"logs-audit-.*",index!="" 8d`,
	}, s.brief())
	rules := s.catalog.RetentionRules("t")
	require.Greater(t, rules[0].Priority, rules[1].Priority)
	require.True(t, rules[3].Matchers[0].Matches("logs-web") && !rules[3].Matchers[1].Matches("logs-audit-1"))
	require.Empty(t, s.catalog.RetentionRules("other"))

	require.Equal(t, "7d", s.json("GET", "/_ilm/policy/week", "week/policy/phases/delete/min_age"))
	require.Equal(t, "logs", s.json("GET", "/_ilm/policy/week", "week/in_use_by/composable_templates/0"))
	s.append("t", map[string]string{"index": "logs-web"}, "{}")
	require.Equal(t, "8d", s.json("GET", "/logs-web/_ilm/explain", "indices/logs-web/kept_for"))
	require.Equal(t, "3h", s.json("GET", "/_data_stream/logs-debug-x/_lifecycle", "data_streams/0/lifecycle/data_retention"))
	require.Equal(t, "RUNNING", s.json("GET", "/_ilm/status", "operation_mode"))

	s.bad(400, "does not support phase [cool]", "PUT", "/_ilm/policy/x", `{"policy":{"phases":{"cool":{}}}}`)
	s.bad(400, "more than 0", "PUT", "/_ilm/policy/x", `{"policy":{"phases":{"delete":{"min_age":"0ms","actions":{"delete":{}}}}}}`)
	s.bad(400, "time value", "PUT", "/_ilm/policy/x", `{"policy":{"phases":{"delete":{"min_age":"1 week"}}}}`)
	s.bad(400, "want one field [policy]", "PUT", "/_ilm/policy/x", `{"phases":{}}`)
	s.bad(404, "Lifecycle policy not found: x", "GET", "/_ilm/policy/x", "")
	s.ok("DELETE", "/_ilm/policy/week", "")
	s.bad(404, "not found", "DELETE", "/_ilm/policy/week", "")
	require.Equal(t, []string{`index="logs-debug-x" 3h`, `index=~"logs-debug-.*",index!="" 12h`}, s.brief())
}

func TestIndicesAndAliases(t *testing.T) {
	s := newServer(t)
	target := func(name string) Target {
		to, err := s.catalog.Target(t.Context(), "t", name)
		require.NoError(t, err)
		return to
	}
	// Jaeger's and Logstash's way to a rollover alias.
	s.ok("PUT", "/_template/x", `{"index_patterns":"span-*","aliases":{"span-read":{}}}`)
	s.ok("PUT", "/span-000001", `{"settings":{"index":{"number_of_shards":3}},"mappings":{"dynamic":true}}`)
	s.ok("POST", "/_aliases", `{"actions":[{"add":{"alias":"span-write","index":"span-000001","is_write_index":true}}]}`)
	s.ok("PUT", "/%3Clogs-%7Bnow%2Fd%7D-000001%3E", `{"aliases":{"logs":{"is_write_index":true}}}`)
	require.Equal(t, Target{Index: "span-000001", Alias: true}, target("span-write"))
	require.Equal(t, Target{Index: "span-000001", Alias: true}, target("span-read"))
	require.Equal(t, Target{Index: "logs-" + time.Now().UTC().Format("2006.01.02") + "-000001", Alias: true}, target("logs"))
	require.Equal(t, Target{Index: "free"}, target("free"))
	s.ok("HEAD", "/_alias/span-write", "")
	s.bad(404, "alias [none] missing", "GET", "/_alias/none", "")
	require.Equal(t, true, s.json("GET", "/_alias/span-write", "span-000001/aliases/span-write/is_write_index"))
	require.Contains(t, s.ok("GET", "/_cat/aliases", ""), "span-write span-000001")
	require.Equal(t, "3", s.json("GET", "/span-write/_settings", "span-000001/settings/index/number_of_shards"))
	require.Equal(t, map[string]any{"dynamic": true}, s.json("GET", "/span-*?flat_settings=true", "span-000001/mappings"))
	s.ok("PUT", "/span-000001/_settings", `{"index":{"lifecycle":{"name":"p"},"number_of_shards":null}}`)
	require.Equal(t, "p", s.json("GET", "/span-000001/_settings", "span-000001/settings/index/lifecycle/name"))
	require.Equal(t, "1", s.json("GET", "/span-000001/_settings", "span-000001/settings/index/number_of_shards"))

	s.ok("PUT", "/span-000002", "")
	_, err := s.catalog.Target(t.Context(), "t", "span-read")
	require.ErrorContains(t, err, "no write index is defined for alias [span-read]")
	s.ok("DELETE", "/span-000001,span-000002/_alias/span-read", "")
	require.Equal(t, Target{Index: "span-read"}, target("span-read"))
	s.bad(404, "aliases [span-read] missing", "DELETE", "/span-000001/_alias/span-read", "")
	s.bad(400, "same name as the alias", "PUT", "/span-000001/_alias/span-000002", "")
	s.bad(400, "already exists as alias", "PUT", "/span-write", "")
	s.bad(400, "resource_already_exists_exception", "PUT", "/span-000001", "")
	s.bad(400, "must be lowercase", "PUT", "/Upper", "")
	s.bad(400, "with a filter", "PUT", "/span-000001/_alias/f", `{"filter":{"term":{"a":1}}}`)
	s.bad(400, "[remove_index] is not supported", "POST", "/_aliases", `{"actions":[{"remove_index":{"index":"x"}}]}`)
	s.bad(404, "no such index [none]", "GET", "/none", "")
	require.Equal(t, "{}", s.ok("GET", "/none*", ""))
	require.Equal(t, "{}", s.ok("GET", "/none?ignore_unavailable=true", ""))
	require.JSONEq(t, `{"_shards":{"total":3,"successful":3,"failed":0}}`, s.ok("POST", "/_refresh", ""))
	s.bad(404, "no such index", "POST", "/none/_refresh", "")

	s.append("t", map[string]string{"index": "full"}, "{}")
	s.bad(400, `a deletion request for {index=\"full\"}`, "DELETE", "/full", "")
	s.bad(400, "Wildcard", "DELETE", "/f*", "")
	s.ok("DELETE", "/span-000002", "")
	var deleted []string
	s.admin.DeleteIndex = func(_ context.Context, id tenant.ID, index string) error {
		deleted = append(deleted, string(id)+" "+index)
		return nil
	}
	s.ok("DELETE", "/full", "")
	require.Equal(t, []string{"t full"}, deleted)
}

func TestDataStreams(t *testing.T) {
	s := newServer(t)
	s.bad(400, "no matching index template found", "PUT", "/_data_stream/metrics-x", "")
	s.ok("PUT", "/_index_template/m", `{"index_patterns":["metrics-*"],"data_stream":{},"template":{"settings":{"index.lifecycle.name":"p"}}}`)
	s.ok("PUT", "/_data_stream/metrics-x", "")
	s.bad(400, "already exists", "PUT", "/_data_stream/metrics-x", "")
	s.bad(400, "creates data streams only", "PUT", "/metrics-y", "")
	to, err := s.catalog.Target(t.Context(), "t", "metrics-by-a-document")
	require.NoError(t, err)
	require.True(t, to.DataStream)
	s.append("t", map[string]string{"index": "metrics-by-a-document"}, "{}")
	require.Equal(t, "p", s.json("GET", "/_data_stream/metrics-by*", "data_streams/0/ilm_policy"))
	require.Contains(t, s.ok("GET", "/_data_stream", ""), "metrics-x")
	s.bad(404, "no such index [none]", "GET", "/_data_stream/none", "")
	s.ok("DELETE", "/_data_stream/metrics-x", "")
	require.NotContains(t, s.ok("GET", "/_data_stream", ""), "metrics-x")
}

func TestStateIsBounded(t *testing.T) {
	s := newServer(t)
	for i := range 9 {
		status, body := s.do("PUT", "/_component_template/c"+string(rune('a'+i)), `{"_meta":"`+strings.Repeat("x", maxObject-200)+`"}`)
		if i < 8 {
			require.Equal(t, 200, status, body)
		} else {
			require.Equal(t, 400, status, body)
			require.Contains(t, body, "all documents together may have 16777216 bytes")
		}
	}
}

package logstash

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

// generate is an input of given texts of JSON.
func generate(lines ...string) string {
	quoted := make([]string, len(lines))
	for i, l := range lines {
		quoted[i] = "'" + l + "'"
	}
	return fmt.Sprintf("input { generator { lines => [%s] count => 1 codec => json } }\n", strings.Join(quoted, ", "))
}

func TestElasticsearchOutput(t *testing.T) {
	p := newPlace(t)
	now := time.Now().UTC()
	at := now.Format("2006-01-02T15:04:05.000Z")
	doc := fmt.Sprintf(`{"@timestamp":"%s","m":"same","id":"1"}`, at)
	p.run(generate(doc, doc, strings.Replace(doc, `"1"`, `"2"`, 1), `{"m":"stream","data_stream":{"dataset":"app"}}`, `{"m":"bad","action":"delete"}`)+`
output {
  if [m] == "same" { elasticsearch { index => "app-%{+yyyy.MM.dd}" document_id => "%{id}" } }
  else if [m] == "stream" { elasticsearch { hosts => "http://es:9200" } }
  else { elasticsearch { index => "x" action => "%{action}" } }
}`, DefaultConfig())
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_dead_letters_total", "reason=malformed") == 1 }, 10*time.Second, 10*time.Millisecond)
	got := strings.Join(p.wait(3), "\n")
	require.Equal(t, 2, strings.Count(got, `{index="app-`+now.Format("2006.01.02")+`"`), "one id is one document")
	require.Contains(t, got, `{index="logs-app-default"`)
	require.Contains(t, got, `"data_stream":{"dataset":"app","namespace":"default","type":"logs"}`)
	text, err := os.ReadFile(filepath.Join(p.deps.Dir, "dead_letters", "main.ndjson"))
	require.NoError(t, err)
	require.Contains(t, string(text), `"m":"bad"`)
}

func TestElasticsearchElsewhere(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	fails := 2
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b, _ := io.ReadAll(r.Body)
		if user, pass, _ := r.BasicAuth(); user != "u" || pass != "pw" || r.URL.Path != "/_bulk" {
			w.WriteHeader(401)
			return
		}
		if fails > 0 {
			fails--
			w.WriteHeader(503)
			return
		}
		bodies = append(bodies, string(b))
		_, _ = io.WriteString(w, `{"errors":true,"items":[{"index":{"status":201}},{"index":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"no"}}}]}`)
	}))
	t.Cleanup(server.Close)
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Hosts = map[string]string{"es": "127.0.0.1"}
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	cfg.ExternalElasticsearch = []string{"es" + port}
	p.run(generate(`{"m":1}`, `{"m":2}`)+fmt.Sprintf(`output { elasticsearch { hosts => ["http://es%s"] index => "i" user => "u" password => "pw" } }`, port),
		Config{BatchSize: 2, Workers: 1, Hosts: cfg.Hosts, ExternalElasticsearch: cfg.ExternalElasticsearch})
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(bodies) > 0 }, 10*time.Second, 10*time.Millisecond)
	require.Contains(t, bodies[0], `{"index":{"_index":"i"}}`)
	require.Empty(t, p.entries(tenant.Default))
	require.EqualValues(t, 0, fails)
}

func TestHTTPOutput(t *testing.T) {
	var mu sync.Mutex
	var got []string
	busy := 1
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b, _ := io.ReadAll(r.Body)
		switch {
		case strings.Contains(string(b), "bad"):
			w.WriteHeader(400)
		case busy > 0:
			busy--
			w.WriteHeader(503)
		default:
			got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-K")+" "+string(b))
		}
	}))
	t.Cleanup(server.Close)
	p := newPlace(t)
	p.run(generate(`{"m":"one"}`, `{"m":"bad"}`, `{"m":"two"}`)+fmt.Sprintf(`output { http { url => "%s/%%{m}" http_method => put format => json headers => { "X-K" => "%%{m}" } mapping => { "v" => "%%{m}" } } }`, server.URL), DefaultConfig())
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(got) == 2 }, 10*time.Second, 10*time.Millisecond)
	// What was refused for being busy comes again, maybe behind the others.
	require.ElementsMatch(t, []string{`PUT /one one {"v":"one"}`, `PUT /two two {"v":"two"}`}, got)
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_dead_letters_total", "reason=http_400") == 1 }, 5*time.Second, 10*time.Millisecond)
}

func TestFileOutputStaysInItsFolder(t *testing.T) {
	p := newPlace(t)
	dir := t.TempDir()
	outside := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "out"), 0o755))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "out", "link")))
	p.run(generate(`{"f":"a/b","m":1}`, `{"f":"../../escape","m":2}`, `{"f":"..","m":3}`)+fmt.Sprintf(`output { file { path => "%s/out/%%{f}.log" codec => line { format => "%%{m}" } } }`, dir), DefaultConfig())
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_events_total", "stage=out") == 3 }, 5*time.Second, 10*time.Millisecond)
	read := func(name string) string { b, _ := os.ReadFile(filepath.Join(dir, "out", name)); return string(b) }
	require.Equal(t, "1\n", read("a/b.log"))
	require.Equal(t, "2\n", read("_filepath_failures"))
	require.Equal(t, "3\n", read("...log"))
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = os.Stat(filepath.Join(filepath.Dir(dir), "escape.log"))
	require.Error(t, err)
}

func TestLokiOutputAndTenant(t *testing.T) {
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Pipelines = map[string]PipelineConfig{"main": {Tenant: "team"}}
	p.run(generate(`{"message":"hello","job":"web","env":"prod","trace":"t1","deep":{"x":1}}`, `{"other":1}`)+
		`output { loki { url => "http://loki:3100/loki/api/v1/push" include_fields => ["job","env"] metadata_fields => ["trace"] } }`, cfg)
	require.Eventually(t, func() bool { return len(p.entries("team")) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, []string{`{env="prod", job="web", service_name="web"} hello`}, p.entries("team"))
	require.Empty(t, p.entries(tenant.Default))
}

func TestDeadLettersForLinesThatAreTooLong(t *testing.T) {
	p := newPlace(t)
	p.run(generate(`{"m":"`+strings.Repeat("x", 300<<10)+`"}`, `{"m":"short"}`)+`output { pharos { labels => { "app" => "t" } line => "m" } }`, DefaultConfig())
	p.wait(1)
	require.EqualValues(t, 1, p.counter("pharos_pipeline_dead_letters_total", "reason=line_too_long"))
}

func TestProblemsComeTogether(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.conf")
	require.NoError(t, os.WriteFile(file, []byte(`input {
  jdbc { }
  kafka { topik => "x" codec => avro }
}
filter { grokk { } }
output {
  email { to => "x" }
  elasticsearch { action => "delete" }
  tcp { host => "h" }
}
`), 0o644))
	err := Check([]string{file, filepath.Join(t.TempDir(), "none.conf")}, DefaultConfig(), os.LookupEnv)
	require.Error(t, err)
	for _, want := range []string{"bad.conf:2:3: input jdbc is not supported (ship the table", "bad.conf:3:11:", `kafka has no setting "topik"`, "codec avro is not supported; have the producer write json",
		"bad.conf:5:10:", "bad.conf:7:3: output email is not supported (notifications", "bad.conf:8:29:", "delete is not supported", "tcp needs the setting port", "none.conf: no such file"} {
		require.Contains(t, err.Error(), want)
	}
}

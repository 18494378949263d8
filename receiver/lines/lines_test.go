package lines

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/test/doortest"
)

func serve(t testing.TB, change func(*CollectorConfig)) (*doortest.Kit, *doortest.Server, *Receiver) {
	t.Helper()
	k := doortest.New(t, func(c *ingest.Config) { c.Limits.MaxAge, c.Limits.PerStreamRateLimit = 100*365*24*time.Hour, 0 })
	cfg := DefaultCollectorConfig()
	if change != nil {
		change(&cfg)
	}
	require.NoError(t, cfg.Validate())
	r := New(DefaultConfig(), cfg, Deps{Sink: k.Sink, Registry: prometheus.NewRegistry(),
		ClientAddress: func(r *http.Request) string { return r.Header.Get("X-Test-Address") }})
	return k, doortest.Serve(t, r.Routes()), r
}

// TestAccess reads the formats' own examples and what strangers make web servers write.
func TestAccess(t *testing.T) {
	for _, c := range []struct {
		line, want string
		combined   bool
	}{
		{`127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326`,
			`{bytes="2326", ip="127.0.0.1", method="GET", path="/apache_pb.gif", protocol="HTTP/1.0", status="200", user="frank"} 2000-10-10T20:55:36Z`, false},
		{`127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`,
			`{agent="Mozilla/4.08 [en] (Win98; I ;Nav)", bytes="2326", ip="127.0.0.1", method="GET", path="/apache_pb.gif", protocol="HTTP/1.0", referer="http://www.example.com/start.html", status="200", user="frank"} 2000-10-10T20:55:36Z`, true},
		{`2001:db8::1 - - [26/Nov/2026:10:00:00 +0000] "-" 408 - "-" "-"`, `{ip="2001:db8::1", status="408"} 2026-11-26T10:00:00Z`, true},
		{`h - - [26/Nov/2026:10:00:00 +0000] "\x16\x03\x01 \" x" 400 0`, `{bytes="0", ip="h", status="400"} 2026-11-26T10:00:00Z`, false},
		{`1.2.3.4 - user-7 [2026-11-26T10:00:00.123Z] "PATCH /a b HTTP/1.1" 404 7`, `{bytes="7", ip="1.2.3.4", method="PATCH", path="/a b", protocol="HTTP/1.1", status="404", user="user-7"} 2026-11-26T10:00:00.123Z`, false},
		{`h - - [26/Nov/2026:10:00:00 +0000] "GET /" 200 1 "r" "a" 0.003 extra`, `{agent="a", bytes="1", ip="h", method="GET", path="/", referer="r", status="200"} 2026-11-26T10:00:00Z`, true},
	} {
		a, ok := parseAccess(c.line, c.combined)
		require.True(t, ok, c.line)
		require.Equal(t, c.want, sorted(a)+" "+a.time.UTC().Format(time.RFC3339Nano))
	}
	for _, bad := range []string{"", "hello", `h - - [yesterday] "GET / HTTP/1.1" 200 1`, `h - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 2x0 1`, `h - - [26/Nov/2026:10:00:00 +0000] "GET`} {
		_, ok := parseAccess(bad, false)
		require.False(t, ok, bad)
	}
	_, ok := parseAccess(`h - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1`, true)
	require.False(t, ok, "combined has two texts more")
}

func sorted(a *accessLine) string {
	var b door.Batch
	p := push{Receiver: &Receiver{now: time.Now}}
	p.add(&parsed{fields: a.fields, time: a.time})
	b = p.batch
	return b.Streams()[0].Entries[0].Metadata.String()
}

// TestFormats posts one text in each format.
func TestFormats(t *testing.T) {
	const access = `10.0.0.9 - - [26/Nov/2025:10:00:00 +0000] "GET /x HTTP/1.1" 200 12`
	for _, c := range []struct {
		format, body string
		want         []string // line | time | metadata
	}{
		{"plain", "one\r\n\ntwo", []string{"one||map[]", "two||map[]"}},
		{"", access, []string{access + "||map[]"}},
		{"clf", access + "\nnonsense", []string{access + "|2025-11-26T10:00:00Z|map[bytes:12 ip:10.0.0.9 method:GET path:/x protocol:HTTP/1.1 status:200]", "nonsense||map[parse_error:not_clf]"}},
		{"combined", access, []string{access + "||map[parse_error:not_combined]"}},
		{"json", `{"time":"2025-11-26T10:00:00.5Z","m":1}` + "\n" + `{"ts":1764151200123}` + "\n" + `{"ts":1764151200.5}`, []string{
			`{"time":"2025-11-26T10:00:00.5Z","m":1}|2025-11-26T10:00:00.5Z|map[]`, `{"ts":1764151200123}|2025-11-26T10:00:00.123Z|map[]`, `{"ts":1764151200.5}|2025-11-26T10:00:00.5Z|map[]`}},
		{"docker", `{"log":"first ","stream":"stdout","time":"2025-11-26T10:00:00.1Z"}` + "\n" + `{"log":"other\n","stream":"stderr","time":"2025-11-26T10:00:00.2Z"}` + "\n" +
			`{"log":"half\n","stream":"stdout","time":"2025-11-26T10:00:00.3Z"}`, []string{"first half|2025-11-26T10:00:00.1Z|map[stream:stdout]", "other|2025-11-26T10:00:00.2Z|map[stream:stderr]"}},
		{"cri", "2025-11-26T10:00:00.1Z stdout P first \n2025-11-26T10:00:00.2Z stdout F half\n2025-11-26T11:00:00.3+01:00 stderr F \n2025-11-26T10:00:00.4Z stdout P no end",
			[]string{"first half|2025-11-26T10:00:00.1Z|map[stream:stdout]", "|2025-11-26T10:00:00.3Z|map[stream:stderr]", "no end|2025-11-26T10:00:00.4Z|map[stream:stdout]"}},
		{"auto", access + "\n2025-11-26T10:00:00.1Z stdout F x\n" + `{"a":1}` + "\nwords", []string{
			access + "|2025-11-26T10:00:00Z|map[bytes:12 ip:10.0.0.9 method:GET path:/x protocol:HTTP/1.1 status:200]", "x|2025-11-26T10:00:00.1Z|map[stream:stdout]", `{"a":1}||map[]`, "words||map[]"}},
	} {
		t.Run(c.format, func(t *testing.T) {
			k, s, _ := serve(t, nil)
			begin := time.Now()
			status, answer, _ := s.Do(t, "POST", "/api/pharos/v1/lines?app=x&format="+c.format, c.body)
			require.Equal(t, 200, status, answer)
			require.JSONEq(t, fmt.Sprintf(`{"stored":%d}`, len(c.want)), answer)
			found := map[string]bool{}
			for _, e := range k.Entries(t) {
				require.Equal(t, map[string]string{"job": "lines", "app": "x", "service_name": "x"}, e.Labels)
				delete(e.Metadata, "detected_level")
				at := e.Time.UTC().Format(time.RFC3339Nano)
				if e.Time.Sub(begin).Abs() < time.Minute {
					at = ""
				}
				found[fmt.Sprintf("%s|%s|%v", e.Line, at, e.Metadata)] = true
			}
			for _, w := range c.want {
				require.True(t, found[w], "%s in %v", w, found)
			}
		})
	}
}

func TestAFileIsStoredWhileItComes(t *testing.T) {
	k, s, _ := serve(t, nil)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	const lines = 25_000
	for i := range lines {
		fmt.Fprintf(z, "the same line\n")
		if i == 0 {
			fmt.Fprintf(z, "%s\n", strings.Repeat("x", 300<<10))
		}
	}
	require.NoError(t, z.Close())
	status, answer, _ := s.Do(t, "PUT", "/api/pharos/v1/lines/app.log?job=files", b.String(), "Content-Encoding: gzip")
	require.Equal(t, 200, status, answer)
	require.JSONEq(t, fmt.Sprintf(`{"stored":%d}`, lines+1), answer)
	found := k.Entries(t)
	require.Len(t, found, lines+1, "equal lines are several")
	require.Equal(t, "app.log", found[0].Labels["filename"])
	require.Len(t, found[1].Line, 256<<10, "a line that is too long is cut")
	require.GreaterOrEqual(t, k.Sink.Pushes.Load(), int64(3))
}

func TestBadRequests(t *testing.T) {
	k, s, _ := serve(t, nil)
	for path, code := range map[string]string{"?format=xml": "bad_format", "?bad-name=1": "bad_label"} {
		status, answer, _ := s.Do(t, "POST", "/api/pharos/v1/lines"+path, "x")
		require.Equal(t, 400, status)
		require.Contains(t, answer, code)
	}
	for _, body := range []string{"", `{"x":1}`, `[1]`, strings.Repeat("[", 1000)} {
		status, _, _ := s.Do(t, "POST", "/collector", body, "Content-Type: application/json")
		require.Equal(t, 400, status, body)
	}
	require.Empty(t, k.Entries(t))
	k.Sink.Refuse.Store(&ingest.Refusal{Reason: ingest.DiskFull, Temporary: true, RetryAfter: 5 * time.Second})
	status, _, header := s.Do(t, "POST", "/collector", "x")
	require.Equal(t, 503, status)
	require.Equal(t, "5", header.Get("Retry-After"))
}

func TestIdempotencyKeys(t *testing.T) {
	k, s, _ := serve(t, nil)
	const line = `10.0.0.9 - - [26/Nov/2025:10:00:00 +0000] "GET /x HTTP/1.1" 200 12`
	post := func(key string) {
		status, answer, _ := s.Do(t, "POST", "/collector", line+"\n"+line+"\nno access line", "Idempotency-Key: "+key)
		require.Equal(t, 200, status, answer)
	}
	post("a")
	post("a")
	require.Len(t, k.Entries(t), 3, "the same request")
	post("b")
	require.Len(t, k.Entries(t), 6, "another request")
	for range 2 {
		status, _, _ := s.Do(t, "POST", "/collector", line)
		require.Equal(t, 200, status)
	}
	require.Len(t, k.Entries(t), 8, "requests without a key are all new")
}

func TestCollector(t *testing.T) {
	line := func(method string) string {
		return fmt.Sprintf(`10.0.0.9 - - [26/Nov/2025:10:00:00 +0000] "%s /x HTTP/1.1" 200 12`, method)
	}
	for name, c := range map[string]struct{ kind, body string }{
		"text":    {"text/plain;charset=UTF-8", line("POST") + "\n" + line("GET") + "\n" + line("PATCH") + "\n" + line("DELETE") + "\n" + line("HEAD")},
		"log":     {"application/json", fmt.Sprintf(`{"log":%q}`, line("POST")+"\n"+line("GET")+"\n"+line("PUT")+"\n"+line("DELETE")+"\n"+line("OPTIONS"))},
		"message": {"application/json", fmt.Sprintf(`[{"message":%q,"timestamp":"x"},%q,{"log":[%q,%q]},%q]`, line("POST"), line("GET"), line("PUT"), line("DELETE"), "other")},
	} {
		t.Run(name, func(t *testing.T) {
			k, s, r := serve(t, nil)
			status, answer, _ := s.Do(t, "POST", "/log_collector", c.body, "Content-Type: "+c.kind)
			require.Equal(t, 200, status, answer)
			require.JSONEq(t, `{"stored":5}`, answer)
			operations := map[string]int{}
			for _, e := range k.Entries(t) {
				require.Equal(t, map[string]string{"job": "web", "service_name": "web"}, e.Labels)
				operations[e.Metadata["operation"]]++
			}
			require.Equal(t, map[string]int{"create": 1, "read": 1, "update": 1, "delete": 1, "": 1}, operations)
			for _, op := range []string{"create", "read", "update", "delete"} {
				require.InDelta(t, 1, testutil.ToFloat64(r.metrics.operations.WithLabelValues("t", op)), 0)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	_, s, _ := serve(t, func(c *CollectorConfig) { c.Origins = []string{"https://shop.example"} })
	for origin, allowed := range map[string]string{"https://shop.example": "https://shop.example", "https://evil.example": ""} {
		status, _, header := s.Do(t, "OPTIONS", "/collector", "", "Origin: "+origin, "Access-Control-Request-Method: POST")
		require.Equal(t, 204, status)
		require.Equal(t, allowed, header.Get("Access-Control-Allow-Origin"))
		status, _, header = s.Do(t, "POST", "/collector", "x", "Origin: "+origin)
		require.Equal(t, 200, status, "the gate refuses it, not the handler")
		require.Equal(t, allowed, header.Get("Access-Control-Allow-Origin"))
	}
}

func TestEachAddressHasItsRate(t *testing.T) {
	k, s, _ := serve(t, func(c *CollectorConfig) { c.Rate, c.Burst = 1, 3 })
	status, _, _ := s.Do(t, "POST", "/collector", "1\n2\n3", "X-Test-Address: a")
	require.Equal(t, 200, status)
	status, _, header := s.Do(t, "POST", "/collector", "4", "X-Test-Address: a")
	require.Equal(t, 429, status)
	require.Equal(t, "1", header.Get("Retry-After"))
	status, _, _ = s.Do(t, "POST", "/collector", "5", "X-Test-Address: b")
	require.Equal(t, 200, status)
	require.Len(t, k.Entries(t), 4)
	l := newLimiter(1, 1)
	for i := range 3 * maxAddresses {
		l.take(fmt.Sprint(i), 1, time.Now())
	}
	require.LessOrEqual(t, len(l.young)+len(l.old), 2*maxAddresses)
}

func FuzzFormats(f *testing.F) {
	for _, s := range []string{`h - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "r" "a"`, "2025-11-26T10:00:00.1Z stdout P x", `{"log":"x\n","stream":"stdout","time":"2025-11-26T10:00:00.1Z"}`, `{"ts":1764151200123}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, name := range []format{plain, asJSON, clf, combined, docker, cri, auto} {
			p := name.read(s)
			if name == plain && p.line != s {
				t.Fatal("a plain line is as it is")
			}
		}
	})
}

func BenchmarkCollector(b *testing.B) {
	_, s, r := serve(b, func(c *CollectorConfig) { c.Rate = 0 })
	_ = r
	var body strings.Builder
	const lines = 500
	for i := range lines {
		fmt.Fprintf(&body, "10.0.0.%d - user-%d [%s] \"POST /items/%d HTTP/1.1\" 201 %d\n", i%250, i, time.Now().Format("02/Jan/2006:15:04:05 -0700"), i, i)
	}
	for b.Loop() {
		status, _, _ := s.Do(b, "POST", "/collector", body.String())
		require.Equal(b, 200, status)
	}
	b.ReportMetric(float64(b.N*lines)/b.Elapsed().Seconds(), "lines/s")
}

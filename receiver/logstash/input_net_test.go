package logstash

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v2 "github.com/elastic/go-lumber/client/v2"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/tenant"
)

func TestTCP(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { tcp { host => "127.0.0.1" port => %d codec => multiline { pattern => "^\s" what => previous auto_flush_interval => 1 } tags => ["a"] } }
filter { mutate { add_field => { "out" => "%%{message}|%%{tags}|%%{[@metadata][input][tcp][source][ip]}" } } }
output { pharos { labels => { "app" => "t" } line => "out" } }`, port), DefaultConfig())
	c := connect(t, port)
	_, _ = io.WriteString(c, "first\r\n  more\nsecond\n")
	require.Equal(t, []string{`{app="t", service_name="t"} first` + "\n  more|multiline,a|127.0.0.1"}, p.wait(1))
	p.wait(2) // the second goes by itself, after a second
	_, _ = io.WriteString(c, "no end")
	require.NoError(t, c.Close())
	require.Contains(t, p.wait(3), `{app="t", service_name="t"} no end|a|127.0.0.1`)
}

func TestTCPLongLineIsCut(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { tcp { host => "127.0.0.1" port => %d } } filter { truncate { length_bytes => 10 fields => ["message"] } } %s`, port, plainPharos), DefaultConfig())
	c := connect(t, port)
	_, err := io.WriteString(c, strings.Repeat("x", maxLine+100)+"\nshort\n")
	require.NoError(t, err)
	require.Len(t, p.wait(3), 3)
	require.EqualValues(t, 1, p.counter("pharos_pipeline_dead_letters_total", "reason=line_too_long"))
}

func TestUDPAndCodecs(t *testing.T) {
	for name, c := range map[string]struct{ codec, sent, want string }{
		"plain":   {"plain", "hello", "hello"},
		"charset": {`plain { charset => "ISO-8859-1" }`, "caf\xe9", "café"},
		"json":    {"json", `{"message":"m","a":1}`, "m"},
		"bytes":   {"plain", "a\xffb", `a\xFFb`},
		"msgpack": {"msgpack", "\x82\xa7message\xa1m\xa1a\x01", "m"},
		"csv":     {`csv { columns => ["x","message"] }`, "1,\"a,b\"", "a,b"},
		"fluent":  {"fluent", "\x93\xa1t\x01\x81\xa7message\xa2hi", "hi"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			port := testkit.FreePort(t)
			stop := p.run(fmt.Sprintf(`input { udp { host => "127.0.0.1" port => %d codec => %s } } filter { date { match => ["none", "UNIX"] } mutate { remove_field => "x" } } output { pharos { labels => { "app" => "t" } line => "message" } }`, port, c.codec), DefaultConfig())
			conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port))
			require.NoError(t, err)
			defer conn.Close()
			require.Eventually(t, func() bool {
				_, _ = conn.Write([]byte(c.sent))
				return len(p.entries(tenant.Default)) > 0 || name == "fluent" && p.counter("pharos_pipeline_dead_letters_total", "reason=greater_than_max_sample_age") > 0
			}, 10*time.Second, 30*time.Millisecond)
			stop()
			if name != "fluent" { // its time is in 1970
				require.Equal(t, `{app="t", service_name="t"} `+c.want, p.entries(tenant.Default)[0])
			}
		})
	}
}

func TestSyslog(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { syslog { host => "127.0.0.1" port => %d timezone => "UTC" ecs_compatibility => disabled } }
output { pharos { labels => { "app" => "t" } format => "%%{priority} %%{facility_label} %%{severity_label} %%{logsource} %%{program} %%{pid} %%{message} %%{+HH:mm:ss} %%{host}" } }`, port), DefaultConfig())
	c := connect(t, port)
	stamp := time.Now().UTC().Format("Jan _2 15:04:05")
	_, _ = fmt.Fprintf(c, "<34>%s mymachine su[23]: 'su root' failed\nnot syslog\n", stamp)
	got := p.wait(2)
	require.Contains(t, got, `{app="t", service_name="t"} 34 security/authorization Critical mymachine su 23 'su root' failed `+stamp[7:]+" 127.0.0.1")
	require.Contains(t, strings.Join(got, "\n"), `13 user-level Notice %{logsource} %{program} %{pid} not syslog`)
}

func TestSyslogOwnPattern(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { syslog { host => "127.0.0.1" port => %d grok_pattern => "<%%{POSINT:[log][syslog][priority]:int}>%%{WORD:[host][hostname]} %%{GREEDYDATA:message}" } }
output { pharos { labels => { "app" => "t" } format => "%%{[log][syslog][severity][name]} %%{[host][hostname]} %%{message}" } }`, port), DefaultConfig())
	c := connect(t, port)
	_, _ = io.WriteString(c, "<34>box it works\n")
	p.waitLines("Critical box it works")
}

func TestHTTP(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { http { host => "127.0.0.1" port => %d user => "u" password => "secret" response_code => 202 response_headers => { "X-Up" => "yes" } } }
output { pharos { labels => { "app" => "t" } format => "%%{message} %%{[url][path]} %%{[http][method]}" } }`, port), DefaultConfig())
	connect(t, port)
	post := func(user, body string, headers ...string) (*http.Response, string) {
		req, err := http.NewRequest("POST", fmt.Sprintf("http://127.0.0.1:%d/in?x=1", port), strings.NewReader(body))
		require.NoError(t, err)
		req.SetBasicAuth(user, "secret")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp, string(text)
	}
	resp, _ := post("nobody", "x")
	require.Equal(t, 401, resp.StatusCode)
	resp, text := post("u", "plain text")
	require.Equal(t, 202, resp.StatusCode)
	require.Equal(t, "ok", text)
	require.Equal(t, "yes", resp.Header.Get("X-Up"))
	require.Equal(t, []string{`{app="t", service_name="t"} plain text /in?x=1 POST`}, p.entries(tenant.Default), "an answer means that it is stored")
	resp, _ = post("u", `[{"message":"a"},{"message":"b"}]`, "Content-Type", "application/json; charset=utf-8")
	require.Equal(t, 202, resp.StatusCode)
	require.Len(t, p.entries(tenant.Default), 3)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, "packed")
	require.NoError(t, z.Close())
	post("u", packed.String(), "Content-Encoding", "gzip")
	require.Contains(t, p.entries(tenant.Default), `{app="t", service_name="t"} packed /in?x=1 POST`)
	resp, _ = post("u", "no gzip", "Content-Encoding", "gzip")
	require.Equal(t, 400, resp.StatusCode)
}

func TestBeats(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { beats { host => "127.0.0.1" port => %d } }
output { pharos { labels => { "app" => "t" } format => "%%{message} %%{[agent][type]} %%{[@metadata][beat]} %%{tags} %%{[event][original]}" } }`, port), DefaultConfig())
	c := connect(t, port)
	require.NoError(t, c.Close())
	cl, err := v2.SyncDial(fmt.Sprintf("127.0.0.1:%d", port), v2.CompressionLevel(3), v2.Timeout(10*time.Second))
	require.NoError(t, err)
	defer cl.Close()
	event := func(n int) any {
		return map[string]any{"@timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "message": fmt.Sprint("line ", n), "agent": map[string]any{"type": "filebeat"},
			"@metadata": map[string]any{"beat": "filebeat"}}
	}
	n, err := cl.Send([]any{event(1), event(2), map[string]any{"raw": 1}})
	require.NoError(t, err)
	require.Equal(t, 3, n)
	got := p.entries(tenant.Default)
	require.Len(t, got, 3, "acknowledged means stored")
	require.Contains(t, got, `{app="t", service_name="t"} line 1 filebeat filebeat beats_input_codec_plain_applied line 1`)
	require.Contains(t, strings.Join(got, "\n"), "beats_input_raw_event")

	// What the store refuses for now is not acknowledged, and the client is kept waiting.
	down := errors.New("away")
	p.fail.Store(&down)
	sent := make(chan error, 1)
	go func() { _, err := cl.Send([]any{event(3)}); sent <- err }()
	select {
	case err := <-sent:
		t.Fatal("acknowledged what is not stored", err)
	case <-time.After(300 * time.Millisecond):
	}
	p.fail.Store(nil)
	require.NoError(t, <-sent)
	require.Len(t, p.entries(tenant.Default), 4)
}

// TestBeatsHostile sends what would take memory, or is nothing of the protocol.
func TestBeatsHostile(t *testing.T) {
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { beats { host => "127.0.0.1" port => %d } } %s`, port, plainPharos), DefaultConfig())
	for _, sent := range []string{"2W\xff\xff\xff\xff", "2W\x00\x00\x00\x012J\x00\x00\x00\x01\xff\xff\xff\xff", "GET / HTTP/1.1\r\n\r\n", "2W\x00\x00\x00\x012C\x00\x00\x00\x03abc"} {
		c := connect(t, port)
		_, err := io.WriteString(c, sent)
		require.NoError(t, err)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err = c.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF, "%q", sent)
	}
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_dead_letters_total", "plugin=input beats") >= 4 }, 5*time.Second, 10*time.Millisecond)
}

func TestTLSWithClients(t *testing.T) {
	dir := t.TempDir()
	ca, server, client := makeCertificates(t, dir)
	p := newPlace(t)
	port := testkit.FreePort(t)
	p.run(fmt.Sprintf(`input { beats { host => "127.0.0.1" port => %d ssl_enabled => true ssl_certificate => "%s.crt" ssl_key => "%s.key" ssl_certificate_authorities => ["%s"] ssl_client_authentication => required ssl_peer_metadata => true } }
output { pharos { labels => { "app" => "t" } format => "%%{message} %%{[@metadata][tls_peer][subject]}" } }`, port, server, server, ca), DefaultConfig())
	connect(t, port)
	dial := func(cert string) (*v2.SyncClient, error) {
		return v2.SyncDialWith(func(_, address string) (net.Conn, error) { return tlsDial(address, ca, cert) }, fmt.Sprintf("127.0.0.1:%d", port), v2.Timeout(5*time.Second))
	}
	if cl, err := dial(""); err == nil {
		_, err = cl.Send([]any{map[string]any{"message": "x"}})
		require.Error(t, err, "a client without a certificate")
	}
	cl, err := dial(client)
	require.NoError(t, err)
	defer cl.Close()
	_, err = cl.Send([]any{map[string]any{"message": "hello"}})
	require.NoError(t, err)
	require.Equal(t, []string{`{app="t", service_name="t"} hello CN=client`}, p.entries(tenant.Default))
}

func TestPipelinesToEachOther(t *testing.T) {
	p := newPlace(t)
	yml := filepath.Join(p.dir, "pipelines.yml")
	require.NoError(t, os.WriteFile(yml, []byte(`
- pipeline.id: upstream
  config.string: 'input { generator { lines => ["a", "b"] count => 3 } } output { pipeline { send_to => ["down"] } }'
- pipeline.id: downstream
  pipeline: {workers: 1, batch.size: 2}
  config.string: 'input { pipeline { address => down } } output { pharos { labels => { "app" => "t" } line => "message" } }'
`), 0o644))
	p.deps.Registry = p.reg
	m, err := New([]string{yml}, DefaultConfig(), p.deps)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = m.Run(ctx) }()
	p.wait(6)

	// A reload stops what changed and leaves the rest running.
	text, err := os.ReadFile(yml)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(yml, []byte(strings.Replace(string(text), `["a", "b"] count => 3`, `["c"] count => 50`, 1)), 0o644))
	since := m.Statuses(tenant.Default)
	require.NoError(t, m.Reload([]string{yml}, DefaultConfig()))
	cancel() // at once: what the generator has made must arrive all the same
	<-done
	n := p.counter("pharos_pipeline_events_total", "pipeline=upstream", "stage=in")
	require.Len(t, p.entries(tenant.Default), int(n))
	require.Equal(t, since[1].Since, m.Statuses(tenant.Default)[1].Since)
	require.ErrorContains(t, m.Reload([]string{yml + "x.conf"}, DefaultConfig()), "no such file")
}

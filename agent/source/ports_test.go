package source

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
)

type listener interface {
	Source
	Addr() string
}

// listen starts a port and returns its address.
func (r *rig) listen(build func(Deps) listener) string {
	var l listener
	r.start(func(d Deps) Source { l = build(d); return l })
	require.Eventually(r.t, func() bool { return l.Addr() != "" }, 5*time.Second, time.Millisecond)
	return l.Addr()
}

const syslogRules = `
- {action: labelmap, regex: '__syslog_message_(severity|facility|app_name|hostname|sd_.*)'}
- {source_labels: [__syslog_connection_ip_address], target_label: peer}
`

func TestSyslog(t *testing.T) {
	const modern = `<165>1 2026-10-11T22:14:15.003Z host.example app 42 ID47 [ex@32473 iut="3"] an event`
	const old = `<34>Oct 11 22:14:15 mymachine su: 'su root' failed`
	for name, c := range map[string]struct {
		cfg     conf.SyslogConfig
		network string
		send    string
		want    []string
	}{
		"5424, lines":  {network: "tcp", send: modern + "\n" + modern + "2\n", want: []string{"an event", "an event2"}},
		"5424, octets": {network: "tcp", send: fmt.Sprintf("%d %s%d %s", len(modern), modern, len(modern), modern), want: []string{"an event", "an event"}},
		"5424, whole":  {cfg: conf.SyslogConfig{UseRFC5424Message: true}, network: "tcp", send: modern + "\n", want: []string{modern}},
		"5424, UDP":    {network: "udp", send: modern, want: []string{"an event"}},
		"3164, lines":  {cfg: conf.SyslogConfig{Format: "rfc3164"}, network: "tcp", send: old + "\n", want: []string{"'su root' failed"}},
		"raw":          {cfg: conf.SyslogConfig{Format: "raw"}, network: "tcp", send: "no syslog at all\r\n\nlast", want: []string{"no syslog at all", "last"}},
		"raw, zero":    {cfg: conf.SyslogConfig{Format: "raw", Raw: conf.SyslogRaw{NullTerminated: true}}, network: "udp", send: "a\nb\x00c\x00", want: []string{"a\nb", "c"}},
		"3164, UDP":    {cfg: conf.SyslogConfig{Format: "rfc3164"}, network: "udp", send: old, want: []string{"'su root' failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, syslogRules)
			cfg := c.cfg
			cfg.ListenAddress, cfg.ListenProtocol, cfg.IdleTimeout, cfg.MaxMessageLength = "127.0.0.1:0", c.network, time.Minute, 8192
			cfg.LabelStructuredData, cfg.UseIncomingTimestamp, cfg.Labels = true, true, map[string]string{"job": "syslog"}
			addr := r.listen(func(d Deps) listener { return NewSyslog(cfg, d) })
			conn, err := net.Dial(c.network, addr)
			require.NoError(t, err)
			_, err = conn.Write([]byte(c.send))
			require.NoError(t, err)
			require.NoError(t, conn.Close())
			r.expect(c.want...)
			e := r.q.entries()[0]
			require.Equal(t, "127.0.0.1", e.Labels.Get("peer"))
			require.Equal(t, "syslog", e.Labels.Get("job"))
			if cfg.Format == "" {
				require.Equal(t, "3", e.Labels.Get("sd_ex_32473_iut"))
				require.Equal(t, "app", e.Labels.Get("app_name"))
				require.Equal(t, "notice", e.Labels.Get("severity"))
				require.Equal(t, time.Date(2026, 10, 11, 22, 14, 15, 3e6, time.UTC).UnixNano(), e.Entry.Time)
			}
		})
	}
}

func TestSyslogWithTLS(t *testing.T) {
	cert, key := certificate(t)
	r := newRig(t, "")
	cfg := conf.SyslogConfig{ListenAddress: "127.0.0.1:0", ListenProtocol: "tcp", IdleTimeout: time.Minute, MaxMessageLength: 8192,
		TLS: conf.TLS{CertFile: cert, KeyFile: key}, Labels: map[string]string{"a": "b"}}
	addr := r.listen(func(d Deps) listener { return NewSyslog(cfg, d) })
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	_, err = conn.Write([]byte("<13>1 - - - - - - in secret\n"))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	r.expect("in secret")
}

func TestGelf(t *testing.T) {
	r := newRig(t, `
- {source_labels: [__gelf_message_host], target_label: host}
- {source_labels: [__gelf_message_level], target_label: level}
`)
	addr := r.listen(func(d Deps) listener {
		return NewGelf(conf.GelfConfig{ListenAddress: "127.0.0.1:0", UseIncomingTimestamp: true}, d)
	})
	conn, err := net.Dial("udp", addr)
	require.NoError(t, err)
	defer conn.Close()
	send := func(b []byte) {
		_, err := conn.Write(b)
		require.NoError(t, err)
	}
	plain := `{"version":"1.1","host":"h1","short_message":"plain","timestamp":1700000000.5,"level":3,"_x":1}`
	send([]byte(plain))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	noise := make([]byte, 3000)
	_, _ = rand.Read(noise)
	big := fmt.Sprintf(`{"version":"1.1","host":"h2","short_message":"packed","full_message":"%x"}`, noise)
	_, _ = z.Write([]byte(big))
	require.NoError(t, z.Close())
	id := []byte("12345678")
	var parts [][]byte
	for b := packed.Bytes(); len(b) > 0; {
		n := min(len(b), 1000)
		parts, b = append(parts, b[:n]), b[n:]
	}
	for i := len(parts) - 1; i >= 0; i-- { // in the wrong order
		send(append(append([]byte{0x1e, 0x0f}, append(id, byte(i), byte(len(parts)))...), parts[i]...))
	}
	send([]byte{0x1e, 0x0f, 1})
	send([]byte("no json"))
	r.expect(plain, big)
	for _, e := range r.q.entries() {
		if e.Labels.Get("host") == "h1" {
			require.Equal(t, "error", e.Labels.Get("level"))
			require.Equal(t, int64(1700000000500000000), e.Entry.Time)
		}
	}
}

func TestPush(t *testing.T) {
	r := newRig(t, `
- {source_labels: [app], regex: secret, action: drop}
- {source_labels: [app], target_label: service}
`)
	addr := r.listen(func(d Deps) listener {
		return NewPush(conf.PushConfig{Server: conf.PushServer{ListenAddress: "127.0.0.1"}, Labels: map[string]string{"pushed": "yes"}, KeepTimestamp: true}, d)
	})
	post := func(path, kind string, body []byte) int {
		resp, err := http.Post("http://"+addr+path, kind, bytes.NewReader(body))
		require.NoError(t, err)
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	push := func(app, line string) []byte {
		b, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": map[string]string{"app": app},
			"values": []any{[]any{"1700000000000000001", line, map[string]string{"trace": "t1"}}}}}})
		require.NoError(t, err)
		return b
	}
	require.Equal(t, http.StatusNoContent, post("/loki/api/v1/push", "application/json", push("web", "one")))
	require.Equal(t, []string{"one"}, r.q.texts(), "the answer comes after the queue has it")
	require.Equal(t, http.StatusNoContent, post("/loki/api/v1/push", "application/json", push("secret", "two")))
	require.Equal(t, http.StatusBadRequest, post("/loki/api/v1/push", "application/json", []byte("{")))
	require.Equal(t, http.StatusNoContent, post("/promtail/api/v1/raw", "text/plain", []byte("raw 1\n\nraw 2")))
	r.expect("one", "raw 1", "raw 2")
	e := r.q.entries()[0]
	require.Equal(t, "web", e.Labels.Get("service"))
	require.Equal(t, "yes", e.Labels.Get("pushed"))
	require.Equal(t, int64(1700000000000000001), e.Entry.Time)
	require.Equal(t, "t1", e.Entry.Metadata.Get("trace"))
	http.DefaultClient.CloseIdleConnections()
}

func TestPushIsNotAcknowledgedWhileTheQueueIsFull(t *testing.T) {
	r := newRig(t, "")
	r.q.full = true
	f := feed.New(feed.Config{Job: "j", Chain: r.chain(), Queue: r.q})
	err := keep(t.Context(), f, []feed.Line{{Text: "x"}}, 50*time.Millisecond)
	require.Error(t, err)
	require.Empty(t, r.q.texts())
}

func FuzzGelf(f *testing.F) {
	f.Add([]byte(`{"version":"1.1","host":"h","short_message":"m"}`), []byte{0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, '{', '}'})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		c := chunks{waiting: map[[8]byte]*partial{}}
		for _, packet := range [][]byte{a, b, a} {
			m, err := c.add(packet, time.Unix(0, 0))
			if err != nil || m == nil {
				continue
			}
			if text, err := unpack(m); err == nil {
				if g, err := parseGelf(text); err == nil && !json.Valid([]byte(g.line)) {
					t.Fatalf("line %q is no JSON", g.line)
				}
			}
		}
		if c.bytes < 0 || c.bytes > maxWaiting {
			t.Fatalf("%d bytes wait", c.bytes)
		}
	})
}

func TestGelfBounds(t *testing.T) {
	c := chunks{waiting: map[[8]byte]*partial{}}
	for i := range 1000 {
		packet := append([]byte{0x1e, 0x0f, byte(i), byte(i >> 8), 0, 0, 0, 0, 0, 0, 0, 2}, strings.Repeat("x", 60000)...)
		_, _ = c.add(packet, time.Unix(0, 0))
	}
	require.LessOrEqual(t, c.bytes, maxWaiting)
	_, err := c.add([]byte{0x1e, 0x0f, 9, 9, 9, 9, 9, 9, 9, 9, 0, 2, 'x'}, time.Unix(60, 0))
	require.NoError(t, err)
	require.Equal(t, 1, c.bytes, "what waited for too long is gone")
}

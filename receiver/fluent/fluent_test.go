package fluent

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/doortest"
)

func listen(t testing.TB, k *doortest.Kit, change func(*Config)) *Receiver {
	t.Helper()
	cfg := DefaultConfig()
	cfg.TCP, cfg.Tenant = "127.0.0.1:0", doortest.Tenant
	if change != nil {
		change(&cfg)
	}
	require.NoError(t, cfg.Validate())
	r, err := Listen(t.Context(), cfg, door.Deps{Sink: k.Sink, Log: k.Log, Metrics: door.NewMetrics(prometheus.NewRegistry())})
	require.NoError(t, err)
	doortest.Run(t, r.Run)
	return r
}

func dial(t testing.TB, r *Receiver) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", r.Addrs()[0].String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return c
}

func pack(t testing.TB, v any) []byte {
	t.Helper()
	b, err := msgpack.Marshal(v)
	require.NoError(t, err)
	return b
}

type m = map[string]any

// nanos is an EventTime.
func nanos(at time.Time) msgpack.RawMessage {
	s, n := uint32(at.Unix()), uint32(at.Nanosecond())
	return msgpack.RawMessage{0xd7, 0, byte(s >> 24), byte(s >> 16), byte(s >> 8), byte(s), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

func zipped(parts ...[]byte) []byte {
	var b bytes.Buffer
	for _, p := range parts { // a member each, as Fluentd's buffers have them
		z := gzip.NewWriter(&b)
		_, _ = z.Write(p)
		_ = z.Close()
	}
	return b.Bytes()
}

// TestModes sends the same event in every mode of the protocol.
func TestModes(t *testing.T) {
	at := time.Now().Add(-time.Minute)
	record := m{"log": "hello\n", "n": 3, "nested": m{"a": true}, "none": nil}
	entry := pack(t, []any{nanos(at), record})
	for name, message := range map[string]any{
		"message":           []any{"web.access", nanos(at), record},
		"message, options":  []any{"web.access", nanos(at), record, m{"chunk": "c1"}},
		"forward":           []any{"web.access", []any{[]any{nanos(at), record}}, m{"chunk": "c2"}},
		"packed":            []any{"web.access", entry, m{"chunk": "c3", "size": 1}},
		"packed as text":    []any{"web.access", string(entry)},
		"compressed":        []any{"web.access", zipped(entry), m{"compressed": "gzip", "chunk": "c4"}},
		"compressed, parts": []any{"web.access", zipped(entry[:5], entry[5:]), m{"compressed": "gzip"}},
		"fluent bit":        []any{"web.access", pack(t, []any{[]any{nanos(at), m{}}, record}), m{"fluent_signal": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			k := doortest.New(t, nil)
			r := listen(t, k, nil)
			c := dial(t, r)
			_, err := c.Write(append([]byte{0xc0}, pack(t, message)...)) // a sign of life first
			require.NoError(t, err)
			if parts := message.([]any); len(parts) > 2 {
				if o, ok := parts[len(parts)-1].(m); ok && o["chunk"] != nil {
					var ack m
					require.NoError(t, msgpack.NewDecoder(c).Decode(&ack))
					require.Equal(t, m{"ack": o["chunk"]}, ack)
					require.Len(t, k.Entries(t), 1, "an acknowledgement comes after the entry")
				}
			}
			e := k.Wait(t, doortest.Tenant, 1)[0]
			require.Equal(t, doortest.Entry{Time: time.Unix(0, at.UnixNano()), Line: "hello",
				Labels:   map[string]string{"job": "fluent", "tag": "web.access", "service_name": "fluent"},
				Metadata: map[string]string{"n": "3", "nested_a": "true", "detected_level": "unknown"}}, e)
		})
	}
}

func TestARepeatedChunkIsThereOnce(t *testing.T) {
	k := doortest.New(t, nil)
	r := listen(t, k, nil)
	at := time.Now().Unix()
	send := func(chunk string) {
		c := dial(t, r)
		event := []any{at, m{"message": "same"}}
		precise := []any{nanos(time.Unix(at, 5)), m{"message": "same too"}}
		_, err := c.Write(pack(t, []any{"a", []any{event, event, precise, precise}, m{"chunk": chunk}}))
		require.NoError(t, err)
		var ack m
		require.NoError(t, msgpack.NewDecoder(c).Decode(&ack))
		require.Equal(t, m{"ack": chunk}, ack)
	}
	send("one")
	require.Len(t, k.Entries(t), 4, "equal events of a chunk are several")
	send("one")
	require.Len(t, k.Entries(t), 4, "a chunk that comes again is the same")
	send("two")
	require.Len(t, k.Entries(t), 6, "whole seconds of another chunk are others; equal nanoseconds are a repeat")
}

func TestNoAcknowledgementWithoutTheDisk(t *testing.T) {
	k := doortest.New(t, nil)
	r := listen(t, k, nil)
	k.Sink.Refuse.Store(&ingest.Refusal{Reason: ingest.DiskFull, Temporary: true})
	c := dial(t, r)
	_, err := c.Write(pack(t, []any{"a", time.Now().Unix(), m{"log": "x"}, m{"chunk": "c"}}))
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(500*time.Millisecond)))
	_, err = c.Read(make([]byte, 1))
	var n net.Error
	require.ErrorAs(t, err, &n)
	require.True(t, n.Timeout())
	k.Sink.Refuse.Store(nil)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	var ack m
	require.NoError(t, msgpack.NewDecoder(c).Decode(&ack))
	require.Len(t, k.Entries(t), 1)
}

func TestLabelsAndLines(t *testing.T) {
	k := doortest.New(t, nil)
	r := listen(t, k, func(c *Config) {
		c.LabelKeys = map[string]string{"namespace": "kubernetes.namespace_name", "missing": "a.b"}
		c.Labels = map[string]string{"cluster": "c1"}
	})
	c := dial(t, r)
	_, err := c.Write(pack(t, []any{"kube.x", nanos(time.Now()), m{"code": 7, "kubernetes": m{"namespace_name": "shop"}}}))
	require.NoError(t, err)
	e := k.Wait(t, doortest.Tenant, 1)[0]
	require.JSONEq(t, `{"code":7,"kubernetes":{"namespace_name":"shop"}}`, e.Line, "without a text the record is the line")
	require.Equal(t, map[string]string{"job": "fluent", "tag": "kube.x", "namespace": "shop", "cluster": "c1", "service_name": "fluent"}, e.Labels)
}

// TestOfficialClient uses fluent-logger-golang with acknowledgements, plain and by TLS.
func TestOfficialClient(t *testing.T) {
	for _, network := range []string{"tcp", "tls"} {
		k := doortest.New(t, nil)
		r := listen(t, k, func(c *Config) {
			if network == "tls" {
				c.TCP, c.TLS = "", "127.0.0.1:0"
				c.TLSConfig.CertFile, c.TLSConfig.KeyFile = doortest.Certificate(t)
			}
		})
		addr := r.Addrs()[0].(*net.TCPAddr)
		client, err := fluent.New(fluent.Config{FluentNetwork: network, FluentHost: "127.0.0.1", FluentPort: addr.Port, RequestAck: true, SubSecondPrecision: true,
			ReadTimeout: 10 * time.Second, TlsInsecureSkipVerify: true})
		require.NoError(t, err)
		for i := range 20 {
			require.NoError(t, client.Post("app", map[string]any{"message": fmt.Sprintf("line %d", i), "i": i}))
			require.Len(t, k.Entries(t), i+1)
		}
		require.NoError(t, client.Close())
	}
}

// shake is a client's part of the handshake.
func shake(t *testing.T, c net.Conn, key, user, password string) (admitted bool, reason string) {
	d := msgpack.NewDecoder(c)
	var helo []any
	require.NoError(t, d.Decode(&helo))
	require.Equal(t, "HELO", helo[0])
	options := helo[1].(m)
	nonce, auth := options["nonce"].(string), options["auth"].(string)
	digest := ""
	if auth != "" {
		digest = hash(auth, user, password)
	}
	_, err := c.Write(pack(t, []any{"PING", "client", "salt", hash("salt", "client", nonce, key), user, digest}))
	require.NoError(t, err)
	var pong []any
	require.NoError(t, d.Decode(&pong))
	require.Equal(t, "PONG", pong[0])
	if pong[1].(bool) {
		require.Equal(t, hash("salt", pong[3].(string), nonce, key), pong[4])
	}
	return pong[1].(bool), pong[2].(string)
}

func TestHandshake(t *testing.T) {
	k := doortest.New(t, nil)
	keyed := listen(t, k, func(c *Config) { c.SharedKey = "s3cret" })
	ok, _ := shake(t, dial(t, keyed), "s3cret", "", "")
	require.True(t, ok)
	ok, reason := shake(t, dial(t, keyed), "wrong", "", "")
	require.False(t, ok)
	require.Equal(t, "shared_key mismatch", reason)

	users := listen(t, k, func(c *Config) {
		c.SharedKey = "s3cret"
		c.Users = []User{{"ann", "a-password", "acme"}, {"bob", "b-password", "other"}}
	})
	ok, reason = shake(t, dial(t, users), "s3cret", "ann", "b-password")
	require.False(t, ok)
	require.Equal(t, "username/password mismatch", reason)
	c := dial(t, users)
	ok, _ = shake(t, c, "s3cret", "ann", "a-password")
	require.True(t, ok)
	_, err := c.Write(pack(t, []any{"a", nanos(time.Now()), m{"log": "of acme"}}))
	require.NoError(t, err)
	require.Equal(t, "of acme", k.Wait(t, "acme", 1)[0].Line)
	require.Empty(t, k.EntriesOf(t, tenant.ID("other")))

	// Before the handshake nothing is taken.
	early := dial(t, keyed)
	_, err = early.Write(pack(t, []any{"a", nanos(time.Now()), m{"log": "sneaked in"}}))
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, early)
	require.Empty(t, k.Entries(t))
}

func TestHeartbeat(t *testing.T) {
	r := listen(t, doortest.New(t, nil), func(c *Config) { c.Heartbeat = "127.0.0.1:0" })
	c, err := net.Dial("udp", r.Addrs()[1].String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = c.Write([]byte{0})
	require.NoError(t, err)
	b := make([]byte, 10)
	n, err := c.Read(b)
	require.NoError(t, err)
	require.Equal(t, []byte{0}, b[:n])
}

func TestBounds(t *testing.T) {
	k := doortest.New(t, nil)
	r := listen(t, k, func(c *Config) { c.MaxMessage, c.MaxUnpacked, c.MaxInFlight = 4096, 8192, 1<<20 })
	bomb := zipped(bytes.Repeat([]byte{0x92, 0x01, 0x80}, 100_000))
	for name, b := range map[string][]byte{
		"long":      pack(t, []any{"a", nanos(time.Now()), m{"log": strings.Repeat("x", 5000)}}),
		"announced": {0x93, 0xa1, 'a', 0x01, 0xdf, 0xff, 0xff, 0xff, 0xff},
		"bomb":      pack(t, []any{"a", bomb, m{"compressed": "gzip"}}),
		"deep":      append([]byte{0x93, 0xa1, 'a', 0x01}, bytes.Repeat([]byte{0x91}, 3000)...),
		"nonsense":  []byte("GET / HTTP/1.1\r\n\r\n"),
	} {
		c := dial(t, r)
		_, err := c.Write(b)
		require.NoError(t, err)
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		_, _ = io.Copy(io.Discard, c)
		require.Empty(t, k.Entries(t), name)
	}
	require.Zero(t, r.inFlight.Load(), "memory is given back")
}

func TestCertificatesOfClients(t *testing.T) {
	k := doortest.New(t, nil)
	cert, key := doortest.Certificate(t)
	r := listen(t, k, func(c *Config) {
		c.TCP, c.TLS = "", "127.0.0.1:0"
		c.TLSConfig = door.TLS{CertFile: cert, KeyFile: key, ClientCAFile: cert}
	})
	send := func(c *tls.Config) error {
		conn, err := tls.Dial("tcp", r.Addrs()[0].String(), c)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.Write(pack(t, []any{"a", nanos(time.Now()), m{"log": "x"}, m{"chunk": "c"}})); err != nil {
			return err
		}
		return msgpack.NewDecoder(conn).Decode(&m{})
	}
	require.Error(t, send(&tls.Config{InsecureSkipVerify: true}))
	pair, err := tls.LoadX509KeyPair(cert, key)
	require.NoError(t, err)
	require.NoError(t, send(&tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}))
}

func FuzzRead(f *testing.F) {
	seeds, _ := filepath.Glob("testdata/*.bin")
	for _, s := range seeds {
		b, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(pack(f, []any{"a", time.Now().Unix(), m{"log": "x"}, m{"chunk": "c"}}))
	f.Add(pack(f, []any{"a", zipped(pack(f, []any{1, m{}})), m{"compressed": "gzip"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		taken := 0
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			msg, err := read(r, bounds{sent: 1 << 16, unpacked: 1 << 17, take: func(n int) error { taken += n; return nil }})
			if err != nil {
				break
			}
			if msg != nil {
				var to door.Batch
				(&mapper{job: "j"}).add(msg, &to)
			}
		}
		if limit := 1<<20 + 2000*len(b); taken > limit {
			t.Fatalf("%d bytes made it take %d", len(b), taken)
		}
	})
}

// BenchmarkForward measures events from the connection's bytes to the synced log.
func BenchmarkForward(b *testing.B) {
	k := doortest.New(b, func(c *ingest.Config) { c.Limits.PerStreamRateLimit = 0 })
	c := dial(b, listen(b, k, nil))
	const size = 1000
	var stream []byte
	for i := 0; i < b.N; i += size {
		var packed []byte
		for j := range size {
			packed = append(packed, pack(b, []any{nanos(time.Now()), m{"log": fmt.Sprintf("a line of usual length, as they come %d", i+j), "container": "web"}})...)
		}
		stream = append(stream, pack(b, []any{"app", packed, m{"chunk": fmt.Sprint(i)}})...)
	}
	require.NoError(b, c.SetDeadline(time.Now().Add(10*time.Minute)))
	b.ResetTimer()
	go func() { _, _ = c.Write(stream) }()
	d := msgpack.NewDecoder(c)
	for i := 0; i < b.N; i += size {
		var ack m
		require.NoError(b, d.Decode(&ack))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

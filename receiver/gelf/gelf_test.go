package gelf

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/test/doortest"
)

func listen(t testing.TB, k *doortest.Kit, change func(*Config)) *Receiver {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Tenant = doortest.Tenant
	if change != nil {
		change(&cfg)
	}
	require.NoError(t, cfg.Validate())
	r, err := Listen(t.Context(), cfg, door.Deps{Sink: k.Sink, Log: k.Log, Metrics: door.NewMetrics(prometheus.NewRegistry())})
	require.NoError(t, err)
	doortest.Run(t, r.Run)
	return r
}

func sample(at time.Time, text string) string {
	return fmt.Sprintf(`{"version":"1.1","host":"example.org","short_message":%q,"timestamp":%d.%03d,"level":4,"_user_id":9001,"_some":{"deep":"x"},"_gone":null}`,
		text, at.Unix(), at.Nanosecond()/1e6)
}

func requireSample(t *testing.T, e doortest.Entry, at time.Time, text string) {
	t.Helper()
	require.Equal(t, text, e.Line)
	require.Equal(t, map[string]string{"job": "gelf", "host": "example.org", "level": "warning", "service_name": "gelf"}, e.Labels)
	require.Equal(t, map[string]string{"user_id": "9001", "some_deep": "x", "detected_level": "warn"}, e.Metadata)
	require.Equal(t, at.UnixMilli(), e.Time.UnixMilli())
}

func pieces(message []byte, size int, id string) [][]byte {
	var out [][]byte
	n := (len(message) + size - 1) / size
	for i := range n {
		piece := append([]byte{0x1e, 0x0f}, id...)
		out = append(out, append(append(piece, byte(i), byte(n)), message[i*size:min(len(message), (i+1)*size)]...))
	}
	return out
}

func TestDatagrams(t *testing.T) {
	k := doortest.New(t, nil)
	r := listen(t, k, func(c *Config) { c.UDP = "127.0.0.1:0" })
	c, err := net.Dial("udp", r.Addrs()[0].String())
	require.NoError(t, err)
	defer c.Close()
	at := time.Now().Add(-time.Minute)
	send := func(b []byte) {
		_, err := c.Write(b)
		require.NoError(t, err)
	}
	var zipped, deflated bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(sample(at.Add(time.Second), "gzip")))
	require.NoError(t, z.Close())
	d := zlib.NewWriter(&deflated)
	_, _ = d.Write([]byte(sample(at.Add(2*time.Second), "zlib")))
	require.NoError(t, d.Close())
	send([]byte(sample(at, "plain")))
	send(zipped.Bytes())
	send(deflated.Bytes())
	long := strings.Repeat("long ", 2000)
	all := pieces([]byte(sample(at.Add(3*time.Second), long)), 100, "ABCDEFGH")
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, p := range append(all[:3:3], all...) { // some twice
		send(p)
	}
	found := k.Wait(t, doortest.Tenant, 4)
	for i, text := range []string{"plain", "gzip", "zlib", long} {
		requireSample(t, found[i], at.Add(time.Duration(i)*time.Second), text)
	}
}

func TestConnections(t *testing.T) {
	k := doortest.New(t, nil)
	r := listen(t, k, func(c *Config) {
		c.TCP, c.TLS = "127.0.0.1:0", "127.0.0.1:0"
		c.TLSConfig.CertFile, c.TLSConfig.KeyFile = doortest.Certificate(t)
	})
	at := time.Now().Add(-time.Minute)
	plain, err := net.Dial("tcp", r.Addrs()[0].String())
	require.NoError(t, err)
	secure, err := tls.Dial("tcp", r.Addrs()[1].String(), &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	_, err = fmt.Fprintf(plain, "%s\x00not json\x00\x00%s\x00%s", sample(at, "0"), sample(at.Add(time.Second), "1"), sample(at.Add(2*time.Second), "2"))
	require.NoError(t, err)
	require.NoError(t, plain.Close())
	_, err = fmt.Fprintf(secure, "%s\x00", sample(at.Add(3*time.Second), "3"))
	require.NoError(t, err)
	defer secure.Close()
	for i, e := range k.Wait(t, doortest.Tenant, 4) {
		requireSample(t, e, at.Add(time.Duration(i)*time.Second), fmt.Sprint(i))
	}
}

func TestHTTP(t *testing.T) {
	k := doortest.New(t, nil)
	s := doortest.Serve(t, listen(t, k, nil).Routes())
	at := time.Now().Add(-time.Minute)
	status, body, _ := s.Do(t, "POST", "/gelf", sample(at, "0"))
	require.Equal(t, 202, status, body)
	require.Empty(t, body)
	status, _, _ = s.Do(t, "POST", "/gelf", sample(at.Add(time.Second), "1")+"\n"+sample(at.Add(2*time.Second), "2")+"\n")
	require.Equal(t, 202, status)
	for i, e := range k.Entries(t) {
		requireSample(t, e, at.Add(time.Duration(i)*time.Second), fmt.Sprint(i))
	}
	for _, bad := range []string{"", "[]", "null", `{"host":"x"}`, "{", `{"short_message":"a"} {"short_message":"b"}`, strings.Repeat(`{"a":`, 100_000)} {
		status, _, _ = s.Do(t, "POST", "/gelf", bad)
		require.Equal(t, 400, status, "%.40s", bad)
	}
	k.Sink.Refuse.Store(&ingest.Refusal{Reason: ingest.RateLimited, Temporary: true, RetryAfter: 3 * time.Second})
	status, _, header := s.Do(t, "POST", "/gelf", sample(at, "x"))
	require.Equal(t, 429, status)
	require.Equal(t, "3", header.Get("Retry-After"))
	require.Len(t, k.Entries(t), 3)
}

func TestForms(t *testing.T) {
	now := time.Now()
	for message, want := range map[string]string{
		`{"short_message":"s","full_message":"f\nf","facility":"x","level":"3"}`:       `{facility="x", job="gelf", level="err"} "f\nf" {short_message="s"}`,
		`{"message":"s","host":"h","level":99,"file":"a.go","line":7,"_tags":["a",1]}`: `{host="h", job="gelf"} "s" {file="a.go", line="7", tags="[\"a\",1]"}`,
	} {
		m := &mapper{job: "gelf", now: func() time.Time { return now }}
		var b door.Batch
		require.NoError(t, m.add([]byte(message), &b))
		s := b.Streams()[0]
		require.Equal(t, want, fmt.Sprintf("%s %q %s", s.Labels, s.Entries[0].Line, s.Entries[0].Metadata))
		require.Equal(t, now.UnixNano(), s.Entries[0].Time)
	}
}

func TestPiecesAreBounded(t *testing.T) {
	now := time.Now()
	drops := map[string]int{}
	c := newChunks(1000, func(reason string, n int) { drops[reason] += n })
	c.now = func() time.Time { return now }
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	two := pieces([]byte("helloworld"), 5, "AAAAAAAA")
	got, err := c.add(two[0], a)
	require.NoError(t, err)
	require.Nil(t, got)
	got, err = c.add(two[1], b)
	require.NoError(t, err)
	require.Nil(t, got, "pieces of two senders do not meet")
	now = now.Add(6 * time.Second)
	got, err = c.add(two[1], a)
	require.NoError(t, err)
	require.Nil(t, got, "too late")
	require.Equal(t, map[string]int{door.TimedOut: 2}, drops)
	got, err = c.add(two[0], a)
	require.NoError(t, err)
	require.Equal(t, "helloworld", string(got))
	for i := range maxWaiting + 10 {
		_, err = c.add(pieces([]byte("helloworld"), 5, fmt.Sprintf("%08d", i))[0], a)
		require.NoError(t, err)
	}
	require.Equal(t, 10, drops[door.Full])
	require.Len(t, c.byID, maxWaiting)
	for _, p := range pieces(bytes.Repeat([]byte("x"), 1100), 500, "BBBBBBBB") {
		_, err = c.add(p, a)
	}
	require.ErrorIs(t, err, errTooLarge)
	_, err = c.add([]byte{0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 200, 201}, a)
	require.ErrorIs(t, err, errMalformed)
}

func FuzzDatagram(f *testing.F) {
	files, _ := filepath.Glob("testdata/*")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte(sample(time.Now(), "x")))
	f.Add(pieces([]byte(sample(time.Now(), "x")), 1000, "ABCDEFGH")[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &mapper{job: "gelf", now: time.Now}
		r := &Receiver{cfg: Config{MaxMessage: 1 << 16}, mapper: mapper{job: m.job, now: m.now}, chunks: newChunks(1<<16, func(string, int) {})}
		var to door.Batch
		if err := r.datagram(b, netip.Addr{}, &to); err == nil && to.Len() > 1 {
			t.Fatal("a datagram is one message")
		}
	})
}

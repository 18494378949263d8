package syslog

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/test/doortest"
)

// one parses a message as it comes from 192.0.2.7 at now.
func one(t testing.TB, cfg Config, now time.Time, raw string) (labels, metadata map[string]string, line string, at time.Time) {
	t.Helper()
	p := newParser(cfg, time.FixedZone("", 3600))
	p.now = func() time.Time { return now }
	var b door.Batch
	p.add([]byte(raw), netip.MustParseAddr("192.0.2.7"), &b)
	require.Equal(t, 1, b.Len())
	s := b.Streams()[0]
	return s.Labels.Map(), s.Entries[0].Metadata.Map(), s.Entries[0].Line, time.Unix(0, s.Entries[0].Time)
}

func TestForms(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 0, 30, 0, time.UTC)
	const at = "2026-11-26T10:00:00Z"
	for name, c := range map[string]struct{ raw, labels, metadata, line, at string }{
		"5424 whole": {`<165>1 2026-11-26T10:00:00.003Z web.example.org su 201 ID47 [exampleSDID@32473 iut="3" eventSource="App\"x\]"][p@1 x="y"] ` + "\ufeffBOM text\n",
			"app=su facility=local4 host=web.example.org job=syslog level=notice",
			`msg_id=ID47 proc_id=201 sd_exampleSDID_32473_eventSource=App"x] sd_exampleSDID_32473_iut=3 sd_p_1_x=y`, "BOM text", "2026-11-26T10:00:00.003Z"},
		"5424 nothing said":  {"<0>1 - - - - - -", "facility=kern host=192.0.2.7 job=syslog level=emerg", "", "", "2026-11-26T10:00:30Z"},
		"5424 zone":          {"<14>1 2026-11-26T11:00:00.5+01:00 h a - - - x", "app=a facility=user host=h job=syslog level=info", "", "x", "2026-11-26T10:00:00.5Z"},
		"5424 broken data":   {`<14>1 2026-11-26T10:00:00.5Z h a - - [x broken] text`, "app=a facility=user host=h job=syslog level=info", "", `1 2026-11-26T10:00:00.5Z h a - - [x broken] text`, "2026-11-26T10:00:00.5Z"},
		"5424 several lines": {"<14>1 2026-11-26T10:00:00.5Z h a - - - one\ntwo", "app=a facility=user host=h job=syslog level=info", "", "one\ntwo", "2026-11-26T10:00:00.5Z"},
		"3164":               {"<34>Nov 26 11:00:00 mymachine su[12]: 'su root' failed", "app=su facility=auth host=mymachine job=syslog level=crit", "proc_id=12", "'su root' failed", at},
		"3164 one digit":     {"<34>Nov  6 11:00:00 h cron: x", "app=cron facility=auth host=h job=syslog level=crit", "", "x", "2026-11-06T10:00:00Z"},
		"rsyslog forward":    {"<13>2026-11-26T11:00:00.250000+01:00 h postfix/smtpd[9]: connect", "app=postfix/smtpd facility=user host=h job=syslog level=notice", "proc_id=9", "connect", "2026-11-26T10:00:00.25Z"},
		"year":               {"<13>Nov 26 2026 11:00:00 h app: x", "app=app facility=user host=h job=syslog level=notice", "", "x", at},
		"no host":            {"<13>Nov 26 11:00:00 app: x", "app=app facility=user host=192.0.2.7 job=syslog level=notice", "", "x", at},
		"no tag":             {"<13>Nov 26 11:00:00 h some words: no tag", "facility=user host=h job=syslog level=notice", "", "some words: no tag", at},
		"no time":            {"<13>app[3]: x", "app=app facility=user host=192.0.2.7 job=syslog level=notice", "proc_id=3", "x", "2026-11-26T10:00:30Z"},
		"no priority":        {"Nov 26 11:00:00 h app: x", "app=app host=h job=syslog", "", "x", at},
		"a bare line":        {"GET http://x.example 200", "host=192.0.2.7 job=syslog", "", "GET http://x.example 200", "2026-11-26T10:00:30Z"},
		"cisco":              {"<189>237: *Nov 26 11:00:00.295: %SYS-5-CONFIG_I: Configured", "app=%SYS-5-CONFIG_I facility=local7 host=192.0.2.7 job=syslog level=notice", "", "Configured", "2026-11-26T10:00:00.295Z"},
		"IPv6 host":          {"<13>Nov 26 11:00:00 fe80::1 app: x", "app=app facility=user host=fe80::1 job=syslog level=notice", "", "x", at},
		"bad priority":       {"<999>x", "host=192.0.2.7 job=syslog", "", "<999>x", "2026-11-26T10:00:30Z"},
		"future":             {"<14>1 2031-01-01T00:00:00.5Z h a - - - x", "app=a facility=user host=h job=syslog level=info", "", "x", "2026-11-26T10:00:30Z"},
	} {
		t.Run(name, func(t *testing.T) {
			labels, metadata, line, when := one(t, DefaultConfig(), now, c.raw)
			require.Equal(t, c.labels, text(labels))
			require.Equal(t, c.metadata, text(metadata))
			require.Equal(t, c.line, line)
			require.Equal(t, c.at, when.UTC().Format(time.RFC3339Nano))
		})
	}
}

func text(m map[string]string) string {
	var out []string
	for _, l := range door.Static(m) {
		out = append(out, l.Name+"="+l.Value)
	}
	return strings.Join(out, " ")
}

func TestAYearIsTheNearest(t *testing.T) {
	for stamp, want := range map[string]string{
		"2027-01-01T00:00:05Z Dec 31 23:59:59": "2026-12-31T23:59:59Z",
		"2026-12-31T23:59:59Z Jan  1 00:00:01": "2027-01-01T00:00:01Z",
		"2028-03-01T00:00:00Z Feb 29 12:00:00": "2028-02-29T12:00:00Z",
	} {
		now, rest, _ := strings.Cut(stamp, " ")
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		var m message
		parse3164(&m, rest+" h a: x", at, time.UTC)
		require.Equal(t, want, m.time.Format(time.RFC3339))
	}
}

func TestEqualLinesOfASecondAreKeptInOrder(t *testing.T) {
	p := newParser(DefaultConfig(), time.UTC)
	var b door.Batch
	stamp := time.Now().UTC().Add(-time.Minute).Format(time.Stamp)
	for range 3 {
		p.add([]byte("<13>"+stamp+" h a: same"), netip.Addr{}, &b)
	}
	es := b.Streams()[0].Entries
	require.Less(t, es[0].Time, es[1].Time)
	require.Less(t, es[1].Time, es[2].Time)
}

// TestFrames reads one stream cut in every way a network may cut it.
func TestFrames(t *testing.T) {
	long := strings.Repeat("x", 100)
	stream := "<1>line\n" + "9 <1>a\nb\n\n!" + "<2>two\x00" + "\n" + "12 monkeys\n" + "200 OK\n" + "104 <2>" + long + "!" + "5 <3>ab" + "<1>" + long + "\n" + "2026-01-01 x\n" + "<4>last"
	want := []string{"<1>line", "<1>a\nb\n\n!", "<2>two", "12 monkeys", "200 OK", "<2>" + long[:77], "<3>ab", "<1>" + long[:77], "2026-01-01 x", "<4>last"}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(stream), "bytes": iotest.OneByteReader(strings.NewReader(stream)), "halves": iotest.HalfReader(strings.NewReader(stream)),
	} {
		f := newFrames(r, 80, func() {})
		var got []string
		cuts := 0
		for {
			m, cut, err := f.next()
			if len(m) > 0 {
				got = append(got, string(m))
			}
			if cut {
				cuts++
			}
			if err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
		}
		require.Equal(t, want, got, name)
		require.Equal(t, 2, cuts, name)
	}
	f := newFrames(strings.NewReader("10 <1>short"), 80, func() {})
	m, _, err := f.next()
	require.ErrorIs(t, err, errFraming)
	require.Equal(t, "<1>short", string(m))
}

func listen(t testing.TB, k *doortest.Kit, cfg Config) (*Receiver, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	cfg.Tenant = doortest.Tenant
	require.NoError(t, cfg.Validate())
	r, err := Listen(t.Context(), cfg, door.Deps{Sink: k.Sink, Log: k.Log, Metrics: door.NewMetrics(reg)})
	require.NoError(t, err)
	doortest.Run(t, r.Run)
	return r, reg
}

func TestPorts(t *testing.T) {
	k := doortest.New(t, nil)
	cfg := DefaultConfig()
	cfg.UDP, cfg.TCP, cfg.TLS = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.TLSConfig.CertFile, cfg.TLSConfig.KeyFile = doortest.Certificate(t)
	cfg.Labels = map[string]string{"site": "rome"}
	r, _ := listen(t, k, cfg)
	now := time.Now().UTC().Format(time.RFC3339Nano)
	for i, addr := range r.Addrs() {
		network := addr.Network()
		var c net.Conn
		var err error
		if i == 2 {
			c, err = tls.Dial("tcp", addr.String(), &tls.Config{InsecureSkipVerify: true})
		} else {
			c, err = net.Dial(network, addr.String())
		}
		require.NoError(t, err)
		_, err = fmt.Fprintf(c, "<14>1 %s h app %d - - port %d\n", now, i, i)
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}
	found := k.Wait(t, doortest.Tenant, 3)
	lines := map[string]bool{}
	for _, e := range found {
		lines[e.Line] = true
		require.Equal(t, map[string]string{"job": "syslog", "host": "h", "app": "app", "level": "info", "facility": "user", "site": "rome", "service_name": "app"}, e.Labels)
	}
	require.Equal(t, map[string]bool{"port 0": true, "port 1": true, "port 2": true}, lines)
}

// TestBackPressure proves that a store that refuses for a while makes a sender wait,
// and that nothing is lost.
func TestBackPressure(t *testing.T) {
	k := doortest.New(t, nil)
	cfg := DefaultConfig()
	cfg.TCP = "127.0.0.1:0"
	r, _ := listen(t, k, cfg)
	k.Sink.Refuse.Store(&ingest.Refusal{Reason: ingest.DiskFull, Temporary: true, Message: "full"})
	c, err := net.Dial("tcp", r.Addrs()[0].String())
	require.NoError(t, err)
	require.NoError(t, c.(*net.TCPConn).SetWriteBuffer(64<<10))
	pad := strings.Repeat("y", 1000)
	sent := 0
	for {
		require.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Second)))
		m := fmt.Sprintf("<14>1 - h app - - - %06d %s", sent, pad)
		_, err := fmt.Fprintf(c, "%d %s", len(m), m)
		if errors.Is(err, net.ErrClosed) || isTimeout(err) {
			break
		}
		require.NoError(t, err)
		sent++
		require.Less(t, sent, 100_000, "the sender was never stopped")
	}
	require.Empty(t, k.Entries(t))
	k.Sink.Refuse.Store(nil)
	// The last message went in part only.
	require.NoError(t, c.Close())
	require.Eventually(t, func() bool { return len(k.Entries(t)) >= sent }, 30*time.Second, 100*time.Millisecond)
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func TestRefusedForGoodIsCountedAndDoesNotBlock(t *testing.T) {
	k := doortest.New(t, nil)
	cfg := DefaultConfig()
	cfg.UDP = "127.0.0.1:0"
	r, reg := listen(t, k, cfg)
	c, err := net.Dial("udp", r.Addrs()[0].String())
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Write([]byte("<14>1 1999-01-01T00:00:00.5Z h app - - - too old"))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return testutil.CollectAndCount(reg, "pharos_door_dropped_total") == 1
	}, 10*time.Second, 20*time.Millisecond)
	_, err = c.Write([]byte("<14>1 - h app - - - new"))
	require.NoError(t, err)
	require.Equal(t, "new", k.Wait(t, doortest.Tenant, 1)[0].Line)
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	k := doortest.New(t, nil)
	cfg := DefaultConfig()
	cfg.TCP, cfg.IdleTimeout = "127.0.0.1:0", time.Second
	r, _ := listen(t, k, cfg)
	c, err := net.Dial("tcp", r.Addrs()[0].String())
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("11 <14>1 - - - 5 <3>ab<13>Nov 26 11:00:00 h app: x\n"))
	f.Add([]byte("999999999 <x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		frames := newFrames(bytes.NewReader(b), 64, func() {})
		for range len(b) + 2 {
			m, _, err := frames.next()
			if len(m) > 64 {
				t.Fatalf("a message of %d bytes", len(m))
			}
			if err != nil {
				return
			}
		}
		t.Fatal("no end")
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`<165>1 2026-11-26T10:00:00.003Z web.example.org su 201 ID47 [exampleSDID@32473 iut="3"] x`, "<34>Nov 26 11:00:00 mymachine su[12]: x",
		"<13>2026-11-26T11:00:00.25+01:00 h postfix/smtpd[9]: connect", "<189>237: *Nov 26 11:00:00.295: %SYS-5-CONFIG_I: x", "<13>Nov 26 2026 11:00:00 h app: x",
	} {
		f.Add([]byte(s))
	}
	p := newParser(DefaultConfig(), time.UTC)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var b door.Batch
		p.add(raw, netip.Addr{}, &b)
		for _, s := range b.Streams() {
			for i, l := range s.Labels {
				if i > 0 && s.Labels[i-1].Name >= l.Name || l.Value == "" {
					t.Fatalf("labels %v", s.Labels)
				}
			}
		}
	})
}

// BenchmarkTCP measures messages from the connection's bytes to the synced log.
func BenchmarkTCP(b *testing.B) {
	for name, m := range map[string]string{
		"5424": `<165>1 2026-11-26T10:00:00.003Z web.example.org su 201 ID47 [exampleSDID@32473 iut="3"] a message of usual length, as they come %d`,
		"3164": `<34>Nov 26 11:00:00 mymachine su[12]: a message of usual length, as they come %d`,
	} {
		b.Run(name, func(b *testing.B) {
			k := doortest.New(b, func(c *ingest.Config) { c.Limits.MaxAge, c.Limits.PerStreamRateLimit = 100*365*24*time.Hour, 0 })
			cfg := DefaultConfig()
			cfg.TCP = "127.0.0.1:0"
			r, _ := listen(b, k, cfg)
			c, err := net.Dial("tcp", r.Addrs()[0].String())
			require.NoError(b, err)
			var stream []byte
			for i := range b.N {
				stream = fmt.Appendf(stream, m+"\n", i)
			}
			b.ResetTimer()
			_, err = c.Write(stream)
			require.NoError(b, err)
			require.NoError(b, c.Close())
			for testutil.ToFloat64(r.deps.Metrics.Connections("syslog_tcp")) != 0 {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

package grok

import (
	"strings"
	"testing"
	"time"
)

func TestEveryStandardPatternCompiles(t *testing.T) {
	for _, ecs := range []bool{true, false} {
		lib := Standard(ecs)
		for _, name := range lib.Names() {
			if _, err := Compile("%{"+name+"}", lib, true); err != nil {
				t.Errorf("ecs %v: %s: %v", ecs, name, err)
			}
		}
	}
}

func matches(t testing.TB, pattern, in string, lib Library) map[string]string {
	t.Helper()
	p, err := Compile(pattern, lib, true)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	m := p.Regexp.Matcher()
	ok, err := m.Find(in, 0, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return nil
	}
	got := map[string]string{}
	for _, c := range p.Captures {
		if text, ok := m.Text(c.Group); ok {
			got[c.Field] += text
		}
	}
	return got
}

func TestStandardPatterns(t *testing.T) {
	lib := Standard(false)
	for _, c := range []struct{ pattern, in, field, want string }{
		{"%{SYSLOGLINE}", "Mar 16 00:01:25 evita postfix/smtpd[1713]: connect from camomile.cloud9.net[168.100.1.3]", "message", "connect from camomile.cloud9.net[168.100.1.3]"},
		{"%{COMBINEDAPACHELOG}", `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326 "-" "Mozilla/4.08"`, "request", "/a?b=c"},
		{"%{IP:ip}", "x 192.168.300.1 10.0.0.1", "ip", "10.0.0.1"},
		{"%{IP:ip}", "from 2001:db8::1%eth0 x", "ip", "2001:db8::1%eth0 x"}, // as the pattern has it
		{"%{NUMBER:n}", "version 1.2.3", "n", "1.2"},
		{"%{QS:q}", `say "a \"b\" c" now`, "q", `"a \"b\" c"`},
		{"%{LOGLEVEL:level}", "2020 [main] WARN something", "level", "WARN"},
		{"%{TIMESTAMP_ISO8601:t}", "at 2020-01-02T03:04:05.678+01:00 x", "t", "2020-01-02T03:04:05.678+01:00"},
		{"%{UNIXPATH:p}", "a=/some/path, b", "p", "/some/path,"},
		{"%{MONGO3_LOG}", "2014-11-03T18:28:32.450-0500 I NETWORK [initandlisten] waiting for connections on port 27017", "component", "NETWORK"},
		{"%{USER:who=[a-z]+\\d{2}} %{GREEDYDATA:rest}", "bob12 a\nb", "rest", "a\nb"},
		{"(?<first>\\w+) %{DATA:second}$", "a b c", "second", "b c"},
	} {
		if got := matches(t, c.pattern, c.in, Standard(false))[c.field]; got != c.want {
			t.Errorf("%s on %q: %s is %q, want %q", c.pattern, c.in, c.field, got, c.want)
		}
	}
	if got := matches(t, "%{HTTPD_COMBINEDLOG}", `83.149.9.216 - a.user [11/Jan/2020:23:05:27 +0100] "OPTIONS /remote.php/ HTTP/1.1" - 7908 "-" "m (v2.2)"`, Standard(true)); got["[source][address]"] != "83.149.9.216" || got["[http][response][body][bytes]"] != "7908" {
		t.Errorf("captures %v", got)
	}
	for _, bad := range []string{"%{NOSUCH}", "%{SELF}", "(?<x>a"} {
		lib["SELF"] = "a%{SELF}"
		if _, err := Compile(bad, lib, true); err == nil {
			t.Errorf("%s compiles", bad)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("%{COMBINEDAPACHELOG}", `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326 "-" "Mozilla/4.08"`)
	f.Add("%{A:b:int=\\d{2}} %{A}", "12 13")
	f.Add("(?<[a][b]>%{DATA})%{", "x")
	lib := Standard(true)
	f.Fuzz(func(t *testing.T, pattern, in string) {
		mine := Library{}
		for k, v := range lib {
			mine[k] = v
		}
		p, err := Compile(pattern, mine, true)
		if err != nil {
			return
		}
		m := p.Regexp.Matcher()
		if ok, err := m.Find(in, 0, 20*time.Millisecond); ok && err == nil {
			for _, c := range p.Captures {
				m.Text(c.Group)
			}
		}
	})
}

func BenchmarkGrok(b *testing.B) {
	line := `83.149.9.216 - - [24/Feb/2015:23:13:42 +0000] "GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/presentations/logstash-monitorama-2013/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"`
	for _, c := range []struct{ name, pattern, in string }{
		{"CombinedApacheLog", "%{COMBINEDAPACHELOG}", line},
		{"CombinedApacheLogMiss", "%{COMBINEDAPACHELOG}", strings.Replace(line, `"GET`, `GET`, 1)},
		{"LogLevel", "%{LOGLEVEL:log_level}", `{"timestamp":"2024-05-01T12:00:00.123Z","service":"collector-7","message":"request served in 12 ms by the upstream","level":"INFO"}`},
		{"LogLevelMiss", "%{LOGLEVEL:log_level}", `{"timestamp":"2024-05-01T12:00:00.123Z","service":"collector-7","message":"request served in 12 ms by the upstream"}`},
		{"Syslog", "%{SYSLOGLINE}", "Mar 16 00:01:25 evita postfix/smtpd[1713]: connect from camomile.cloud9.net[168.100.1.3]"},
		{"Iso8601LevelRest", "%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:level} %{GREEDYDATA:msg}", "2024-05-01T12:00:00.123Z INFO request served in 12 ms by the upstream"},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, err := Compile(c.pattern, Standard(true), true)
			if err != nil {
				b.Fatal(err)
			}
			m := p.Regexp.Matcher()
			b.SetBytes(int64(len(c.in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Find(c.in, 0, 30*time.Second); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

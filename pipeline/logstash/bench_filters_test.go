package logstash

import (
	"strings"
	"testing"

	"github.com/pharosd/pharos/pipeline"
)

type sink struct{ n int }

func (s *sink) Emit(*pipeline.Event)         { s.n++ }
func (s *sink) Drop(*pipeline.Event, string) { s.n++ }

const accessLine = `83.149.9.216 - - [24/Feb/2015:23:13:42 +0000] "GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/presentations/logstash-monitorama-2013/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"`

// BenchmarkFilter is one filter on one event, with making the event.
func BenchmarkFilter(b *testing.B) {
	for _, c := range []struct{ name, config, message string }{
		{"none", `mutate { }`, "x"},
		{"grok", `grok { match => { "message" => "%{COMBINEDAPACHELOG}" } }`, accessLine},
		{"grok_level", `grok { match => { "message" => "%{LOGLEVEL:log_level}" } }`, "2024-05-01T12:00:00.123Z collector-7 request served in 12 ms by the upstream INFO"},
		{"date_iso8601", `date { match => ["message", "ISO8601"] }`, "2024-05-01T12:00:00.123Z"},
		{"date_apache", `date { match => ["message", "dd/MMM/yyyy:HH:mm:ss Z"] }`, "24/Feb/2015:23:13:42 +0000"},
		{"dissect", `dissect { mapping => { "message" => "%{ts} %{+ts} %{+ts} %{src} %{} %{prog}[%{pid}]: %{msg}" } }`, "Oct 26 19:00:01 localhost x CRON[12345]: (root) CMD"},
		{"kv", `kv { }`, "ip=1.2.3.4 error=REFUSED user=alice action=login took=15 ok=true"},
		{"csv", `csv { columns => ["a", "b", "c", "d"] }`, "one,two,\"three, or so\",four"},
		{"json", `json { source => "message" }`, `{"a":1,"b":"two","c":{"d":[1,2,3]},"e":true}`},
		{"fingerprint", `fingerprint { method => "SHA256" }`, accessLine},
		{"translate", `translate { source => "message" target => "t" dictionary => { "200" => "OK" "404" => "Not Found" } }`, "404"},
		{"useragent_cached", `useragent { source => "message" }`, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"},
		{"ruby", `ruby { code => "event.set('a', event.get('message').downcase)" }`, "Hello World"},
		{"aggregate", `aggregate { task_id => "%{message}" code => "map['n'] ||= 0; map['n'] += 1" }`, "task"},
	} {
		b.Run(c.name, func(b *testing.B) {
			chain := benchChain(b, "filter { "+c.config+" }")
			var out sink
			b.ReportAllocs()
			for b.Loop() {
				chain.Process(&pipeline.Event{Time: scriptTime, Fields: map[string]any{"message": c.message}}, &out)
			}
		})
	}
}

func benchChain(b *testing.B, config string) *FilterChain {
	b.Helper()
	p, err := Compile([]Source{{"bench.conf", config}}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	chain, err := p.NewFilters(0, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(chain.Close)
	return chain
}

// The texts of events are hostile: each of these filters reads some.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{
		accessLine, `a=1 b="x y" c=[d=2] e='f' g=<h>`, `one,"two ""x""",'three'`, `<a x="1"><b>t</b><!-- c --><d/></a>`, "Oct 26 19:00:01 host prog[1]: m",
		"2024-05-01T12:00:00.123Z", "32.5 MB", "%41%zz%C3", "10.0.0.1", "www.example.co.uk",
	} {
		f.Add(seed)
	}
	config := `filter {
		kv { target => "k" recursive => true } kv { target => "k2" field_split_pattern => "[,;]+" value_split_pattern => ":+" whitespace => "strict" }
		csv { target => "c" } csv { target => "c2" separator => "::" quote_char => "'" } xml { source => "message" target => "x" xpath => { "//b" => "b" } }
		dissect { mapping => { "message" => "%{ts} %{+ts->} %{src}[%{pid}]: %{&src}" } convert_datatype => { "pid" => "float" } }
		date { match => ["message", "ISO8601", "UNIX", "UNIX_MS", "TAI64N", "EEE MMM dd HH:mm:ss z yyyy"] target => "d" } bytes { target => "by" } urldecode { }
		tld { } cidr { address_field => "message" network => ["10.0.0.0/8"] } extractnumbers { } fingerprint { method => "MURMUR3_128" } syslog_pri { syslog_pri_field_name => "message" }
		i18n { transliterate => "message" } json_encode { source => "k" } truncate { length_bytes => 7 }
	}`
	p, err := Compile([]Source{{"fuzz.conf", config}}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	chain, err := p.NewFilters(0, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, message string) {
		message = strings.ToValidUTF8(message, "?") // as codecs hand it on
		var out sink
		chain.Process(&pipeline.Event{Time: scriptTime, Fields: map[string]any{"message": message}}, &out)
		if out.n != 1 {
			t.Fatalf("%q came out %d times", message, out.n)
		}
	})
}

package logstash

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// serveDNS answers on a port of the loopback interface: host.test is 192.0.2.1, and the
// other way round; silent.test has no answer; nothing else is there. It returns its
// address and how many questions there were.
func serveDNS(t *testing.T) (string, func() int) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			mu.Lock()
			asked++
			mu.Unlock()
			if answer := answerDNS(buf[:n]); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().String(), func() int { mu.Lock(); defer mu.Unlock(); return asked }
}

func answerDNS(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60}
	switch {
	case q.Name.String() == "silent.test.":
		return nil
	case q.Name.String() == "host.test." && q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	case q.Name.String() == "host.test.":
	case q.Name.String() == "1.2.0.192.in-addr.arpa.":
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName("host.test.")}}}
	default:
		m.RCode = dnsmessage.RCodeNameError
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

func TestDNS(t *testing.T) {
	server, asked := serveDNS(t)
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("198.51.100.7 filed.test other # note\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := ` nameserver => ["` + server + `"] `
	for _, c := range []struct{ config, events, want string }{
		{`dns { resolve => ["h"] reverse => ["a"] action => "replace"` + at + `}`, `{"h":"host.test","a":"192.0.2.1"}`, `{"a":"host.test","h":"192.0.2.1"}`},
		{`dns { resolve => "h" add_tag => "ok"` + at + `}`, `{"h":"host.test"}`, `{"h":["host.test","192.0.2.1"],"tags":["ok"]}`},
		{`dns { resolve => "h" add_tag => "ok" action => "replace"` + at + `}`, `{"h":"nope.test"}`, `{"h":"nope.test"}`},
		{`dns { resolve => "h" timeout => 0.05 max_retries => 1 tag_on_timeout => ["slow"]` + at + `}`, `{"h":"silent.test"}`, `{"h":"silent.test","tags":["slow"]}`},
		{`dns { reverse => "a" action => "replace"` + at + `}`, `{"a":"no address"}`, `{"a":"no address"}`},
		{`dns { resolve => "h" action => "replace" hostsfile => "` + hosts + `"` + at + `}`, `{"h":"filed.test"}`, `{"h":"198.51.100.7"}`},
	} {
		t.Run(c.config, func(t *testing.T) {
			runScript(t, scriptCase{"dns", map[string]string{"config": "filter { " + c.config + " }", "events": c.events, "expect": c.want}})
		})
	}
	before := asked()
	runScript(t, scriptCase{"dns", map[string]string{
		"config": `filter { dns { resolve => "h" action => "replace" hit_cache_size => 10 failed_cache_size => 10` + at + `} }`,
		"events": "{\"h\":\"host.test\"}\n{\"h\":\"host.test\"}\n{\"h\":\"nope.test\"}\n{\"h\":\"nope.test\"}\n",
		"expect": "{\"h\":\"192.0.2.1\"}\n{\"h\":\"192.0.2.1\"}\n{\"h\":\"nope.test\"}\n{\"h\":\"nope.test\"}",
	}})
	if n := asked() - before; n > 4 { // A of each, AAAA of the one that is not there
		t.Errorf("%d questions with a cache", n)
	}
	p, err := Compile([]Source{{"x.conf", `filter { dns { resolve => "h" } translate { source => "a" dictionary_path => "x.yml" } grok { patterns_dir => "/" } geoip { source => "a" target => "x" database => "x" } }`}}, Options{Untrusted: true})
	if err == nil || p != nil {
		t.Fatal("a configuration of somebody who is no administrator reads files and asks servers")
	}
	if problems := err.(Problems); len(problems) != 4 {
		t.Errorf("%v", err)
	}
}

package onig

import (
	"regexp"
	"testing"

	"github.com/dlclark/regexp2"
)

// What an access log's pattern comes to without look-around, so that three engines can
// be compared on it.
const (
	accessPattern = `(?P<ip>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<verb>\w+) (?P<path>\S+)(?: HTTP/(?P<version>[0-9.]+))?" (?P<status>\d+) (?P<bytes>\d+|-) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"`
	accessLine    = `83.149.9.216 - - [24/Feb/2015:23:13:42 +0000] "GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/presentations/logstash-monitorama-2013/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"`
)

func BenchmarkAccessLog(b *testing.B) {
	pattern := regexp.MustCompile(`\(\?P<`).ReplaceAllString(accessPattern, "(?<")
	b.Run("onig", func(b *testing.B) {
		re, err := Compile(pattern, Options{})
		if err != nil {
			b.Fatal(err)
		}
		m := re.Matcher()
		for b.Loop() {
			if ok, err := m.Find(accessLine, 0, 0); !ok || err != nil {
				b.Fatal("no match")
			}
		}
	})
	b.Run("regexp", func(b *testing.B) {
		re := regexp.MustCompile(accessPattern)
		for b.Loop() {
			if re.FindStringSubmatchIndex(accessLine) == nil {
				b.Fatal("no match")
			}
		}
	})
	b.Run("regexp2", func(b *testing.B) {
		re := regexp2.MustCompile(pattern, 0)
		for b.Loop() {
			if m, err := re.FindStringMatch(accessLine); m == nil || err != nil {
				b.Fatal("no match")
			}
		}
	})
}

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The corpus is the same for every server and every run: 100 streams, of which 40
// are access logs (Common Log Format with referrer and agent), 40 applications that
// log JSON in the platform's format, 20 syslog. A line has some 265 bytes.
const (
	streamCount = 100
	// linesPerPush lines of one stream make a push, as an agent of a busy host sends.
	linesPerPush = 1000
)

// span is how much time the corpus covers.
const span = time.Hour

// corpus makes lines. Its zero value makes nothing.
type corpus struct {
	lines int
	begin time.Time
}

func (c corpus) end() time.Time { return c.begin.Add(span) }

// pushes is how many pushes the corpus has; push n belongs to stream n%streamCount
// and is later than the stream's former ones.
func (c corpus) pushes() int { return c.lines / linesPerPush }

type line struct {
	at   time.Time
	text string
}

// stream is a stream's labels.
func stream(n int) string {
	n %= streamCount
	return fmt.Sprintf(`{kind=%q, service=%q, host="node-%02d", namespace="shop"}`, kind(n), service(n), n%12)
}

func kind(n int) string {
	switch {
	case n < 40:
		return "access"
	case n < 80:
		return "app"
	}
	return "syslog"
}

func service(n int) string {
	return fmt.Sprintf("%s-%02d", map[string]string{"access": "edge", "app": "orders", "syslog": "system"}[kind(n)], n%40)
}

// push makes the lines of push n. Its times interleave with the other streams'.
func (c corpus) push(n int) []line {
	rng := rand.New(rand.NewPCG(uint64(n), 42))
	step := span / time.Duration(c.lines)
	out := make([]line, linesPerPush)
	round, s := n/streamCount, n%streamCount
	for i := range out {
		// Lines of one round cover the same piece of time, each at its own nanosecond.
		k := (round*linesPerPush+i)*streamCount + s
		at := c.begin.Add(time.Duration(k) * step)
		out[i] = line{at, text(rng, s, k, at)}
	}
	return out
}

// needle is a line in the middle that two queries look for, by trace and by event.
func (c corpus) needle() (trace, event string) {
	n := c.pushes()/2/streamCount*streamCount + 55
	t := c.push(n)[0]
	return field(t.text, `"trace_id":"`), field(t.text, `"event_id":"`)
}

// field is the text between before and the next quotation mark.
func field(s, before string) string {
	_, rest, _ := strings.Cut(s, before)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func text(rng *rand.Rand, s, k int, at time.Time) string {
	switch kind(s) {
	case "access":
		return accessLine(rng, at)
	case "app":
		return appLine(rng, s, k, at)
	}
	return syslogLine(rng, s, at)
}

var (
	methods  = []string{"GET", "GET", "GET", "GET", "POST", "PUT", "DELETE"}
	statuses = []int{200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 404, 404, 500, 503}
	agents   = []string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6",
		"curl/8.5.0", "Go-http-client/2.0",
	}
	levels   = []string{"DEBUG", "INFO", "INFO", "INFO", "INFO", "INFO", "INFO", "WARN", "WARN", "ERROR"}
	messages = map[string][]string{
		"DEBUG": {"Cache lookup finished", "Connection returned to pool"},
		"INFO":  {"Event processed successfully", "Order accepted", "Shipment label printed", "Payment captured successfully"},
		"WARN":  {"Slow upstream answer", "Retrying after a timeout"},
		"ERROR": {"Payment provider refused the charge", "Upstream connection reset by peer", "Deadline exceeded while reserving stock"},
	}
	carriers = []string{"fedex", "dhl", "ups", "post"}
	daemons  = []string{"sshd", "kernel", "systemd", "cron", "dhclient"}
)

func pick[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }

func accessLine(rng *rand.Rand, at time.Time) string {
	return fmt.Sprintf(`10.%d.%d.%d - user%d [%s] "%s /api/v%d/items/%d?session=%08x HTTP/1.1" %d %d "https://shop.example/catalog/%d" "%s"`,
		rng.IntN(4), rng.IntN(256), rng.IntN(256), rng.IntN(5000), at.UTC().Format("02/Jan/2006:15:04:05 -0700"),
		pick(rng, methods), 1+rng.IntN(3), rng.IntN(100000), rng.Uint32(), pick(rng, statuses), rng.IntN(60000), rng.IntN(900), pick(rng, agents))
}

func appLine(rng *rand.Rand, s, k int, at time.Time) string {
	level := pick(rng, levels)
	return fmt.Sprintf(`{"timestamp":%q,"level":%q,"service":%q,"layer":"processing","trace_id":"%016x%016x","event_id":"evt-%d","message":%q,"duration_ms":%d,"metadata":{"tracking_id":"ABC%09d","carrier":%q,"attempt":%d}}`,
		at.UTC().Format("2006-01-02T15:04:05.000Z"), level, service(s), rng.Uint64(), rng.Uint64(), k, pick(rng, messages[level]),
		int(5+rng.ExpFloat64()*80), rng.IntN(1e9), pick(rng, carriers), 1+rng.IntN(3))
}

func syslogLine(rng *rand.Rand, s int, at time.Time) string {
	daemon := pick(rng, daemons)
	what := fmt.Sprintf("Accepted publickey for deploy from 10.9.%d.%d port %d ssh2: ED25519 SHA256:%016x%016x%08x", rng.IntN(256), rng.IntN(256), 1024+rng.IntN(60000), rng.Uint64(), rng.Uint64(), rng.Uint32())
	switch n := rng.IntN(40000); {
	case n == 0:
		what = fmt.Sprintf("Out of memory: Killed process %d (java) total-vm:%dkB, anon-rss:%dkB", rng.IntN(30000), rng.IntN(8e6), rng.IntN(4e6))
	case n < 8000:
		what = fmt.Sprintf("session opened for user deploy(uid=%d) by (uid=0), remote 10.8.%d.%d, cgroup /system.slice/session-%d.scope", 1000+rng.IntN(9), rng.IntN(256), rng.IntN(256), rng.IntN(100000))
	case n < 20000:
		what = fmt.Sprintf("eth0: renewed lease of 10.7.%d.%d, renewal in %d seconds, server identifier 10.7.0.1, domain shop.internal", rng.IntN(256), rng.IntN(256), rng.IntN(86400))
	}
	return fmt.Sprintf("<%d>%s node-%02d %s[%d]: %s", 8+rng.IntN(180), at.UTC().Format(time.Stamp), s%12, daemon, rng.IntN(32768), what)
}

package logstash

import (
	"bufio"
	"context"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// syslogInput takes RFC 3164 over TCP and UDP, with the fields of Logstash's plugin.
// What is no syslog is kept whole, tagged, with priority 13.
type syslogInput struct {
	common
	env                *env
	address            string
	labels, proxy      bool
	facility, severity []string
	zone               *time.Location
	f                  syslogFields
	grok               *syslogGrok // of a pattern of the user's; nil: the usual one
}

// syslogGrok runs the filter grok with a pattern of the user's. A filter is used by one
// goroutine at a time.
type syslogGrok struct {
	mu  sync.Mutex
	run logstash.Func
}

func readSyslogGrok(s *logstash.Settings, v *env) *syslogGrok {
	if !s.Has("grok_pattern") {
		return nil
	}
	at := s.Pos("grok_pattern")
	p := &logstash.Plugin{Kind: logstash.FilterPlugin, Name: "grok", Pos: at, Settings: []logstash.Attribute{
		{Name: "match", Value: []logstash.Pair{{Key: "message", Value: s.String("grok_pattern", ""), Pos: at}}, Pos: at, ValuePos: at},
		{Name: "overwrite", Value: "message", Pos: at, ValuePos: at},
		{Name: "tag_on_failure", Value: syslogFailure, Pos: at, ValuePos: at}}}
	inner := logstash.NewSettings(p, v.deps.Lookup)
	made, err := logstash.Filters()["grok"](inner, &logstash.Env{Now: v.deps.Now, Logger: v.log, Dir: v.dir, Lookup: v.deps.Lookup, ECS: v.ecs, Workers: 1})
	if err == nil {
		_, err = inner.Finish()
	}
	if err != nil {
		s.Errorf("grok_pattern", "%v", err)
		return nil
	}
	return &syslogGrok{run: made.(logstash.Func)}
}

const syslogFailure = "_grokparsefailure_sysloginput"

// relay reads a message by the user's pattern; priority is -1 if it does not match or
// names none.
func (g *syslogGrok) relay(i *syslogInput, e *pipeline.Event) (priority int) {
	g.mu.Lock()
	matched := g.run(e)
	g.mu.Unlock()
	if !matched {
		return -1
	}
	stamp := logstash.Text(e.Fields["timestamp"])
	if t, ok := syslogTime(stamp, len(stamp) > 4 && stamp[4] == '-', i.zone, i.env.deps.Now()); ok {
		e.Time = t
	}
	v, _ := i.f.priority.Get(e)
	n, err := strconv.Atoi(logstash.Text(v))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// syslogFields are the names of the fields, with the Elastic Common Schema or without.
type syslogFields struct {
	host, priority, severity, facility, severityLabel, facilityLabel, logsource, program, pid, service logstash.Ref
}

func namesOfSyslog(ecs bool) syslogFields {
	if !ecs {
		return syslogFields{ref("host"), ref("priority"), ref("severity"), ref("facility"), ref("severity_label"), ref("facility_label"),
			ref("logsource"), ref("program"), ref("pid"), logstash.Ref{}}
	}
	return syslogFields{ref("[host][ip]"), ref("[log][syslog][priority]"), ref("[log][syslog][severity][code]"), ref("[log][syslog][facility][code]"),
		ref("[log][syslog][severity][name]"), ref("[log][syslog][facility][name]"), ref("[host][hostname]"), ref("[process][name]"), ref("[process][pid]"),
		ref("[service][type]")}
}

func newSyslogInput(s *logstash.Settings, v *env) (input, error) {
	i := &syslogInput{common: readCommon(s, v, "plain"), env: v, labels: s.Bool("use_labels", true), proxy: s.Bool("proxy_protocol", false),
		facility: s.Strings("facility_labels"), severity: s.Strings("severity_labels"), zone: time.Local, f: namesOfSyslog(v.ecs)}
	i.address = net.JoinHostPort(s.String("host", "0.0.0.0"), strconv.FormatInt(s.Int("port", 514), 10))
	if i.facility == nil {
		i.facility = []string{"kernel", "user-level", "mail", "system", "security/authorization", "syslogd", "line printer", "network news", "UUCP", "clock",
			"security/authorization", "FTP", "NTP", "log audit", "log alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
	}
	if i.severity == nil {
		i.severity = []string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"}
	}
	if name := s.String("timezone", ""); name != "" {
		zone, err := time.LoadLocation(name)
		if err != nil {
			s.Errorf("timezone", "%v", err)
		} else {
			i.zone = zone
		}
	}
	if kind := s.String("service_type", "system"); v.ecs && kind != "" {
		i.fields = append(i.fields, field{ref: i.f.service, value: kind})
	}
	s.Known("locale", "syslog_field")
	i.grok = readSyslogGrok(s, v)
	return i, requireDecoder(s, &i.common)
}

// run implements input.
func (i *syslogInput) run(ctx context.Context, q *queue) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		failed <- servePackets(ctx, i.env, i.address, 65536, 4<<20, func(packet []byte, from net.Addr) error {
			var b batch
			p := peerAt(from)
			i.decode(packet, p.ip, &b)
			return q.push(ctx, b)
		})
		cancel()
	}()
	err := serveTCP(ctx, i.env, i.address, nil, func(ctx context.Context, c net.Conn) { i.serve(ctx, c, q) })
	cancel()
	if perr := <-failed; err == nil {
		err = perr
	}
	return err
}

// serve reads the lines of one connection.
func (i *syslogInput) serve(ctx context.Context, c net.Conn, q *queue) {
	p := peerOf(c)
	cut := lineCutter{r: bufio.NewReaderSize(c, 64<<10), delimiter: []byte{'\n'}}
	if i.proxy {
		if err := p.proxied(c, cut.r); err != nil {
			i.env.unreadable("proxy_protocol")
			return
		}
	}
	var b batch
	for {
		line, err := cut.next()
		if len(line) > 0 {
			i.decode(line, p.ip, &b)
		}
		if len(b.events) >= gather || err != nil || !cut.ready() {
			if q.push(ctx, b) != nil {
				return
			}
			b = batch{}
		}
		if err != nil {
			return
		}
	}
}

func (i *syslogInput) decode(data []byte, ip string, b *batch) {
	b.size += len(data)
	emit := codec.Emit(func(e *pipeline.Event) {
		i.decorate(e)
		i.f.host.Set(e, ip)
		i.relay(e)
		b.events = append(b.events, e)
	})
	d := i.codec.Decoder()
	d.Decode(data, emit)
	d.Flush(emit)
}

// syslogLine is the pattern <%{POSINT:priority}>%{SYSLOGLINE}.
var syslogLine = regexp.MustCompile(`(?s)<([1-9]\d*|0)>(?:` +
	`((?:Jan|Feb|M(?:a|ä)?r|Apr|Ma(?:y|i)|Jun|Jul|Aug|Sep|O(?:c|k)?t|Nov|De(?:c|z))[a-z]* +(?:0[1-9]|[12]\d|3[01]|[1-9]) \d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?)` +
	`|(\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:?\d{2}(?::?\d{2}(?:[.,:]\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)) ` +
	`(?:<\d+\.\d+> )?([0-9A-Za-z][0-9A-Za-z_.:-]*)(?: ([\x21-\x5a\x5c\x5e-\x7e]+)(?:\[([1-9]\d*)\])?:|) (.*)$`)

// relay reads a message as a relay does by RFC 3164.
func (i *syslogInput) relay(e *pipeline.Event) {
	message, _ := e.Fields["message"].(string)
	priority := 13 // of messages that are none
	if i.grok != nil {
		if n := i.grok.relay(i, e); n >= 0 {
			priority = n
		}
		i.f.priority.Set(e, int64(priority))
	} else if m := syslogLine.FindStringSubmatch(message); m == nil {
		logstash.Tag(e, syslogFailure)
		i.f.priority.Set(e, int64(priority))
	} else {
		priority, _ = strconv.Atoi(m[1])
		i.parsed(e, m, priority)
	}
	severity, facility := priority&7, priority>>3
	i.f.severity.Set(e, int64(severity))
	i.f.facility.Set(e, int64(facility))
	if !i.labels {
		return
	}
	if facility < len(i.facility) {
		i.f.facilityLabel.Set(e, i.facility[facility])
	}
	if severity < len(i.severity) {
		i.f.severityLabel.Set(e, i.severity[severity])
	}
}

func (i *syslogInput) parsed(e *pipeline.Event, m []string, priority int) {
	i.f.priority.Set(e, int64(priority))
	stamp := m[2] + m[3]
	e.Fields["timestamp"] = stamp
	if m[3] != "" && !i.env.ecs {
		e.Fields["timestamp8601"] = stamp
	}
	i.f.logsource.Set(e, m[4])
	if m[5] != "" {
		i.f.program.Set(e, m[5])
	}
	if m[6] != "" {
		var pid any = m[6]
		if n, err := strconv.ParseInt(m[6], 10, 64); err == nil && i.env.ecs {
			pid = n
		}
		i.f.pid.Set(e, pid)
	}
	e.Fields["message"] = m[7]
	if t, ok := syslogTime(stamp, m[3] != "", i.zone, i.env.deps.Now()); ok {
		e.Time = t
	} else {
		logstash.Tag(e, "_dateparsefailure")
	}
}

// syslogTime reads a message's time. RFC 3164 writes no year: it is the one that makes
// the time not lie months ahead, or a year behind in January.
func syslogTime(stamp string, iso bool, zone *time.Location, now time.Time) (time.Time, bool) {
	if iso {
		stamp = strings.Replace(strings.Replace(stamp, " ", "T", 1), ",", ".", 1)
		for _, layout := range [...]string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
			if t, err := time.ParseInLocation(layout, stamp, zone); err == nil {
				return t.UTC(), true
			}
		}
		return time.Time{}, false
	}
	t, err := time.ParseInLocation("Jan 2 15:04:05.999999999", strings.Join(strings.Fields(strings.Replace(stamp, ",", ".", 1)), " "), zone)
	if err != nil {
		return time.Time{}, false
	}
	year := now.In(zone).Year()
	switch {
	case t.Month() == time.December && now.In(zone).Month() == time.January:
		year--
	case t.Month() == time.January && now.In(zone).Month() == time.December:
		year++
	}
	return time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone).UTC(), true
}

package syslog

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// message is what a message says; empty fields are not said.
type message struct {
	priority               int // -1: none
	time                   time.Time
	whole                  bool // the time has whole seconds only
	host, app, proc, msgID string
	data                   []model.Label
	text                   string
}

// parser makes entries of messages. It is safe for concurrent use.
type parser struct {
	job     string
	static  []model.Label
	zone    *time.Location
	arrival bool
	ticks   door.Ticks
	now     func() time.Time
}

func newParser(cfg Config, zone *time.Location) *parser {
	return &parser{job: cfg.Job, static: cfg.Static(), zone: zone, arrival: cfg.Timestamp == OfArrival, now: time.Now}
}

// skew is how far in the future a message's time may lie to be believed.
const skew = 5 * time.Minute

// add puts a message's entry into the batch. What is no message of either form is a
// line all the same.
func (p *parser) add(raw []byte, from netip.Addr, to *door.Batch) {
	raw = bytes.TrimRight(raw, "\r\n\x00")
	if len(raw) == 0 {
		return
	}
	now := p.now()
	m := p.parse(raw, now)
	at := m.time.UnixNano()
	switch {
	case p.arrival || m.time.IsZero() || m.time.After(now.Add(skew)):
		at = p.ticks.Arrival(now)
	case m.whole:
		at = p.ticks.At(m.time)
	}
	if m.host == "" && from.IsValid() {
		m.host = from.String()
	}
	to.Add(p.labels(&m), model.LogEntry{Time: at, Line: m.text, Metadata: m.metadata()})
}

// parse tells the two forms apart by the version that only one of them has.
func (p *parser) parse(raw []byte, now time.Time) message {
	priority, rest := takePriority(raw)
	m := message{priority: priority}
	if priority >= 0 && hasVersion(rest) {
		parse5424(&m, string(rest))
	} else {
		parse3164(&m, string(rest), now, p.zone)
	}
	return m
}

// takePriority reads <PRI>; -1 if there is none.
func takePriority(raw []byte) (int, []byte) {
	if len(raw) < 3 || raw[0] != '<' {
		return -1, raw
	}
	n := 0
	for i := 1; i < len(raw) && i <= 4; i++ {
		switch c := raw[i]; {
		case c == '>' && i > 1 && n <= 191:
			return n, raw[i+1:]
		case c < '0' || c > '9':
			return -1, raw
		default:
			n = 10*n + int(c-'0')
		}
	}
	return -1, raw
}

func hasVersion(b []byte) bool {
	i := 0
	for i < len(b) && i < 3 && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i > 0 && b[0] != '0' && i < len(b) && b[i] == ' '
}

// Names of severities and facilities, as syslog.conf has them.
var (
	severities = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
	facilities = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
)

func (p *parser) labels(m *message) model.Labels {
	ls := make([]model.Label, 0, 5+len(p.static))
	ls = append(ls, model.Label{Name: "job", Value: p.job}, model.Label{Name: "host", Value: m.host}, model.Label{Name: "app", Value: m.app})
	if m.priority >= 0 {
		ls = append(ls, model.Label{Name: "level", Value: severities[m.priority%8]}, model.Label{Name: "facility", Value: facilities[m.priority/8]})
	}
	return model.NewLabels(append(ls, p.static...)...)
}

func (m *message) metadata() model.Labels {
	if m.proc == "" && m.msgID == "" && len(m.data) == 0 {
		return nil
	}
	ls := append(m.data, model.Label{Name: "proc_id", Value: m.proc}, model.Label{Name: "msg_id", Value: m.msgID})
	return model.NewLabels(ls...)
}

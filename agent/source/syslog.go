package source

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	gosyslog "github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/nontransparent"
	"github.com/leodido/go-syslog/v4/octetcounting"
	"github.com/leodido/go-syslog/v4/rfc3164"
	"github.com/leodido/go-syslog/v4/rfc5424"
	"golang.org/x/net/netutil"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
)

// maxConnections bounds the senders of one port.
const maxConnections = 1024

// Syslog is a port for RFC 5424 or RFC 3164, over TCP (also with TLS), with RFC 6587's
// framings, or UDP. Its senders get no answer: what was taken when the agent stops is
// kept, what waits in the kernel is theirs.
type Syslog struct {
	cfg  conf.SyslogConfig
	deps Deps
	addr listening

	mu    sync.Mutex
	hosts map[string]string // names of addresses
}

// NewSyslog returns a syslog port that does not listen yet.
func NewSyslog(cfg conf.SyslogConfig, deps Deps) *Syslog {
	return &Syslog{cfg: cfg, deps: deps, hosts: map[string]string{}}
}

// Run implements Source.
func (s *Syslog) Run(ctx context.Context) error {
	if s.cfg.ListenProtocol == "udp" {
		return s.runUDP(ctx)
	}
	l, err := net.Listen("tcp", s.cfg.ListenAddress)
	if err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	secure, err := serverTLS(s.cfg.TLS)
	if err != nil {
		return errors.Join(fmt.Errorf("syslog: %w", err), l.Close())
	}
	s.addr.set(l.Addr())
	s.deps.Logger.Info("syslog listens", "address", l.Addr().String(), "protocol", "tcp", "tls", secure != nil)
	l = netutil.LimitListener(l, maxConnections)
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var connections sync.WaitGroup
	defer connections.Wait()
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !sleep(ctx, 100*time.Millisecond) {
				return nil
			}
			continue
		}
		connections.Go(func() { s.serve(ctx, c) })
	}
}

// serve reads one connection to its end.
func (s *Syslog) serve(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer c.Close()
	labels := s.labelsOf(c.RemoteAddr())
	err := s.parse(ctx, &patient{c, s.cfg.IdleTimeout}, labels)
	if err != nil && !errors.Is(err, io.EOF) && ctx.Err() == nil {
		s.deps.Metrics.problem(syslog)
		s.deps.Logger.Debug("syslog stream ended", "peer", c.RemoteAddr().String(), "error", err)
	}
}

// patient ends a connection that is idle for too long.
type patient struct {
	net.Conn
	idle time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.idle)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

func (s *Syslog) runUDP(ctx context.Context) error {
	c, err := net.ListenPacket("udp", s.cfg.ListenAddress)
	if err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	s.addr.set(c.LocalAddr())
	if u, ok := c.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(1 << 20) // as much as the system allows
	}
	s.deps.Logger.Info("syslog listens", "address", c.LocalAddr().String(), "protocol", "udp")
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	buf := make([]byte, max(s.cfg.MaxMessageLength, 64<<10))
	for {
		n, peer, err := c.ReadFrom(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.deps.Metrics.problem(syslog)
			continue
		}
		if err := s.parse(ctx, bytes.NewReader(buf[:n]), s.labelsOf(peer)); err != nil && !errors.Is(err, io.EOF) {
			s.deps.Metrics.problem(syslog)
		}
	}
}

// parse reads messages of either framing.
func (s *Syslog) parse(ctx context.Context, r io.Reader, labels map[string]string) error {
	if s.cfg.Format == "raw" {
		return s.raw(ctx, r, labels)
	}
	in := bufio.NewReader(r)
	first, err := in.Peek(1)
	if err != nil {
		return err
	}
	var failed error
	listener := gosyslog.WithListener(func(result *gosyslog.Result) {
		switch {
		case failed != nil:
		case result.Error != nil:
			var timeout net.Error
			if errors.As(result.Error, &timeout) && timeout.Timeout() || errors.Is(result.Error, io.EOF) {
				return
			}
			s.deps.Metrics.problem(syslog)
		default:
			failed = s.take(ctx, result.Message, labels)
		}
	})
	length, best := gosyslog.WithMaxMessageLength(s.cfg.MaxMessageLength), gosyslog.WithBestEffort()
	old := s.cfg.Format == "rfc3164"
	var p gosyslog.Parser
	switch {
	case first[0] == '<' && old:
		p = nontransparent.NewParserRFC3164(listener, length, best)
	case first[0] == '<':
		p = nontransparent.NewParser(listener, length, best)
	case first[0] >= '0' && first[0] <= '9' && old:
		p = octetcounting.NewParserRFC3164(listener, length, best)
	case first[0] >= '0' && first[0] <= '9':
		p = octetcounting.NewParser(listener, length, best)
	default:
		return fmt.Errorf("neither framing begins with %q", first)
	}
	p.Parse(in)
	return failed
}

// raw takes messages that are not parsed: what stands between newlines, or zero bytes.
func (s *Syslog) raw(ctx context.Context, r io.Reader, labels map[string]string) error {
	end := byte('\n')
	if s.cfg.Raw.NullTerminated {
		end = 0
	}
	kept, _ := relabelled(labels, s.deps.Relabel)
	messages := bufio.NewScanner(r)
	messages.Buffer(make([]byte, 0, min(s.cfg.MaxMessageLength, 4096)), s.cfg.MaxMessageLength+1)
	messages.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, end); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	for messages.Scan() {
		text := strings.TrimRight(messages.Text(), "\r\n")
		if text == "" {
			s.deps.Metrics.empty.Inc()
			continue
		}
		s.deps.Metrics.entry(syslog)
		if err := s.deps.Feed.Push(ctx, feed.Line{Text: text, Labels: kept}); err != nil {
			return err
		}
	}
	return messages.Err()
}

// take takes one message.
func (s *Syslog) take(ctx context.Context, m gosyslog.Message, connection map[string]string) error {
	var base *gosyslog.Base
	text, labels := "", merged(connection, nil)
	switch m := m.(type) {
	case *rfc5424.SyslogMessage:
		base = &m.Base
		if s.cfg.LabelStructuredData && m.StructuredData != nil {
			for id, params := range *m.StructuredData {
				for name, value := range params {
					labels["__syslog_message_sd_"+strings.ReplaceAll(id, "@", "_")+"_"+name] = value
				}
			}
		}
		if base.Message != nil {
			text = *base.Message
			if s.cfg.UseRFC5424Message {
				if whole, err := m.String(); err == nil {
					text = whole
				}
			}
		}
	case *rfc3164.SyslogMessage:
		base = &m.Base
		if base.Message != nil {
			text = *base.Message
		}
	default:
		return nil
	}
	if base.Message == nil {
		s.deps.Metrics.empty.Inc()
		return nil
	}
	messageLabels(labels, base)
	kept, _ := relabelled(labels, s.deps.Relabel)
	line := feed.Line{Text: text, Labels: kept}
	if s.cfg.UseIncomingTimestamp && base.Timestamp != nil {
		line.Time = *base.Timestamp
	}
	s.deps.Metrics.entry(syslog)
	return s.deps.Feed.Push(ctx, line)
}

func messageLabels(labels map[string]string, m *gosyslog.Base) {
	for name, value := range map[string]*string{
		"severity": m.SeverityLevel(), "facility": m.FacilityLevel(), "hostname": m.Hostname,
		"app_name": m.Appname, "proc_id": m.ProcID, "msg_id": m.MsgID,
	} {
		if value != nil {
			labels["__syslog_message_"+name] = *value
		}
	}
}

// labelsOf are the labels of a sender. Names are asked for once for each address.
func (s *Syslog) labelsOf(peer net.Addr) map[string]string {
	ip, _, err := net.SplitHostPort(peer.String())
	if err != nil {
		ip = peer.String()
	}
	s.mu.Lock()
	name, known := s.hosts[ip]
	s.mu.Unlock()
	if !known {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		names, _ := net.DefaultResolver.LookupAddr(ctx, ip)
		cancel()
		name = strings.Join(names, ",")
		s.mu.Lock()
		if len(s.hosts) >= maxConnections {
			clear(s.hosts)
		}
		s.hosts[ip] = name
		s.mu.Unlock()
	}
	return merged(s.cfg.Labels, map[string]string{
		"__syslog_connection_ip_address": ip, "__syslog_connection_hostname": name,
	})
}

// Cursors implements Source.
func (*Syslog) Cursors() map[string]string { return nil }

// Status implements Source.
func (s *Syslog) Status() []Status {
	return []Status{{Type: "Syslog", Ready: s.addr.get() != "", Labels: s.cfg.Labels,
		Details: map[string]string{"address": s.addr.get(), "protocol": s.cfg.ListenProtocol}}}
}

// Addr is where it listens, "" before it does.
func (s *Syslog) Addr() string { return s.addr.get() }

// sleep waits and reports whether ctx still holds.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

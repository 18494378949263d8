package source

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"time"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
)

// Bounds of GELF over UDP, from Graylog's specification; maxGelf is ours.
const (
	maxChunks    = 128
	chunkTimeout = 5 * time.Second
	maxGelf      = 2 << 20  // bytes of one message, unpacked
	maxWaiting   = 8 << 20  // bytes of messages that are not whole
	datagram     = 64 << 10 // bytes
)

// Gelf is a UDP port for GELF, chunked and compressed or not.
type Gelf struct {
	cfg    conf.GelfConfig
	deps   Deps
	addr   listening
	chunks chunks
}

// NewGelf returns a GELF port that does not listen yet.
func NewGelf(cfg conf.GelfConfig, deps Deps) *Gelf {
	return &Gelf{cfg: cfg, deps: deps, chunks: chunks{waiting: map[[8]byte]*partial{}}}
}

// Run implements Source.
func (g *Gelf) Run(ctx context.Context) error {
	c, err := net.ListenPacket("udp", g.cfg.ListenAddress)
	if err != nil {
		return fmt.Errorf("gelf: %w", err)
	}
	g.addr.set(c.LocalAddr())
	if u, ok := c.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(1 << 20) // as much as the system allows
	}
	g.deps.Logger.Info("GELF listens", "address", c.LocalAddr().String())
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	buf := make([]byte, datagram)
	for {
		n, _, err := c.ReadFrom(buf)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = g.take(ctx, buf[:n], time.Now())
		}
		if err != nil && ctx.Err() == nil {
			g.deps.Metrics.problem(gelf)
		}
	}
}

// take takes one datagram.
func (g *Gelf) take(ctx context.Context, packet []byte, now time.Time) error {
	message, err := g.chunks.add(packet, now)
	if err != nil || message == nil {
		return err
	}
	text, err := unpack(message)
	if err != nil {
		return err
	}
	m, err := parseGelf(text)
	if err != nil {
		return err
	}
	labels, _ := relabelled(merged(g.cfg.Labels, map[string]string{
		"__gelf_message_level": m.severity(), "__gelf_message_host": m.Host,
		"__gelf_message_version": m.Version, "__gelf_message_facility": m.Facility,
	}), g.deps.Relabel)
	line := feed.Line{Text: m.line, Labels: labels}
	if g.cfg.UseIncomingTimestamp && m.Timestamp > 0 && m.Timestamp < math.MaxInt64/1e9 {
		line.Time = time.Unix(0, int64(m.Timestamp*1e9))
	}
	g.deps.Metrics.entry(gelf)
	return g.deps.Feed.Push(ctx, line)
}

// partial is a message of which chunks are missing.
type partial struct {
	parts [][]byte
	left  int
	bytes int
	born  time.Time
}

// chunks puts chunked messages together.
type chunks struct {
	waiting map[[8]byte]*partial
	bytes   int
}

var errChunk = errors.New("chunk is out of bounds")

// add takes a datagram and returns the message that it makes whole, nil if none.
func (c *chunks) add(packet []byte, now time.Time) ([]byte, error) {
	if len(packet) < 2 || packet[0] != 0x1e || packet[1] != 0x0f {
		return packet, nil
	}
	if len(packet) < 12 {
		return nil, errChunk
	}
	id, seq, count := [8]byte(packet[2:10]), int(packet[10]), int(packet[11])
	if count == 0 || count > maxChunks || seq >= count {
		return nil, errChunk
	}
	for key, p := range c.waiting {
		if now.Sub(p.born) > chunkTimeout {
			c.forget(key)
		}
	}
	p := c.waiting[id]
	if p == nil {
		p = &partial{parts: make([][]byte, count), left: count, born: now}
		c.waiting[id] = p
	}
	data := bytes.Clone(packet[12:])
	if len(p.parts) != count || p.parts[seq] != nil || c.bytes+len(data) > maxWaiting {
		return nil, errChunk
	}
	p.parts[seq] = data
	p.bytes += len(data)
	c.bytes += len(data)
	if p.left--; p.left > 0 {
		return nil, nil
	}
	c.forget(id)
	return bytes.Join(p.parts, nil), nil
}

func (c *chunks) forget(id [8]byte) {
	c.bytes -= c.waiting[id].bytes
	delete(c.waiting, id)
}

// unpack decompresses a message that is compressed.
func unpack(b []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch {
	case len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b:
		r, err = gzip.NewReader(bytes.NewReader(b))
	case len(b) > 2 && b[0] == 0x78 && (int(b[0])*256+int(b[1]))%31 == 0:
		r, err = zlib.NewReader(bytes.NewReader(b))
	default:
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxGelf+1))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if len(text) > maxGelf {
		return nil, fmt.Errorf("message has more than %d bytes", maxGelf)
	}
	return text, nil
}

// message is a GELF message; line is the JSON that goes on.
type message struct {
	Version   string  `json:"version"`
	Host      string  `json:"host"`
	Facility  string  `json:"facility"`
	Timestamp float64 `json:"timestamp"`
	Level     *int    `json:"level"`

	line string
}

// severity is the level's name. A message without one is of level 0, as for Promtail.
func (m *message) severity() string {
	names := []string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}
	level := 0
	if m.Level != nil {
		level = *m.Level
	}
	if level < 0 || level >= len(names) {
		return ""
	}
	return names[level]
}

func parseGelf(text []byte) (*message, error) {
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read GELF: %w", err)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return nil, fmt.Errorf("read GELF: %w", err)
	}
	m.line = line.String()
	return &m, nil
}

// Cursors implements Source.
func (*Gelf) Cursors() map[string]string { return nil }

// Status implements Source.
func (g *Gelf) Status() []Status {
	return []Status{{Type: "Gelf", Ready: g.addr.get() != "", Labels: g.cfg.Labels, Details: map[string]string{"address": g.addr.get()}}}
}

// Addr is where it listens, "" before it does.
func (g *Gelf) Addr() string { return g.addr.get() }

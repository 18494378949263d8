package logstash

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// beatsInput takes events from Beats, Elastic's agent and other Logstashes. A window is
// acknowledged when all its events are where the pipeline brings them.
type beatsInput struct {
	common
	env       *env
	address   string
	tls       *tls.Config
	idle      time.Duration
	codecTag  bool
	sourceIP  logstash.Ref
	peerName  logstash.Ref
	enrichIP  bool
	enrichTLS bool
	memory    *memory
}

func newBeats(s *logstash.Settings, v *env) (input, error) {
	s.Required("port")
	i := &beatsInput{common: readCommon(s, v, "plain"), env: v, idle: time.Duration(s.Int("client_inactivity_timeout", 60)) * time.Second,
		codecTag: s.Bool("include_codec_tag", true), memory: newMemory(v.deps.MaxInFlight)}
	i.address = net.JoinHostPort(s.String("host", "0.0.0.0"), strconv.FormatInt(s.Int("port", 5044), 10))
	i.tls = readTLS(s, v, true, s.Plugin().Name == "lumberjack")
	i.sourceIP, i.peerName = ref("[@metadata][ip_address]"), ref("[@metadata][tls_peer][subject]")
	if v.ecs {
		i.sourceIP, i.peerName = ref("[@metadata][input][beats][host][ip]"), ref("[@metadata][tls_peer][subject]")
	}
	enrich := s.Strings("enrich")
	i.enrichIP, i.enrichTLS = enrich == nil, false
	for _, what := range enrich {
		switch what {
		case "all":
			i.enrichIP, i.enrichTLS, i.codecTag = true, true, true
		case "none":
			i.enrichIP, i.enrichTLS, i.codecTag = false, false, false
		case "source_metadata":
			i.enrichIP = true
		case "ssl_peer_metadata":
			i.enrichTLS = true
		case "codec_metadata":
			i.codecTag = true
		default:
			s.Errorf("enrich", "%q is none of all, none, source_metadata, codec_metadata, ssl_peer_metadata", what)
		}
	}
	i.enrichTLS = i.enrichTLS || s.Bool("ssl_peer_metadata", false)
	s.Known("add_hostname", "executor_threads", "event_loop_threads", "congestion_threshold", "target_field_for_codec", "max_clients")
	if i.codec.Framing() != codec.Lines {
		s.Errorf("codec", "%s does not read messages of events", i.codec.Name)
	}
	return i, requireDecoder(s, &i.common)
}

// run implements input.
func (i *beatsInput) run(ctx context.Context, q *queue) error {
	return serveTCP(ctx, i.env, i.address, i.tls, func(ctx context.Context, c net.Conn) {
		err := i.serve(ctx, c, q)
		if err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
			i.env.unreadable(reasonOf(err))
		}
	})
}

func reasonOf(err error) string {
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, errNoMemory):
		return "overloaded"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "connection"
	}
	return "malformed"
}

// alive is how often a client is told that its window is still being worked on.
const alive = 3 * time.Second

// serve reads one client's windows, one after the other.
func (i *beatsInput) serve(ctx context.Context, c net.Conn, q *queue) error {
	p := peerOf(c)
	if t, ok := c.(*tls.Conn); ok {
		if err := handshake(ctx, t); err != nil {
			return err
		}
		if certs := t.ConnectionState().PeerCertificates; len(certs) > 0 {
			p.subject = certs[0].Subject.String()
		}
	}
	r := bufio.NewReaderSize(c, 64<<10)
	decoder := i.codec.Decoder()
	for {
		if i.idle > 0 {
			_ = c.SetReadDeadline(time.Now().Add(i.idle))
		}
		if err := i.window(ctx, c, r, decoder, &p, q); err != nil {
			return err
		}
	}
}

// window takes one window.
func (i *beatsInput) window(ctx context.Context, c net.Conn, r *bufio.Reader, decoder codec.Decoder, p *peer, q *queue) error {
	memory := share{of: i.memory}
	defer memory.release()
	w, err := readWindow(r, &memory)
	if err != nil {
		return err
	}
	b := batch{size: w.size}
	for _, m := range w.events {
		i.event(m, decoder, p, &b)
	}
	decoder.Flush(func(e *pipeline.Event) { b.events = append(b.events, e) })
	return i.hand(ctx, c, q, w, b)
}

// hand gives a window to the pipeline, waits until it is done and acknowledges it.
func (i *beatsInput) hand(ctx context.Context, c net.Conn, q *queue, w *window, b batch) error {
	done := make(chan struct{})
	b.done = func() { close(done) }
	pushed := make(chan error, 1)
	go func() { pushed <- q.push(ctx, b) }()
	defer func() {
		if pushed != nil {
			<-pushed // ctx is done: it ends at once
		}
	}()
	beat := time.NewTicker(alive)
	defer beat.Stop()
	for {
		select {
		case err := <-pushed:
			pushed = nil
			if err != nil {
				return err
			}
		case <-done:
			return send(c, w.ack(w.last))
		case <-beat.C:
			if err := send(c, w.ack(0)); err != nil {
				// The pipeline has the window; the client will send it again.
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func send(c net.Conn, b []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := c.Write(b)
	return err
}

// event makes an event of what a client sent: its text goes through the codec, the other
// fields are set beside.
func (i *beatsInput) event(m map[string]any, d codec.Decoder, p *peer, b *batch) {
	text, key := "", ""
	for _, name := range [...]string{"message", "line"} { // the latter: logstash-forwarder
		if v, ok := m[name].(string); ok && key == "" {
			text, key = v, name
		}
	}
	if key == "" {
		e := codec.EventOf(m)
		i.finish(e, p, "beats_input_raw_event")
		b.events = append(b.events, e)
		return
	}
	delete(m, key)
	rest := codec.EventOf(m)
	d.Decode([]byte(text), func(e *pipeline.Event) {
		if !rest.Time.IsZero() {
			e.Time = rest.Time
		}
		for name, v := range rest.Fields {
			if name == "@version" {
				continue
			}
			e.Fields[name] = merged(e.Fields[name], pipeline.CloneValue(v))
		}
		i.finish(e, p, "beats_input_codec_"+i.codec.Name+"_applied")
		b.events = append(b.events, e)
	})
}

// merged is what the client sent, with what the codec set beside it in objects.
func merged(own, sent any) any {
	o, ok := own.(map[string]any)
	s, both := sent.(map[string]any)
	if !ok || !both {
		return sent
	}
	for k, v := range o {
		if _, there := s[k]; !there {
			s[k] = v
		}
	}
	return s
}

func (i *beatsInput) finish(e *pipeline.Event, p *peer, tag string) {
	if i.enrichIP {
		put(e, i.sourceIP, p.ip)
	}
	if i.enrichTLS && p.subject != "" {
		put(e, i.peerName, p.subject)
	}
	if i.codecTag {
		logstash.Tag(e, tag)
	}
	i.decorate(e)
}

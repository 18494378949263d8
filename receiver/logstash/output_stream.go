package logstash

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// nullOutput takes everything and keeps nothing.
type nullOutput struct{ closeNothing }

func newNull(s *logstash.Settings, _ *env) (output, error) {
	s.Known("codec", "workers")
	return nullOutput{}, nil
}

func (nullOutput) write(context.Context, []*pipeline.Event) ([]*pipeline.Event, error) {
	return nil, nil
}

// stdoutOutput prints events.
type stdoutOutput struct {
	closeNothing
	env   *env
	codec *codec.Codec
	mu    *sync.Mutex
	to    io.Writer
}

func newStdout(s *logstash.Settings, v *env) (output, error) {
	s.Known("workers", "debug")
	o := &stdoutOutput{env: v, codec: readCodec(s, v, "rubydebug"), mu: &sync.Mutex{}, to: os.Stdout}
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

func (o *stdoutOutput) write(_ context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	var buf []byte
	for _, e := range events {
		var err error
		if buf, err = o.codec.Encode(buf, e); err != nil {
			o.env.deadLetter(e, "malformed", err.Error())
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := o.to.Write(buf)
	if err != nil {
		return events, fmt.Errorf("print: %w", err)
	}
	return nil, nil
}

// tcpOutput sends events over a connection, or to everybody who connects.
type tcpOutput struct {
	env     *env
	codec   *codec.Codec
	address string
	tls     *tls.Config
	server  bool

	mu       sync.Mutex
	conn     net.Conn // of a client
	listener net.Listener
	clients  map[net.Conn]struct{}
	wg       sync.WaitGroup
}

const (
	dialTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
)

func newTCPOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("host")
	s.Required("port")
	o := &tcpOutput{env: v, codec: readCodec(s, v, "json"), server: s.Enum("mode", "client", "client", "server") == "server", clients: map[net.Conn]struct{}{}}
	o.address = net.JoinHostPort(s.String("host", ""), strconv.FormatInt(s.Int("port", 0), 10))
	o.tls = readTLS(s, v, o.server, false)
	s.Known("reconnect_interval", "tcp_keep_alive", "workers")
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

// encode writes events one after the other. The json codec ends no line by itself, which
// over a stream it must (Logstash takes json_lines for it).
func encode(v *env, c *codec.Codec, events []*pipeline.Event) []byte {
	var buf []byte
	for _, e := range events {
		b, err := c.Encode(buf, e)
		if err != nil {
			v.deadLetter(e, "malformed", err.Error())
			continue
		}
		if buf = b; c.Name == "json" {
			buf = append(buf, '\n')
		}
	}
	return buf
}

// write implements output.
func (o *tcpOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	b := encode(o.env, o.codec, events)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.server {
		return o.broadcast(ctx, b, events)
	}
	if o.conn == nil {
		conn, err := dial(ctx, o.env.address(o.address), o.tls)
		if err != nil {
			return events, err
		}
		o.conn = conn
	}
	_ = o.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := o.conn.Write(b); err != nil {
		_ = o.conn.Close()
		o.conn = nil
		return events, fmt.Errorf("send to %s: %w", o.address, err)
	}
	return nil, nil
}

func dial(ctx context.Context, address string, t *tls.Config) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	if t == nil {
		return d.DialContext(ctx, "tcp", address)
	}
	return (&tls.Dialer{NetDialer: &d, Config: t}).DialContext(ctx, "tcp", address)
}

// broadcast sends to all who are connected; who is too slow is disconnected.
func (o *tcpOutput) broadcast(ctx context.Context, b []byte, events []*pipeline.Event) ([]*pipeline.Event, error) {
	if o.listener == nil {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.env.address(o.address))
		if err != nil {
			return events, err
		}
		if o.tls != nil {
			l = tls.NewListener(l, o.tls)
		}
		o.listener = l
		o.wg.Go(o.accept)
	}
	for c := range o.clients {
		_ = c.SetWriteDeadline(time.Now().Add(writeTimeout / 10))
		if _, err := c.Write(b); err != nil {
			_ = c.Close()
			delete(o.clients, c)
		}
	}
	return nil, nil
}

func (o *tcpOutput) accept() {
	for {
		c, err := o.listener.Accept()
		if err != nil {
			return
		}
		o.mu.Lock()
		if len(o.clients) < maxConnections {
			o.clients[c] = struct{}{}
		} else {
			_ = c.Close()
		}
		o.mu.Unlock()
	}
}

func (o *tcpOutput) close() error {
	o.mu.Lock()
	var errs []error
	if o.conn != nil {
		errs = append(errs, o.conn.Close())
	}
	if o.listener != nil {
		errs = append(errs, o.listener.Close())
	}
	for c := range o.clients {
		errs = append(errs, c.Close())
	}
	o.mu.Unlock()
	o.wg.Wait()
	return errors.Join(errs...)
}

// udpOutput sends each event as one packet.
type udpOutput struct {
	env     *env
	codec   *codec.Codec
	address string

	mu   sync.Mutex
	conn net.Conn
}

func newUDPOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("host")
	s.Required("port")
	s.Known("retry_count", "retry_backoff_ms", "workers")
	o := &udpOutput{env: v, codec: readCodec(s, v, "json")}
	o.address = net.JoinHostPort(s.String("host", ""), strconv.FormatInt(s.Int("port", 0), 10))
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

// write implements output. Packets have no acknowledgement: what the network loses is
// lost, what the system refuses is given up.
func (o *udpOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn == nil {
		conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "udp", o.env.address(o.address))
		if err != nil {
			return events, err
		}
		o.conn = conn
	}
	for _, e := range events {
		b, err := o.codec.Encode(nil, e)
		if err == nil {
			_, err = o.conn.Write(b)
		}
		if err != nil {
			o.env.deadLetter(e, "not_sent", err.Error())
		}
	}
	return nil, nil
}

func (o *udpOutput) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn == nil {
		return nil
	}
	return o.conn.Close()
}

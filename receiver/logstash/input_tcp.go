package logstash

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// tcpInput reads lines, or what its codec is, from those who connect, or from a server.
type tcpInput struct {
	common
	env                        *env
	address                    string
	tls                        *tls.Config
	client, proxy              bool
	name, ip, port, subject    logstash.Ref
	proxyAddress, proxyPortRef logstash.Ref
}

func newTCPInput(s *logstash.Settings, v *env) (input, error) {
	s.Required("port")
	i := &tcpInput{common: readCommon(s, v, "line"), env: v, client: s.Enum("mode", "server", "server", "client") == "client", proxy: s.Bool("proxy_protocol", false)}
	i.address = net.JoinHostPort(s.String("host", "0.0.0.0"), strconv.FormatInt(s.Int("port", 0), 10))
	i.tls = readTLS(s, v, !i.client, false)
	s.Known("tcp_keep_alive", "dns_reverse_lookup_enabled", "data_timeout")
	pick := func(plain, ecs string) logstash.Ref {
		if v.ecs {
			return ref(ecs)
		}
		return ref(plain)
	}
	i.name = pick("host", "[@metadata][input][tcp][source][name]")
	i.ip = pick("[@metadata][ip_address]", "[@metadata][input][tcp][source][ip]")
	i.port = pick("port", "[@metadata][input][tcp][source][port]")
	i.subject = pick("sslsubject", "[@metadata][input][tcp][tls][client][subject]")
	i.proxyAddress = pick("proxy_host", "[@metadata][input][tcp][proxy][ip]")
	i.proxyPortRef = pick("proxy_port", "[@metadata][input][tcp][proxy][port]")
	return i, requireDecoder(s, &i.common)
}

func requireDecoder(s *logstash.Settings, c *common) error {
	if !c.codec.Decodes() {
		s.Errorf("codec", "%s does not read", c.codec.Name)
	}
	return nil
}

// run implements input.
func (i *tcpInput) run(ctx context.Context, q *queue) error {
	if i.client {
		return i.connect(ctx, q)
	}
	return serveTCP(ctx, i.env, i.address, i.tls, func(ctx context.Context, c net.Conn) { i.serve(ctx, c, q) })
}

// connect reads from a server until it hangs up; the error makes it connect again.
func (i *tcpInput) connect(ctx context.Context, q *queue) error {
	c, err := dial(ctx, i.env.address(i.address), i.tls)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	defer c.Close()
	i.serve(ctx, c, q)
	return fmt.Errorf("%s hung up", i.address)
}

// serveTCP serves connections, each in a goroutine, until ctx is done.
func serveTCP(ctx context.Context, v *env, address string, t *tls.Config, serve func(ctx context.Context, c net.Conn)) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", v.address(address))
	if err != nil {
		return err
	}
	v.log.Info("listening", "address", l.Addr().String())
	if t != nil {
		l = tls.NewListener(l, t)
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	defer l.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before waiting: what serves ends when the listener fails
	places := make(chan struct{}, maxConnections)
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept: %w", err)
		}
		select {
		case places <- struct{}{}:
		default:
			v.unreadable("too_many_connections")
			_ = c.Close()
			continue
		}
		wg.Go(func() {
			defer func() { <-places }()
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			defer stop()
			defer c.Close()
			serve(ctx, c)
		})
	}
}

// handshake bounds how long a client may take until it is one.
const handshakeTime = 10 * time.Second

// serve reads one connection.
func (i *tcpInput) serve(ctx context.Context, c net.Conn, q *queue) {
	peer := peerOf(c)
	var r io.Reader = c
	if t, ok := c.(*tls.Conn); ok {
		if err := handshake(ctx, t); err != nil {
			i.env.unreadable("tls_handshake")
			return
		}
		if certs := t.ConnectionState().PeerCertificates; len(certs) > 0 {
			peer.subject = certs[0].Subject.String()
		}
	}
	if i.proxy {
		buffered := bufio.NewReaderSize(c, 4096)
		if err := peer.proxied(c, buffered); err != nil {
			i.env.unreadable("proxy_protocol")
			return
		}
		r = buffered
	}
	s := stream{common: i.common, env: i.env, r: r, finish: func(e *pipeline.Event) { i.finish(e, &peer) }}
	if err := s.run(ctx, q); err != nil && ctx.Err() == nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrUnexpectedEOF) {
		i.env.unreadable("connection")
	}
}

func handshake(ctx context.Context, t *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	return t.HandshakeContext(ctx)
}

func (i *tcpInput) finish(e *pipeline.Event, p *peer) {
	put(e, i.name, p.ip)
	put(e, i.ip, p.ip)
	put(e, i.port, p.port)
	if p.subject != "" {
		put(e, i.subject, p.subject)
	}
	if p.proxyIP != "" {
		put(e, i.proxyAddress, p.proxyIP)
		put(e, i.proxyPortRef, p.proxyPort)
	}
}

// peer is who sends.
type peer struct {
	ip        string
	port      int64
	subject   string
	proxyIP   string
	proxyPort string
}

func peerOf(c net.Conn) peer { return peerAt(c.RemoteAddr()) }

func peerAt(a net.Addr) peer {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return peer{ip: a.String()}
	}
	n, _ := strconv.ParseInt(port, 10, 64)
	return peer{ip: host, port: n}
}

// proxied reads the line of HAProxy's protocol, version 1, in front of a connection.
func (p *peer) proxied(c net.Conn, r *bufio.Reader) error {
	_ = c.SetReadDeadline(time.Now().Add(handshakeTime))
	line, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	parts := strings.Fields(string(line)) // PROXY TCP4 client proxy clientport proxyport
	if len(line) > 107 || len(parts) < 2 || parts[0] != "PROXY" {
		return errors.New("no PROXY line")
	}
	if len(parts) == 6 {
		p.ip, p.proxyIP, p.proxyPort = parts[2], parts[3], parts[5]
		p.port, _ = strconv.ParseInt(parts[4], 10, 64)
	}
	return c.SetReadDeadline(time.Time{})
}

package jaeger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

const (
	// maxDatagram is the largest payload of a UDP datagram.
	maxDatagram = 65_507
	// maxJoined is how many datagrams are pushed together at most: each push waits
	// for the disk, so what came meanwhile goes with the next one.
	maxJoined = 200
	// pushTime bounds one push; what waits behind it is dropped when the queue is
	// full.
	pushTime = 10 * time.Second
	// socketBuffer is asked of the kernel unless the configuration says another, so
	// that a burst outlives a sync of the disk.
	socketBuffer = 4 << 20
)

// udpServer receives one encoding on one port.
type udpServer struct {
	key      string // of the configuration
	encoding encoding
	config   jaegerreceiver.ProtocolUDP
	tenant   tenant.ID
	deps     Deps
	metrics  *metrics
	pool     sync.Pool // of []byte of maxDatagram
}

type datagram struct {
	buffer *[]byte
	size   int
}

func newUDPServer(key string, e encoding, c jaegerreceiver.ProtocolUDP, t tenant.ID, d Deps, m *metrics) *udpServer {
	u := &udpServer{key: key, encoding: e, config: c, tenant: t, deps: d, metrics: m}
	u.pool.New = func() any { b := make([]byte, maxDatagram); return &b }
	return u
}

// run receives until ctx is done and then pushes what it has.
func (u *udpServer) run(ctx context.Context) error {
	conn, err := u.listen()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	queue := make(chan datagram, max(1, u.config.QueueSize))
	var workers sync.WaitGroup
	for range max(1, u.config.Workers) {
		workers.Go(func() { u.work(context.WithoutCancel(ctx), queue) })
	}
	err = u.read(conn, queue)
	close(queue)
	workers.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s: %w", u.key, err)
}

func (u *udpServer) listen() (*net.UDPConn, error) {
	address, err := net.ResolveUDPAddr("udp", u.config.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.key, err)
	}
	conn, err := net.ListenUDP("udp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("%s: cannot listen on %s (UDP): %w", u.key, u.config.Endpoint, err)
	}
	size := socketBuffer
	if u.config.SocketBufferSize > 0 {
		size = u.config.SocketBufferSize
	}
	if err := conn.SetReadBuffer(size); err != nil {
		u.deps.Log.Warn("the kernel refuses the socket's buffer size", "endpoint", u.key, "bytes", size, "error", err)
	}
	return conn, nil
}

// read puts datagrams into the queue until the connection is closed. A full queue
// drops: waiting would make the kernel drop, uncounted.
func (u *udpServer) read(conn *net.UDPConn, queue chan<- datagram) error {
	received, full := u.metrics.datagrams.WithLabelValues(u.key), u.metrics.dropped.WithLabelValues(u.key, dropQueueFull)
	for {
		buffer := u.pool.Get().(*[]byte)
		n, _, err := conn.ReadFromUDPAddrPort(*buffer)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		received.Inc()
		select {
		case queue <- datagram{buffer, n}:
		default:
			full.Inc()
			u.pool.Put(buffer)
		}
	}
}

// work pushes what is in the queue, several datagrams together when they wait.
func (u *udpServer) work(ctx context.Context, queue <-chan datagram) {
	for first := range queue {
		td := ptrace.NewTraces()
		joined := 0
		for next, more := first, true; more; joined++ {
			u.join(td, next)
			more = false
			if joined+1 < maxJoined {
				select {
				case next, more = <-queue:
				default:
				}
			}
		}
		u.push(ctx, td, joined)
	}
}

// join decodes a datagram into td.
func (u *udpServer) join(td ptrace.Traces, d datagram) {
	defer u.pool.Put(d.buffer)
	one, err := u.encoding.decode((*d.buffer)[:d.size])
	switch {
	case errors.Is(err, errUnsupported):
		u.metrics.dropped.WithLabelValues(u.key, dropUnsupported).Inc()
	case err != nil:
		u.metrics.dropped.WithLabelValues(u.key, dropMalformed).Inc()
	default:
		one.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
	}
}

func (u *udpServer) push(ctx context.Context, td ptrace.Traces, datagrams int) {
	if td.SpanCount() == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	err := u.deps.Traces.PushTraces(ctx, u.tenant, td)
	var part *ingest.Refusal
	if errors.As(err, &part) && part.Refused < td.SpanCount() {
		return // ingest counted the spans that it refused; the others are stored
	}
	if err != nil {
		u.metrics.dropped.WithLabelValues(u.key, dropRefused).Add(float64(datagrams))
	}
}

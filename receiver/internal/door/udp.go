package door

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/ipv4"

	"github.com/pharosd/pharos/tenant"
)

const (
	// MaxDatagram is the largest payload of a UDP datagram.
	MaxDatagram = 65_507
	// socketBuffer is asked of the kernel, so that a burst outlives a sync of the disk.
	socketBuffer = 8 << 20
	// readBatch is how many datagrams one system call brings at most.
	readBatch = 64
	// queueBytes and queueLength bound what waits to be pushed.
	queueBytes  = 16 << 20
	queueLength = 32_768
	// maxJoined is how many messages are pushed together at most.
	maxJoined = 4096
	// pushTime bounds one push; what waits behind it is dropped when the queue is full.
	pushTime = 10 * time.Second
)

// UDP serves datagrams. They have no answer: what does not fit is counted and lost.
type UDP struct {
	// Door names the port in metrics and errors: "syslog_udp".
	Door   string
	Deps   Deps
	Tenant tenant.ID
	// Decode adds what a datagram says to the batch; an error means that it is
	// malformed. It is called by one goroutine. b is its own.
	Decode func(b []byte, from netip.Addr, to *Batch) error

	conn    *net.UDPConn
	mu      sync.Mutex
	waiting []datagram
	bytes   int
	wake    chan struct{}
}

type datagram struct {
	data []byte
	from netip.Addr
}

// Listen opens the port.
func (s *UDP) Listen(ctx context.Context, address string) error {
	c, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", address)
	if err != nil {
		return fmt.Errorf("listen on %s (%s): %w", address, s.Door, err)
	}
	s.conn, s.wake = c.(*net.UDPConn), make(chan struct{}, 1)
	if err := s.conn.SetReadBuffer(socketBuffer); err != nil {
		s.Deps.Log.Warn("the kernel refuses the socket's buffer size", "door", s.Door, "bytes", socketBuffer, "error", err)
	}
	return nil
}

// Addr is where the port is.
func (s *UDP) Addr() net.Addr { return s.conn.LocalAddr() }

// Close closes a port that is not served, or not any more.
func (s *UDP) Close() error { return IgnoreClosed(s.conn.Close()) }

// Run receives until ctx is done and then pushes what it has.
func (s *UDP) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	ended := make(chan struct{})
	var worker sync.WaitGroup
	worker.Go(func() { s.work(context.WithoutCancel(ctx), ended) })
	err := s.read()
	close(ended)
	worker.Wait()
	if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("%s: %w", s.Door, err)
}

// read puts datagrams into the queue until the connection is closed. A full queue
// drops: waiting would make the kernel drop, uncounted.
func (s *UDP) read() error {
	// It reads several at once on sockets of either family.
	conn := ipv4.NewPacketConn(s.conn)
	messages := make([]ipv4.Message, readBatch)
	for i := range messages {
		messages[i].Buffers = [][]byte{make([]byte, MaxDatagram)}
	}
	for {
		n, err := conn.ReadBatch(messages, 0)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		s.Deps.Metrics.Received(s.Door, n)
		dropped := 0
		s.mu.Lock()
		for _, m := range messages[:n] {
			if len(s.waiting) >= queueLength || s.bytes+m.N > queueBytes {
				dropped++
				continue
			}
			from := netip.Addr{}
			if a, ok := m.Addr.(*net.UDPAddr); ok {
				from = a.AddrPort().Addr().Unmap()
			}
			s.waiting = append(s.waiting, datagram{append([]byte(nil), m.Buffers[0][:m.N]...), from})
			s.bytes += m.N
		}
		s.mu.Unlock()
		if dropped > 0 {
			s.Deps.Metrics.Dropped(s.Door, QueueFull, dropped)
		}
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// work pushes what waits, many datagrams together, until the reader has ended.
func (s *UDP) work(ctx context.Context, ended <-chan struct{}) {
	for last := false; !last; {
		select {
		case <-s.wake:
		case <-ended:
			last = true
		}
		for batch := s.take(); len(batch) > 0; batch = s.take() {
			s.push(ctx, batch)
		}
	}
}

func (s *UDP) take() []datagram {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.waiting), maxJoined)
	batch := s.waiting[:n:n]
	s.waiting = s.waiting[n:]
	if len(s.waiting) == 0 {
		s.waiting = nil
	}
	return batch
}

func (s *UDP) push(ctx context.Context, datagrams []datagram) {
	var b Batch
	size := 0
	for _, d := range datagrams {
		size += len(d.data)
		if err := s.decode(d, &b); err != nil {
			s.Deps.Metrics.Dropped(s.Door, Malformed, 1)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	_ = s.Deps.Push(ctx, s.Door, s.Tenant, &b) // what it gives up it has counted
	s.mu.Lock()
	s.bytes -= size
	s.mu.Unlock()
}

func (s *UDP) decode(d datagram, b *Batch) (err error) {
	// The datagram is anybody's: it must not end the process.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while decoding: %v", p)
		}
	}()
	return s.Decode(d.data, d.from, b)
}

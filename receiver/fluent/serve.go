package fluent

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

const (
	handshakeTime = 10 * time.Second
	writeTime     = 30 * time.Second
	stopTime      = 5 * time.Second
	// What has come is pushed together, up to here.
	batchEntries = 10_000
	batchBytes   = 4 << 20
)

// connection is one client.
type connection struct {
	*Receiver
	name   string
	conn   net.Conn
	in     *bufio.Reader
	tenant tenant.ID
	batch  door.Batch
	chunks []string // to be acknowledged when the batch is on disk
	taken  int64    // of inFlight
}

func (r *Receiver) serve(ctx context.Context, name string, conn net.Conn) {
	c := &connection{Receiver: r, name: name, conn: conn, in: bufio.NewReaderSize(conn, 64<<10), tenant: r.cfg.Tenant}
	defer c.release()
	if r.cfg.SharedKey != "" {
		_ = conn.SetDeadline(time.Now().Add(handshakeTime))
		id, err := r.handshake(c.in, conn)
		if err != nil {
			r.deps.Metrics.RefusedConnection(name, "handshake")
			r.deps.Log.Debug("a client was not let in", "door", name, "client", conn.RemoteAddr().String(), "error", err)
			return
		}
		c.tenant = id
		_ = conn.SetDeadline(time.Time{})
	}
	for {
		if err := c.next(ctx); err != nil {
			return
		}
	}
}

// next reads a message and, unless another has come already, stores what was read.
func (c *connection) next(ctx context.Context) error {
	door.Deadline(ctx, c.conn, c.cfg.IdleTimeout)
	m, err := read(c.in, bounds{sent: int(c.cfg.MaxMessage), unpacked: int(c.cfg.MaxUnpacked), take: c.take})
	if m != nil && err == nil {
		c.deps.Metrics.Received(c.name, len(m.events))
		c.mapper.add(m, &c.batch)
		if m.chunk != "" {
			c.chunks = append(c.chunks, m.chunk)
		}
	}
	if err != nil {
		c.lost(err)
	}
	if err != nil || c.batch.Len() >= batchEntries || c.batch.Bytes() >= batchBytes || c.in.Buffered() == 0 {
		if pushed := c.push(ctx); err == nil {
			err = pushed
		}
	}
	return err
}

// lost counts a message that cannot be read on.
func (c *connection) lost(err error) {
	reason := ""
	switch {
	case errors.Is(err, errMalformed), errors.Is(err, io.ErrUnexpectedEOF):
		reason = door.Malformed
	case errors.Is(err, errTooLarge):
		reason = "too_large"
	case errors.Is(err, errBusy):
		reason = "busy"
	default:
		return // the end, or the time is over
	}
	c.deps.Metrics.Dropped(c.name, reason, 1)
	c.deps.Log.Debug("a connection is closed", "door", c.name, "client", c.conn.RemoteAddr().String(), "error", err)
}

// push stores the batch and then acknowledges its chunks. A store that refuses for a
// while makes the client wait.
func (c *connection) push(ctx context.Context) error {
	defer c.release()
	wait, cancel := door.Outlive(ctx, stopTime)
	defer cancel()
	err := c.deps.Push(wait, c.name, c.tenant, &c.batch)
	c.batch.Reset()
	chunks := c.chunks
	c.chunks = nil
	if err != nil || len(chunks) == 0 {
		return err
	}
	var acks []byte
	for _, chunk := range chunks {
		acks = appendString(appendString(appendMap(acks, 1), "ack"), chunk)
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err = c.conn.Write(acks)
	return err
}

// take reserves memory for what is being read.
func (c *connection) take(n int) error {
	if c.inFlight.Add(int64(n)) > int64(c.cfg.MaxInFlight) {
		c.inFlight.Add(-int64(n))
		return errBusy
	}
	c.taken += int64(n)
	return nil
}

func (c *connection) release() {
	c.inFlight.Add(-c.taken)
	c.taken = 0
}

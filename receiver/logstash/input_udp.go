package logstash

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// udpInput takes packets. They have no acknowledgement: what comes faster than the
// pipeline takes it, the system drops.
type udpInput struct {
	common
	env      *env
	address  string
	buffer   int
	receive  int
	ip, port logstash.Ref
}

func newUDPInput(s *logstash.Settings, v *env) (input, error) {
	s.Required("port")
	i := &udpInput{common: readCommon(s, v, "plain"), env: v}
	i.address = net.JoinHostPort(s.String("host", "0.0.0.0"), strconv.FormatInt(s.Int("port", 0), 10))
	i.buffer = int(min(max(s.Int("buffer_size", 65536), 512), 65536))
	i.receive = int(min(s.Int("receive_buffer_bytes", 4<<20), 64<<20))
	i.ip, i.port = ref("host"), ref("[@metadata][input][udp][source][port]")
	if v.ecs {
		i.ip = ref("[host][ip]")
	}
	if name := s.String("source_ip_fieldname", ""); name != "" {
		i.ip = s.Ref("source_ip_fieldname", "")
	}
	s.Known("queue_size", "workers")
	return i, requireDecoder(s, &i.common)
}

// run implements input.
func (i *udpInput) run(ctx context.Context, q *queue) error {
	return servePackets(ctx, i.env, i.address, i.buffer, i.receive, func(packet []byte, from net.Addr) error {
		b := batch{size: len(packet)}
		p := peerAt(from)
		emit := func(e *pipeline.Event) {
			put(e, i.ip, p.ip)
			if i.env.ecs {
				put(e, i.port, p.port)
			}
			i.decorate(e)
			b.events = append(b.events, e)
		}
		d := i.codec.Decoder()
		d.Decode(packet, emit)
		d.Flush(emit)
		return q.push(ctx, b)
	})
}

// servePackets hands packets on until ctx is done.
func servePackets(ctx context.Context, v *env, address string, buffer, receive int, take func(packet []byte, from net.Addr) error) error {
	c, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", v.address(address))
	if err != nil {
		return err
	}
	v.log.Info("listening", "address", c.LocalAddr().String())
	if u, ok := c.(*net.UDPConn); ok && receive > 0 {
		if err := u.SetReadBuffer(receive); err != nil {
			v.log.Warn("the receive buffer could not be set", "error", err)
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer c.Close()
	packet := make([]byte, buffer)
	for {
		n, from, err := c.ReadFrom(packet)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("receive: %w", err)
		}
		if err != nil {
			v.unreadable("receive")
			continue
		}
		if n == 0 {
			continue
		}
		if err := take(packet[:n], from); err != nil {
			return nil //nolint:nilerr // ctx is done
		}
	}
}

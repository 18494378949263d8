package testkit

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
)

// Ports below those that systems give to outgoing connections: what a killed server
// leaves is not taken by a client before the server is started again.
const firstPort, lastPort = 20_000, 32_000

// handedOut counts the ports that were tried, from a place of this process's own: no port
// is handed out twice to tests that run side by side.
var handedOut atomic.Uint32

var fromPort = rand.Uint32N(lastPort - firstPort)

// FreePort is a port that nobody listens on now, neither by TCP nor by UDP.
func FreePort(t testing.TB) int {
	t.Helper()
	for range lastPort - firstPort {
		port := firstPort + int((fromPort+handedOut.Add(1))%(lastPort-firstPort))
		address := fmt.Sprintf("127.0.0.1:%d", port)
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		_ = l.Close()
		c, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		_ = c.Close()
		return port
	}
	t.Fatal("no port is free")
	return 0
}

// FreeAddress is host:port on the loopback with a free port.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", FreePort(t))
}

// Ports are free ports for everything that the server listens on.
type Ports struct {
	HTTP, OTLPGRPC, OTLPHTTP, JaegerGRPC, JaegerHTTP, JaegerCompact, JaegerBinary, Zipkin int
}

// FreePorts picks ports that are free now.
func FreePorts(t testing.TB) Ports {
	t.Helper()
	var p Ports
	for _, port := range []*int{&p.HTTP, &p.OTLPGRPC, &p.OTLPHTTP, &p.JaegerGRPC, &p.JaegerHTTP, &p.JaegerCompact, &p.JaegerBinary, &p.Zipkin} {
		*port = FreePort(t)
	}
	return p
}

// Config returns the lines of pharos.yml that put every listener on these ports.
func (p Ports) Config() string {
	return fmt.Sprintf(`listen: 127.0.0.1:%d
traces:
  otlp: {grpc: "127.0.0.1:%d", http: "127.0.0.1:%d"}
  jaeger: {grpc: "127.0.0.1:%d", thrift_http: "127.0.0.1:%d", thrift_compact: "127.0.0.1:%d", thrift_binary: "127.0.0.1:%d"}
  zipkin: {http: "127.0.0.1:%d"}
`, p.HTTP, p.OTLPGRPC, p.OTLPHTTP, p.JaegerGRPC, p.JaegerHTTP, p.JaegerCompact, p.JaegerBinary, p.Zipkin)
}

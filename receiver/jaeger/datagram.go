package jaeger

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/agent"
	translator "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// encoding is one of Thrift's.
type encoding int

const (
	compact encoding = iota + 1
	binary
)

var errUnsupported = errors.New("the agent's method is not supported")

// decode reads a datagram: one call of the agent's method emitBatch. The error
// wraps errUnsupported for other methods.
func (e encoding) decode(datagram []byte) (td ptrace.Traces, err error) {
	// The datagram is anybody's, and the types are generated code over a reader and
	// a translator that trust it more than we do.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while decoding: %v", p)
		}
	}()
	buffer := thrift.NewTMemoryBufferLen(len(datagram))
	if _, err := buffer.Write(datagram); err != nil {
		return ptrace.Traces{}, fmt.Errorf("buffer datagram: %w", err)
	}
	limits := &thrift.TConfiguration{MaxMessageSize: int32(max(1, len(datagram))), MaxFrameSize: int32(max(1, len(datagram)))}
	var p thrift.TProtocol = thrift.NewTBinaryProtocolConf(buffer, limits)
	if e == compact {
		p = thrift.NewTCompactProtocolConf(buffer, limits)
	}
	ctx := context.Background() // reads memory
	method, _, _, err := p.ReadMessageBegin(ctx)
	if err != nil {
		return ptrace.Traces{}, fmt.Errorf("read message: %w", err)
	}
	if method != "emitBatch" {
		return ptrace.Traces{}, fmt.Errorf("%w: %.40q", errUnsupported, method)
	}
	args := agent.NewAgentEmitBatchArgs()
	if err := args.Read(ctx, p); err != nil {
		return ptrace.Traces{}, fmt.Errorf("read batch: %w", err)
	}
	if args.Batch == nil {
		return ptrace.Traces{}, errors.New("no batch in the message")
	}
	return translator.ThriftToTraces(args.Batch)
}

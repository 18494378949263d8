package ship

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
	commonconfig "github.com/prometheus/common/config"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/model"
)

// otlpSender sends OTLP logs over gRPC with zstd, on one connection that is kept. With the
// headers of a shipment a resource's attributes are the stream's labels and a record's
// its structured metadata, name for name (docs/adr/0020-agent-queue.md); another server
// sees ordinary OTLP.
type otlpSender struct {
	conn    *grpc.ClientConn
	headers map[string]string
	size    int // of the last body
}

const exportMethod = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"

func newOTLP(cfg ClientConfig, u *url.URL) (*otlpSender, error) {
	address := u.Host
	if u.Port() == "" {
		address += ":4317"
	}
	transport := insecure.NewCredentials()
	if u.Scheme == schemeGRPCS {
		tc, err := cfg.TLS.common()
		if err != nil {
			return nil, err
		}
		tlsConfig, err := commonconfig.NewTLSConfig(&tc)
		if err != nil {
			return nil, err
		}
		transport = credentials.NewTLS(tlsConfig)
	}
	packer, err := newPacker()
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("dns:///"+address,
		grpc.WithTransportCredentials(transport),
		grpc.WithPerRPCCredentials(&rpcAuth{cfg: cfg, secure: u.Scheme == schemeGRPCS}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 20 * time.Second}),
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: cfg.Timeout, Backoff: backoff.Config{
			BaseDelay: cfg.Backoff.MinPeriod, Multiplier: 2, Jitter: 0.2, MaxDelay: cfg.Backoff.MaxPeriod}}),
		grpc.WithUserAgent("pharos-agent/"+version.Version),
		// For this connection only; registering a compressor is for the whole process.
		grpc.WithCompressor(packing{packer}), grpc.WithDecompressor(unpacking{packer}), //nolint:staticcheck // see above
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{})),
	)
	if err != nil {
		return nil, err
	}
	return &otlpSender{conn: conn, headers: cfg.Headers}, nil
}

func (o *otlpSender) close() error { return o.conn.Close() }

// encode writes ExportLogsServiceRequest (opentelemetry/proto/logs/v1/logs.proto):
//
//	request:  resource_logs = 1
//	resource_logs: resource = 1 {attributes = 1}, scope_logs = 2
//	scope_logs: log_records = 2
//	log_record: time_unix_nano = 1 (fixed64), body = 5, attributes = 6
//	attribute: key = 1, value = 2; values: string_value = 1, bytes_value = 7
func (o *otlpSender) encode(s *shipment) ([]byte, error) {
	b := make([]byte, 0, max(o.size, s.text+64*s.entries))
	for i := range s.streams {
		st := &s.streams[i]
		resource := 0
		for j := range st.labels {
			resource += attributeSize(&st.labels[j])
		}
		records := 0
		for _, e := range st.entries {
			records += 1 + protowire.SizeBytes(recordSize(e))
		}
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(2+protowire.SizeBytes(resource)+protowire.SizeBytes(records)))
		b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.BytesType), uint64(resource))
		for j := range st.labels {
			b = appendAttribute(b, 1, &st.labels[j])
		}
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.BytesType), uint64(records))
		for _, e := range st.entries {
			b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.BytesType), uint64(recordSize(e)))
			b = appendRecord(b, e)
		}
	}
	o.size = len(b)
	return b, nil
}

// recordSize is a record's without its tag and length.
func recordSize(e *model.LogEntry) int {
	n := 1 + 8 + 1 + protowire.SizeBytes(valueSize(e.Line))
	for i := range e.Metadata {
		n += attributeSize(&e.Metadata[i])
	}
	return n
}

func appendRecord(b []byte, e *model.LogEntry) []byte {
	b = protowire.AppendFixed64(protowire.AppendTag(b, 1, protowire.Fixed64Type), uint64(e.Time))
	b = protowire.AppendVarint(protowire.AppendTag(b, 5, protowire.BytesType), uint64(valueSize(e.Line)))
	b = appendValue(b, e.Line)
	for i := range e.Metadata {
		b = appendAttribute(b, 6, &e.Metadata[i])
	}
	return b
}

func valueSize(s string) int { return 1 + protowire.SizeBytes(len(s)) }

// appendValue writes text that is no UTF-8 as bytes: a protobuf string must be.
func appendValue(b []byte, s string) []byte {
	field := protowire.Number(1)
	if !utf8.ValidString(s) {
		field = 7
	}
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

// attributeSize is with tag and length.
func attributeSize(l *model.Label) int {
	return 1 + protowire.SizeBytes(pairOf(l))
}

func pairOf(l *model.Label) int {
	return 1 + protowire.SizeBytes(len(l.Name)) + 1 + protowire.SizeBytes(valueSize(l.Value))
}

func appendAttribute(b []byte, field protowire.Number, l *model.Label) []byte {
	b = protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(pairOf(l)))
	b = protowire.AppendString(protowire.AppendTag(b, 1, protowire.BytesType), l.Name)
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.BytesType), uint64(valueSize(l.Value)))
	return appendValue(b, l.Value)
}

// send calls the server.
func (o *otlpSender) send(ctx context.Context, s *shipment, body []byte) outcome {
	md := metadata.New(o.headers)
	if s.tenant != "" {
		md.Set("X-Scope-OrgID", s.tenant)
	}
	md.Set(model.AgentHeader, s.agent)
	md.Set(model.SequenceHeader, model.Shipment{First: s.first, Last: s.last}.Sequence())
	var answer []byte
	err := o.conn.Invoke(metadata.NewOutgoingContext(ctx, md), exportMethod, body, &answer)
	if err != nil {
		return judgeRPC(err)
	}
	n, message := partialSuccess(answer)
	if n > 0 {
		return outcome{status: "200", refused: min(n, s.entries), err: errors.New(message)}
	}
	return outcome{status: "200"}
}

// judgeRPC says what an error means, as OTLP's specification has it ("Failures"), but
// that errors which are not about the batch are tried again.
func judgeRPC(err error) outcome {
	st := status.Convert(err)
	o := outcome{status: st.Code().String(), err: fmt.Errorf("server answers %s: %s", st.Code(), st.Message()), verdict: again}
	partial, retryable := false, false
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.RetryInfo:
			retryable = true
			o.after = d.GetRetryDelay().AsDuration()
		case *errdetails.ErrorInfo:
			if have, err := strconv.ParseUint(d.GetMetadata()["have"], 10, 63); err == nil {
				o.verdict, o.have, partial = overlapping, have, true
			}
			if n, err := strconv.Atoi(d.GetMetadata()["refused"]); err == nil {
				o.refused = n
			}
		}
	}
	if partial {
		return o
	}
	switch st.Code() {
	case codes.ResourceExhausted:
		o.verdict = rateLimited
		if !retryable {
			o.verdict = tooLarge // of the connection's limit on messages
		}
	case codes.InvalidArgument:
		o.verdict = refused
	}
	return o
}

// partialSuccess reads what a server says that it refused of a request.
func partialSuccess(answer []byte) (n int, message string) {
	eachField(answer, func(num protowire.Number, v []byte, _ uint64) {
		if num != 1 {
			return
		}
		eachField(v, func(num protowire.Number, v []byte, varint uint64) {
			switch num {
			case 1:
				n = int(min(varint, 1<<31-1))
			case 2:
				message = string(v)
			}
		})
	})
	return n, message
}

// eachField calls fn for the fields of a message until one is malformed.
func eachField(b []byte, fn func(num protowire.Number, v []byte, varint uint64)) {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return
		}
		b = b[n:]
		var v []byte
		var varint uint64
		switch typ {
		case protowire.BytesType:
			v, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			varint, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		if n < 0 {
			return
		}
		b = b[n:]
		fn(num, v, varint)
	}
}

// rawCodec passes messages that are encoded.
type rawCodec struct{}

// Marshal implements encoding.CodecV2.
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

// Unmarshal implements encoding.CodecV2.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// Name implements encoding.CodecV2.
func (rawCodec) Name() string { return "proto" }

// maxAnswer bounds an answer in bytes, unpacked.
const maxAnswer = 1 << 20

// packer is zstd for one connection, with little memory. It implements grpc.Compressor
// and grpc.Decompressor.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newPacker() (*packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(512<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxAnswer))
	return &packer{enc, dec}, err
}

// Type is the algorithm's name in gRPC.
func (*packer) Type() string { return "zstd" }

// packing is the compressor's side of a packer.
type packing struct{ *packer }

// unpacking is the other.
type unpacking struct{ *packer }

// Do implements grpc.Compressor.
func (p packing) Do(w io.Writer, b []byte) error {
	_, err := w.Write(p.enc.EncodeAll(b, make([]byte, 0, len(b)/4)))
	return err
}

// Do implements grpc.Decompressor.
func (p unpacking) Do(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxAnswer))
	if err != nil {
		return nil, err
	}
	return p.dec.DecodeAll(b, nil)
}

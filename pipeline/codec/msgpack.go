package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// maxDepth is how deep a value may nest.
const maxDepth = 100

// maxValues bounds how many values one message has: each takes many times its byte.
const maxValues = 1 << 20

// unpacker reads the values of one message.
type unpacker struct {
	*msgpack.Decoder
	left int
}

func newUnpacker(r io.Reader) *unpacker { return &unpacker{msgpack.NewDecoder(r), maxValues} }

// unpack reads one value in the types that events have. Fluentd's EventTime (extension
// 0) is a time, other extensions are base64.
func unpack(d *unpacker, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	if d.left--; d.left < 0 {
		return nil, errors.New("a message has too many values")
	}
	code, err := d.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		return unpackMap(d, depth)
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		n, err := d.DecodeArrayLen()
		if err != nil {
			return nil, err
		}
		out := make([]any, 0, min(n, 1024))
		for range n {
			v, err := unpack(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case msgpcode.IsExt(code):
		return unpackExt(d)
	case code == msgpcode.Uint64:
		n, err := d.DecodeUint64()
		if n > math.MaxInt64 {
			return float64(n), err
		}
		return int64(n), err
	}
	v, err := d.DecodeInterfaceLoose()
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case []byte:
		return binaryText(v), nil
	case string:
		return binaryText([]byte(v)), nil
	case float32:
		return float64(v), nil
	case nil, bool, int64, float64:
		return v, nil
	}
	return fmt.Sprint(v), nil
}

func binaryText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return (&charset{}).text(b)
}

func unpackMap(d *unpacker, depth int) (any, error) {
	n, err := d.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	m := make(map[string]any, min(n, 1024))
	for range n {
		k, err := unpack(d, depth+1)
		if err != nil {
			return nil, err
		}
		v, err := unpack(d, depth+1)
		if err != nil {
			return nil, err
		}
		name, ok := k.(string)
		if !ok {
			name = string(logstash.AppendJSON(nil, k))
		}
		m[name] = v
	}
	return m, nil
}

func unpackExt(d *unpacker) (any, error) {
	id, n, err := d.DecodeExtHeader()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > MaxMessage {
		return nil, errTooLong
	}
	b := make([]byte, n)
	if err := d.ReadFull(b); err != nil {
		return nil, err
	}
	if id == 0 && n == 8 {
		return time.Unix(int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:]))).UTC(), nil
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

// msgpackDecoder makes an event of each map.
type msgpackDecoder struct {
	stateless
	c      *Codec
	stream func(*Codec, *streamReader, Emit) error
	tag    string
}

func newMsgpack(c *Codec) Decoder {
	return msgpackDecoder{c: c, stream: streamMsgpack, tag: "_msgpackparsefailure"}
}

// Decode implements Decoder: messages may be several in one piece.
func (d msgpackDecoder) Decode(data []byte, emit Emit) {
	if err := d.c.ReadStream(bytes.NewReader(data), emit, func() error { return nil }); err != nil {
		emit(failed(d.c.text.text(data), d.tag))
	}
}

func streamMsgpack(c *Codec, r *streamReader, emit Emit) error {
	v, err := unpack(newUnpacker(r), 0)
	if err != nil {
		return err
	}
	e := c.event(v)
	if e == nil {
		return errors.New("a message is no map")
	}
	emit(e)
	return nil
}

func encodeMsgpack(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	return pack(dst, func(m *msgpack.Encoder) error { return m.Encode(packable(e)) })
}

func pack(dst []byte, write func(*msgpack.Encoder) error) ([]byte, error) {
	var b bytes.Buffer
	m := msgpack.NewEncoder(&b)
	m.SetSortMapKeys(true)
	m.UseCompactInts(true)
	if err := write(m); err != nil {
		return dst, fmt.Errorf("write msgpack: %w", err)
	}
	return append(dst, b.Bytes()...), nil
}

// packable is an event as a map; times are texts, as in its JSON.
func packable(e *pipeline.Event) map[string]any {
	m := make(map[string]any, len(e.Fields)+1)
	for name, v := range e.Fields {
		if name != "@metadata" {
			m[name] = plainTimes(v)
		}
	}
	m["@timestamp"] = string(logstash.AppendText(nil, e.Time))
	return m
}

func plainTimes(v any) any {
	switch v := v.(type) {
	case time.Time:
		return string(logstash.AppendText(nil, v))
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plainTimes(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plainTimes(x)
		}
		return out
	}
	return v
}

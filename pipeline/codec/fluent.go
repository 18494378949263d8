package codec

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/pharosd/pharos/pipeline"
)

// The fluent codec reads Fluentd's forward protocol, version 1: messages [tag, time,
// record], [tag, [[time, record]...]], and the packed and compressed packed forms of
// the latter. The tag becomes the field tags.

func newFluent(c *Codec) Decoder {
	return msgpackDecoder{c: c, stream: streamFluent, tag: "_fluentparsefailure"}
}

func streamFluent(c *Codec, r *streamReader, emit Emit) error {
	v, err := unpackRaw(newUnpacker(r))
	if err != nil {
		return err
	}
	if len(v) < 2 {
		return errors.New("a message has no tag and entries")
	}
	tag, ok := v[0].(string)
	if !ok {
		return errors.New("a message's tag is no text")
	}
	switch entries := v[1].(type) {
	case []any:
		for _, x := range entries {
			pair, ok := x.([]any)
			if !ok || len(pair) < 2 {
				return errors.New("an entry is no pair")
			}
			if err := c.fluentEvent(tag, pair[0], pair[1], emit); err != nil {
				return err
			}
		}
		return nil
	case []byte:
		return c.packedForward(tag, entries, v[2:], emit)
	}
	if len(v) < 3 {
		return errors.New("a message has no record")
	}
	return c.fluentEvent(tag, v[1], v[2], emit)
}

// unpackRaw reads a message, with a text or binary at its second place as bytes: they
// are packed entries.
func unpackRaw(d *unpacker) ([]any, error) {
	n, err := d.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	if n < 2 || n > 4 {
		return nil, fmt.Errorf("a message has %d elements, want 2 to 4", n)
	}
	out := make([]any, n)
	for i := range out {
		code, err := d.PeekCode()
		if err != nil {
			return nil, err
		}
		if i == 1 && (code >= 0xa0 && code <= 0xbf || code >= 0xc4 && code <= 0xc6 || code >= 0xd9 && code <= 0xdb) {
			b, err := d.DecodeBytes()
			if err != nil {
				return nil, err
			}
			out[i] = b
			continue
		}
		if out[i], err = unpack(d, 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Codec) packedForward(tag string, packed []byte, options []any, emit Emit) error {
	var in io.Reader = bytes.NewReader(packed)
	if len(options) > 0 {
		if m, ok := options[0].(map[string]any); ok && m["compressed"] == "gzip" {
			z, err := gzip.NewReader(in)
			if err != nil {
				return err
			}
			in = io.LimitReader(z, maxUnpacked)
		}
	}
	d := newUnpacker(in)
	for {
		v, err := unpack(d, 0)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		pair, ok := v.([]any)
		if !ok || len(pair) < 2 {
			return errors.New("a packed entry is no pair")
		}
		if err := c.fluentEvent(tag, pair[0], pair[1], emit); err != nil {
			return err
		}
	}
}

func (c *Codec) fluentEvent(tag string, at, record any, emit Emit) error {
	m, ok := record.(map[string]any)
	if !ok {
		return errors.New("a record is no map")
	}
	e := c.event(m)
	switch t := at.(type) {
	case int64:
		e.Time = time.Unix(t, 0).UTC()
	case float64:
		sec, frac := math.Modf(t)
		e.Time = time.Unix(int64(sec), int64(frac*1e9)).UTC()
	case time.Time:
		e.Time = t
	default:
		return errors.New("an entry's time is no time")
	}
	e.Fields["tags"] = []any{tag}
	emit(e)
	return nil
}

// encodeFluent writes [tag, time, record]; the tag is the event's tags joined by dots,
// "log" without any.
func encodeFluent(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	tag := "log"
	if tags, ok := e.Fields["tags"].([]any); ok && len(tags) > 0 {
		tag = ""
		for i, t := range tags {
			if i > 0 {
				tag += "."
			}
			tag += fmt.Sprint(t)
		}
	}
	return pack(dst, func(m *msgpack.Encoder) error {
		err := errors.Join(m.EncodeArrayLen(3), m.EncodeString(tag))
		if c.opts.NanosecondPrecision {
			b := binary.BigEndian.AppendUint32(nil, uint32(e.Time.Unix()))
			b = binary.BigEndian.AppendUint32(b, uint32(e.Time.Nanosecond()))
			err = errors.Join(err, m.EncodeExtHeader(0, len(b)))
			if _, werr := m.Writer().Write(b); werr != nil {
				return werr
			}
		} else {
			err = errors.Join(err, m.EncodeInt(e.Time.Unix()))
		}
		return errors.Join(err, m.Encode(packable(e)))
	})
}

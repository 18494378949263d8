package codec

import (
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// plain makes an event of each message.
type plain struct {
	stateless
	c *Codec
}

func newPlain(c *Codec) Decoder { return plain{c: c} }

func (p plain) Decode(data []byte, emit Emit) {
	text := p.c.text.text(data)
	e := &pipeline.Event{Fields: map[string]any{"message": text, "@version": "1"}}
	p.c.original(e, text)
	emit(e)
}

// encodeText writes an event by the configured format.
func encodeText(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	if c.opts.Format != nil {
		return append(dst, c.opts.Format(e)...), nil
	}
	return appendDefaultText(dst, e), nil
}

func encodeLine(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	dst, err := encodeText(c, dst, e)
	return append(dst, c.Delimiter()...), err
}

func encodeDots(_ *Codec, dst []byte, _ *pipeline.Event) ([]byte, error) {
	return append(dst, '.'), nil
}

// appendDefaultText writes time, host and message, as an event without a format is
// written.
func appendDefaultText(dst []byte, e *pipeline.Event) []byte {
	dst = AppendTime(dst, e.Time)
	for _, name := range []string{"host", "message"} {
		dst = append(dst, ' ')
		switch v := e.Fields[name].(type) {
		case string:
			dst = append(dst, v...)
		case nil:
			dst = append(dst, "%{"...)
			dst = append(dst, name...)
			dst = append(dst, '}')
		default:
			dst = AppendValue(dst, v)
		}
	}
	return dst
}

// AppendTime writes a time as Logstash does: ISO 8601 in UTC, with milliseconds, or
// with as many digits as it has.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	ns := t.Nanosecond()
	switch {
	case ns%1e6 == 0:
		return t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	case ns%1e3 == 0:
		return t.AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.000000000Z")
}

package codec

import (
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
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
	dst = logstash.AppendText(dst, e.Time)
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
			dst = logstash.AppendJSON(dst, v)
		}
	}
	return dst
}

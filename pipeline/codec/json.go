package codec

import (
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// jsonDecoder makes an event of an object and events of a list of objects.
type jsonDecoder struct {
	stateless
	c        *Codec
	original bool // keep the text, under the Elastic Common Schema
}

func newJSON(c *Codec) Decoder      { return jsonDecoder{c: c, original: true} }
func newJSONLines(c *Codec) Decoder { return jsonDecoder{c: c} }

func (d jsonDecoder) Decode(data []byte, emit Emit) {
	text := d.c.text.text(data)
	if strings.TrimSpace(text) == "" {
		return
	}
	v, err := logstash.DecodeJSON(text)
	if err != nil {
		emit(failed(text, "_jsonparsefailure"))
		return
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, v := range list {
		e := d.c.event(v)
		if e == nil {
			e = failed(string(logstash.AppendJSON(nil, v)), "_jsonparsefailure")
		}
		if d.original {
			d.c.original(e, text)
		}
		emit(e)
	}
}

// event makes an event of a decoded document, nil if that is no object and has no
// target.
func (c *Codec) event(v any) *pipeline.Event {
	if c.opts.SetTarget != nil {
		e := &pipeline.Event{Fields: map[string]any{"@version": "1"}}
		c.opts.SetTarget(e, v)
		return e
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	return EventOf(m)
}

// EventOf makes an event of a document, which it takes over: its @timestamp is the
// event's time, if it is one.
func EventOf(m map[string]any) *pipeline.Event {
	e := &pipeline.Event{Fields: m}
	if v, there := m["@timestamp"]; there {
		delete(m, "@timestamp")
		if t, ok := timestamp(v); ok {
			e.Time = t
		} else {
			if v != nil {
				m["_@timestamp"] = v
			}
			addTag(e, "_timestampparsefailure")
		}
	}
	if _, there := m["@version"]; !there {
		m["@version"] = "1"
	}
	if tags, there := m["tags"]; there {
		switch tags.(type) {
		case string, []any:
		default: // tags are texts; what is not one would break every filter behind
			m["_tags"] = tags
			m["tags"] = []any{"_tagsparsefailure"}
		}
	}
	return e
}

// timestamp reads an @timestamp: ISO 8601, or a time.
func timestamp(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02"} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC(), true
			}
		}
	}
	return time.Time{}, false
}

func encodeJSON(_ *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	return logstash.AppendEvent(dst, e), nil
}

func encodeJSONLines(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	return append(logstash.AppendEvent(dst, e), c.Delimiter()...), nil
}

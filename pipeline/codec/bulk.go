package codec

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// bulkDecoder reads Elasticsearch's bulk format: an event of each document, what the
// action line says in [@metadata][codec][es_bulk] ([@metadata] without the Elastic
// Common Schema).
type bulkDecoder struct {
	stateless
	c *Codec
}

func newBulk(c *Codec) Decoder { return bulkDecoder{c: c} }

// Decode implements Decoder.
func (d bulkDecoder) Decode(data []byte, emit Emit) {
	lines := strings.Split(d.c.text.text(data), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			continue
		}
		action, metadata, ok := bulkAction(line)
		if !ok {
			emit(failed(line, "_jsonparsefailure"))
			continue
		}
		metadata["action"] = action
		var e *pipeline.Event
		if action == "delete" {
			e = EventOf(map[string]any{})
		} else {
			if i++; i == len(lines) {
				emit(failed(line, "_jsonparsefailure"))
				return
			}
			v, err := logstash.DecodeJSON(strings.TrimSpace(lines[i]))
			if err == nil {
				e = d.c.event(v)
			}
			if e == nil {
				emit(failed(lines[i], "_jsonparsefailure"))
				continue
			}
		}
		e.Fields["@metadata"] = map[string]any{"codec": map[string]any{"es_bulk": metadata}}
		if !d.c.opts.ECS {
			e.Fields["@metadata"] = metadata
		}
		emit(e)
	}
}

func bulkAction(line string) (string, map[string]any, bool) {
	v, err := logstash.DecodeJSON(line)
	m, ok := v.(map[string]any)
	if err != nil || !ok || len(m) != 1 {
		return "", nil, false
	}
	for action, params := range m {
		switch action {
		case "index", "create", "update", "delete":
			if p, ok := params.(map[string]any); ok {
				return action, p, true
			}
		}
	}
	return "", nil, false
}

// cloudtrailDecoder makes an event of each record of a CloudTrail file.
type cloudtrailDecoder struct {
	stateless
	c *Codec
}

func newCloudtrail(c *Codec) Decoder { return cloudtrailDecoder{c: c} }

// Decode implements Decoder.
func (d cloudtrailDecoder) Decode(data []byte, emit Emit) {
	text := d.c.text.text(data)
	v, err := logstash.DecodeJSON(strings.TrimSpace(text))
	m, _ := v.(map[string]any)
	records, ok := m["Records"].([]any)
	if err != nil || !ok {
		emit(failed(text, "_jsonparsefailure"))
		return
	}
	for _, r := range records {
		m, ok := r.(map[string]any)
		if !ok {
			emit(failed(string(logstash.AppendJSON(nil, r)), "_jsonparsefailure"))
			continue
		}
		// The shapes of these differ from event to event, so that they are kept as text.
		for _, name := range [...]string{"requestParameters", "responseElements", "additionalEventData"} {
			if v := m[name]; v != nil {
				if _, isText := v.(string); !isText {
					m[name] = string(logstash.AppendJSON(nil, v))
				}
			}
		}
		e := EventOf(m)
		if t, ok := timestamp(m["eventTime"]); ok {
			e.Time = t
			delete(m, "eventTime")
		}
		emit(e)
	}
}

// maxUnpacked bounds what one message may unpack to.
const maxUnpacked = 256 << 20

// gzipLines unpacks a message and makes an event of each line.
type gzipLines struct {
	stateless
	c *Codec
}

func newGzipLines(c *Codec) Decoder { return gzipLines{c: c} }

// Decode implements Decoder.
func (d gzipLines) Decode(data []byte, emit Emit) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		emit(failed(d.c.text.text(data), "_gzipparsefailure"))
		return
	}
	lines := bufio.NewScanner(io.LimitReader(z, maxUnpacked))
	lines.Buffer(nil, MaxMessage)
	for lines.Scan() {
		newPlain(d.c).Decode(lines.Bytes(), emit)
	}
	if lines.Err() != nil {
		emit(failed("", "_gzipparsefailure"))
	}
}

// Package codec turns bytes into events and events into bytes, as Logstash's codec
// plugins of the same names do. It does no I/O: inputs and outputs of pipelines call it.
package codec

import (
	"fmt"
	"slices"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// MaxMessage bounds one message, or one line, in bytes. Longer ones are cut there by
// those who read them.
const MaxMessage = 16 << 20

// Emit takes an event that was decoded. Its Time is zero if the bytes name none; whoever
// read them knows when they came.
type Emit func(*pipeline.Event)

// Decoder reads one source of messages: a connection, a file, a partition. It is used
// by one goroutine at a time.
type Decoder interface {
	// Decode reads one message, or one line without its end. What is no message of the
	// codec becomes an event with the text and a tag that says so. The bytes are not
	// kept.
	Decode(data []byte, emit Emit)
	// Flush emits what is held back.
	Flush(emit Emit)
	// Due is when Flush should be called although the source goes on; zero: never.
	Due() time.Time
}

// Holder is a decoder that may hold something back.
type Holder interface {
	Decoder
	Holding() bool
}

// Encoder writes events.
type Encoder interface {
	// Encode appends an event in the codec's form, with what separates it from the
	// next one. It does not change the event.
	Encode(dst []byte, e *pipeline.Event) ([]byte, error)
}

// Framing is how a stream of bytes is cut into messages for a decoder.
type Framing int

const (
	// Lines: each line is a message.
	Lines Framing = iota
	// Whole: what arrives together is one message; a stream cannot be cut.
	Whole
	// SelfDelimited: messages know where they end; see Codec.ReadStream.
	SelfDelimited
)

// Options are the settings of a codec block. Which of them a codec knows, Known says.
type Options struct {
	// ECS says whether fields have the names of the Elastic Common Schema.
	ECS bool
	// Charset is the encoding of the text; "": UTF-8.
	Charset string
	// Delimiter ends a line; "": a newline.
	Delimiter string
	// Format writes an event as text, for plain and line; nil: time, host and message.
	Format func(*pipeline.Event) string
	// SetTarget puts a decoded document below a field; nil: it is the event.
	SetTarget func(*pipeline.Event, any)
	// Metadata makes rubydebug write @metadata too.
	Metadata bool
	// NanosecondPrecision makes fluent write times with fractions.
	NanosecondPrecision bool
	Multiline           Multiline
	CSV                 CSV
}

// Codec makes decoders and encoders of one configured codec.
type Codec struct {
	Name       string
	opts       Options
	text       *charset
	newDecoder func(*Codec) Decoder
	encode     func(*Codec, []byte, *pipeline.Event) ([]byte, error)
	framing    Framing
	stream     func(*Codec, *streamReader, Emit) error
}

// kind is what one name stands for.
type kind struct {
	settings []string
	framing  Framing
	decoder  func(*Codec) Decoder
	encode   func(*Codec, []byte, *pipeline.Event) ([]byte, error)
	stream   func(*Codec, *streamReader, Emit) error
}

func kinds() map[string]kind {
	return map[string]kind{
		"plain":      {settings: []string{"charset", "format"}, decoder: newPlain, encode: encodeText},
		"line":       {settings: []string{"charset", "format", "delimiter"}, decoder: newPlain, encode: encodeLine},
		"json":       {settings: []string{"charset", "target"}, decoder: newJSON, encode: encodeJSON},
		"json_lines": {settings: []string{"charset", "target", "delimiter"}, decoder: newJSONLines, encode: encodeJSONLines},
		"multiline":  {settings: []string{"charset", "pattern", "negate", "what", "patterns_dir", "multiline_tag", "max_lines", "max_bytes", "auto_flush_interval"}, decoder: newMultiline},
		"csv":        {settings: []string{"charset", "columns", "separator", "quote_char", "convert", "autodetect_column_names", "autogenerate_column_names", "skip_empty_columns", "include_headers", "target"}, decoder: newCSV, encode: encodeCSV},
		"es_bulk":    {settings: []string{"charset", "target"}, framing: Whole, decoder: newBulk},
		"cloudtrail": {settings: []string{"charset"}, framing: Whole, decoder: newCloudtrail},
		"gzip_lines": {settings: []string{"charset"}, framing: Whole, decoder: newGzipLines},
		"msgpack":    {settings: []string{"format", "target"}, framing: SelfDelimited, decoder: newMsgpack, encode: encodeMsgpack, stream: streamMsgpack},
		"fluent":     {settings: []string{"nanosecond_precision", "target"}, framing: SelfDelimited, decoder: newFluent, encode: encodeFluent, stream: streamFluent},
		"rubydebug":  {settings: []string{"metadata"}, encode: encodeRubydebug},
		"dots":       {encode: encodeDots},
	}
}

// refused are Logstash's codecs that are not here, with what to do instead.
func refused() map[string]string {
	return map[string]string{
		"avro":     "have the producer write json, or put a converter before the topic",
		"protobuf": "have the producer write json, or put a converter before the topic",
		"edn":      "have the sender write json", "edn_lines": "have the sender write json_lines",
		"netflow":  "put a NetFlow collector before this, such as goflow2 with its json output",
		"graphite": "metrics go to Pharos by remote write or OTLP, not through a pipeline",
		"collectd": "metrics go to Pharos by remote write or OTLP (collectd has write_prometheus)",
		"nmap":     "convert its XML with the xml filter", "cef": "parse it with the kv filter, or send it by the syslog receiver",
		"s3_plain": "use codec plain or json", "oldlogstashjson": "use codec json",
	}
}

// Known says which settings a codec has; the error names a codec that there is not.
func Known(name string) ([]string, error) {
	k, ok := kinds()[name]
	if ok {
		return k.settings, nil
	}
	if hint, ok := refused()[name]; ok {
		return nil, fmt.Errorf("codec %s is not supported; %s", name, hint)
	}
	return nil, fmt.Errorf("there is no codec %s; known are %v", name, Names())
}

// Names are the codecs that there are.
func Names() []string {
	var out []string
	for name := range kinds() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// New returns a codec.
func New(name string, opts Options) (*Codec, error) {
	if _, err := Known(name); err != nil {
		return nil, err
	}
	k := kinds()[name]
	text, err := newCharset(opts.Charset)
	if err != nil {
		return nil, err
	}
	if name == "multiline" {
		if err := opts.Multiline.check(); err != nil {
			return nil, err
		}
	}
	c := &Codec{Name: name, opts: opts, text: text, newDecoder: k.decoder, encode: k.encode, framing: k.framing, stream: k.stream}
	return c, nil
}

// Framing says how to cut a stream for the codec's decoders.
func (c *Codec) Framing() Framing { return c.framing }

// Delimiter is what separates lines.
func (c *Codec) Delimiter() string {
	if c.opts.Delimiter == "" {
		return "\n"
	}
	return c.opts.Delimiter
}

// Decodes says whether the codec can read.
func (c *Codec) Decodes() bool { return c.newDecoder != nil }

// Encodes says whether the codec can write.
func (c *Codec) Encodes() bool { return c.encode != nil }

// Decoder returns a decoder for one source.
func (c *Codec) Decoder() Decoder { return c.newDecoder(c) }

// Encode implements Encoder.
func (c *Codec) Encode(dst []byte, e *pipeline.Event) ([]byte, error) { return c.encode(c, dst, e) }

// stateless is the part of a decoder that holds nothing back.
type stateless struct{}

func (stateless) Flush(Emit)     {}
func (stateless) Due() time.Time { return time.Time{} }

// original puts the undecoded text where the Elastic Common Schema has it.
func (c *Codec) original(e *pipeline.Event, text string) {
	if !c.opts.ECS {
		return
	}
	switch m := e.Fields["event"].(type) {
	case nil:
		e.Fields["event"] = map[string]any{"original": text}
	case map[string]any:
		if _, there := m["original"]; !there {
			m["original"] = text
		}
	}
}

// failed is the event of a text that could not be decoded.
func failed(text, tag string) *pipeline.Event {
	return &pipeline.Event{Fields: map[string]any{"message": text, "@version": "1", "tags": []any{tag}}}
}

func addTag(e *pipeline.Event, tag string) {
	switch t := e.Fields["tags"].(type) {
	case []any:
		if !slices.Contains(t, any(tag)) {
			e.Fields["tags"] = append(t, tag)
		}
	case string:
		e.Fields["tags"] = []any{t, tag}
	default:
		e.Fields["tags"] = []any{tag}
	}
}

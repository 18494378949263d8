package fluent

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"
)

// message is one message of the protocol, whichever of its four modes it has.
type message struct {
	tag    string
	events []event
	// chunk is what the sender wants to hear when the events are on disk, "" if it
	// wants to hear nothing.
	chunk string
}

type event struct {
	time time.Time
	// whole says that the sender has whole seconds only.
	whole    bool
	record   map[string]any
	metadata map[string]any // Fluent Bit's
}

// bounds of a message.
type bounds struct {
	sent, unpacked int
	take           func(n int) error
}

// read reads the next message; io.EOF is the end between two messages, a nil message a
// sign of life.
func read(r *bufio.Reader, limits bounds) (*message, error) {
	d := &decoder{r: r, left: limits.sent, take: limits.take}
	h, err := d.header()
	switch {
	case err != nil:
		return nil, err
	case h.kind == scalar && h.code == 0xc0:
		return nil, nil
	case h.kind != list || h.n < 2 || h.n > 4:
		return nil, fmt.Errorf("%w: it is no array of 2 to 4", errMalformed)
	}
	m, err := readBody(d, h.n, limits)
	return m, unexpectedEnd(err)
}

func unexpectedEnd(err error) error {
	if err == nil {
		return nil
	}
	return unexpected(err)
}

func readBody(d *decoder, n int, limits bounds) (*message, error) {
	tag, err := d.value(1)
	if err != nil {
		return nil, err
	}
	m := &message{}
	switch tag := tag.(type) {
	case string:
		m.tag = tag
	case []byte:
		m.tag = string(tag)
	default:
		return nil, fmt.Errorf("%w: the tag is no text", errMalformed)
	}
	second, err := d.header()
	if err != nil {
		return nil, err
	}
	var packed []byte
	rest := n - 2
	switch second.kind {
	case list:
		for range second.n {
			e, err := readEvent(d)
			if err != nil {
				return nil, err
			}
			m.events = append(m.events, e)
		}
	case text, binaryData:
		if packed, err = d.bytes(second.n); err != nil {
			return nil, err
		}
	default:
		e, err := readSingle(d, second, n)
		if err != nil {
			return nil, err
		}
		m.events, rest = []event{e}, n-3
	}
	return m, m.finish(d, rest, packed, limits)
}

// readSingle reads the message mode: tag, time, record.
func readSingle(d *decoder, at header, n int) (event, error) {
	if n < 3 {
		return event{}, fmt.Errorf("%w: a time without a record", errMalformed)
	}
	t, err := d.rest(at, 1)
	if err != nil {
		return event{}, err
	}
	record, err := d.value(1)
	if err != nil {
		return event{}, err
	}
	return newEvent(t, record)
}

// finish reads the options and unpacks what they describe.
func (m *message) finish(d *decoder, rest int, packed []byte, limits bounds) error {
	options := map[string]any{}
	for range rest {
		v, err := d.value(1)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case map[string]any:
			options = v
		case nil:
		default:
			return fmt.Errorf("%w: the options are no map", errMalformed)
		}
	}
	switch chunk := options["chunk"].(type) {
	case string:
		m.chunk = chunk
	case []byte:
		m.chunk = string(chunk)
	}
	if signal, ok := options["fluent_signal"].(int64); ok && signal != 0 {
		return fmt.Errorf("%w: metrics and traces of Fluent Bit are not taken: send them by OTLP", errMalformed)
	}
	if packed == nil {
		return nil
	}
	var in io.Reader = bytes.NewReader(packed)
	if options["compressed"] == "gzip" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("%w: %w", errMalformed, err)
		}
		in = z
	}
	return m.unpack(in, limits)
}

func (m *message) unpack(in io.Reader, limits bounds) error {
	d := &decoder{r: bufio.NewReader(in), left: limits.unpacked, take: limits.take}
	for {
		if _, err := d.r.Peek(1); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %w", errMalformed, err)
		}
		e, err := readEvent(d)
		if err != nil {
			return err
		}
		m.events = append(m.events, e)
	}
}

// readEvent reads [time, record], or Fluent Bit's [[time, metadata], record].
func readEvent(d *decoder) (event, error) {
	if d.take != nil {
		if err := d.take(8 * overhead); err != nil {
			return event{}, err
		}
	}
	h, err := d.header()
	if err != nil {
		return event{}, err
	}
	if h.kind != list || h.n != 2 {
		return event{}, fmt.Errorf("%w: an event is no pair", errMalformed)
	}
	t, err := d.value(2)
	if err != nil {
		return event{}, err
	}
	record, err := d.value(2)
	if err != nil {
		return event{}, err
	}
	return newEvent(t, record)
}

func newEvent(t, record any) (event, error) {
	e := event{}
	if pair, ok := t.([]any); ok && len(pair) == 2 {
		e.metadata, _ = pair[1].(map[string]any)
		t = pair[0]
	}
	switch t := t.(type) {
	case eventTime:
		e.time = t.Time
	case int64:
		e.time, e.whole = time.Unix(t, 0), true
	case float64:
		e.time = time.Unix(0, int64(t*1e9))
	default:
		return e, fmt.Errorf("%w: an event has no time", errMalformed)
	}
	var ok bool
	if e.record, ok = record.(map[string]any); !ok {
		return e, fmt.Errorf("%w: a record is no map", errMalformed)
	}
	return e, nil
}

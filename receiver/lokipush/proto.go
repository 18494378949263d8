package lokipush

import (
	"errors"
	"fmt"
	"io"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/model"
)

// decodeProto reads logproto.PushRequest (pkg/push/push.proto of Loki):
//
//	PushRequest:     streams = 1 (repeated)
//	StreamAdapter:   labels = 1, entries = 2 (repeated)
//	EntryAdapter:    timestamp = 1, line = 2, structuredMetadata = 3 (repeated)
//	Timestamp:       seconds = 1, nanos = 2
//	LabelPair:       name = 1, value = 2
//
// Unknown fields are skipped. Texts share b's memory, which must not change.
func decodeProto(b []byte) ([]pushedStream, error) {
	var out []pushedStream
	err := eachField(b, func(num protowire.Number, v []byte) error {
		if num != 1 {
			return nil
		}
		s, err := decodeStream(v)
		out = append(out, s)
		return err
	})
	return out, err
}

func decodeStream(b []byte) (pushedStream, error) {
	var s pushedStream
	err := eachField(b, func(num protowire.Number, v []byte) error {
		switch num {
		case 1:
			s.labels = text(v)
		case 2:
			e, err := decodeEntry(v)
			s.entries = append(s.entries, e)
			return err
		}
		return nil
	})
	return s, err
}

func decodeEntry(b []byte) (model.LogEntry, error) {
	var e model.LogEntry
	// Loki reads an entry without a time as one of 1970.
	err := eachField(b, func(num protowire.Number, v []byte) (err error) {
		switch num {
		case 1:
			e.Time, err = decodeTimestamp(v)
		case 2:
			e.Line = text(v)
		case 3:
			var l model.Label
			l, err = decodeLabel(v)
			e.Metadata = append(e.Metadata, l)
		}
		return err
	})
	if len(e.Metadata) > 0 {
		e.Metadata = model.NewLabels(e.Metadata...)
	}
	return e, err
}

// Bounds of google.protobuf.Timestamp that fit nanoseconds in 64 bits.
const (
	minSeconds = -1 << 33
	maxSeconds = 1 << 33
)

func decodeTimestamp(b []byte) (int64, error) {
	var seconds, nanos int64
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return 0, wireError(n)
		}
		b = b[n:]
		if typ != protowire.VarintType || num > 2 {
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return 0, wireError(n)
			}
			b = b[n:]
			continue
		}
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return 0, wireError(n)
		}
		b = b[n:]
		if num == 1 {
			seconds = int64(v)
		} else {
			nanos = int64(int32(v))
		}
	}
	if nanos < 0 || nanos >= 1e9 {
		return 0, fmt.Errorf("timestamp: nanos not in range [0, 1e9): %d", nanos)
	}
	// What is further off than the limits accept stays so.
	seconds = max(minSeconds, min(maxSeconds, seconds))
	return seconds*1e9 + nanos, nil
}

func decodeLabel(b []byte) (model.Label, error) {
	var l model.Label
	err := eachField(b, func(num protowire.Number, v []byte) error {
		switch num {
		case 1:
			l.Name = text(v)
		case 2:
			l.Value = text(v)
		}
		return nil
	})
	return l, err
}

// eachField calls fn for each length-delimited field of a message and skips the
// others.
func eachField(b []byte, fn func(protowire.Number, []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return wireError(n)
		}
		b = b[n:]
		if typ != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return wireError(n)
			}
			b = b[n:]
			continue
		}
		v, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return wireError(n)
		}
		b = b[n:]
		if err := fn(num, v); err != nil {
			return err
		}
	}
	return nil
}

func wireError(n int) error {
	if err := protowire.ParseError(n); !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("proto: %w", err)
	}
	return io.ErrUnexpectedEOF
}

// text is b without a copy.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

package ship

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/klauspost/compress/s2"

	"github.com/pharosd/pharos/model"
)

// A payload is states, then compressed entries:
//
//	payload: snapshot(0|1) states(count) {key value} entries
//	entries: s2 of streams(count) {tenant labels(count) {name value}} {stream time line metadata(count) {name value}}
//
// Counts and lengths are varints, texts a length and bytes, times the difference to the
// entry before. States come first and plain, because only they are read at start.

var errBadPayload = errors.New("malformed record")

// encoder turns a batch into a record, reusing its memory.
type encoder struct {
	record  []byte // header and payload
	plain   []byte // entries before compression
	streams map[string]uint64
	dict    []byte
	key     []byte
}

// keepBuffer is the largest buffer in bytes that is kept for the next batch.
const keepBuffer = 1 << 20

// encode returns the header, but for the number, and the record with room for it. The
// record is valid until the next call.
func (e *encoder) encode(b Batch, snapshot bool) (recordHeader, []byte, error) {
	e.record = append(e.record[:0], make([]byte, recordHeaderSize)...)
	e.record = append(e.record, boolByte(snapshot))
	e.record = binary.AppendUvarint(e.record, uint64(len(b.State)))
	for i := range b.State {
		e.record = appendText(e.record, b.State[i].Key)
		e.record = appendText(e.record, string(b.State[i].Value))
	}
	text := e.entries(b.Entries)
	if text > MaxBatch || len(e.record)+len(e.dict)+len(e.plain) > maxPayload {
		return recordHeader{}, nil, fmt.Errorf("%w: %d bytes of text", ErrTooLarge, text)
	}
	if len(b.Entries) > 0 {
		at := len(e.record)
		e.dict = append(e.dict, e.plain...)
		e.record = append(e.record, make([]byte, s2.MaxEncodedLen(len(e.dict)))...)
		packed := s2.Encode(e.record[at:], e.dict)
		e.record = e.record[:at+len(packed)]
	}
	payload := e.record[recordHeaderSize:]
	return recordHeader{length: uint32(len(payload)), count: uint32(len(b.Entries)), text: uint32(text), sum: checksum(payload)}, e.record, nil
}

// entries fills dict with the streams and plain with the entries, and returns the bytes
// of these.
func (e *encoder) entries(entries []Entry) (text int) {
	if e.streams == nil {
		e.streams = map[string]uint64{}
	}
	clear(e.streams)
	e.dict, e.plain = e.dict[:0], e.plain[:0]
	var last int64
	var stream uint64
	for i := range entries {
		en := &entries[i]
		if i == 0 || !sameStream(en, &entries[i-1]) {
			stream = e.stream(en)
		}
		e.plain = binary.AppendUvarint(e.plain, stream)
		e.plain = binary.AppendVarint(e.plain, en.Entry.Time-last)
		last = en.Entry.Time
		e.plain = appendText(e.plain, en.Entry.Line)
		e.plain = appendLabels(e.plain, en.Entry.Metadata)
		if text += textSize(&en.Entry); text > MaxBatch {
			return text
		}
	}
	e.dict = append(binary.AppendUvarint(nil, uint64(len(e.streams))), e.dict...)
	return text
}

// textSize is what an entry counts against batch sizes.
func textSize(e *model.LogEntry) int {
	n := len(e.Line)
	for i := range e.Metadata {
		n += len(e.Metadata[i].Name) + len(e.Metadata[i].Value)
	}
	return n
}

func sameStream(a, b *Entry) bool {
	return a.Tenant == b.Tenant && len(a.Labels) == len(b.Labels) && unsafe.SliceData(a.Labels) == unsafe.SliceData(b.Labels)
}

func (e *encoder) stream(en *Entry) uint64 {
	e.key = appendLabels(appendText(e.key[:0], en.Tenant), en.Labels)
	n, ok := e.streams[string(e.key)]
	if !ok {
		n = uint64(len(e.streams))
		e.streams[string(e.key)] = n
		e.dict = append(e.dict, e.key...)
	}
	return n
}

// trim gives back large buffers.
func (e *encoder) trim() {
	if cap(e.record) > keepBuffer || cap(e.dict) > keepBuffer || cap(e.plain) > keepBuffer {
		*e = encoder{}
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendLabels(b []byte, ls model.Labels) []byte {
	b = binary.AppendUvarint(b, uint64(len(ls)))
	for i := range ls {
		b = appendText(appendText(b, ls[i].Name), ls[i].Value)
	}
	return b
}

// decoder reads a payload. After an error everything reads as zero.
type decoder struct {
	rest string
	err  error
}

// decodeStates returns the states of a payload and what follows them. They hold no
// part of it.
func decodeStates(payload []byte) (states []State, snapshot bool, entries []byte, err error) {
	d := decoder{rest: unsafe.String(unsafe.SliceData(payload), len(payload))}
	snapshot = d.byte() == 1
	n := d.count()
	for range n {
		s := State{Key: string([]byte(d.text()))}
		if v := d.text(); v != "" {
			s.Value = []byte(v)
		}
		states = append(states, s)
	}
	if d.err != nil {
		return nil, false, nil, d.err
	}
	return states, snapshot, payload[len(payload)-len(d.rest):], nil
}

// decodeEntries reads count entries. They share the memory of buf, which is grown when
// needed and returned.
func decodeEntries(packed, buf []byte, count uint32) ([]Entry, []byte, error) {
	if count == 0 {
		return nil, buf, nil
	}
	n, err := s2.DecodedLen(packed)
	if err != nil || n > maxPayload {
		return nil, buf, errBadPayload
	}
	plain, err := s2.Decode(buf[:cap(buf)], packed)
	if err != nil {
		return nil, buf, errBadPayload
	}
	d := decoder{rest: unsafe.String(unsafe.SliceData(plain), len(plain))}
	streams := make([]Entry, d.count())
	for i := range streams {
		streams[i].Tenant, streams[i].Labels = d.text(), d.labels()
	}
	if uint64(count) > uint64(len(d.rest)) {
		return nil, plain, errBadPayload
	}
	out := make([]Entry, count)
	var last int64
	for i := range out {
		at := d.uvarint()
		if at >= uint64(len(streams)) {
			return nil, plain, errBadPayload
		}
		out[i] = streams[at]
		last += d.varint()
		out[i].Entry = model.LogEntry{Time: last, Line: d.text(), Metadata: d.labels()}
	}
	if d.err != nil || d.rest != "" {
		return nil, plain, errBadPayload
	}
	return out, plain, nil
}

func (d *decoder) labels() model.Labels {
	n := d.count()
	if n == 0 {
		return nil
	}
	ls := make(model.Labels, n)
	for i := range ls {
		ls[i] = model.Label{Name: d.text(), Value: d.text()}
	}
	return ls
}

func (d *decoder) byte() byte {
	if d.rest == "" {
		d.err = errBadPayload
		return 0
	}
	c := d.rest[0]
	d.rest = d.rest[1:]
	return c
}

// count reads the number of things that take a byte or more each, which bounds what a
// damaged file can make us allocate.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(unsafe.Slice(unsafe.StringData(d.rest), min(len(d.rest), binary.MaxVarintLen64)))
	if n <= 0 || d.err != nil {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (d *decoder) fail() { d.err, d.rest = errBadPayload, "" }

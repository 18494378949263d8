package rowstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/s2"

	"github.com/pharosd/pharos/model"
)

// batchFormat is the first byte of a batch in the write-ahead log; plainFormat is of
// batches of version 1, which are neither compressed nor marked and whose values do
// not refer to others. See
// docs/format/rowstore.md.
const (
	plainFormat = 1
	batchFormat = 2
	// shipmentFormat is batchFormat with an agent and its highest number in front.
	shipmentFormat = 3
)

// maxBatch bounds a batch before compression, in bytes.
const maxBatch = 1 << 30

var errBadBatch = errors.New("malformed batch")

// mark is what is known of a row beside others of its stream.
type mark uint8

const (
	// distinct: it differs from every other row without a mark, or nobody asks.
	distinct mark = iota
	// late: see LateColumn.
	late
	// undecided: it was logged when the store did not know yet what it has.
	undecided
	// duplicate: the store has it. Such a row is not logged.
	duplicate
)

// markBits is how many bits of a row's count of fields are its mark.
const markBits = 2

// batchEncoder turns the rows of one Append into a record. Streams and field
// names are written once each; rows refer to them.
type batchEncoder struct {
	dict, rows, packed []byte

	streams map[string]uint64
	names   map[string]uint64

	streamDict, nameDict []byte
	key                  []byte
	// The last row's stream and field names: most rows repeat them.
	lastStream      []Field
	lastStreamIndex uint64
	lastNames       []string
	lastIndexes     []uint64
}

var batchEncoders = sync.Pool{New: func() any {
	return &batchEncoder{streams: map[string]uint64{}, names: map[string]uint64{}}
}}

// encodeBatch calls write with the record and the number of rows in it; it is valid
// during the call only. shipment may be nil. marks has one for each row, or is nil: all
// are distinct.
func encodeBatch(tenantNumber uint32, shipment *model.Shipment, rows []Row, marks []mark, write func(b []byte, count int) error) error {
	e := batchEncoders.Get().(*batchEncoder)
	defer batchEncoders.Put(e)
	e.reset()
	var last int64
	count := 0
	for i := range rows {
		m := distinct
		if marks != nil {
			if m = marks[i]; m == duplicate {
				continue
			}
		}
		count++
		r := &rows[i]
		e.rows = binary.AppendUvarint(e.rows, e.stream(r.Stream))
		e.rows = binary.AppendVarint(e.rows, r.Time-last)
		last = r.Time
		e.rows = binary.AppendUvarint(e.rows, uint64(len(r.Fields))<<markBits|uint64(m))
		first := "" // nothing refers to what is not there yet
		for j := range r.Fields {
			e.rows = binary.AppendUvarint(e.rows, e.name(j, r.Fields[j].Name))
			e.rows = appendValue(e.rows, r.Fields[j].Value, first)
			first = r.Fields[0].Value
		}
	}
	b := binary.AppendUvarint(e.dict[:0], uint64(tenantNumber))
	b = binary.AppendUvarint(b, uint64(len(e.streams)))
	b = append(b, e.streamDict...)
	b = binary.AppendUvarint(b, uint64(len(e.names)))
	b = append(b, e.nameDict...)
	b = binary.AppendUvarint(b, uint64(count))
	b = append(b, e.rows...)
	e.dict = b
	e.lastStream = nil // it is the caller's
	if len(b) > maxBatch {
		return fmt.Errorf("%w: %d bytes in one batch", ErrOverloaded, len(b))
	}
	e.packed = append(e.packed[:0], batchFormat)
	if shipment != nil {
		e.packed = appendText(append(e.packed[:0], shipmentFormat), shipment.Agent)
		e.packed = binary.AppendUvarint(e.packed, shipment.Last)
	}
	head := len(e.packed)
	e.packed = slices.Grow(e.packed, s2.MaxEncodedLen(len(b)))
	body := s2.Encode(e.packed[head:cap(e.packed)], b)
	return write(e.packed[:head+len(body)], count)
}

func (e *batchEncoder) reset() {
	clear(e.streams)
	clear(e.names)
	e.rows, e.streamDict, e.nameDict = e.rows[:0], e.streamDict[:0], e.nameDict[:0]
	e.lastNames, e.lastIndexes = e.lastNames[:0], e.lastIndexes[:0]
}

// stream returns the index of a stream in the dictionary.
func (e *batchEncoder) stream(fs []Field) uint64 {
	if e.lastStream != nil && len(fs) == len(e.lastStream) && unsafe.SliceData(fs) == unsafe.SliceData(e.lastStream) {
		return e.lastStreamIndex
	}
	e.key = binary.AppendUvarint(e.key[:0], uint64(len(fs)))
	for i := range fs {
		e.key = appendText(appendText(e.key, fs[i].Name), fs[i].Value)
	}
	n, ok := e.streams[string(e.key)]
	if !ok {
		n = uint64(len(e.streams))
		e.streams[string(e.key)] = n
		e.streamDict = append(e.streamDict, e.key...)
	}
	e.lastStream, e.lastStreamIndex = fs, n
	return n
}

// name returns the index of a field name; at is the field's place in its row.
func (e *batchEncoder) name(at int, name string) uint64 {
	if at < len(e.lastNames) && e.lastNames[at] == name {
		return e.lastIndexes[at]
	}
	n, ok := e.names[name]
	if !ok {
		n = uint64(len(e.names))
		e.names[name] = n
		e.nameDict = appendText(e.nameDict, name)
	}
	if at < len(e.lastNames) {
		e.lastNames[at], e.lastIndexes[at] = name, n
	} else if at == len(e.lastNames) {
		e.lastNames, e.lastIndexes = append(e.lastNames, name), append(e.lastIndexes, n)
	}
	return n
}

// appendValue writes a value. One that shares the memory of the row's first value,
// as a field that was cut out of the message does, becomes a reference.
func appendValue(b []byte, v, first string) []byte {
	at := uintptr(unsafe.Pointer(unsafe.StringData(v))) - uintptr(unsafe.Pointer(unsafe.StringData(first)))
	if v == "" || at >= uintptr(len(first)) || int(at)+len(v) > len(first) {
		b = binary.AppendUvarint(b, uint64(len(v))<<1)
		return append(b, v...)
	}
	b = binary.AppendUvarint(b, uint64(len(v))<<1|1)
	return binary.AppendUvarint(b, uint64(at))
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// batchDecoder reads a record.
type batchDecoder struct {
	plain bool // plainFormat
	rest  string
	err   error
}

// batch is a record of the write-ahead log.
type batch struct {
	tenant uint32
	// shipment is what the rows are of an agent's; its First is 0. nil: nothing.
	shipment *model.Shipment
	rows     []Row
	// marks has one for each row, or is nil: all are distinct.
	marks []mark
}

// decodeBatch is the reverse of encodeBatch. Rows hold no part of b.
func decodeBatch(b []byte) (batch, error) {
	if len(b) == 0 {
		return batch{}, errBadBatch
	}
	switch format := b[0]; format {
	case plainFormat:
		return (&batchDecoder{plain: true, rest: string(b[1:])}).batch()
	case shipmentFormat:
		d := batchDecoder{rest: string(b[1:])}
		shipment := model.Shipment{Agent: d.text(), Last: d.uvarint()}
		if d.err != nil {
			return batch{}, d.err
		}
		out, err := decodePacked(b[len(b)-len(d.rest):])
		out.shipment = &shipment
		return out, err
	case batchFormat:
		return decodePacked(b[1:])
	default:
		return batch{}, fmt.Errorf("batch format %d, this program knows %d", format, shipmentFormat)
	}
}

func decodePacked(b []byte) (batch, error) {
	if n, err := s2.DecodedLen(b); err != nil || n > maxBatch {
		return batch{}, errBadBatch
	}
	body, err := s2.Decode(nil, b)
	if err != nil || len(body) == 0 {
		return batch{}, errBadBatch
	}
	return (&batchDecoder{rest: unsafe.String(&body[0], len(body))}).batch()
}

// batch reads a batch.
func (d *batchDecoder) batch() (batch, error) {
	number := d.uvarint()
	if number == 0 || number > 1<<32-1 {
		d.err = errBadBatch
	}
	streams := make([][]Field, d.count())
	for i := range streams {
		streams[i] = d.fields()
	}
	names := make([]string, d.count())
	for i := range names {
		names[i] = d.text()
	}
	out := batch{tenant: uint32(number), rows: make([]Row, d.count())}
	if !d.plain {
		out.marks = make([]mark, len(out.rows))
	}
	var last int64
	for i := range out.rows {
		out.rows[i].Stream, out.rows[i].Time = d.stream(streams), d.time(&last)
		n := d.uvarint()
		if !d.plain {
			if out.marks[i] = mark(n & (1<<markBits - 1)); out.marks[i] == duplicate {
				d.err = errBadBatch
			}
			n >>= markBits
		}
		out.rows[i].Fields = d.rowFields(n, names)
	}
	if d.err == nil && d.rest != "" {
		d.err = errBadBatch
	}
	if d.err != nil {
		return batch{}, d.err
	}
	return out, nil
}

func (d *batchDecoder) stream(streams [][]Field) []Field {
	n := d.uvarint()
	if n >= uint64(len(streams)) {
		d.err = errBadBatch
		return nil
	}
	return streams[n]
}

func (d *batchDecoder) time(last *int64) int64 {
	*last += d.varint()
	return *last
}

func (d *batchDecoder) rowFields(count uint64, names []string) []Field {
	if count > uint64(len(d.rest)) {
		d.err = errBadBatch
		return nil
	}
	fs := make([]Field, count)
	for i := range fs {
		n := d.uvarint()
		if n >= uint64(len(names)) {
			d.err = errBadBatch
			return nil
		}
		fs[i] = Field{Name: names[n], Value: d.value(fs[0].Value)}
	}
	return fs
}

// value is the reverse of appendValue.
func (d *batchDecoder) value(first string) string {
	if d.plain {
		return d.text()
	}
	n := d.uvarint()
	if n&1 == 0 {
		return d.bytes(n >> 1)
	}
	n >>= 1
	at := d.uvarint()
	if at > uint64(len(first)) || n > uint64(len(first))-at {
		d.err = errBadBatch
		return ""
	}
	return first[at : at+n]
}

func (d *batchDecoder) fields() []Field {
	fs := make([]Field, d.count())
	for i := range fs {
		fs[i].Name = d.text()
		fs[i].Value = d.text()
	}
	return fs
}

// count reads the number of things of which each takes a byte or more, which
// bounds what hostile input can make us allocate.
func (d *batchDecoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.err = errBadBatch
		return 0
	}
	return int(n)
}

func (d *batchDecoder) text() string { return d.bytes(d.uvarint()) }

func (d *batchDecoder) bytes(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.err = errBadBatch
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *batchDecoder) uvarint() uint64 {
	v, n := binary.Uvarint(unsafe.Slice(unsafe.StringData(d.rest), min(len(d.rest), binary.MaxVarintLen64)))
	return d.took(v, n)
}

func (d *batchDecoder) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// took advances by n bytes; after an error everything reads as zero.
func (d *batchDecoder) took(v uint64, n int) uint64 {
	if n <= 0 || d.err != nil {
		d.err = errBadBatch
		d.rest = ""
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

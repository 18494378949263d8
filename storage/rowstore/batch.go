package rowstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"unsafe"
)

// batchFormat is the first byte of a batch in the write-ahead log. See
// docs/format/rowstore.md.
const batchFormat = 1

var errBadBatch = errors.New("malformed batch")

// batchEncoder turns the rows of one Append into a record. Streams and field
// names are written once each; rows refer to them.
type batchEncoder struct {
	dict, rows []byte

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

// encodeBatch calls write with the record; it is valid during the call only.
func encodeBatch(tenantNumber uint32, rows []Row, write func([]byte) error) error {
	e := batchEncoders.Get().(*batchEncoder)
	defer batchEncoders.Put(e)
	e.reset()
	var last int64
	for i := range rows {
		r := &rows[i]
		e.rows = binary.AppendUvarint(e.rows, e.stream(r.Stream))
		e.rows = binary.AppendVarint(e.rows, r.Time-last)
		last = r.Time
		e.rows = binary.AppendUvarint(e.rows, uint64(len(r.Fields)))
		for j := range r.Fields {
			e.rows = binary.AppendUvarint(e.rows, e.name(j, r.Fields[j].Name))
			e.rows = appendText(e.rows, r.Fields[j].Value)
		}
	}
	b := append(e.dict[:0], batchFormat)
	b = binary.AppendUvarint(b, uint64(tenantNumber))
	b = binary.AppendUvarint(b, uint64(len(e.streams)))
	b = append(b, e.streamDict...)
	b = binary.AppendUvarint(b, uint64(len(e.names)))
	b = append(b, e.nameDict...)
	b = binary.AppendUvarint(b, uint64(len(rows)))
	b = append(b, e.rows...)
	e.dict = b
	err := write(b)
	e.lastStream = nil // it is the caller's
	return err
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

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// batchDecoder reads a record.
type batchDecoder struct {
	rest string
	err  error
}

// decodeBatch is the reverse of encodeBatch. Rows hold no part of b.
func decodeBatch(b []byte) (tenantNumber uint32, rows []Row, err error) {
	d := &batchDecoder{rest: string(b)}
	if d.rest == "" {
		return 0, nil, errBadBatch
	}
	if d.rest[0] != batchFormat {
		return 0, nil, fmt.Errorf("batch format %d, this program knows %d", d.rest[0], batchFormat)
	}
	d.rest = d.rest[1:]
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
	rows = make([]Row, d.count())
	var last int64
	for i := range rows {
		rows[i] = d.row(streams, names, &last)
	}
	if d.err == nil && d.rest != "" {
		d.err = errBadBatch
	}
	if d.err != nil {
		return 0, nil, d.err
	}
	return uint32(number), rows, nil
}

func (d *batchDecoder) row(streams [][]Field, names []string, last *int64) Row {
	var r Row
	if n := d.uvarint(); n < uint64(len(streams)) {
		r.Stream = streams[n]
	} else {
		d.err = errBadBatch
	}
	*last += d.varint()
	r.Time = *last
	r.Fields = make([]Field, d.count())
	for i := range r.Fields {
		n := d.uvarint()
		if n >= uint64(len(names)) {
			d.err = errBadBatch
			return r
		}
		r.Fields[i] = Field{Name: names[n], Value: d.text()}
	}
	return r
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

func (d *batchDecoder) text() string {
	n := d.uvarint()
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

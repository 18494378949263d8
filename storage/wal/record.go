package wal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A file begins with fileHeader; headerSize is the size of what precedes each
// record's payload.
const (
	version        = 1
	fileMagic      = "pharoswl"
	fileHeaderSize = 16
	headerSize     = 28
)

// recordMagic begins each record, so that reading can go on behind a header that
// was damaged.
var recordMagic = []byte{0xD7, 'P', 'h', 0x9E}

// Record is a number of items.
type Record struct {
	// First is the number of the first item.
	First uint64
	// Count is how many items the payload holds.
	Count uint32
	// Payload is the user's; it is valid until the next record is read.
	Payload []byte
	// Applied says that DropBefore has released the record.
	Applied bool
}

// Damage is what was not readable.
type Damage struct {
	// Records is how many records, or runs of them, were lost.
	Records int
	// TornTail says that the file ends inside a record, as it does when the process
	// ended while writing: such a record was never acknowledged.
	TornTail bool
}

func fileHeader() []byte {
	b := append([]byte(fileMagic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[8:], version)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// header is magic, length, first, count, sum of the payload, sum of the header;
// little endian.
type header struct {
	length uint32
	first  uint64
	count  uint32
	sum    uint32
}

func appendHeader(b []byte, h header) []byte {
	at := len(b)
	b = append(b, recordMagic...)
	b = binary.LittleEndian.AppendUint32(b, h.length)
	b = binary.LittleEndian.AppendUint64(b, h.first)
	b = binary.LittleEndian.AppendUint32(b, h.count)
	b = binary.LittleEndian.AppendUint32(b, h.sum)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], castagnoli))
}

func readHeader(b []byte) (header, bool) {
	if len(b) < headerSize || !bytes.HasPrefix(b, recordMagic) {
		return header{}, false
	}
	if binary.LittleEndian.Uint32(b[24:]) != crc32.Checksum(b[:24], castagnoli) {
		return header{}, false
	}
	return header{
		length: binary.LittleEndian.Uint32(b[4:]),
		first:  binary.LittleEndian.Uint64(b[8:]),
		count:  binary.LittleEndian.Uint32(b[16:]),
		sum:    binary.LittleEndian.Uint32(b[20:]),
	}, true
}

// scanner reads the records of one file.
type scanner struct {
	rest   []byte
	damage Damage
}

// next returns the next intact record. What is damaged in between is skipped and
// counted.
func (s *scanner) next() (Record, bool) {
	for len(s.rest) > 0 {
		h, ok := readHeader(s.rest)
		if !ok {
			s.resync()
			continue
		}
		end := headerSize + int(h.length)
		if h.length > MaxPayload || end > len(s.rest) {
			s.damage.TornTail = true
			s.rest = nil
			break
		}
		payload := s.rest[headerSize:end:end]
		if crc32.Checksum(payload, castagnoli) == h.sum {
			s.rest = s.rest[end:]
			return Record{First: h.first, Count: h.count, Payload: payload}, true
		}
		if follows(s.rest[end:]) {
			s.damage.Records++
			s.rest = s.rest[end:]
		} else { // its length says where nothing begins
			s.resync()
		}
	}
	return Record{}, false
}

// follows reports whether what is behind a record is what its writer puts there: another
// record, the file's end, or the rest of a write that was cut short. Only if it is not may
// a damaged payload be searched: records that are found in it may be a user's bytes.
func follows(rest []byte) bool {
	if len(rest) < headerSize || len(bytes.TrimLeft(rest, "\x00")) == 0 {
		return true
	}
	_, ok := readHeader(rest)
	return ok
}

// resync moves to the next place that has an intact header.
func (s *scanner) resync() {
	for at := 1; at < len(s.rest); at++ {
		i := bytes.Index(s.rest[at:], recordMagic)
		if i < 0 {
			break
		}
		at += i
		if _, ok := readHeader(s.rest[at:]); ok {
			s.damage.Records++
			s.rest = s.rest[at:]
			return
		}
	}
	// Nothing follows: a write that did not get far, or zeros that the file system
	// left, unless there was room for a whole record.
	if len(s.rest) < headerSize || len(bytes.Trim(s.rest, "\x00")) == 0 {
		s.damage.TornTail = true
	} else {
		s.damage.Records++
	}
	s.rest = nil
}

// scanFile returns a scanner over the content of a file.
func scanFile(b []byte) *scanner {
	s := &scanner{rest: b}
	if want := fileHeader(); bytes.HasPrefix(b, want) {
		s.rest = b[len(want):]
	}
	// A damaged file header is skipped and counted like a record's.
	return s
}

package wal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

func crcOf(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func appendUint32(b []byte, v uint32) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(b), v)
}

func record(first uint64, payload string) []byte {
	b := appendHeader(nil, header{length: uint32(len(payload)), first: first, count: 1, sum: crcOf([]byte(payload))})
	return append(b, payload...)
}

// FuzzScan checks that any file can be read to its end, that no record is made up
// and that a record behind rubbish is found.
func FuzzScan(f *testing.F) {
	f.Add([]byte{})
	f.Add(fileHeader())
	f.Add(append(fileHeader(), record(1, "one")...))
	f.Add(append(append(fileHeader(), record(1, "one")...), record(2, "two")[:20]...))
	f.Add(append(recordMagic, recordMagic...))
	f.Add(make([]byte, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := scanFile(b)
		for r, ok := s.next(); ok; r, ok = s.next() {
			whole := appendHeader(nil, header{uint32(len(r.Payload)), r.First, r.Count, crcOf(r.Payload)})
			if !bytes.Contains(b, append(whole, r.Payload...)) {
				t.Fatalf("record %+v is not in the file", r)
			}
		}
		// Behind a torn record, which may claim any length, nothing can be found.
		if s.damage.TornTail {
			return
		}
		s = scanFile(append(bytes.Clone(b), record(77, "the last")...))
		found := false
		for r, ok := s.next(); ok; r, ok = s.next() {
			found = found || r.First == 77
		}
		if !found && !s.damage.TornTail {
			t.Fatal("the record at the end was not found")
		}
	})
}

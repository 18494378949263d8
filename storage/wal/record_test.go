package wal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
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
	f.Add(append(record(1, "a payload that was cut")[:headerSize+9], record(2, "two")...))
	f.Add(append(append(fileHeader(), appendHeader(nil, header{length: headerSize + 5, first: 1, count: 1})...), record(2, "a record")...))
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

// A header that is intact and says a length where nothing begins (another write went over
// what followed it, bytes of its payload are missing) costs its own record only.
func TestWrongLengthHidesNothing(t *testing.T) {
	cut := record(2, "the second payload")
	cut = cut[:len(cut)-7]
	long := appendHeader(nil, header{length: uint32(headerSize) + 10, first: 2, count: 1, sum: 1})
	for name, damaged := range map[string][]byte{"payload cut": cut, "header alone": long} {
		t.Run(name, func(t *testing.T) {
			file := append(append(fileHeader(), record(1, "one")...), damaged...)
			for i := range uint64(3) {
				file = append(file, record(3+i, "what follows, long enough")...)
			}
			s := scanFile(file)
			var found []uint64
			for r, ok := s.next(); ok; r, ok = s.next() {
				found = append(found, r.First)
			}
			if want := []uint64{1, 3, 4, 5}; !slices.Equal(found, want) {
				t.Fatalf("read records %d, want %d", found, want)
			}
			if s.damage != (Damage{Records: 1}) {
				t.Fatalf("damage %+v", s.damage)
			}
		})
	}
}

// What lies in a damaged payload is the user's, whatever it looks like, as long as the
// header of its record says where the next one begins.
func TestRecordsInsidePayloadsAreNotRead(t *testing.T) {
	inner := record(99, "somebody's")
	outer := record(2, "before "+string(inner)+" after")
	outer[headerSize]++
	for name, next := range map[string][]byte{"a record": record(3, "three"), "the end": nil, "a torn header": record(3, "three")[:headerSize-1], "zeros": make([]byte, 512)} {
		t.Run(name, func(t *testing.T) {
			s := scanFile(append(append(append(fileHeader(), record(1, "one")...), outer...), next...))
			for r, ok := s.next(); ok; r, ok = s.next() {
				if r.First == 99 {
					t.Fatal("a record was made up from a payload")
				}
			}
			if s.damage.Records != 1 {
				t.Fatalf("damage %+v", s.damage)
			}
		})
	}
}

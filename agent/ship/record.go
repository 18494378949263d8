package ship

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"

	"github.com/google/uuid"

	"github.com/pharosd/pharos/internal/durable"
)

// A queue is a folder of segments. A segment is a header and records one behind the
// other; numbers are little endian. docs/format/agent-queue.md has the layout.
const (
	segmentMagic      = "PHAGENTQ"
	segmentVersion    = 1
	segmentHeaderSize = 32
	segmentSuffix     = ".queue"

	recordMagic      = "\xa7PHQ"
	recordHeaderSize = 32
	// maxPayload bounds a record's payload: MaxBatch and what goes around it.
	maxPayload = 4 * MaxBatch
)

// castagnoli is the checksum's table, computed once by the standard library.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli()) }

// segmentHeader begins a segment whose entries are numbered for agent.
func segmentHeader(agent uuid.UUID) []byte {
	b := append([]byte(nil), segmentMagic...)
	b = binary.LittleEndian.AppendUint32(b, segmentVersion)
	b = append(b, agent[:]...)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

var errBadSegment = errors.New("the file's header is damaged")

// readSegmentHeader returns whose numbers a segment's are. A file of a later version is
// an error of its own: it must not be taken for a damaged one.
func readSegmentHeader(f *os.File) (uuid.UUID, error) {
	var b [segmentHeaderSize]byte
	if _, err := f.ReadAt(b[:], 0); err != nil {
		return uuid.UUID{}, fmt.Errorf("%w: %w", errBadSegment, err)
	}
	if string(b[:8]) != segmentMagic || checksum(b[:28]) != binary.LittleEndian.Uint32(b[28:]) {
		return uuid.UUID{}, errBadSegment
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != segmentVersion {
		return uuid.UUID{}, fmt.Errorf("%s: format version %d, this program knows %d", f.Name(), v, segmentVersion)
	}
	return uuid.UUID(b[12:28]), nil
}

// recordHeader stands before a record's payload.
type recordHeader struct {
	length uint32 // of the payload
	first  uint64 // number of the first entry
	count  uint32 // of entries; their numbers are consecutive
	text   uint32 // bytes of the entries' lines and metadata
	sum    uint32 // of the payload
}

// end is the number after the last entry.
func (h recordHeader) end() uint64 { return h.first + uint64(h.count) }

// size is what the record takes in a file.
func (h recordHeader) size() int64 { return recordHeaderSize + int64(h.length) }

func (h recordHeader) put(b []byte) {
	copy(b, recordMagic)
	binary.LittleEndian.PutUint32(b[4:], h.length)
	binary.LittleEndian.PutUint64(b[8:], h.first)
	binary.LittleEndian.PutUint32(b[16:], h.count)
	binary.LittleEndian.PutUint32(b[20:], h.text)
	binary.LittleEndian.PutUint32(b[24:], h.sum)
	binary.LittleEndian.PutUint32(b[28:], checksum(b[:28]))
}

func parseRecordHeader(b []byte) (recordHeader, bool) {
	if len(b) < recordHeaderSize || string(b[:4]) != recordMagic || binary.LittleEndian.Uint32(b[28:]) != checksum(b[:28]) {
		return recordHeader{}, false
	}
	h := recordHeader{
		length: binary.LittleEndian.Uint32(b[4:]),
		first:  binary.LittleEndian.Uint64(b[8:]),
		count:  binary.LittleEndian.Uint32(b[16:]),
		text:   binary.LittleEndian.Uint32(b[20:]),
		sum:    binary.LittleEndian.Uint32(b[24:]),
	}
	return h, h.length <= maxPayload
}

// segment is a file of the queue, by the number that its first entry could have.
type segment = durable.Segment

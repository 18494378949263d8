package esapi

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"
)

// ID returns the id of a document that came without one: 16 characters of its time
// (6 bytes of milliseconds since the Unix epoch) and of a hash of its index, time in
// nanoseconds and source. A client that repeats a batch gets the same ids again, and
// the time in front lets a search by id look at one millisecond only.
func ID(index string, ns int64, source string) string {
	var b [12]byte
	ms := time.Unix(0, ns).UnixMilli()
	binary.BigEndian.PutUint32(b[0:], uint32(ms>>16))
	binary.BigEndian.PutUint16(b[4:], uint16(ms))
	h := xxhash.New()
	var t [8]byte
	binary.BigEndian.PutUint64(t[:], uint64(ns))
	_, _ = h.Write(t[:])
	_, _ = h.WriteString(index)
	_, _ = h.Write([]byte{0})
	_, _ = h.WriteString(source)
	sum := h.Sum64()
	binary.BigEndian.PutUint32(b[6:], uint32(sum>>32))
	binary.BigEndian.PutUint16(b[10:], uint16(sum>>16))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// IDTime returns the millisecond, since the Unix epoch, that an id of ID names; ok is
// false for ids that are certainly others'.
func IDTime(id string) (ms int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(b) != 12 {
		return 0, false
	}
	ms = int64(binary.BigEndian.Uint32(b[0:]))<<16 | int64(binary.BigEndian.Uint16(b[4:]))
	if ms >= 1<<47 { // before 1970
		ms -= 1 << 48
	}
	return ms, true
}

// IndexUUID returns what stands for the uuid of an index in answers: it is stable and
// means nothing.
func IndexUUID(tenant, index string) string {
	sum := xxhash.Sum64String(tenant + "\x00" + index)
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%016x", sum))
}

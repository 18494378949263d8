package rowstore

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"unsafe"
)

// identity is a row's hashes. Seeds are random, so that nobody can make rows that
// collide: a duplicate is recognized by 124 bits.
type identity struct {
	stream uint64
	// key is of stream, time and message, whole of all of the row. Neither is 0, the
	// last two bits of both are.
	key, whole uint64
}

// hasher computes identities. Its methods are safe for concurrent use.
type hasher struct {
	key, whole maphash.Seed
	derived    string // see Config
}

func newHasher(derived string) hasher {
	return hasher{maphash.MakeSeed(), maphash.MakeSeed(), derived}
}

// append appends the identities of rows.
func (h hasher) append(to []identity, tenant uint32, rows []Row) []identity {
	var last []Field
	var stream, other uint64
	for i := range rows {
		r := &rows[i]
		if i == 0 || len(r.Stream) != len(last) || unsafe.SliceData(r.Stream) != unsafe.SliceData(last) {
			stream = h.streamHash(tenant, r.Stream)
			other = h.fields(uint64(tenant)+1, r.Stream)
			last = r.Stream
		}
		id := identity{stream: stream}
		id.whole = max(h.fields(mix(other, uint64(r.Time)), r.Fields)&^stateBits, stateBits+1)
		id.key = max(mix(mix(stream, uint64(r.Time)), h.message(r.Fields))&^stateBits, stateBits+1)
		to = append(to, id)
	}
	return to
}

func (h hasher) streamHash(tenant uint32, stream []Field) uint64 {
	return hashFields(h.key, uint64(tenant)+1, stream)
}

func (h hasher) message(fields []Field) uint64 {
	for i := range fields {
		if fields[i].Name == MessageField {
			return maphash.String(h.key, fields[i].Value)
		}
	}
	return maphash.String(h.key, "")
}

// fields hashes whole fields, without derived ones.
func (h hasher) fields(sum uint64, fields []Field) uint64 {
	if h.derived == "" {
		return hashFields(h.whole, sum, fields)
	}
	for i := range fields {
		if !strings.HasPrefix(fields[i].Name, h.derived) {
			sum = hashFields(h.whole, sum, fields[i:i+1])
		}
	}
	return sum
}

// hashFields leaves out fields without a value: they are the same as none.
func hashFields(seed maphash.Seed, sum uint64, fields []Field) uint64 {
	for i := range fields {
		if fields[i].Value != "" {
			sum = mix(mix(sum, maphash.String(seed, fields[i].Name)), maphash.String(seed, fields[i].Value))
		}
	}
	return sum
}

// mix combines two hashes; order matters.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9E3779B97F4A7C15, b^0xD6E8FEB86659FD93)
	return bits.RotateLeft64(hi^lo, 23) ^ a
}

package logstash

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/murmur"
)

// fingerprintFilter replaces values by a checksum of them.
type fingerprintFilter struct {
	method      string
	source      []string // as written, sorted where Logstash sorts
	refs        []Ref
	target      Ref
	base64      bool
	concatenate bool
	all         bool
	digest      hash.Hash
	bits        int
}

func newFingerprint(s *Settings, env *Env) (any, error) {
	target := "fingerprint"
	if env.ECS {
		target = "[event][hash]"
	}
	f := &fingerprintFilter{
		method: s.Enum("method", "SHA1", "SHA1", "SHA256", "SHA384", "SHA512", "MD5", "MURMUR3", "MURMUR3_128", "IPV4_NETWORK", "UUID", "PUNCTUATION"),
		source: stringsOr(s, "source", "message"),
		target: s.Ref("target", target),
		base64: s.Bool("base64encode", false),
		all:    s.Bool("concatenate_all_fields", false),
	}
	f.concatenate = s.Bool("concatenate_sources", false) || f.all
	if f.concatenate || f.method == "PUNCTUATION" {
		slices.Sort(f.source)
	}
	for _, name := range f.source {
		f.refs = append(f.refs, s.ref("source", name))
	}
	key := s.String("key", "")
	if f.method == "IPV4_NETWORK" {
		n, err := strconv.Atoi(key)
		if err != nil || n < 0 || n > 128 {
			s.Errorf("key", "the method IPV4_NETWORK needs the length of the network's prefix here, found %q", key)
		}
		f.bits = n
	}
	if algorithm := digestOf(f.method); algorithm != nil {
		f.digest = algorithm()
		if s.Has("key") {
			f.digest = hmac.New(algorithm, []byte(key))
		}
	}
	return Func(f.filter), nil
}

func digestOf(method string) func() hash.Hash {
	switch method {
	case "SHA1":
		return sha1.New
	case "SHA256":
		return sha256.New
	case "SHA384":
		return sha512.New384
	case "SHA512":
		return sha512.New
	case "MD5":
		return md5.New
	}
	return nil
}

func (f *fingerprintFilter) filter(e *pipeline.Event) bool {
	switch {
	case f.method == "UUID":
		f.target.Set(e, randomUUID())
	case f.method == "PUNCTUATION":
		for _, r := range f.refs {
			if v, ok := r.Get(e); ok {
				f.target.Set(e, punctuation(Text(v)))
			}
		}
	case f.concatenate:
		return f.set(e, f.joined(e))
	default:
		return f.single(e)
	}
	return true
}

func (f *fingerprintFilter) single(e *pipeline.Event) bool {
	for _, r := range f.refs {
		v, ok := r.Get(e)
		if !ok {
			continue
		}
		list, isList := v.([]any)
		if !isList {
			if !f.set(e, canonical(v)) {
				return false
			}
			continue
		}
		out := make([]any, len(list))
		for i, x := range list {
			if out[i], ok = f.of(canonical(x)); !ok {
				return false
			}
		}
		f.target.Set(e, out)
	}
	return true
}

func (f *fingerprintFilter) set(e *pipeline.Event, v any) bool {
	sum, ok := f.of(v)
	return ok && f.target.Set(e, sum)
}

// joined is |name|value|name|value| of the sources or of all fields.
func (f *fingerprintFilter) joined(e *pipeline.Event) string {
	var b strings.Builder
	if f.all {
		for _, name := range fieldNames(e) {
			v, _ := fieldOf(e, name)
			b.WriteString("|" + name + "|" + Text(canonical(v)))
		}
	} else {
		for i, r := range f.refs {
			v, _ := r.Get(e)
			b.WriteString("|" + f.source[i] + "|" + Text(canonical(v)))
		}
	}
	b.WriteByte('|')
	return b.String()
}

// canonical flattens lists and maps, these in the order of their keys.
func canonical(v any) any {
	var parts []string
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+"|"+Text(canonical(v[k])))
		}
	case []any:
		for _, x := range v {
			parts = append(parts, Text(canonical(x)))
		}
	default:
		return v
	}
	return strings.Join(parts, "|")
}

// of is the checksum of one value; ok is false for a value that has none.
func (f *fingerprintFilter) of(v any) (sum any, ok bool) {
	switch f.method {
	case "IPV4_NETWORK":
		return network(Text(v), f.bits)
	case "MURMUR3":
		data := []byte(Text(v))
		if n, ok := v.(int64); ok {
			data = binary.LittleEndian.AppendUint64(nil, uint64(n))
		}
		return int64(murmur.Sum32(data, 0)), true
	case "MURMUR3_128":
		sum := murmur.Sum128(murmurBytes(v), 2)
		return f.encode(sum[:]), true
	}
	f.digest.Reset()
	f.digest.Write([]byte(Text(v)))
	return f.encode(f.digest.Sum(nil)), true
}

func (f *fingerprintFilter) encode(sum []byte) string {
	if f.base64 {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}

// murmurBytes are what Logstash hashes: of numbers their bytes, four if they fit.
func murmurBytes(v any) []byte {
	n, ok := v.(int64)
	switch {
	case !ok:
		return []byte(Text(v))
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return binary.LittleEndian.AppendUint32(nil, uint32(int32(n)))
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(n))
}

func network(text string, bits int) (any, bool) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return nil, false
	}
	p, err := addr.Prefix(min(bits, addr.BitLen()))
	return p.Addr().String(), err == nil
}

// punctuation keeps marks and symbols only.
func punctuation(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return r
		}
		return -1
	}, s)
}

func randomUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

package logstore

import (
	"math"
	"math/bits"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/internal/lineparse"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// A parsed field whose values are nearly all different (a trace id, an event id, a time
// of day) costs in a column what it costs in the line, and a filter of words besides,
// and nobody groups by it. So of such fields the column has inLine only, which takes
// nothing, and the value is read from the line when a query wants it: see restore.go.
//
// Whether a value is in its column or not is said by the row itself, so that the
// choice is free for each row. It is made by what was seen of the stream's field.
const inLine = "~in_line"

// shortestInLine is from how many bytes on a value stays in its line.
const shortestInLine = 8

// mayBeInLine says whether a value can be left to its line, where it is written as it
// is, between bytes that are of no word. It is neither empty nor a number: conditions
// on these need not look into lines.
func mayBeInLine(v string) bool {
	if v == "" {
		return false
	}
	for i := 0; i < len(v); i++ {
		if c := v[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	if v[0] > '9' { // no number begins so
		return true
	}
	_, number := logs.ParseNumber(v)
	return !number
}

// sharesMemory says whether v was cut out of line.
func sharesMemory(line, v string) bool {
	at := uintptr(unsafe.Pointer(unsafe.StringData(v))) - uintptr(unsafe.Pointer(unsafe.StringData(line)))
	return at < uintptr(len(line)) && int(at)+len(v) <= len(line)
}

// A field's values are sampled, one of firstEvery lines of a stream and later one of
// nextEvery. After firstSample values, and then after each nextSample, it is decided where the values are kept: in their
// lines from mostlyDifferent distinct values in a sample on, in the column again
// below oftenEqual.
const (
	firstEvery      = 4
	nextEvery       = 32
	firstSample     = 256
	nextSample      = 2048
	sampleBits      = 4096
	mostlyDifferent = 0.95
	oftenEqual      = 0.8
	// oddShare is of how many values one may be short or a quantity.
	oddShare = 8
	// maxSampled bounds the fields of streams that are looked at, 700 bytes each.
	maxSampled = 8192
)

// sample is what was seen of a field of a stream.
type sample struct {
	name string
	// seen is a set of hashes of the values, of which there are count, odd of them
	// short or quantities.
	seen       [sampleBits / 64]uint64
	count, odd int
	want       int
	// different: its values should stay in lines; inLine: they do.
	different, inLine bool
}

func (s *sample) add(v string) {
	h := xxhash.Sum64String(v) % sampleBits
	s.seen[h/64] |= 1 << (h % 64)
	if s.count++; len(v) < shortestInLine || isQuantity(v) {
		s.odd++
	}
}

// decide says whether the field's values are nearly all different.
func (s *sample) decide() bool {
	ones := 0
	for _, w := range s.seen {
		ones += bits.OnesCount64(w)
	}
	// As many values as would leave so many bits unset.
	distinct := -sampleBits * math.Log(1-float64(min(ones, sampleBits-1))/sampleBits)
	share := distinct / float64(s.count)
	in := share >= mostlyDifferent || s.different && share >= oftenEqual
	in = in && s.odd*oddShare < s.count
	s.seen, s.count, s.odd, s.want = [sampleBits / 64]uint64{}, 0, 0, nextSample
	return in
}

// A quantity has at most longestQuantity bytes, and a unit of longestUnit: ms, µs, MiB.
const (
	longestQuantity = 24
	longestUnit     = 3
)

// isQuantity says whether v is a number, maybe with a unit, or a duration: people
// unwrap these, however different they are.
func isQuantity(v string) bool {
	if len(v) > longestQuantity {
		return false
	}
	if _, number := logs.ParseNumber(v); number {
		return true
	}
	if _, err := time.ParseDuration(v); err == nil {
		return true
	}
	number := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	_, is := logs.ParseNumber(number)
	return is && len(v)-len(number) <= longestUnit
}

// samples are those of a store.
type samples struct {
	// eager leaves all that may be to lines, without looking; for tests.
	eager bool

	mu      sync.Mutex
	streams map[streamOf]*streamSamples
	fields  int
}

type streamOf struct {
	tenant tenant.ID
	hash   uint64
}

// streamSamples are those of a stream's fields. mu is held while a batch's lines of
// the stream are read.
type streamSamples struct {
	mu     sync.Mutex
	all    *samples
	byName map[string]*sample
	// places are the samples of a line's fields in their order: lines repeat it.
	places []*sample
	lines  uint64
}

// of returns a stream's samples, locked.
func (s *samples) of(t tenant.ID, stream model.Labels) *streamSamples {
	key := streamOf{tenant: t}
	for _, l := range stream {
		key.hash = bits.RotateLeft64(key.hash, 7)*31 + xxhash.Sum64String(l.Name) ^ xxhash.Sum64String(l.Value)
	}
	s.mu.Lock()
	st := s.streams[key]
	if st == nil {
		if s.streams == nil || s.fields >= maxSampled || len(s.streams) >= maxSampled {
			s.streams, s.fields = map[streamOf]*streamSamples{}, 0
		}
		st = &streamSamples{all: s, byName: map[string]*sample{}}
		s.streams[key] = st
	}
	s.mu.Unlock()
	st.mu.Lock()
	return st
}

// field returns the sample of the field at a place of the line, nil if there are too
// many.
func (st *streamSamples) field(at int, name string) *sample {
	if at < len(st.places) && st.places[at].name == name {
		return st.places[at]
	}
	s := st.byName[name]
	if s == nil {
		st.all.mu.Lock()
		full := st.all.fields >= maxSampled
		st.all.fields++
		st.all.mu.Unlock()
		if full {
			return nil
		}
		s = &sample{name: strings.Clone(name), want: firstSample, different: st.all.eager}
		st.byName[s.name] = s
	}
	switch {
	case at < len(st.places):
		st.places[at] = s
	case at == len(st.places):
		st.places = append(st.places, s)
	}
	return s
}

// lineFields leaves fields of one batch's lines of a stream where they are.
type lineFields struct {
	s       *Store
	tenant  tenant.ID
	stream  model.Labels
	samples *streamSamples // locked; nil before there are fields
}

// leave replaces those of a line's parsed fields that stay in the line.
func (l *lineFields) leave(line string, fields []lineparse.Field) {
	if l.s.inLine == nil {
		return
	}
	if l.samples == nil {
		l.samples = l.s.samples.of(l.tenant, l.stream)
	}
	l.samples.leave(line, fields, l.allow)
}

func (l *lineFields) allow(column string) bool {
	return l.s.inLine.allow(l.tenant, column[len(parsedPrefix):])
}

func (l *lineFields) end() {
	if l.samples != nil {
		l.samples.mu.Unlock()
	}
}

// leave is that of lineFields. allow is asked before the first value of a column stays
// in its line.
func (st *streamSamples) leave(line string, fields []lineparse.Field, allow func(column string) bool) {
	shortest := shortestInLine
	if st.all.eager {
		shortest = 1
	}
	st.lines++
	every := uint64(firstEvery)
	if st.lines > 2*firstEvery*firstSample {
		every = nextEvery
	}
	look := st.lines%every == 0 || st.all.eager
	for i := range fields {
		f := &fields[i]
		s := st.field(i, f.Name)
		if s == nil {
			continue
		}
		if look {
			s.look(f, allow)
		}
		if s.inLine && len(f.Value) >= shortest && sharesMemory(line, f.Value) && mayBeInLine(f.Value) {
			f.Value = inLine
		}
	}
}

// look adds a value to the sample and decides now and then.
func (s *sample) look(f *lineparse.Field, allow func(column string) bool) {
	if s.add(f.Value); s.count >= s.want {
		s.different = s.decide()
	}
	s.inLine = s.different && (s.inLine || allow(f.Name))
}

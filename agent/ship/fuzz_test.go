package ship

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/pharosd/pharos/model"
)

// sample is a batch with everything that a record may have.
func sample() Batch {
	return Batch{
		Entries: []Entry{
			{Labels: web, Entry: model.LogEntry{Time: 1790000000000000000, Line: `{"level":"info","msg":"GET /"}`}},
			{Labels: web, Entry: model.LogEntry{Time: 1790000000000000001, Line: ""}},
			{Tenant: "a", Labels: web, Entry: model.LogEntry{Time: -5, Line: "\xff", Metadata: model.NewLabels(model.Label{Name: "trace_id", Value: "0af7"})}},
			{Entry: model.LogEntry{Line: "no labels"}},
		},
		State: []State{{"file 17", []byte{1, 2, 3}}, {"gone", nil}},
	}
}

func TestRecordsRoundTrip(t *testing.T) {
	var e encoder
	for range 2 { // the encoder is reused
		for _, b := range []Batch{sample(), {State: []State{{"only", []byte("state")}}}, lines(0, 1000)} {
			h, record, err := e.encode(b, true)
			if err != nil {
				t.Fatal(err)
			}
			states, snapshot, packed, err := decodeStates(record[recordHeaderSize:])
			if err != nil || !snapshot {
				t.Fatal(snapshot, err)
			}
			entries, _, err := decodeEntries(packed, nil, h.count)
			if err != nil {
				t.Fatal(err)
			}
			if got := (Batch{Entries: entries, State: states}); !reflect.DeepEqual(got, b) {
				t.Fatalf("got %+v, want %+v", got, b)
			}
		}
	}
}

// FuzzPayload decodes what a damaged file may hold, should its checksum be right.
func FuzzPayload(f *testing.F) {
	var e encoder
	for _, b := range []Batch{sample(), lines(0, 3), {State: []State{{"k", []byte("v")}}}} {
		h, record, err := e.encode(b, false)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte(nil), record[recordHeaderSize:]...), h.count)
	}
	f.Add([]byte{}, uint32(1))
	f.Fuzz(func(t *testing.T, payload []byte, count uint32) {
		_, _, packed, err := decodeStates(payload)
		if err != nil {
			return
		}
		entries, _, err := decodeEntries(packed, nil, count)
		if err == nil && len(entries) != int(count) {
			t.Fatalf("%d entries, want %d", len(entries), count)
		}
	})
}

// FuzzSegment reads any file to its end, and finds the record that follows rubbish.
func FuzzSegment(f *testing.F) {
	var e encoder
	h, record, err := e.encode(sample(), false)
	if err != nil {
		f.Fatal(err)
	}
	h.first = 7
	h.put(record)
	record = append([]byte(nil), record...)
	f.Add(record)
	f.Add(append(append([]byte(nil), record...), record[:40]...))
	f.Add([]byte(recordMagic + recordMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x")
		content := append(append(segmentHeader(uuid.UUID{1}), b...), record...)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		s := scanner{f: file, at: segmentHeaderSize, limit: int64(len(content))}
		found := false
		for {
			h, _, ok, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			found = h.first == 7
		}
		// A record that claims to reach over the end hides what is behind its begin.
		if !found && !s.torn {
			t.Fatal("the last record was not found")
		}
	})
}

package logstash

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/pipeline"
)

// beatsWindow is a window of events as a client writes it.
func beatsWindow(compressed bool, events ...string) []byte {
	var frames []byte
	for i, e := range events {
		frames = append(frames, '2', 'J')
		frames = binary.BigEndian.AppendUint32(frames, uint32(i+1))
		frames = binary.BigEndian.AppendUint32(frames, uint32(len(e)))
		frames = append(frames, e...)
	}
	out := binary.BigEndian.AppendUint32([]byte{'2', 'W'}, uint32(len(events)))
	if !compressed {
		return append(out, frames...)
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(frames)
	_ = z.Close()
	out = binary.BigEndian.AppendUint32(append(out, '2', 'C'), uint32(b.Len()))
	return append(out, b.Bytes()...)
}

func TestReadWindow(t *testing.T) {
	read := func(b []byte) (*window, error) {
		s := share{of: newMemory(1 << 20)}
		defer s.release()
		return readWindow(bufio.NewReader(bytes.NewReader(b)), &s)
	}
	for _, compressed := range []bool{false, true} {
		w, err := read(beatsWindow(compressed, `{"message":"a"}`, `{"message":"b"}`))
		require.NoError(t, err)
		require.Len(t, w.events, 2)
		require.Equal(t, "b", w.events[1]["message"])
		require.Equal(t, []byte("2A\x00\x00\x00\x02"), w.ack(w.last))
	}
	w, err := read([]byte("1W\x00\x00\x00\x011D\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x04line\x00\x00\x00\x02hi"))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"line": "hi"}, w.events[0])
	require.Equal(t, []byte("1A\x00\x00\x00\x07"), w.ack(w.last))
	_, err = read(beatsWindow(true, string(bytes.Repeat([]byte{'x'}, 2<<20))))
	require.ErrorIs(t, err, errNoMemory, "a little that unpacks to much")
}

func FuzzReadWindow(f *testing.F) {
	f.Add(beatsWindow(false, `{"message":"a"}`))
	f.Add(beatsWindow(true, `{"message":"a"}`, `{}`))
	f.Add([]byte("1W\x00\x00\x00\x011D\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x04line\x00\x00\x00\x02hi"))
	f.Add([]byte("2W\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := share{of: newMemory(4 << 20)}
		w, err := readWindow(bufio.NewReader(bytes.NewReader(data)), &s)
		if err == nil && len(w.events) > maxWindow {
			t.Fatal("more events than a window may have")
		}
		s.release()
		if !s.of.free.TryAcquire(4 << 20) {
			t.Fatal("memory was not given back")
		}
	})
}

func FuzzNotified(f *testing.F) {
	f.Add(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"a+b","size":1}}}]}`)
	f.Add(`{"Type":"Notification","Message":"{\"Records\":[]}"}`)
	f.Add(`{"Event":"s3:TestEvent"}`)
	f.Fuzz(func(t *testing.T, body string) {
		objects, err := notified(body)
		for _, o := range objects {
			if err == nil && (o.bucket == "" || o.key == "") {
				t.Fatalf("%q names no object: %+v", body, o)
			}
		}
	})
}

func FuzzSincedb(f *testing.F) {
	f.Add("6465941 0 64769 1234 1553090513.36 /path with space\n", "6465941 0 64769 0 1234 1553090513000000000\n")
	f.Fuzz(func(t *testing.T, text, journal string) {
		path := filepath.Join(t.TempDir(), "db")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.WriteFile(path+".reading", []byte(journal), 0o600))
		db, err := openSincedb(path)
		if err != nil {
			return // a line beyond what is read
		}
		for id := range db.reads {
			if until, _, err := db.begin(id, 10, 20, time.Now()); err != nil || until <= 10 && until != 20 && until > 20 {
				t.Fatal(until, err)
			}
		}
		require.NoError(t, db.write(0, time.Now()))
	})
}

func FuzzSyslogRelay(f *testing.F) {
	f.Add("<34>Oct 11 22:14:15 mymachine su[23]: 'su root' failed")
	f.Add("<165>2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc[10]: %% message")
	f.Fuzz(func(t *testing.T, line string) {
		i := &syslogInput{labels: true, zone: time.UTC, f: namesOfSyslog(true), env: &env{ecs: true, deps: &Deps{Now: time.Now}}}
		e := &pipeline.Event{Fields: map[string]any{"message": line}}
		i.relay(e)
		if v, _ := i.f.severity.Get(e); v.(int64) < 0 || v.(int64) > 7 {
			t.Fatalf("severity %v", v)
		}
	})
}

func TestEntryTimeIsTheSameAgain(t *testing.T) {
	at := time.Date(2024, 1, 15, 10, 30, 0, 123e6, time.UTC)
	event := func(at time.Time, n, clone int64) time.Time {
		return entryTime(&pipeline.Event{Time: at, Origins: []pipeline.Origin{{From: n, To: n + 1 + clone}}})
	}
	require.Equal(t, event(at, 5, 0), event(at, 5, 0))
	require.NotEqual(t, event(at, 5, 0), event(at, 6, 0))
	require.NotEqual(t, event(at, 5, 0), event(at, 5, 1))
	for _, n := range []int64{0, 1, -1, 1 << 62, 999_999, 1_000_000} {
		require.Less(t, event(at, n, 0).Sub(at), time.Millisecond)
		require.GreaterOrEqual(t, event(at, n, 0).Sub(at), time.Duration(0))
		require.Less(t, event(at.Add(time.Microsecond), n, 0).Sub(at), time.Microsecond+time.Microsecond)
		require.Equal(t, at.Add(1), event(at.Add(1), n, 0), "a time with nanoseconds is left alone")
	}
}

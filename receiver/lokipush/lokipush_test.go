package lokipush

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// server is the receiver over the real ingest step and the real store.
type server struct {
	*httptest.Server
	store *logstore.Store
}

func newServer(t testing.TB, change func(*ingest.Config, *Config)) *server {
	rows := rowstore.DefaultConfig()
	rows.Path = t.TempDir()
	s, err := rowstore.Open(rows, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	limits, cfg := ingest.DefaultConfig(), DefaultConfig()
	if change != nil {
		change(&limits, &cfg)
	}
	store := logstore.New(s, s)
	sink := ingest.NewLogs(ingest.NewBudget(limits), store, nil, ingest.NewMetrics(nil))
	mux := http.NewServeMux()
	for _, route := range New(cfg, sink).Routes() {
		if route.Access != httpx.Write {
			t.Errorf("route %s has access %d", route.Pattern, route.Access)
		}
		mux.HandleFunc(route.Pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, route.MaxBody) // as the gate does
			route.Handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), "t")))
		})
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return &server{srv, store}
}

// push returns status and body of the answer.
func (s *server) push(t testing.TB, path string, body []byte, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+path, bytes.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, strings.TrimSuffix(string(b), "\n")
}

// stored returns what the store holds: labels, line and metadata of each entry.
func (s *server) stored(t testing.TB) []string {
	t.Helper()
	var out []string
	err := s.store.Select(context.Background(), "t", logs.Query{Start: math.MinInt64 / 2, End: math.MaxInt64 / 2}, func(b *logs.Block) error {
		for i := range b.Times {
			var metadata []model.Label
			for _, c := range b.Metadata {
				metadata = append(metadata, model.Label{Name: strings.Clone(c.Name), Value: strings.Clone(c.Values[i])})
			}
			out = append(out, fmt.Sprintf("%s %d %s %s", b.Stream, b.Times[i], b.Lines[i], model.NewLabels(metadata...)))
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(out)
	return out
}

const path = "/loki/api/v1/push"

// message builds protobuf messages.
type message []byte

func (m message) text(n protowire.Number, s string) message {
	return protowire.AppendString(protowire.AppendTag(m, n, protowire.BytesType), s)
}

func (m message) number(n protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, n, protowire.VarintType), v)
}

func protoEntry(at time.Time, line string, metadata ...string) string {
	e := message(nil).
		text(1, string(message(nil).number(1, uint64(at.Unix())).number(2, uint64(at.Nanosecond())))).
		text(2, line)
	for i := 0; i < len(metadata); i += 2 {
		e = e.text(3, string(message(nil).text(1, metadata[i]).text(2, metadata[i+1])))
	}
	return string(e)
}

func protoPush(labels string, entries ...string) []byte {
	s := message(nil).text(1, labels)
	for _, e := range entries {
		s = s.text(2, e)
	}
	return message(nil).text(1, string(s.number(3, 12345)))
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

func deflated(b []byte) []byte {
	var buf bytes.Buffer
	w, _ := flate.NewWriter(&buf, 9)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

// TestEveryEncodingStoresTheSame pushes one entry in each form that Loki takes.
func TestEveryEncodingStoresTheSame(t *testing.T) {
	at := time.Now().Add(-time.Minute)
	pb := protoPush(`{app="web", env="prod", gone=""}`, protoEntry(at, "an error ☃\x00\"", "trace_id", "abc"))
	js := fmt.Sprintf(`{"ignored": 1, "streams": [{"stream": {"env": "prod", "app": "web"}, "values": [["%d", "an error \u2603\u0000\"", {"trace_id": "abc"}]]}]}`, at.UnixNano())
	want := []string{fmt.Sprintf(`{app="web", env="prod", service_name="web"} %d an error ☃%s" {detected_level="error", trace_id="abc"}`, at.UnixNano(), "\x00")}
	for name, c := range map[string]struct {
		body   []byte
		header []string
	}{
		"protobuf":             {snappy.Encode(nil, pb), []string{"Content-Type", "application/x-protobuf"}},
		"protobuf, said":       {snappy.Encode(nil, pb), []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "snappy"}},
		"protobuf, gzip":       {gzipped(snappy.Encode(nil, pb)), []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "gzip"}},
		"JSON":                 {[]byte(js), []string{"Content-Type", "application/json"}},
		"JSON, with parameter": {[]byte(js), []string{"Content-Type", "application/json; charset=utf-8"}},
		"JSON, gzip":           {gzipped([]byte(js)), []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}},
		"JSON, deflate":        {deflated([]byte(js)), []string{"Content-Type", "application/json", "Content-Encoding", "deflate"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			status, body := s.push(t, path, c.body, c.header...)
			require.Equal(t, 204, status, body)
			require.Equal(t, want, s.stored(t))
		})
	}
}

func TestLegacyPath(t *testing.T) {
	at := time.Now().Add(-time.Minute).UTC()
	s := newServer(t, nil)
	js := fmt.Sprintf(`{"streams":[{"labels":"{app=\"web\"}","entries":[{"ts":%q,"line":"one"}]}]}`, at.Format(time.RFC3339Nano))
	status, body := s.push(t, "/api/prom/push", []byte(js), "Content-Type", "application/json")
	require.Equal(t, 204, status, body)
	status, body = s.push(t, "/api/prom/push", snappy.Encode(nil, protoPush(`{app="web"}`, protoEntry(at, "two"))), "Content-Type", "application/x-protobuf")
	require.Equal(t, 204, status, body)
	require.Len(t, s.stored(t), 2)
}

// TestBadInput has the statuses and texts of Loki 3.7.
func TestBadInput(t *testing.T) {
	now := time.Now()
	good := protoPush(`{app="web"}`, protoEntry(now, "good"))
	jsonOf := func(s string) []byte { return []byte(s) }
	proto := []string{"Content-Type", "application/x-protobuf"}
	js := []string{"Content-Type", "application/json"}
	nanos := protoPush(`{app="web"}`, string(message(nil).text(1, string(message(nil).number(2, 1e9)))))
	for name, c := range map[string]struct {
		body   []byte
		header []string
		status int
		text   string
	}{
		"no type":             {good, nil, 400, "mime: no media type"},
		"bad type":            {good, []string{"Content-Type", "a/b/c"}, 400, "mime: unexpected content after media"},
		"encoding":            {good, append(proto, "Content-Encoding", "br"), 400, `Content-Encoding "br" not supported`},
		"not gzip":            {good, append(proto, "Content-Encoding", "gzip"), 400, "gzip: invalid header"},
		"cut gzip":            {gzipped(good)[:20], append(js, "Content-Encoding", "gzip"), 400, "unexpected EOF"},
		"not snappy":          {[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, proto, 400, "snappy: corrupt input"},
		"cut snappy":          {snappy.Encode(nil, good)[:10], proto, 400, "snappy: corrupt input"},
		"empty":               {nil, proto, 400, "snappy: corrupt input"},
		"cut protobuf":        {snappy.Encode(nil, good[:len(good)-3]), proto, 400, "unexpected EOF"},
		"nonsense":            {snappy.Encode(nil, []byte{7, 7, 7}), proto, 400, "proto"},
		"nanos":               {snappy.Encode(nil, nanos), proto, 400, "nanos not in range"},
		"no streams":          {snappy.Encode(nil, nil), proto, 422, "error at least one valid stream is required for ingestion"},
		"no JSON":             {jsonOf("hello"), js, 400, "expect an object"},
		"cut JSON":            {jsonOf(`{"streams":[{"stream":{"a":"b"},"values":[["1","x"`), js, 400, ""},
		"JSON without any":    {jsonOf(`{}`), js, 422, "error at least one valid stream is required for ingestion"},
		"time is no text":     {jsonOf(`{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}`), js, 400, "ReadString"},
		"time is no number":   {jsonOf(`{"streams":[{"stream":{"a":"b"},"values":[["x","x"]]}]}`), js, 400, "error reading entry timestamp"},
		"one value":           {jsonOf(`{"streams":[{"stream":{"a":"b"},"values":[["1"]]}]}`), js, 400, "at least 2"},
		"four values":         {jsonOf(`{"streams":[{"stream":{"a":"b"},"values":[["1","x",{},1]]}]}`), js, 400, "up to 3"},
		"JSON label name":     {jsonOf(`{"streams":[{"stream":{"a b":"c"},"values":[["1","x"]]}]}`), js, 400, "couldn't parse labels: 1:4: parse error"},
		"labels":              {snappy.Encode(nil, protoPush(`{app=`, protoEntry(now, "x"))), proto, 400, "couldn't parse labels: 1:"},
		"two of one name":     {snappy.Encode(nil, protoPush(`{a="1",a="2"}`, protoEntry(now, "x"))), proto, 400, "has duplicate label name: 'a'"},
		"10,000 labels":       {snappy.Encode(nil, protoPush("{"+manyLabels(10_000)+"}", protoEntry(now, "x"))), proto, 400, "has 10000 label names; limit 15"},
		"labels of a GB":      {snappy.Encode(nil, protoPush(`{a="`+strings.Repeat("x", 2<<20)+`"}`, protoEntry(now, "x"))), proto, 400, "couldn't parse labels: labels size 2097158 bytes exceeds limit"},
		"old":                 {snappy.Encode(nil, protoPush(`{app="web"}`, protoEntry(time.Unix(1, 0), "x"))), proto, 400, "has timestamp too old: 1970-01-01T00:00:01Z, oldest acceptable timestamp is: "},
		"far future":          {snappy.Encode(nil, protoPush(`{app="web"}`, protoEntry(now.Add(24*time.Hour), "x"))), proto, 400, "has timestamp too new: "},
		"end of time":         {snappy.Encode(nil, protoPush(`{app="web"}`, string(message(nil).text(1, string(message(nil).number(1, math.MaxInt64)))))), proto, 400, "has timestamp too new: "},
		"no time":             {snappy.Encode(nil, protoPush(`{app="web"}`, string(message(nil).text(2, "x")))), proto, 400, "has timestamp too old: 1970"},
		"line too long":       {snappy.Encode(nil, protoPush(`{app="web"}`, protoEntry(now, strings.Repeat("x", 1<<20)))), proto, 400, "max entry size '262144' bytes exceeded for stream '{app=\"web\", service_name=\"web\"}' while adding an entry with length '1048576' bytes"},
		"100 MB line":         {snappy.Encode(nil, protoPush(`{app="web"}`, protoEntry(now, strings.Repeat("x", 100<<20)))), proto, 413, "request body too large: decompressed message size too large than max ("},
		"snappy bomb":         {[]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}, proto, 413, "request body too large: decompressed message size too large than max (4294967295 vs 67108864)"},
		"gzip bomb":           {gzipped(make([]byte, 80<<20)), append(js, "Content-Encoding", "gzip"), 413, "request body too large: decompressed message size too large than max (67108865 vs 67108864)"},
		"body over the bound": {bytes.Repeat([]byte("x"), 17<<20), js, 413, "request body too large: message size too large than max (17825792 vs 16777216)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			status, body := s.push(t, path, c.body, c.header...)
			require.Equal(t, c.status, status, "%.300s", body)
			require.Contains(t, body, c.text)
			require.Empty(t, s.stored(t))
		})
	}
}

func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `l%d="v",`, i)
	}
	return b.String()
}

func TestChunkedBodyOverTheBound(t *testing.T) {
	s := newServer(t, func(_ *ingest.Config, c *Config) { c.MaxBody = 1 << 20 })
	r, err := http.NewRequest(http.MethodPost, s.URL+path, io.MultiReader(strings.NewReader(strings.Repeat(" ", 2<<20))))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	require.Equal(t, 413, resp.StatusCode, string(b))
	require.Contains(t, string(b), "request body too large: message size too large than max (1048577 vs 1048576)")
}

func TestPartOfAPushIsStored(t *testing.T) {
	now := time.Now()
	s := newServer(t, nil)
	status, body := s.push(t, path, snappy.Encode(nil, protoPush(`{app="web"}`,
		protoEntry(now, "good"), protoEntry(now.Add(-100*24*time.Hour), "old"))), "Content-Type", "application/x-protobuf")
	require.Equal(t, 400, status)
	require.Contains(t, body, "too old")
	require.Len(t, s.stored(t), 1)
}

func TestRefusalsThatMayBeRetried(t *testing.T) {
	body := snappy.Encode(nil, protoPush(`{app="web"}`, protoEntry(time.Now(), strings.Repeat("x", 2000))))
	header := []string{"Content-Type", "application/x-protobuf"}
	s := newServer(t, func(c *ingest.Config, _ *Config) { c.Limits.IngestionRate, c.Limits.IngestionBurst = 2500, 2500 })
	status, _ := s.push(t, path, body, header...)
	require.Equal(t, 204, status)
	r, _ := http.NewRequest(http.MethodPost, s.URL+path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, 429, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("Retry-After"))

	s = newServer(t, func(c *ingest.Config, _ *Config) { c.MaxInFlight = 1000 })
	status, text := s.push(t, path, body, header...)
	require.Equal(t, 503, status)
	require.Equal(t, "The server cannot accept more requests at this time.", text)
}

func TestLabelCacheIsBounded(t *testing.T) {
	c := newLabelCache()
	for i := range 3 * cacheEntries {
		ls, err := c.parse(fmt.Sprintf(`{b="%d", a="x"}`, i))
		require.NoError(t, err)
		require.Equal(t, model.Labels{{Name: "a", Value: "x"}, {Name: "b", Value: fmt.Sprint(i)}}, ls)
		_, err = c.parse(`{always="used"}`)
		require.NoError(t, err)
	}
	require.LessOrEqual(t, len(c.young)+len(c.old), 2*cacheEntries)
	_, ok := c.get(`{always="used"}`)
	require.True(t, ok)
}

// FuzzDecodeProto checks that no input makes the decoder panic, and that what it
// reads of a time fits its bounds.
func FuzzDecodeProto(f *testing.F) {
	f.Add([]byte{})
	f.Add(protoPush(`{app="web"}`, protoEntry(time.Now(), "line", "k", "v")))
	f.Add(protoPush(`{app="web"}`, string(message(nil).text(1, string(message(nil).number(1, math.MaxUint64))))))
	f.Add([]byte{0x0b, 0x0b, 0x0c})
	f.Fuzz(func(t *testing.T, b []byte) {
		streams, err := decodeProto(b)
		if err != nil {
			return
		}
		size := 0
		for _, s := range streams {
			size += len(s.labels)
			for _, e := range s.entries {
				size += len(e.Line)
				for i, l := range e.Metadata {
					size += len(l.Name) + len(l.Value)
					if i > 0 && e.Metadata[i-1].Name >= l.Name {
						t.Fatalf("metadata is not sorted: %v", e.Metadata)
					}
				}
			}
		}
		if size > len(b) {
			t.Fatalf("%d bytes of text out of %d", size, len(b))
		}
	})
}

// FuzzDecodeJSON checks that no input makes the decoders panic or loop.
func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"k":1}]]}]}`))
	f.Add([]byte(`{"streams":[{"labels":"{}","entries":[{"ts":"2026-01-02T03:04:05Z","line":"x"}]}]}`))
	f.Add([]byte(`{"streams":[[[[`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = decodeJSON(b)
		_, _ = decodeLegacyJSON(b)
	})
}

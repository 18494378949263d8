package datadog

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/test/doortest"
)

func serve(t testing.TB) (*doortest.Kit, *doortest.Server) {
	k := doortest.New(t, nil)
	return k, doortest.Serve(t, New(DefaultConfig(), k.Sink).Routes())
}

func TestLogs(t *testing.T) {
	at := time.Now().Add(-time.Minute)
	log := fmt.Sprintf(`{"message":"hello\n","status":"WARN","timestamp":%d,"hostname":"h","service":"shop","ddsource":"nodejs","ddtags":"env:prod,team:a,team:b,canary","user":{"id":7}}`, at.UnixMilli())
	pack := map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, "deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }}
	for name, c := range map[string]struct {
		path, body, encoding string
		status               int
	}{
		"array":   {"/api/v2/logs", "[" + log + "]", "", 202},
		"object":  {"/api/v2/logs", log, "gzip", 202},
		"old":     {"/v1/input", "[" + log + "]", "deflate", 200},
		"old key": {"/v1/input/key", log, "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			k, s := serve(t)
			body, headers := c.body, []string{"Content-Type: application/json"}
			if c.encoding != "" {
				var b bytes.Buffer
				w := pack[c.encoding](&b)
				_, _ = w.Write([]byte(body))
				require.NoError(t, w.Close())
				body, headers = b.String(), append(headers, "Content-Encoding: "+c.encoding)
			}
			status, answer, _ := s.Do(t, "POST", c.path, body, headers...)
			require.Equal(t, c.status, status, answer)
			require.Equal(t, "{}", answer)
			found := k.Entries(t)
			require.Len(t, found, 1)
			require.Equal(t, doortest.Entry{
				Time: time.UnixMilli(at.UnixMilli()), Line: "hello",
				Labels:   map[string]string{"job": "datadog", "level": "warn", "host": "h", "service": "shop", "source": "nodejs", "env": "prod", "service_name": "shop"},
				Metadata: map[string]string{"team": "a,b", "canary": "true", "user_id": "7", "detected_level": "warn"},
			}, found[0])
		})
	}
}

func TestForms(t *testing.T) {
	k, s := serve(t)
	status, _, _ := s.Do(t, "POST", "/api/v2/logs?ddsource=nginx&service=web&ddtags=env:dev", "one\r\ntwo\n", "Content-Type: text/plain")
	require.Equal(t, 202, status)
	status, _, _ = s.Do(t, "POST", "/api/v2/logs", `{"a":1,"date":"`+time.Now().UTC().Format(time.RFC3339Nano)+`"}`+"\n"+`{"message":"three","status":"strange"}`)
	require.Equal(t, 202, status)
	found := map[string]doortest.Entry{}
	for _, e := range k.Entries(t) {
		found[e.Line] = e
	}
	require.Equal(t, map[string]string{"job": "datadog", "source": "nginx", "service": "web", "env": "dev", "service_name": "web"}, found["one"].Labels)
	require.Contains(t, found, "two")
	require.Contains(t, found, `{"a":1}`)
	require.Equal(t, "strange", found["three"].Metadata["status"])
	for _, bad := range []string{"", "{", "[1]", strings.Repeat("[", 100_000)} {
		status, answer, _ := s.Do(t, "POST", "/api/v2/logs", bad)
		require.Equal(t, 400, status)
		require.Contains(t, answer, `"errors"`)
	}
	k.Sink.Refuse.Store(&ingest.Refusal{Reason: ingest.RateLimited, Temporary: true, RetryAfter: time.Second})
	status, _, header := s.Do(t, "POST", "/api/v2/logs", "[{}]")
	require.Equal(t, 429, status)
	require.Equal(t, "1", header.Get("Retry-After"))
	status, answer, _ := s.Do(t, "GET", "/api/v1/validate", "")
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"valid":true}`, answer)
}

func TestKeys(t *testing.T) {
	for _, r := range []*http.Request{
		httptest.NewRequest("POST", "/v1/input?dd-api-key=k&ddsource=x", nil), httptest.NewRequest("POST", "/v1/input?api_key=k", nil), httptest.NewRequest("POST", "/v1/input", nil),
	} {
		if r.URL.RawQuery == "" {
			r.Header.Set("DD-API-KEY", "k")
		}
		require.Equal(t, "k", key(r))
		require.NotContains(t, r.RequestURI, "=k")
		require.Empty(t, r.Header.Get("DD-API-KEY"))
	}
}

func TestARepeatedRequestIsThereOnce(t *testing.T) {
	k, s := serve(t)
	log := fmt.Sprintf(`{"message":"same","timestamp":%d}`, time.Now().UnixMilli())
	for range 2 {
		status, _, _ := s.Do(t, "POST", "/api/v2/logs", "["+log+","+log+"]")
		require.Equal(t, 202, status)
	}
	require.Len(t, k.Entries(t), 2)
}

func FuzzJSON(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte(`[{"message":"x","ddtags":"a:b,c"},"y"]`))
	r := New(DefaultConfig(), nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		var b door.Batch
		m := mapper{receiver: r, common: map[string]string{}, to: &b}
		if err := m.json(body); err != nil {
			return
		}
		for _, s := range b.Streams() {
			if len(s.Entries) == 0 {
				t.Fatal("a stream without entries")
			}
		}
	})
}

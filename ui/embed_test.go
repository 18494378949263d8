package ui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, path string, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandlerServesTheApplication(t *testing.T) {
	h := newHandler(fstest.MapFS{
		"index.html":             {Data: []byte("<page>")},
		"favicon.svg":            {Data: []byte("<svg>")},
		"assets/app-1a2b.js":     {Data: []byte("script")},
		"assets/app-1a2b.js.gz":  {Data: []byte("packed")},
		".vite/manifest.json":    {Data: []byte("{}")},
		"assets/other-9c.css":    {Data: []byte("style")},
		"assets/other-9c.css.gz": {Data: []byte("packed style")},
	})
	for _, c := range []struct {
		name, path, encoding  string
		status                int
		body, cache, contents string
	}{
		{"start", "/", "", 200, "<page>", "no-cache", ""},
		{"client route", "/explore", "", 200, "<page>", "no-cache", ""},
		{"deep client route", "/dashboards/abc", "", 200, "<page>", "no-cache", ""},
		{"file", "/favicon.svg", "", 200, "<svg>", "no-cache", ""},
		{"asset", "/assets/app-1a2b.js", "", 200, "script", "public, max-age=31536000, immutable", ""},
		{"packed asset", "/assets/app-1a2b.js", "br, gzip", 200, "packed", "public, max-age=31536000, immutable", "gzip"},
		{"gzip refused", "/assets/app-1a2b.js", "gzip;q=0", 200, "script", "public, max-age=31536000, immutable", ""},
		{"stale asset", "/assets/app-0000.js", "", 404, "", "", ""},
		{"missing file", "/robots.txt", "", 404, "", "", ""},
		{"unknown API path", "/api/v1/nothing", "", 404, "", "", ""},
		{"unknown Loki path", "/loki/api/v1/nothing", "", 404, "", "", ""},
		{"hidden file", "/.vite/manifest.json", "", 404, "", "", ""},
		{"packed twin", "/assets/app-1a2b.js.gz", "", 404, "", "", ""},
		{"climbing", "/../../etc/passwd", "", 200, "<page>", "no-cache", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := get(t, h, c.path, c.encoding)
			if w.Code != c.status {
				t.Fatalf("status = %d, want %d", w.Code, c.status)
			}
			if c.status != http.StatusOK {
				return
			}
			if got := w.Body.String(); got != c.body {
				t.Errorf("body = %q, want %q", got, c.body)
			}
			if got := w.Header().Get("Cache-Control"); got != c.cache {
				t.Errorf("Cache-Control = %q, want %q", got, c.cache)
			}
			if got := w.Header().Get("Content-Encoding"); got != c.contents {
				t.Errorf("Content-Encoding = %q, want %q", got, c.contents)
			}
			if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self';") {
				t.Errorf("Content-Security-Policy = %q, want scripts from our own files only", got)
			}
		})
	}
}

func TestPlaceholderIsServedWithoutABuild(t *testing.T) {
	w := get(t, newHandler(application()), "/", "")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Pharos") {
		t.Fatalf("GET / = %d %q, want a page that names Pharos", w.Code, w.Body.String())
	}
}

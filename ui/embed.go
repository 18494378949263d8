// Package ui serves the browser application. What npm builds into dist is
// embedded; a binary built without Node embeds a page that says so instead.
package ui

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/pharosd/pharos/internal/httpx"
)

//go:embed all:dist
var built embed.FS

//go:embed placeholder
var placeholder embed.FS

// contentPolicy lets the application run its own files only. Styles may be inline
// because Mantine and CodeMirror write style elements; scripts may not.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// apiPrefixes are the dialects' own paths: an unknown path below one of them is a
// client's mistake and must answer 404, never the application's page.
var apiPrefixes = []string{"/api/", "/loki/", "/v1/", "/elastic/", "/health/", "/-/",
	// Grafana asks below /alertmanager/ whether a server is Mimir.
	"/alertmanager/", "/tempo/", "/prometheus/", "/config/"}

// Routes is the application: every path that no dialect owns. It is public, since
// the application itself asks people to sign in.
func Routes() []httpx.Route {
	// Without a method: "GET /" would conflict with every pattern of all methods.
	return []httpx.Route{{Pattern: "/", Access: httpx.Public, Handler: newHandler(application())}}
}

// application is the built application's files, or the placeholder's when none
// were built.
func application() fs.FS {
	if dist, err := fs.Sub(built, "dist"); err == nil {
		if _, err := fs.Stat(dist, "index.html"); err == nil {
			return dist
		}
	}
	page, err := fs.Sub(placeholder, "placeholder")
	if err != nil {
		panic("BUG: the placeholder page is not embedded: " + err.Error())
	}
	return page
}

type handler struct{ files fs.FS }

func newHandler(files fs.FS) http.Handler { return handler{files: files} }

// ServeHTTP answers a file by its path and index.html for the application's own
// routes. Names with a dot are files: a missing one is a 404, so that a stale
// script never gets a page in its place.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, prefix := range apiPrefixes {
		if strings.HasPrefix(r.URL.Path, prefix) {
			http.NotFound(w, r)
			return
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if !h.isFile(name) {
		if path.Ext(name) != "" || strings.HasPrefix(name, "assets/") {
			http.NotFound(w, r)
			return
		}
		name = "index.html"
	}
	h.serveFile(w, r, name)
}

// isFile reports whether name is a file that may be served; hidden files and the
// compressed twins are not.
func (h handler) isFile(name string) bool {
	if !fs.ValidPath(name) || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".gz") {
		return false
	}
	info, err := fs.Stat(h.files, name)
	return err == nil && info.Mode().IsRegular()
}

func (h handler) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	header := w.Header()
	header.Set("Content-Security-Policy", contentPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	header.Set("Content-Type", contentType(name))
	// The build puts a hash of the content into the names below assets/.
	if strings.HasPrefix(name, "assets/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	if _, err := fs.Stat(h.files, name+".gz"); err == nil {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			header.Set("Content-Encoding", "gzip")
			name += ".gz"
		}
	}
	body, err := fs.ReadFile(h.files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(body)
}

func contentType(name string) string {
	// The host's table may lack these or map them to something else.
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(coding, "gzip") && strings.ReplaceAll(params, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

package tail

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
)

//go:embed page/tail.html
var pageHTML []byte

//go:embed page/tail.css
var pageCSS []byte

//go:embed page/tail.js
var pageJS []byte

// page is one file with its style and script inside, and a policy that lets the
// browser run those two, by their sums, and connect to us: nothing that a line holds
// can become anything else.
func (a *API) page() http.Handler {
	style, script := dense(pageCSS), dense(pageJS)
	body := bytes.Replace(dense(pageHTML), []byte("/*style*/"), style, 1)
	body = bytes.Replace(body, []byte("/*script*/"), script, 1)
	ancestors := strings.Join(append([]string{"'self'"}, a.hub.EmbedOrigins()...), " ")
	policy := "default-src 'none'; script-src " + sum(script) + "; style-src " + sum(style) +
		"; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors " + ancestors
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Del("X-Frame-Options") // knows no list; frame-ancestors says who may
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer") // the address may hold a token
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(body)
	})
}

// dense leaves out indentation and lines that are only a comment.
func dense(b []byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			out = append(append(out, line...), '\n')
		}
	}
	return out
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return "'sha256-" + base64.StdEncoding.EncodeToString(s[:]) + "'"
}

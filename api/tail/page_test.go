package tail

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/query/tail"
)

// TestPage is small, runs nothing but its own script and style, and may be framed by
// the configured sites only.
func TestPage(t *testing.T) {
	cfg := tail.DefaultConfig()
	cfg.EmbedOrigins = []string{"https://portal.example.com", "http://localhost:3000"}
	require.NoError(t, cfg.Validate())
	api := New(nil, tail.New(cfg, prometheus.NewRegistry()), nil)
	w := httptest.NewRecorder()
	w.Header().Set("X-Frame-Options", "DENY") // as the gate does
	api.page().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/embed/tail", nil))
	body, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	require.Less(t, len(body), 20_000)
	require.Empty(t, w.Header().Get("X-Frame-Options"))
	require.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))
	require.Contains(t, policy, "default-src 'none'; ")
	require.Contains(t, policy, "; frame-ancestors 'self' https://portal.example.com http://localhost:3000")
	require.NotContains(t, policy, "unsafe")
	for element, directive := range map[string]string{"script": "script-src", "style": "style-src"} {
		m := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(body, -1)
		require.Len(t, m, 1)
		s := sha256.Sum256([]byte(m[0][1]))
		require.Contains(t, policy, directive+" 'sha256-"+base64.StdEncoding.EncodeToString(s[:])+"';")
	}
	for _, never := range []string{"innerHTML", "insertAdjacentHTML", "document.write", " style=", "onclick=", "eval("} {
		require.NotContains(t, body, never)
	}
	require.False(t, strings.Contains(body, "http://") || strings.Contains(body, "https://"), "the page loads nothing from elsewhere")
}

func TestEmbedOrigins(t *testing.T) {
	for _, origin := range []string{
		"", "*", "portal.example.com", "https://", "https://a.b/", "https://a.b/path", "ftp://a.b", "https://*.a.b", "https://a.b; script-src *", "null",
		"https://user@a.b", "https://a.b?x", "https://a b",
	} {
		cfg := tail.DefaultConfig()
		cfg.EmbedOrigins = []string{origin}
		require.Error(t, cfg.Validate(), origin)
	}
}

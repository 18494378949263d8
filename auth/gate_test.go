package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// gated is a running server with one route for each access level and what else
// the tests need.
type gated struct {
	*httptest.Server
	service *Service
	admin   Identity
	reg     *prometheus.Registry
	log     *bytes.Buffer
	release chan struct{} // lets /slow answer
	entered chan struct{} // /slow has begun
}

func startGate(t *testing.T, cfg Config) *gated {
	t.Helper()
	s, _ := testService(t, cfg)
	g := &gated{
		service: s, reg: prometheus.NewRegistry(), log: &bytes.Buffer{},
		release: make(chan struct{}), entered: make(chan struct{}, 16),
	}
	g.admin, _ = root(t, s)
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		fmt.Fprint(w, tenant.FromContext(r.Context()))
	})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { g.entered <- struct{}{}; <-g.release })
	gate := NewGate(s, slog.New(slog.NewTextHandler(g.log, nil)), g.reg)
	gate.recheckAfter = 20 * time.Millisecond
	g.Server = httptest.NewServer(gate.Handler([]httpx.Route{
		{Pattern: "/public", Access: httpx.Public, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})},
		{Pattern: "/read", Access: httpx.Read, Handler: echo},
		{Pattern: "/write", Access: httpx.Write, MaxBody: 10, Handler: echo},
		{Pattern: "/edit", Access: httpx.Edit, Handler: echo},
		{Pattern: "/admin", Access: httpx.Admin, Handler: echo},
		{Pattern: "/slow", Access: httpx.Read, Handler: slow},
		{Pattern: "/stream", Access: httpx.Read, Streaming: true, Handler: slow},
		{Pattern: "/endless", Access: httpx.Read, Streaming: true, Scoped: true, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			g.entered <- struct{}{}
			<-r.Context().Done()
		})},
		{Pattern: "/scoped", Access: httpx.Read, Scoped: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, tenant.ScopeFrom(r.Context()))
		})},
		{Pattern: "/address", Access: httpx.Read, QueryToken: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.URL.RawQuery, " ", r.RequestURI)
		})},
		{Pattern: "/panic", Access: httpx.Read, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("ouch") })},
		{Pattern: "/late-panic", Access: httpx.Read, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat("x", 1<<16))
			panic("ouch")
		})},
		{Pattern: "/api/v1/query", Access: httpx.Read, Handler: echo},
		{Pattern: "/api/v2/", Access: httpx.Read, Handler: echo},
		{Pattern: "/loki/", Access: httpx.Read, Handler: echo},
		{Pattern: "/api/pharos/", Access: httpx.Read, Handler: echo},
		{Pattern: "/api/traces", Access: httpx.Read, Handler: echo},
		{Pattern: "/v1/", Access: httpx.Write, Handler: echo},
	}))
	t.Cleanup(g.Close)
	t.Cleanup(g.Client().CloseIdleConnections)
	return g
}

func (g *gated) do(t *testing.T, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, g.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := g.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(b)
}

func (g *gated) token(t *testing.T, token NewToken) (header, value string) {
	t.Helper()
	_, secret := addToken(t, g.service, g.admin, token)
	return "Authorization", "Bearer " + secret
}

func TestAccessMatrix(t *testing.T) {
	g := startGate(t, DefaultConfig())
	session := func(name string, role Role) []string {
		addUser(t, g.service, g.admin, name, role, "")
		_, secret, err := g.service.SignIn(t.Context(), name, name+"-password", "a")
		require.NoError(t, err)
		return []string{"Cookie", SessionCookie + "=" + secret}
	}
	tokenOf := func(token NewToken) []string {
		name, value := g.token(t, token)
		return []string{name, value}
	}
	tests := []struct {
		who                      string
		headers                  []string
		read, write, edit, admin int
	}{
		{"nobody", nil, 401, 401, 401, 401},
		{"viewer", session("viewer1", Viewer), 200, 403, 403, 403},
		{"editor", session("editor1", Editor), 200, 200, 200, 403},
		{"admin", session("admin1", Admin), 200, 200, 200, 200},
		{"pushing token", tokenOf(NewToken{Name: "a", Role: Viewer, CanWrite: true}), 403, 200, 403, 403},
		{"reading token", tokenOf(NewToken{Name: "b", Role: Viewer, CanRead: true}), 200, 403, 403, 403},
		{"reading admin token", tokenOf(NewToken{Name: "c", Role: Admin, CanRead: true}), 200, 403, 403, 403},
		{"editor token", tokenOf(NewToken{Name: "d", Role: Editor, CanRead: true, CanWrite: true}), 200, 200, 200, 403},
		{"admin token", tokenOf(NewToken{Name: "e", Role: Admin, CanRead: true, CanWrite: true}), 200, 200, 200, 200},
	}
	for _, test := range tests {
		t.Run(test.who, func(t *testing.T) {
			for path, want := range map[string]int{"/public": 200, "/read": test.read, "/write": test.write, "/edit": test.edit, "/admin": test.admin} {
				resp, _ := g.do(t, "POST", path, "", test.headers...)
				require.Equal(t, want, resp.StatusCode, path)
				require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
			}
		})
	}
}

func TestTheTokenDecidesTheTenant(t *testing.T) {
	g := startGate(t, DefaultConfig())
	name, value := g.token(t, NewToken{Name: "t", Role: Viewer, Tenant: "acme", CanRead: true})
	for header, want := range map[string]int{"": 200, "acme": 200, "default": 403} {
		resp, body := g.do(t, "GET", "/read", "", name, value, "X-Scope-OrgID", header)
		require.Equal(t, want, resp.StatusCode, header)
		if want == 200 {
			require.Equal(t, "acme", body)
		}
	}
}

func TestRefusalsSpeakThePathsDialect(t *testing.T) {
	g := startGate(t, DefaultConfig())
	tests := map[string]struct{ body, contentType string }{
		"/api/v1/query":      {`{"error":"no credentials: credentials are missing or unknown","errorType":"unauthenticated","status":"error"}`, "application/json; charset=utf-8"},
		"/api/v2/alerts":     {`"no credentials: credentials are missing or unknown"`, "application/json; charset=utf-8"},
		"/api/v2/spans":      {`no credentials: credentials are missing or unknown`, "text/plain; charset=utf-8"},
		"/loki/api/v1/query": {`no credentials: credentials are missing or unknown`, "text/plain; charset=utf-8"},
		"/api/pharos/v1/x":   {`{"error":{"code":"unauthenticated","message":"no credentials: credentials are missing or unknown"}}`, "application/json; charset=utf-8"},
		"/api/traces":        {`{"data":null,"errors":[{"code":401,"msg":"no credentials: credentials are missing or unknown"}],"limit":0,"offset":0,"total":0}`, "application/json; charset=utf-8"},
		"/v1/logs":           {`{"code":16,"message":"no credentials: credentials are missing or unknown"}`, "application/json; charset=utf-8"},
		"/read":              {`{"error":{"code":"unauthenticated","message":"no credentials: credentials are missing or unknown"}}`, "application/json; charset=utf-8"},
	}
	for path, want := range tests {
		resp, body := g.do(t, "GET", path, "")
		require.Equal(t, 401, resp.StatusCode, path)
		require.Equal(t, want.body, strings.TrimSpace(body), path)
		require.Equal(t, want.contentType, resp.Header.Get("Content-Type"), path)
		require.Equal(t, !strings.HasPrefix(path, "/api/pharos"), resp.Header.Get("WWW-Authenticate") != "", path)
	}
	resp, _ := g.do(t, "GET", "/api/v1/query", "", "Sec-Fetch-Mode", "cors")
	require.Empty(t, resp.Header.Get("WWW-Authenticate"), "our UI asks: no dialog of the browser")
}

func TestOtherSitesCannotUseTheCookie(t *testing.T) {
	g := startGate(t, DefaultConfig())
	addUser(t, g.service, g.admin, "ann", Admin, "")
	_, secret, err := g.service.SignIn(t.Context(), "ann", "ann-password", "a")
	require.NoError(t, err)
	cookie := SessionCookie + "=" + secret
	name, bearer := g.token(t, NewToken{Name: "t", Role: Admin, CanRead: true, CanWrite: true})
	tests := []struct {
		what, method string
		headers      []string
		want         int
	}{
		{"own page", "POST", []string{"Cookie", cookie, "Origin", g.URL}, 200},
		{"own page, new browser", "POST", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-origin"}, 200},
		{"no browser", "POST", []string{"Cookie", cookie}, 200},
		{"other origin", "POST", []string{"Cookie", cookie, "Origin", "https://evil.example"}, 403},
		{"other site", "POST", []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}, 403},
		{"other subdomain", "DELETE", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site"}, 403},
		{"link from other site", "GET", []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}, 200},
		{"socket from other site", "GET", []string{"Cookie", cookie, "Origin", "https://evil.example", "Connection", "Upgrade", "Upgrade", "websocket"}, 403},
		{"token from other site", "POST", []string{name, bearer, "Origin", "https://app.example"}, 200},
	}
	for _, test := range tests {
		resp, _ := g.do(t, test.method, "/edit", "", test.headers...)
		require.Equal(t, test.want, resp.StatusCode, test.what)
	}
}

func TestWithAuthenticationOff(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Mode = Off
	g := startGate(t, cfg)
	tests := []struct {
		what, method string
		headers      []string
		want         int
		body         string
	}{
		{"anybody", "POST", nil, 200, "default"},
		{"chosen tenant", "POST", []string{"X-Scope-OrgID", "acme"}, 200, "acme"},
		{"bad tenant", "POST", []string{"X-Scope-OrgID", "A/B"}, 400, ""},
		{"other site", "POST", []string{"Origin", "https://evil.example"}, 403, ""},
		{"other site with any token", "POST", []string{"Origin", "https://evil.example", "Authorization", "Bearer x"}, 403, ""},
		{"rebound name", "GET", []string{"Host", "evil.example:8400"}, 403, ""},
		{"localhost", "GET", []string{"Host", "localhost:8400"}, 200, "default"},
		{"IPv6", "GET", []string{"Host", "[::1]:8400"}, 200, "default"},
	}
	for _, test := range tests {
		resp, body := g.do(t, test.method, "/admin", "", test.headers...)
		require.Equal(t, test.want, resp.StatusCode, test.what)
		if test.want == 200 {
			require.Equal(t, test.body, body, test.what)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	g := startGate(t, DefaultConfig())
	name, value := g.token(t, NewToken{Name: "t", Role: Viewer, CanWrite: true})
	resp, _ := g.do(t, "POST", "/write", "0123456789", name, value)
	require.Equal(t, 200, resp.StatusCode)
	resp, _ = g.do(t, "POST", "/write", "0123456789a", name, value)
	require.Equal(t, 413, resp.StatusCode)
}

func TestConcurrencyIsBounded(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxRequests, cfg.MaxStreams = 1, 1
	g := startGate(t, cfg)
	name, value := g.token(t, NewToken{Name: "t", Role: Viewer, CanRead: true})
	done := make(chan int, 2)
	for _, path := range []string{"/slow", "/stream"} {
		go func() {
			resp, _ := g.do(t, "GET", path, "", name, value)
			done <- resp.StatusCode
		}()
		<-g.entered
	}
	for _, path := range []string{"/read", "/stream"} {
		resp, body := g.do(t, "GET", path, "", name, value)
		require.Equal(t, 503, resp.StatusCode)
		require.Equal(t, "1", resp.Header.Get("Retry-After"))
		require.Contains(t, body, "1 requests are being served, which is the limit")
	}
	resp, _ := g.do(t, "GET", "/public", "")
	require.Equal(t, 200, resp.StatusCode, "health answers under overload")
	close(g.release)
	require.Equal(t, 200, <-done)
	require.Equal(t, 200, <-done)
	resp, _ = g.do(t, "GET", "/read", "", name, value)
	require.Equal(t, 200, resp.StatusCode)
}

func TestPanicsAreAnsweredLoggedAndCounted(t *testing.T) {
	g := startGate(t, DefaultConfig())
	name, value := g.token(t, NewToken{Name: "t", Role: Viewer, CanRead: true})
	resp, body := g.do(t, "GET", "/panic", "", name, value)
	require.Equal(t, 500, resp.StatusCode)
	require.NotContains(t, body, "ouch")
	require.Contains(t, g.log.String(), "panic=ouch")

	r, err := http.NewRequestWithContext(t.Context(), "GET", g.URL+"/late-panic", nil)
	require.NoError(t, err)
	r.Header.Set(name, value)
	resp, err = g.Client().Do(r)
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	require.Error(t, err, "a broken answer must not look whole")
	require.NoError(t, resp.Body.Close())
	require.NoError(t, testutil.GatherAndCompare(g.reg, strings.NewReader(`
# HELP pharos_http_panics_total HTTP request handlers that panicked.
# TYPE pharos_http_panics_total counter
pharos_http_panics_total 2
`), "pharos_http_panics_total"))
}

func TestMetricsHaveNoUnboundedLabels(t *testing.T) {
	g := startGate(t, DefaultConfig())
	for i := range 20 {
		g.do(t, "GET", fmt.Sprintf("/nowhere/%d", i), "")
		g.do(t, "GET", fmt.Sprintf("/loki/%d", i), "")
	}
	require.NoError(t, testutil.GatherAndCompare(g.reg, strings.NewReader(`
# HELP pharos_http_requests_total HTTP requests answered, by route pattern and status code.
# TYPE pharos_http_requests_total counter
pharos_http_requests_total{code="401",route="/loki/"} 20
pharos_http_requests_total{code="404",route="unmatched"} 20
`), "pharos_http_requests_total"))
}

func TestThrottledBasicSaysWhenToComeBack(t *testing.T) {
	g := startGate(t, DefaultConfig())
	wrong := basic("admin", "wrong-password").authorization
	for range freePerUser {
		resp, _ := g.do(t, "GET", "/read", "", "Authorization", wrong)
		require.Equal(t, 401, resp.StatusCode)
	}
	resp, body := g.do(t, "GET", "/read", "", "Authorization", wrong)
	require.Equal(t, 429, resp.StatusCode)
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	require.True(t, json.Valid([]byte(body)))
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	_, secret := addToken(t, s, admin, NewToken{Name: "t", Role: Viewer, CanRead: true})
	gate := NewGate(s, discard, prometheus.NewRegistry())
	ended := make(chan struct{})
	handler := gate.Handler([]httpx.Route{{Pattern: "/stream", Access: httpx.Read, Streaming: true, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			close(ended)
		})}})
	ctx, cancel := context.WithCancel(t.Context())
	address, stopped := serve(t, ctx, handler)
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+"/stream", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+secret)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the stream did not end")
	}
	require.NoError(t, <-stopped)
}

func TestProxiesAreTrustedOnlyIfConfigured(t *testing.T) {
	cfg := DefaultConfig()
	cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	s, _ := testService(t, cfg)
	tests := []struct {
		remote, forwarded, want string
		secure                  bool
	}{
		{"192.0.2.1:5", "198.51.100.7", "192.0.2.1", false},
		{"10.0.0.1:5", "198.51.100.7", "198.51.100.7", true},
		{"10.0.0.1:5", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7", true},
		{"10.0.0.1:5", "junk", "10.0.0.1", true},
		{"10.0.0.1:5", "", "10.0.0.1", true},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.remote
		r.Header.Set("X-Forwarded-For", test.forwarded)
		r.Header.Set("X-Forwarded-Proto", "https")
		require.Equal(t, test.want, s.ClientAddress(r))
		w := httptest.NewRecorder()
		s.SetSessionCookie(w, r, "secret")
		c := w.Result().Cookies()[0]
		require.Equal(t, test.secure, c.Secure)
		require.True(t, c.HttpOnly)
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	}
}

func TestRoutesWithoutAccessAreABug(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	gate := NewGate(s, discard, prometheus.NewRegistry())
	require.Panics(t, func() { gate.Wrap(httpx.Route{Pattern: "/x"}) })
}

func serve(t *testing.T, ctx context.Context, handler http.Handler) (address string, stopped <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	result := make(chan error, 1)
	go func() { result <- (&httpx.Server{Handler: handler, Logger: discard}).Serve(ctx, l) }()
	return l.Addr().String(), result
}

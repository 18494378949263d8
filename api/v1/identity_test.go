package v1_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	v1 "github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// identityServer is the identity API behind the real gate over a real database,
// and one more route to try credentials on.
type identityServer struct {
	*httptest.Server
	password string // of admin
}

func startIdentity(t *testing.T, mode auth.Mode) *identityServer {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), t.TempDir(), logger)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	cfg := auth.DefaultConfig()
	cfg.Mode = mode
	service := auth.NewService(cfg, db, logger)
	password, err := service.Bootstrap(t.Context())
	require.NoError(t, err)
	routes := append(v1.NewIdentity(service).Routes(), httpx.Route{
		Pattern: "GET /whose", Access: httpx.Read,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, string(tenant.FromContext(r.Context())))
		}),
	})
	s := &identityServer{httptest.NewServer(auth.NewGate(service, logger, prometheus.NewRegistry()).Handler(routes)), password}
	t.Cleanup(s.Close)
	return s
}

// browser keeps cookies.
type browser struct {
	t      *testing.T
	server *identityServer
	client *http.Client
	token  string
}

func (s *identityServer) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{t: t, server: s, client: &http.Client{Jar: jar, Transport: s.Client().Transport}}
}

// do returns the status and the answer, decoded if it is JSON.
func (b *browser) do(method, path, body string) (int, map[string]any) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	require.NoError(b.t, err)
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := b.client.Do(r)
	require.NoError(b.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	var v map[string]any
	if json.Unmarshal(text, &v) != nil {
		v = map[string]any{"text": string(text)}
	}
	return resp.StatusCode, v
}

func (b *browser) signIn(name, password string) int {
	b.t.Helper()
	status, _ := b.do("POST", "/api/pharos/v1/session", `{"username":"`+name+`","password":"`+password+`"}`)
	return status
}

func errorCode(v map[string]any) any {
	e, _ := v["error"].(map[string]any)
	return e["code"]
}

func TestSignInAndOut(t *testing.T) {
	s := startIdentity(t, auth.On)
	b := s.browser(t)
	status, v := b.do("GET", "/api/pharos/v1/session", "")
	require.Equal(t, 401, status)
	require.Equal(t, "unauthenticated", errorCode(v))
	status, v = b.do("POST", "/api/pharos/v1/session", `{"username":"admin","password":"wrong"}`)
	require.Equal(t, 401, status)
	require.Equal(t, "bad_credentials", errorCode(v))
	status, _ = b.do("POST", "/api/pharos/v1/session", `{"user":"admin"}`)
	require.Equal(t, 400, status)

	status, v = b.do("POST", "/api/pharos/v1/session", `{"username":"admin","password":"`+s.password+`"}`)
	require.Equal(t, 200, status)
	want := map[string]any{"user": map[string]any{"name": "admin", "role": "admin", "tenant": "default"}, "authMode": "on"}
	require.Equal(t, want, v)
	_, v = b.do("GET", "/api/pharos/v1/session", "")
	require.Equal(t, want, v)
	status, v = b.do("GET", "/whose", "")
	require.Equal(t, 200, status)
	require.Equal(t, "default", v["text"])

	status, _ = b.do("DELETE", "/api/pharos/v1/session", "")
	require.Equal(t, 204, status)
	status, _ = b.do("GET", "/whose", "")
	require.Equal(t, 401, status)
}

func TestWithAuthenticationOffEverybodyIsAdministrator(t *testing.T) {
	b := startIdentity(t, auth.Off).browser(t)
	want := map[string]any{"user": map[string]any{"name": "anonymous", "role": "admin", "tenant": "default"}, "authMode": "off"}
	for _, method := range []string{"GET", "POST"} {
		status, v := b.do(method, "/api/pharos/v1/session", "")
		require.Equal(t, 200, status)
		require.Equal(t, want, v)
	}
	status, v := b.do("POST", "/api/pharos/v1/password", `{"current":"x","new":"long-enough"}`)
	require.Equal(t, 400, status)
	require.Equal(t, "no_user", errorCode(v))
}

func TestUsersFromBirthToDeletion(t *testing.T) {
	s := startIdentity(t, auth.On)
	admin, ann := s.browser(t), s.browser(t)
	require.Equal(t, 200, admin.signIn("admin", s.password))

	status, v := admin.do("POST", "/api/pharos/v1/users", `{"name":"ann","password":"ann-password","role":"viewer","tenant":"acme"}`)
	require.Equal(t, 201, status)
	require.Equal(t, "acme", v["tenant"])
	require.NotContains(t, v, "password")
	status, v = admin.do("POST", "/api/pharos/v1/users", `{"name":"ann","password":"ann-password","role":"viewer"}`)
	require.Equal(t, 409, status)
	require.Equal(t, "exists", errorCode(v))
	_, v = admin.do("GET", "/api/pharos/v1/users", "")
	require.Len(t, v["users"], 2)

	require.Equal(t, 200, ann.signIn("ann", "ann-password"))
	_, v = ann.do("GET", "/whose", "")
	require.Equal(t, "acme", v["text"])
	for _, path := range []string{"/api/pharos/v1/users", "/api/pharos/v1/tokens"} {
		status, _ = ann.do("GET", path, "")
		require.Equal(t, 403, status, path)
	}

	status, v = ann.do("POST", "/api/pharos/v1/password", `{"current":"wrong","new":"ann-password-2"}`)
	require.Equal(t, 403, status)
	require.Equal(t, "bad_credentials", errorCode(v))
	status, v = ann.do("POST", "/api/pharos/v1/password", `{"current":"ann-password","new":"short"}`)
	require.Equal(t, 400, status)
	require.Equal(t, "bad_password", errorCode(v))
	status, _ = ann.do("POST", "/api/pharos/v1/password", `{"current":"ann-password","new":"ann-password-2"}`)
	require.Equal(t, 204, status)
	status, _ = ann.do("GET", "/whose", "")
	require.Equal(t, 200, status, "this browser stays signed in")
	require.Equal(t, 401, s.browser(t).signIn("ann", "ann-password"))

	status, _ = admin.do("PATCH", "/api/pharos/v1/users/ann", `{"role":"admin"}`)
	require.Equal(t, 204, status)
	status, v = ann.do("GET", "/api/pharos/v1/users", "")
	require.Equal(t, 200, status)
	require.Len(t, v["users"], 1, "an administrator of acme sees acme")
	status, _ = ann.do("DELETE", "/api/pharos/v1/users/admin", "")
	require.Equal(t, 404, status)

	for method, body := range map[string]string{"DELETE": "", "PATCH": `{"role":"viewer"}`} {
		status, v = admin.do(method, "/api/pharos/v1/users/admin", body)
		require.Equal(t, 409, status)
		require.Equal(t, "last_admin", errorCode(v))
	}
	status, _ = admin.do("PATCH", "/api/pharos/v1/users/ann", `{}`)
	require.Equal(t, 400, status)
	status, _ = admin.do("DELETE", "/api/pharos/v1/users/ann", "")
	require.Equal(t, 204, status)
	status, _ = ann.do("GET", "/whose", "")
	require.Equal(t, 401, status)
}

func TestTokensFromBirthToRevocation(t *testing.T) {
	s := startIdentity(t, auth.On)
	admin := s.browser(t)
	require.Equal(t, 200, admin.signIn("admin", s.password))
	status, v := admin.do("POST", "/api/pharos/v1/tokens", `{"name":"grafana","tenant":"acme","read":true,"expiresAt":"2099-01-02T03:04:05Z"}`)
	require.Equal(t, 201, status)
	require.Equal(t, "viewer", v["role"])
	secret, _ := v["secret"].(string)
	require.True(t, strings.HasPrefix(secret, "phr_"))

	_, list := admin.do("GET", "/api/pharos/v1/tokens", "")
	require.Len(t, list["tokens"], 1)
	listed := list["tokens"].([]any)[0].(map[string]any)
	require.NotContains(t, listed, "secret")
	require.Equal(t, "2099-01-02T03:04:05Z", listed["expiresAt"])
	require.Nil(t, listed["usedAt"])

	program := s.browser(t)
	program.token = secret
	_, got := program.do("GET", "/whose", "")
	require.Equal(t, "acme", got["text"])
	status, _ = program.do("GET", "/api/pharos/v1/tokens", "")
	require.Equal(t, 403, status)

	status, v2 := admin.do("POST", "/api/pharos/v1/tokens", `{"name":"grafana","tenant":"acme","read":true}`)
	require.Equal(t, 409, status)
	require.Equal(t, "exists", errorCode(v2))
	status, _ = admin.do("POST", "/api/pharos/v1/tokens", `{"name":"nothing"}`)
	require.Equal(t, 400, status)
	status, _ = admin.do("DELETE", "/api/pharos/v1/tokens/"+v["id"].(string), "")
	require.Equal(t, 204, status)
	status, _ = program.do("GET", "/whose", "")
	require.Equal(t, 401, status)
	status, _ = admin.do("DELETE", "/api/pharos/v1/tokens/"+v["id"].(string), "")
	require.Equal(t, 404, status)
}

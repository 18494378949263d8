package auth

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

// TestNarrowedToken passes routes that apply its scope, with the scope in the context,
// and no others; nor native ports.
func TestNarrowedToken(t *testing.T) {
	g := startGate(t, DefaultConfig())
	name, value := g.token(t, NewToken{Name: "narrow", Role: Admin, CanRead: true, CanWrite: true, Selector: `{project="x"}`})
	resp, body := g.do(t, "GET", "/scoped", "", name, value)
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	require.Equal(t, `{project="x"}`, body)
	for _, path := range []string{"/read", "/write", "/edit", "/admin", "/stream"} {
		resp, body = g.do(t, "GET", path, "", name, value)
		require.Equal(t, http.StatusForbidden, resp.StatusCode, path)
		require.Contains(t, body, `this token is narrowed to {project=\"x\"}; `+path+` cannot be narrowed`)
	}
	_, err := g.service.ResolveWrite(t.Context(), func(name string) string {
		return map[string]string{"authorization": value}[name]
	})
	require.ErrorIs(t, err, tenant.ErrForbidden)
	require.ErrorContains(t, err, `narrowed to {project="x"}`)

	name, value = g.token(t, NewToken{Name: "wide", Role: Viewer, CanRead: true})
	_, body = g.do(t, "GET", "/scoped", "", name, value)
	require.Empty(t, body)
}

// TestBrokenSelectorLetsNobodyIn: a token whose selector cannot be read is not one
// without a selector.
func TestBrokenSelectorLetsNobodyIn(t *testing.T) {
	g := startGate(t, DefaultConfig())
	row, secret := addToken(t, g.service, g.admin, NewToken{Name: "a", Role: Viewer, CanRead: true, Selector: `{project="x"}`})
	require.NoError(t, g.service.DeleteToken(t.Context(), g.admin, row.ID))
	row.Selector = `{project=`
	require.NoError(t, g.service.db.CreateToken(t.Context(), row))
	resp, _ := g.do(t, "GET", "/scoped", "", "Authorization", "Bearer "+secret)
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
}

// TestQueryToken is a header's equal where the route says so, never seen behind the
// gate, and ignored elsewhere.
func TestQueryToken(t *testing.T) {
	g := startGate(t, DefaultConfig())
	_, secret := addToken(t, g.service, g.admin, NewToken{Name: "a", Role: Viewer, CanRead: true})
	resp, body := g.do(t, "GET", "/address?x=1&token="+secret+"&y=2", "", "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	require.Equal(t, "x=1&y=2 /address?x=1&y=2", body)
	resp, _ = g.do(t, "GET", "/address?token=phr_nonsense", "")
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	resp, _ = g.do(t, "GET", "/address?token=phr_nonsense", "", "Authorization", "Bearer "+secret)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	resp, _ = g.do(t, "GET", "/read?token="+secret, "")
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}

// TestRevokedTokenEndsItsStreams within the time between two looks.
func TestRevokedTokenEndsItsStreams(t *testing.T) {
	g := startGate(t, DefaultConfig())
	row, secret := addToken(t, g.service, g.admin, NewToken{Name: "a", Role: Viewer, CanRead: true, Selector: `{project="x"}`})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.URL+"/endless", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+secret)
	ended := make(chan error, 1)
	go func() {
		resp, err := g.Client().Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		ended <- err
	}()
	<-g.entered
	select {
	case <-ended:
		t.Fatal("it ended by itself")
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, g.service.DeleteToken(t.Context(), g.admin, row.ID))
	require.NoError(t, <-ended)
}

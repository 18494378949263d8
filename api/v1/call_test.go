package v1

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// call serves one request of a tenant through the routes.
func call(t *testing.T, routes []httpx.Route, id tenant.ID, method, target, body string) (int, string) {
	t.Helper()
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Pattern, r.Handler)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
	return w.Code, w.Body.String()
}

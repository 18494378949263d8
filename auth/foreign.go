package auth

import (
	"net/http"
	"strings"

	"github.com/pharosd/pharos/internal/httpx"
)

// takeToken puts a token from where the route's clients have it to where tokens
// belong. It returns a copy of r.
func takeToken(r *http.Request, find func(*http.Request) string) *http.Request {
	r = r.Clone(r.Context())
	token := find(r)
	if token != "" && r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// withoutAmbient returns r without what a browser sends to us on its own, whichever
// page asks it to.
func withoutAmbient(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Del("Cookie")
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Basic") {
		r.Header.Del("Authorization")
	}
	return r
}

// denySplunk answers as HTTP Event Collector does, whose codes clients look at: no
// token is 401 with code 2, a wrong one 403 with code 4.
func denySplunk(w http.ResponseWriter, r *http.Request, status int, message string) {
	code := map[int]int{http.StatusForbidden: 1, http.StatusServiceUnavailable: 9, http.StatusTooManyRequests: 9, http.StatusInternalServerError: 8}[status]
	switch {
	case status == http.StatusUnauthorized && r.Header.Get("Authorization") == "":
		message, code = "Token is required", 2
	case status == http.StatusUnauthorized:
		message, code, status = "Invalid token", 4, http.StatusForbidden
	}
	httpx.WriteJSON(w, status, map[string]any{"text": message, "code": code})
}

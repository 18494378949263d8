package isolation_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/test/isolation"
)

// TestTokensDoWhatTheySay asks the built binary with every kind of token: a token
// that reads cannot push, one that pushes cannot read, a viewer cannot silence, on
// the one port and on the native ones.
func TestTokensDoWhatTheySay(t *testing.T) {
	server, password := start(t)
	token := func(role string, read, write bool) string {
		return isolation.NewToken(t, server.URL, password, isolation.TokenSpec{Tenant: "acme", Role: role, Read: read, Write: write})
	}
	viewer, pusher, editor := token("viewer", true, false), token("viewer", false, true), token("editor", true, true)
	const (
		push    = `{"streams":[]}`
		silence = `{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"x","comment":"y"}`
	)
	native := target(server).Ports
	tests := []struct {
		method, url, body      string
		viewer, pusher, editor int
	}{
		{"POST", server.URL + "/loki/api/v1/push", push, 403, 422, 422}, // let in, but empty,
		{"POST", server.URL + "/v1/logs", `{}`, 403, 200, 200},
		{"POST", server.URL + "/api/v2/alerts", `[]`, 403, 200, 200},
		{"POST", native["otlp"] + "/v1/traces", `{}`, 403, 200, 200},
		{"POST", native["zipkin"] + "/api/v2/spans", `[]`, 403, 202, 202},
		{"GET", server.URL + "/loki/api/v1/labels", "", 200, 403, 200},
		{"GET", server.URL + "/api/v1/labels", "", 200, 403, 200},
		{"GET", server.URL + "/api/services", "", 200, 403, 200},
		{"GET", server.URL + "/api/v2/silences", "", 200, 403, 200},
		{"POST", server.URL + "/api/v2/silences", silence, 403, 403, 200},
		{"GET", server.URL + "/api/pharos/v1/tokens", "", 403, 403, 403},
	}
	for _, test := range tests {
		for who, c := range map[string]struct {
			token string
			want  int
		}{"viewer": {viewer, test.viewer}, "pusher": {pusher, test.pusher}, "editor": {editor, test.editor}} {
			basic := base64.StdEncoding.EncodeToString([]byte("anything:" + c.token))
			for _, credentials := range []string{"Bearer " + c.token, "Basic " + basic} {
				status, body := server.Do(test.method, test.url, []byte(test.body), "Authorization: "+credentials, "Content-Type: application/json")
				require.Equal(t, c.want, status, "%s %s as %s by %.6s: %s", test.method, test.url, who, credentials, body)
			}
			status, body := server.Do(test.method, test.url, []byte(test.body), "Authorization: Bearer "+c.token, "X-Scope-OrgID: other", "Content-Type: application/json")
			require.Equal(t, http.StatusForbidden, status, "%s %s: %s", test.method, test.url, body)
		}
		status, body := server.Do(test.method, test.url, []byte(test.body), "Content-Type: application/json")
		require.Equal(t, http.StatusUnauthorized, status, "%s %s: %s", test.method, test.url, body)
		status, body = server.Do(test.method, test.url, []byte(test.body), "Authorization: Bearer nobody's", "Content-Type: application/json")
		require.Equal(t, http.StatusUnauthorized, status, "%s %s: %s", test.method, test.url, body)
	}
}

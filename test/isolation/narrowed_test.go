package isolation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/test/isolation"
)

// pure are the scoped routes that show nobody's data at all.
var pure = []string{
	"GET /loki/api/v1/format_query", "POST /loki/api/v1/format_query", "GET /loki/api/v1/status/buildinfo", "GET /loki/api/v1/drilldown-limits",
	"GET /api/v1/format_query", "POST /api/v1/format_query", "GET /api/v1/parse_query", "POST /api/v1/parse_query",
	"GET /api/v1/status/buildinfo",
	"GET /elastic/_validate/query", "POST /elastic/_validate/query", "GET /elastic/{index}/_validate/query", "POST /elastic/{index}/_validate/query",
	"POST /services/collector/ack", "OPTIONS /services/collector", "OPTIONS /services/collector/event", "OPTIONS /services/collector/event/1.0",
	"GET /api/v1/validate",
	// They end cursors of the same scope, proven in api/elastic.
	"DELETE /elastic/_search/scroll", "DELETE /elastic/_search/scroll/{scroll}", "DELETE /elastic/_pit",
}

// TestNarrowedTokensAreRefusedElsewhere: a route that does not declare that it
// applies the scope refuses a narrowed token, whatever else the token may do; one that
// declares it has a row that proves it.
func TestNarrowedTokensAreRefusedElsewhere(t *testing.T) {
	server, password := start(t)
	a, _ := isolation.Accounts(t, server.URL, password)
	narrow := a.Narrow(t, `{project="x"}`)
	owner := isolation.NewToken(t, server.URL, password, isolation.TokenSpec{Tenant: "default", Role: "admin", Read: true, Write: true, Selector: `{project="x"}`})

	mux, proven := httpx.NewMux(), map[string]bool{}
	all := routes(t)
	for _, r := range all {
		mux.Handle(r, http.NotFoundHandler())
	}
	for _, row := range isolation.Rows() {
		if !row.Narrows && row.Push.Port == "" && !strings.HasPrefix(row.Name, "OTLP logs") && row.Name != "loki push, old path" && !strings.HasPrefix(row.Name, "door: ") {
			continue
		}
		for _, request := range append(row.Reads, row.Push) {
			if request.Port != "" || request.Method == "" {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), request.Method, request.Path, nil)
			require.NoError(t, err)
			proven[mux.Pattern(r)] = true
		}
	}
	wildcard := regexp.MustCompile(`\{[^}]+\}`)
	refused := 0
	for _, r := range all {
		if r.Access == httpx.Public {
			continue
		}
		if r.Scoped {
			require.True(t, proven[r.Pattern] || slices.Contains(pure, r.Pattern), "%s is scoped and has no row that narrows", r.Pattern)
			continue
		}
		method, path, ok := strings.Cut(r.Pattern, " ")
		if !ok {
			method, path = "GET", r.Pattern
		}
		if strings.HasSuffix(path, "/") {
			path += "nothing/there" // what the pattern takes that has no route of its own
		}
		for _, token := range []string{narrow, owner} {
			status, body := server.Do(method, server.URL+wildcard.ReplaceAllString(path, "x"), nil, "Authorization: Bearer "+token)
			require.Equal(t, http.StatusForbidden, status, "%s: %s", r.Pattern, body)
			require.Contains(t, body, `narrowed to {project=`, r.Pattern)
		}
		refused++
	}
	require.Greater(t, refused, 50)
}

// TestNarrowingASelector: what cannot narrow is refused when the token is made, and
// the list shows what each is narrowed to.
func TestNarrowingASelector(t *testing.T) {
	server, password := start(t)
	admin := isolation.NewToken(t, server.URL, password, isolation.TokenSpec{Tenant: "default", Role: "admin", Read: true, Write: true})
	create := func(selector string) (int, string) {
		body, err := json.Marshal(map[string]any{"name": fmt.Sprint("n", len(selector)), "read": true, "selector": selector})
		require.NoError(t, err)
		return server.Do("POST", server.URL+"/api/pharos/v1/tokens", body, "Authorization: Bearer "+admin, "Content-Type: application/json")
	}
	for _, selector := range []string{`{}`, `{project=~".*"}`, `project`, `{project="x"} |= "y"`, `{project="` + strings.Repeat("x", 2000) + `"}`} {
		status, body := create(selector)
		require.Equal(t, http.StatusBadRequest, status, body)
		require.Contains(t, body, "bad_selector")
	}
	status, body := create(`{project="x", env=~"a|b"}`)
	require.Equal(t, http.StatusCreated, status, body)
	_, body = server.Get("/api/pharos/v1/tokens", "Authorization: Bearer "+admin)
	require.Contains(t, body, `"selector":"{env=~\"a|b\",project=\"x\"}"`)
}

// TestTokenInTheAddress is taken by live tails, for browsers, and nowhere else.
func TestTokenInTheAddress(t *testing.T) {
	server, password := start(t)
	a, _ := isolation.Accounts(t, server.URL, password)
	token := a.Narrow(t, `{marker="x"}`)
	for path, want := range map[string]int{
		"/api/pharos/v1/tail?limit=none&": http.StatusBadRequest, // let in, with nonsense
		"/loki/api/v1/tail?query=none&":   http.StatusBadRequest,
		"/loki/api/v1/labels?":            http.StatusUnauthorized,
		"/api/v1/query?query=up&":         http.StatusUnauthorized,
		"/api/pharos/v1/tokens?":          http.StatusUnauthorized,
		"/embed/tail?":                    http.StatusOK,
	} {
		status, body := server.Get(path + "token=" + token)
		require.Equal(t, want, status, "%s: %s", path, body)
		require.NotContains(t, body, token)
	}
	status, _ := server.Get("/api/pharos/v1/tail?token=nobodys")
	require.Equal(t, http.StatusUnauthorized, status)
	require.NotContains(t, server.Output(), token, "the token is in our log")
}

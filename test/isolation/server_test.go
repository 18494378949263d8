package isolation_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/isolation"
)

// start runs the built binary with authentication and returns the first
// administrator's password.
func start(t *testing.T) (*testkit.Server, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts the built binary")
	}
	server := testkit.Start(t, "")
	m := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(server.Output())
	require.NotNil(t, m, "the first start printed no password:\n%s", server.Output())
	return server, m[1]
}

func target(s *testkit.Server) isolation.Target {
	local := func(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
	return isolation.Target{
		URL: s.URL,
		Ports: map[string]string{
			"otlp": "http://" + local(s.Ports.OTLPHTTP), "jaeger": "http://" + local(s.Ports.JaegerHTTP), "zipkin": "http://" + local(s.Ports.Zipkin),
		},
		GRPC: map[string]string{"otlp": local(s.Ports.OTLPGRPC), "jaeger": local(s.Ports.JaegerGRPC)},
	}
}

// TestBinary asks the built binary about every row.
func TestBinary(t *testing.T) {
	server, password := start(t)
	a, b := isolation.Accounts(t, server.URL, password)
	isolation.Run(t, target(server), a, b, isolation.Rows())
}

// What concerns the process is the default tenant's: others' administrators neither
// see nor reload it.
func TestTheProcessBelongsToTheDefaultTenant(t *testing.T) {
	server, password := start(t)
	a, _ := isolation.Accounts(t, server.URL, password)
	own := isolation.NewToken(t, server.URL, password, isolation.TokenSpec{Tenant: "default", Role: "admin", Read: true, Write: true})

	status, body := server.Get("/metrics", "Authorization: Bearer "+own)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "go_goroutines")
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile"} {
		status, body = server.Get(path, "Authorization: Bearer "+a.Token)
		require.Equal(t, http.StatusForbidden, status)
		require.Contains(t, body, `belongs to tenant "default"`)
	}

	status, body = server.Do(http.MethodPost, "/-/reload", nil, "Authorization: Bearer "+a.Token)
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, body, `belongs to tenant "default"`)
	status, _ = server.Do(http.MethodPost, "/-/reload", nil, "Authorization: Bearer "+own)
	require.Equal(t, http.StatusOK, status)

	status, body = server.Get("/api/v2/status", "Authorization: Bearer "+own)
	require.Equal(t, http.StatusOK, status)
	require.Regexp(t, `"version":"\d+\.\d+\.\d+"`, body)
}

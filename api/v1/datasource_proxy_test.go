package v1

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
)

// outsideServer is a Prometheus on another machine that answers by path.
func outsideServer(t *testing.T, asked *[]string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		form := r.FormValue("query")
		*asked = append(*asked, strings.Join([]string{r.Method, r.URL.Path, form, user + ":" + password, r.Header.Get("Cookie"), r.Header.Get("X-Team")}, " "))
		switch form {
		case "slow":
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Second):
			}
		case "large":
			_, _ = w.Write(make([]byte, 4096))
		case "moved":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		case "denied":
			w.WriteHeader(http.StatusUnauthorized)
		case "page":
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Set-Cookie", "a=b")
			_, _ = w.Write([]byte("<script>"))
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(`{"status":"error"}`))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func proxyTo(t *testing.T, url string) (routes []httpx.Route, reg *prometheus.Registry) {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"datasources", "dashboards"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, sub), 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "datasources", "d.yaml"), []byte(`apiVersion: 1
datasources:
  - {name: Far, uid: far, type: prometheus, url: "`+url+`/prom", basicAuth: true, basicAuthUser: reader, secureJsonData: {basicAuthPassword: hush, httpHeaderValue1: t7}, jsonData: {httpHeaderName1: X-Team}}
  - {name: Ours, uid: ours, type: prometheus, url: "`+url+`"}
`), 0o644))
	cfg := dashboards.DefaultConfig()
	cfg.Provisioning, cfg.Proxy.Sources = dir, []string{"far"}
	cfg.Proxy.Timeout, cfg.Proxy.MaxAnswer, cfg.Proxy.MaxConcurrent = strictyaml.Duration(300*time.Millisecond), 1024, 1
	p, err := dashboards.NewProvisioner(cfg, slog.New(slog.DiscardHandler), os.LookupEnv)
	require.NoError(t, err)
	reg = prometheus.NewRegistry()
	proxy := NewDatasourceProxy(dashboards.NewLibrary(p, nil), func() dashboards.ProxyConfig { return cfg.Proxy }, reg)
	t.Cleanup(proxy.Close)
	return proxy.Routes(), reg
}

func TestDatasourceProxy(t *testing.T) {
	var asked []string
	routes, reg := proxyTo(t, outsideServer(t, &asked).URL)
	const path = "/api/pharos/v1/datasources/far/proxy/"

	code, body := call(t, routes, "default", "GET", path+"api/v1/query?query=up", "")
	require.Equal(t, http.StatusUnprocessableEntity, code, "errors of the query are the other server's")
	require.Equal(t, `{"status":"error"}`, body)
	require.Equal(t, []string{"GET /prom/api/v1/query up reader:hush  t7"}, asked)

	for _, one := range []struct {
		query  string
		status int
		code   string
	}{
		{"slow", http.StatusGatewayTimeout, "proxy_timeout"},
		{"large", http.StatusBadGateway, "proxy_answer_too_large"},
		{"moved", http.StatusBadGateway, "proxy_redirect"},
		{"denied", http.StatusBadGateway, "proxy_credentials"},
	} {
		code, body = call(t, routes, "default", "GET", path+"api/v1/query_range?query="+one.query, "")
		require.Equal(t, one.status, code, body)
		require.Contains(t, body, `"code":"`+one.code+`"`)
		require.Contains(t, body, `"hint"`)
		require.NotContains(t, body, "hush")
	}

	before := len(asked)
	for _, refused := range []string{"api/v1/admin/tsdb/delete_series", "api/v1/write", "-/quit", "api/v1/label/x/values/../../query", "loki/api/v1/push", "metrics", ""} {
		code, body = call(t, routes, "default", "GET", path+refused, "")
		require.NotEqual(t, http.StatusOK, code, refused)
	}
	for _, one := range []struct{ target, tenant string }{
		{"/api/pharos/v1/datasources/ours/proxy/api/v1/query", "default"}, {"/api/pharos/v1/datasources/none/proxy/api/v1/query", "default"}, {path + "api/v1/query", "other"},
	} {
		code, body = call(t, routes, tenant.ID(one.tenant), "GET", one.target, "")
		require.Equal(t, http.StatusNotFound, code)
		require.Contains(t, body, "datasource_not_found")
	}
	require.Len(t, asked, before, "nothing of it went out")
	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`# HELP pharos_datasource_proxy_requests_total Requests to data sources on other servers, by how they ended: 2xx, 3xx, 4xx, 5xx, refused, busy, timeout, unreachable, too_large.
# TYPE pharos_datasource_proxy_requests_total counter
pharos_datasource_proxy_requests_total{outcome="3xx"} 1
pharos_datasource_proxy_requests_total{outcome="4xx"} 2
pharos_datasource_proxy_requests_total{outcome="refused"} 9
pharos_datasource_proxy_requests_total{outcome="timeout"} 1
pharos_datasource_proxy_requests_total{outcome="too_large"} 1
`), "pharos_datasource_proxy_requests_total"))
}

// A page of a server outside must not become a page of ours.
func TestDatasourceProxyPassesNoPages(t *testing.T) {
	var asked []string
	routes, _ := proxyTo(t, outsideServer(t, &asked).URL)
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Pattern, r.Handler)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/api/pharos/v1/datasources/far/proxy/api/v1/query", strings.NewReader("query=page"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", "session=secret")
	r.Header.Set("Authorization", "Bearer secret")
	mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	require.Equal(t, []string{"POST /prom/api/v1/query page reader:hush  t7"}, asked, "no credentials of the reader go out")
	require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Empty(t, w.Header().Get("Set-Cookie"))
}

func TestDatasourceProxyNamesWhatIsUnreachable(t *testing.T) {
	routes, _ := proxyTo(t, "http://127.0.0.1:1")
	code, body := call(t, routes, "default", "GET", "/api/pharos/v1/datasources/far/proxy/api/v1/query?query=up", "")
	require.Equal(t, http.StatusBadGateway, code)
	require.Contains(t, body, "Far cannot be reached: connect: connection refused")
	require.NotContains(t, body, "127.0.0.1")
}

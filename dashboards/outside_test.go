package dashboards

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// provision loads a datasources/*.yaml with the given names staying outside.
func provision(t *testing.T, yaml string, env map[string]string, outside ...string) (Snapshot, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "datasources"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "dashboards"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "datasources", "d.yaml"), []byte(yaml), 0o644))
	cfg := DefaultConfig()
	cfg.Provisioning, cfg.Defaults, cfg.Proxy.Sources = dir, false, outside
	p, err := NewProvisioner(cfg, slog.New(slog.DiscardHandler), environment(env))
	if err != nil {
		return Snapshot{}, err
	}
	return p.Snapshot(), nil
}

const sourcesYAML = `apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    uid: prometheus
    url: http://prometheus:9090
    isDefault: true
  - name: Far
    type: prometheus
    url: https://user:inline@metrics.example.com/prom/
    basicAuth: true
    basicAuthUser: reader
    secureJsonData: {basicAuthPassword: "${FAR_PASSWORD}", httpHeaderValue1: tenant-7}
    jsonData: {httpHeaderName1: X-Scope-OrgID, tlsSkipVerify: true, serverName: inner}
  - name: Far logs
    uid: far-logs
    type: loki
    url: http://logs.example.com:3100
`

func TestOnlyNamedSourcesStayOutside(t *testing.T) {
	s, err := provision(t, sourcesYAML, map[string]string{"FAR_PASSWORD": "hush"}, "Far", "far-logs", "nobody")
	require.NoError(t, err)
	byUID := map[string]Datasource{}
	for _, d := range s.Datasources {
		byUID[d.UID] = d
	}
	require.False(t, byUID["prometheus"].Proxy, "a stack's own server that Pharos replaces stays ours")
	require.Nil(t, byUID["prometheus"].Outside())
	far := byUID["far"]
	require.True(t, far.Proxy)
	require.Equal(t, "https://metrics.example.com/prom/", far.Outside().URL().String())
	r, _ := http.NewRequest(http.MethodGet, "http://x", nil)
	far.Outside().Authorize(r)
	user, password, _ := r.BasicAuth()
	require.Equal(t, "reader hush", user+" "+password)
	require.Equal(t, "tenant-7", r.Header.Get("X-Scope-OrgID"))
	require.True(t, far.Outside().TLS().InsecureSkipVerify)
	require.Equal(t, "inner", far.Outside().TLS().ServerName)
	require.True(t, byUID["far-logs"].Proxy)
	require.Equal(t, "Loki", byUID["loki"].Name, "our own logs keep a name")
	require.Contains(t, s.Problems, Problem{File: "dashboards.proxy.sources", Message: `no datasources/*.yaml declares "nobody"`})
	encoded, err := json.Marshal(s.Datasources)
	require.NoError(t, err)
	for _, secret := range []string{"hush", "reader", "tenant-7", "example.com", "inline"} {
		require.NotContains(t, string(encoded), secret)
	}
	require.Contains(t, string(encoded), `"uid":"far-logs","name":"Far logs","type":"loki","dialect":"loki","default":false,"proxy":true`)
}

// When the only source of a dialect stays outside, ours has another name.
func TestOurOwnDataKeepAName(t *testing.T) {
	s, err := provision(t, sourcesYAML, map[string]string{"FAR_PASSWORD": ""}, "prometheus", "Far")
	require.NoError(t, err)
	var ours []string
	for _, d := range s.Datasources {
		if d.Dialect == "prometheus" && !d.Proxy {
			ours = append(ours, d.UID+" "+d.Name)
		}
	}
	require.Equal(t, []string{"pharos-prometheus Pharos Prometheus"}, ours)
}

func TestOutsideRefusesWhatItCannotDo(t *testing.T) {
	for fields, want := range map[string]string{
		`type: mysql, url: "http://x"`:          `sources of type prometheus and loki outside, not "mysql"`,
		`type: loki, url: "file:///etc/passwd"`: "url must begin with http:// or https://",
		`type: loki`:                            "url must begin with http:// or https://",
		`type: prometheus, url: "http://x", jsonData: {sigV4Auth: true}`:                                                    "AWS request signing is not supported",
		`type: prometheus, url: "http://x", jsonData: {oauthPassThru: true}`:                                                "is not supported",
		`type: prometheus, url: "http://x", jsonData: {httpHeaderName1: "Host"}, secureJsonData: {httpHeaderValue1: "y"}`:   "not a header that can be sent",
		`type: prometheus, url: "http://x", jsonData: {httpHeaderName1: "A"}, secureJsonData: {httpHeaderValue1: "y\r\nB"}`: "not a header that can be sent",
		`type: prometheus, url: "https://x", jsonData: {tlsAuth: true}`:                                                     "no certificate and key in PEM",
		`type: prometheus, url: "https://x", jsonData: {tlsAuthWithCACert: true}`:                                           "holds no certificate in PEM",
	} {
		_, err := provision(t, "apiVersion: 1\ndatasources:\n  - {name: S, "+fields+"}\n", nil, "S")
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "d.yaml:3: ")
	}
	bad := ProxyConfig{Tenants: []string{"a/b"}}
	require.ErrorContains(t, bad.Validate(), "tenants: ")
	require.ErrorContains(t, bad.Validate(), "timeout: ")
}

package dashboards

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
)

// ProxyConfig says which data sources of the provisioning files stay on the servers that
// their url names. All others are answered from Pharos' own data, whatever their url: a
// stack's own Prometheus that Pharos replaces needs no change of its files.
type ProxyConfig struct {
	// Sources are the uids or names of data sources (of type prometheus or loki) that stay
	// outside.
	Sources []string `yaml:"sources"`
	// Tenants may ask them. The credentials are the installation's, not a tenant's.
	Tenants []string `yaml:"tenants"`
	// Timeout bounds one answer.
	Timeout strictyaml.Duration `yaml:"timeout"`
	// MaxAnswer bounds the size of one answer.
	MaxAnswer strictyaml.Bytes `yaml:"max_answer"`
	// MaxConcurrent bounds the requests under way at once.
	MaxConcurrent int `yaml:"max_concurrent"`
}

// DefaultProxyConfig leaves no data source outside.
func DefaultProxyConfig() ProxyConfig {
	return ProxyConfig{Tenants: []string{string(tenant.Default)}, Timeout: strictyaml.Duration(30 * time.Second), MaxAnswer: 32 << 20, MaxConcurrent: 16}
}

// Validate reports values that cannot work.
func (c *ProxyConfig) Validate() error {
	var errs []error
	for _, t := range c.Tenants {
		if _, err := tenant.Parse(t); err != nil {
			errs = append(errs, fmt.Errorf("dashboards.proxy.tenants: %w", err))
		}
	}
	if c.Timeout <= 0 || c.Timeout > strictyaml.Duration(5*time.Minute) {
		errs = append(errs, fmt.Errorf("dashboards.proxy.timeout: is %s; it may be up to 5m", c.Timeout))
	}
	if c.MaxAnswer <= 0 || c.MaxAnswer > 1<<30 {
		errs = append(errs, fmt.Errorf("dashboards.proxy.max_answer: is %d bytes; it may be 1 byte to 1GiB", c.MaxAnswer))
	}
	if c.MaxConcurrent <= 0 || c.MaxConcurrent > 1000 {
		errs = append(errs, fmt.Errorf("dashboards.proxy.max_concurrent: is %d; it may be 1 to 1000", c.MaxConcurrent))
	}
	return errors.Join(errs...)
}

// stays reports whether a data source is named in Sources.
func (c *ProxyConfig) stays(d Datasource) bool {
	return slices.Contains(c.Sources, d.UID) || slices.Contains(c.Sources, d.Name)
}

// Outside is a server that a data source stays on, with the credentials that its file
// gives. Its fields are secret: it has no String and is never encoded.
type Outside struct {
	url    *url.URL
	header http.Header
	tls    *tls.Config
}

// URL returns where the server's API begins, without credentials.
func (o *Outside) URL() *url.URL {
	u := *o.url
	return &u
}

// Authorize sets the credentials on a request to the server.
func (o *Outside) Authorize(r *http.Request) {
	for name, values := range o.header {
		r.Header[name] = slices.Clone(values)
	}
}

// TLS returns how to speak TLS with the server.
func (o *Outside) TLS() *tls.Config { return o.tls.Clone() }

// outsideYAML are the keys of Grafana's datasources/*.yaml that say how a server is
// reached.
type outsideYAML struct {
	URL           string            `yaml:"url"`
	BasicAuth     bool              `yaml:"basicAuth"`
	BasicAuthUser string            `yaml:"basicAuthUser"`
	Secure        map[string]string `yaml:"secureJsonData"`
	JSON          map[string]any    `yaml:"jsonData"`
}

// refusedAuth are ways to authorize that Grafana signs or forwards itself.
var refusedAuth = map[string]string{
	"sigV4Auth": "AWS request signing", "oauthPassThru": "forwarding of the reader's OAuth token", "azureCredentials": "Azure credentials",
	"authenticationType": "Google credentials", "keepCookies": "forwarding of cookies",
}

// readOutside reads how the server of a data source is reached.
func readOutside(n *yaml.Node) (*Outside, error) {
	var in outsideYAML
	if err := n.Decode(&in); err != nil {
		return nil, err
	}
	u, err := url.Parse(in.URL)
	switch {
	case err != nil:
		return nil, errors.New("url cannot be read") // its text may hold a password
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, errors.New("url must begin with http:// or https:// and name a host")
	}
	for key, what := range refusedAuth {
		if v, set := in.JSON[key]; set && v != false && v != nil && v != "" {
			return nil, fmt.Errorf("jsonData.%s: %s is not supported; use basicAuth, a header or a client certificate", key, what)
		}
	}
	o := &Outside{url: u, header: http.Header{}}
	if user := u.User; user != nil {
		password, _ := user.Password()
		o.setBasic(user.Username(), password)
		o.url.User = nil
	}
	o.url.RawQuery, o.url.Fragment = "", ""
	if in.BasicAuth {
		o.setBasic(in.BasicAuthUser, in.Secure["basicAuthPassword"])
	}
	for key, v := range in.JSON {
		number, ok := strings.CutPrefix(key, "httpHeaderName")
		name, isText := v.(string)
		if !ok || !isText || name == "" {
			continue
		}
		value := in.Secure["httpHeaderValue"+number]
		if !validHeader(name, value) {
			return nil, fmt.Errorf("jsonData.%s: not a header that can be sent", key)
		}
		o.header.Set(name, value)
	}
	o.tls, err = in.tls()
	return o, err
}

func (o *Outside) setBasic(user, password string) {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	o.header.Set("Authorization", r.Header.Get("Authorization"))
}

// validHeader refuses names and values that would end the header, and headers of the
// connection itself.
func validHeader(name, value string) bool {
	if strings.ContainsAny(value, "\r\n\x00") || slices.Contains([]string{"Host", "Connection", "Content-Length", "Transfer-Encoding"}, http.CanonicalHeaderKey(name)) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

func (in *outsideYAML) tls() (*tls.Config, error) {
	flagged := func(key string) bool { return in.JSON[key] == true }
	server, _ := in.JSON["serverName"].(string)
	out := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: server, InsecureSkipVerify: flagged("tlsSkipVerify")} //nolint:gosec // the operator's own choice in the file
	if flagged("tlsAuthWithCACert") {
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM([]byte(in.Secure["tlsCACert"])) {
			return nil, errors.New("secureJsonData.tlsCACert holds no certificate in PEM")
		}
	}
	if flagged("tlsAuth") {
		pair, err := tls.X509KeyPair([]byte(in.Secure["tlsClientCert"]), []byte(in.Secure["tlsClientKey"]))
		if err != nil {
			return nil, errors.New("secureJsonData.tlsClientCert and tlsClientKey are no certificate and key in PEM")
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}

// unknownSources are names in dashboards.proxy.sources that no file declares.
func unknownSources(c *ProxyConfig, declared []Datasource) []Problem {
	var out []Problem
	for _, name := range c.Sources {
		if !slices.ContainsFunc(declared, func(d Datasource) bool { return d.UID == name || d.Name == name }) {
			out = append(out, Problem{File: "dashboards.proxy.sources", Message: fmt.Sprintf("no datasources/*.yaml declares %q", name)})
		}
	}
	return out
}

package ship

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	commonconfig "github.com/prometheus/common/config"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// HTTPClient returns a client by Prometheus' own rules for these keys.
func (c *ClientConfig) HTTPClient() (*http.Client, error) {
	hc, err := c.http()
	if err != nil {
		return nil, err
	}
	return commonconfig.NewClientFromConfig(hc, "pharos agent", commonconfig.WithHTTP2Disabled())
}

// http translates the keys.
func (c *ClientConfig) http() (commonconfig.HTTPClientConfig, error) {
	hc := commonconfig.DefaultHTTPClientConfig
	var err error
	if c.BasicAuth != nil {
		hc.BasicAuth = &commonconfig.BasicAuth{Username: c.BasicAuth.Username, UsernameFile: c.BasicAuth.UsernameFile,
			Password: commonconfig.Secret(c.BasicAuth.Password), PasswordFile: c.BasicAuth.PasswordFile}
	}
	if c.Authorization != nil {
		hc.Authorization = &commonconfig.Authorization{Type: c.Authorization.Type,
			Credentials: commonconfig.Secret(c.Authorization.Credentials), CredentialsFile: c.Authorization.CredentialsFile}
	}
	hc.BearerToken, hc.BearerTokenFile = commonconfig.Secret(c.BearerToken), c.BearerTokenFile
	if hc.TLSConfig, err = c.TLS.common(); err != nil {
		return hc, err
	}
	if hc.ProxyConfig, err = proxy(c.ProxyURL, c.NoProxy, c.ProxyFromEnv); err != nil {
		return hc, err
	}
	if c.FollowRedirects != nil {
		hc.FollowRedirects = *c.FollowRedirects
	}
	if o := c.OAuth2; o != nil {
		hc.OAuth2 = &commonconfig.OAuth2{ClientID: o.ClientID, ClientSecret: commonconfig.Secret(o.ClientSecret), ClientSecretFile: o.ClientSecretFile,
			Scopes: o.Scopes, TokenURL: o.TokenURL, EndpointParams: o.EndpointParams}
		if hc.OAuth2.TLSConfig, err = o.TLS.common(); err != nil {
			return hc, err
		}
		if hc.OAuth2.ProxyConfig, err = proxy(o.ProxyURL, "", false); err != nil {
			return hc, err
		}
	}
	return hc, hc.Validate()
}

func (t TLSConfig) common() (commonconfig.TLSConfig, error) {
	out := commonconfig.TLSConfig{CA: t.CA, Cert: t.Cert, Key: commonconfig.Secret(t.Key), CAFile: t.CAFile, CertFile: t.CertFile,
		KeyFile: t.KeyFile, ServerName: t.ServerName, InsecureSkipVerify: t.InsecureSkipVerify}
	for _, v := range []struct {
		name string
		to   *commonconfig.TLSVersion
	}{{t.MinVersion, &out.MinVersion}, {t.MaxVersion, &out.MaxVersion}} {
		if v.name == "" {
			continue
		}
		version, ok := commonconfig.TLSVersions[v.name]
		if !ok {
			return out, &strictyaml.KeyError{Key: "tls_config", Err: fmt.Errorf("unknown TLS version %q, want TLS10, TLS11, TLS12 or TLS13", v.name)}
		}
		*v.to = version
	}
	return out, nil
}

func proxy(address, no string, fromEnv bool) (commonconfig.ProxyConfig, error) {
	p := commonconfig.ProxyConfig{NoProxy: no, ProxyFromEnvironment: fromEnv}
	if address == "" {
		return p, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return p, &strictyaml.KeyError{Key: "proxy_url", Err: err}
	}
	p.ProxyURL = commonconfig.URL{URL: u}
	return p, nil
}

// validateAuth says what is wrong with the keys about credentials.
func (c *ClientConfig) validateAuth() error {
	_, err := c.http()
	var errs []error
	if err != nil {
		errs = append(errs, err)
	}
	if !strings.HasPrefix(c.URL, schemeGRPC) {
		return errors.Join(errs...)
	}
	if c.OAuth2 != nil {
		errs = append(errs, &strictyaml.KeyError{Key: "oauth2", Err: errors.New("is not supported with grpc"), Hint: "use bearer_token_file, or Loki's push API over https"})
	}
	if c.ProxyURL != "" {
		errs = append(errs, &strictyaml.KeyError{Key: "proxy_url", Err: errors.New("is not supported with grpc"), Hint: "set HTTPS_PROXY in the environment"})
	}
	return errors.Join(errs...)
}

// rpcAuth gives each call its credentials; files are read again each time, so that they
// may change. It implements credentials.PerRPCCredentials.
type rpcAuth struct {
	cfg ClientConfig
	// secure refuses to send credentials without TLS.
	secure bool
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (a *rpcAuth) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	value, err := a.authorization()
	if err != nil || value == "" {
		return nil, err
	}
	return map[string]string{"authorization": value}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (a *rpcAuth) RequireTransportSecurity() bool { return a.secure }

func (a *rpcAuth) authorization() (string, error) {
	c := &a.cfg
	switch {
	case c.BasicAuth != nil:
		user, err := textOrFile(c.BasicAuth.Username, c.BasicAuth.UsernameFile)
		if err != nil {
			return "", err
		}
		password, err := textOrFile(c.BasicAuth.Password, c.BasicAuth.PasswordFile)
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)), err
	case c.Authorization != nil:
		kind := c.Authorization.Type
		if kind == "" {
			kind = "Bearer"
		}
		token, err := textOrFile(c.Authorization.Credentials, c.Authorization.CredentialsFile)
		return kind + " " + token, err
	case c.BearerToken != "" || c.BearerTokenFile != "":
		token, err := textOrFile(c.BearerToken, c.BearerTokenFile)
		return "Bearer " + token, err
	}
	return "", nil
}

func textOrFile(text, path string) (string, error) {
	if path == "" {
		return text, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read credentials: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

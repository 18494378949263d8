package ship

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Config is a queue's settings and its clients'.
type Config struct {
	// Dir is the queue's folder; it is created if it does not exist. One process at a
	// time may use it.
	Dir string
	// MaxBytes bounds the queue's files: when they are full, Append waits.
	MaxBytes int64
	// Clients are where everything that is read goes, to each of them all of it.
	Clients []ClientConfig
}

// DefaultMaxBytes is what a queue takes on disk unless configured.
const DefaultMaxBytes = 1 << 30

// minBytes is the smallest queue that makes sense.
const minBytes = 1 << 20

// ClientConfig is one element of Promtail's `clients`, with its keys. Scheme grpc or
// grpcs of URL is Pharos' own port for OTLP; http and https are Loki's push API, of
// Pharos or of anything else that has it.
type ClientConfig struct {
	// Name tells clients apart in metrics and in the queue; "": the URL.
	Name string `yaml:"name"`
	URL  string `yaml:"url"`
	// BatchWait is how long entries wait for others, BatchSize from how many bytes of
	// lines on they do not.
	BatchWait time.Duration `yaml:"batchwait"`
	BatchSize int           `yaml:"batchsize"`
	TenantID  string        `yaml:"tenant_id"`
	// Headers are added to each request.
	Headers        map[string]string `yaml:"headers"`
	Backoff        BackoffConfig     `yaml:"backoff_config"`
	Timeout        time.Duration     `yaml:"timeout"`
	ExternalLabels map[string]string `yaml:"external_labels"`
	// DropRateLimitedBatches drops what is answered with 429 instead of sending it again.
	DropRateLimitedBatches bool `yaml:"drop_rate_limited_batches"`

	BasicAuth       *BasicAuth     `yaml:"basic_auth"`
	Authorization   *Authorization `yaml:"authorization"`
	OAuth2          *OAuth2        `yaml:"oauth2"`
	BearerToken     string         `yaml:"bearer_token"`
	BearerTokenFile string         `yaml:"bearer_token_file"`
	TLS             TLSConfig      `yaml:"tls_config"`
	ProxyURL        string         `yaml:"proxy_url"`
	NoProxy         string         `yaml:"no_proxy"`
	ProxyFromEnv    bool           `yaml:"proxy_from_environment"`
	FollowRedirects *bool          `yaml:"follow_redirects"`
	EnableHTTP2     *bool          `yaml:"enable_http2"`
}

// BackoffConfig says how long to wait between attempts: from MinPeriod on, twice as
// long each time, to MaxPeriod. Attempts go on for ever: after MaxRetries of them the
// client says so at level error and counts it, and the queue fills up. Promtail drops
// the batch then.
type BackoffConfig struct {
	MinPeriod  time.Duration `yaml:"min_period"`
	MaxPeriod  time.Duration `yaml:"max_period"`
	MaxRetries int           `yaml:"max_retries"`
}

// BasicAuth is a user with a password.
type BasicAuth struct {
	Username     string `yaml:"username"`
	UsernameFile string `yaml:"username_file"`
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
}

// Authorization is the header of that name; Type "": Bearer.
type Authorization struct {
	Type            string `yaml:"type"`
	Credentials     string `yaml:"credentials"`
	CredentialsFile string `yaml:"credentials_file"`
}

// OAuth2 fetches tokens by the client credentials grant.
type OAuth2 struct {
	ClientID         string            `yaml:"client_id"`
	ClientSecret     string            `yaml:"client_secret"`
	ClientSecretFile string            `yaml:"client_secret_file"`
	Scopes           []string          `yaml:"scopes"`
	TokenURL         string            `yaml:"token_url"`
	EndpointParams   map[string]string `yaml:"endpoint_params"`
	TLS              TLSConfig         `yaml:"tls_config"`
	ProxyURL         string            `yaml:"proxy_url"`
}

// TLSConfig is Prometheus' tls_config.
type TLSConfig struct {
	CA                 string `yaml:"ca"`
	Cert               string `yaml:"cert"`
	Key                string `yaml:"key"`
	CAFile             string `yaml:"ca_file"`
	CertFile           string `yaml:"cert_file"`
	KeyFile            string `yaml:"key_file"`
	ServerName         string `yaml:"server_name"`
	InsecureSkipVerify bool   `yaml:"insecure_skip_verify"`
	MinVersion         string `yaml:"min_version"`
	MaxVersion         string `yaml:"max_version"`
}

// DefaultClientConfig returns Promtail's defaults, but for two: attempts are at most 30
// seconds apart, since they go on for ever.
func DefaultClientConfig() ClientConfig {
	return ClientConfig{
		BatchWait: time.Second,
		BatchSize: 1 << 20,
		Timeout:   10 * time.Second,
		Backoff:   BackoffConfig{MinPeriod: 500 * time.Millisecond, MaxPeriod: 30 * time.Second, MaxRetries: 10},
	}
}

// WithDefaults fills what is zero.
func (c ClientConfig) WithDefaults() ClientConfig {
	d := DefaultClientConfig()
	setDefault(&c.BatchWait, d.BatchWait)
	setDefault(&c.BatchSize, d.BatchSize)
	setDefault(&c.Timeout, d.Timeout)
	setDefault(&c.Backoff.MinPeriod, d.Backoff.MinPeriod)
	setDefault(&c.Backoff.MaxPeriod, d.Backoff.MaxPeriod)
	setDefault(&c.Backoff.MaxRetries, d.Backoff.MaxRetries)
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// ServerURL is the URL of a client for Pharos' OTLP port, from host:port or a URL.
func ServerURL(server string) string {
	if u, err := url.Parse(server); err == nil && u.Scheme != "" && u.Host != "" {
		return server
	}
	return "grpc://" + server
}

// Validate says what is wrong with the settings, all at once. Keys are those of the
// client's block.
func (c ClientConfig) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...)})
	}
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		bad("url", "is missing")
	case err != nil:
		bad("url", "%w", err)
	case u.Host == "":
		bad("url", "%q has no host", c.URL)
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != schemeGRPC && u.Scheme != schemeGRPCS:
		bad("url", "scheme is %q, want http, https, grpc or grpcs", u.Scheme)
	}
	if c.BatchWait < 0 || c.BatchWait > maxBatchWait {
		bad("batchwait", "is %s, want 0 to %s", c.BatchWait, maxBatchWait)
	}
	if c.BatchSize < 0 || c.BatchSize > MaxBatch {
		bad("batchsize", "is %d, want 1 to %d bytes", c.BatchSize, MaxBatch)
	}
	if c.Timeout < 0 {
		bad("timeout", "is %s, want more than 0", c.Timeout)
	}
	if b := c.Backoff; b.MinPeriod < 0 || b.MaxPeriod < b.MinPeriod {
		bad("backoff_config", "min_period is %s and max_period %s, want 0 or more and not less than that", b.MinPeriod, b.MaxPeriod)
	}
	return errors.Join(append(errs, c.validateAuth())...)
}

// maxBatchWait bounds ClientConfig.BatchWait.
const maxBatchWait = time.Hour

// Schemes of Pharos' own port.
const (
	schemeGRPC  = "grpc"
	schemeGRPCS = "grpcs"
)

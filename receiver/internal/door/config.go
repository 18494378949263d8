package door

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// TLS is the certificate of a port.
type TLS struct {
	// CertFile and KeyFile are PEM files of the server's certificate and key. They are
	// read for each new connection, so that they can be renewed in place.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// ClientCAFile, if it is named, has the authorities whose clients may come in;
	// others may not.
	ClientCAFile string `yaml:"client_ca_file"`
}

// Files are the settings that name files.
func (t *TLS) Files() []*string { return []*string{&t.CertFile, &t.KeyFile, &t.ClientCAFile} }

// Load returns the server's configuration.
func (t TLS) Load() (*tls.Config, error) {
	if _, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
		return nil, fmt.Errorf("load certificate %s: %w", t.CertFile, err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		return &pair, err
	}}
	if t.ClientCAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(t.ClientCAFile)
	if err != nil {
		return nil, fmt.Errorf("read client authorities: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", t.ClientCAFile)
	}
	return c, nil
}

// Common are settings that every door has.
type Common struct {
	// Tenant owns what comes in by ports whose protocol has no credentials of ours.
	Tenant tenant.ID `yaml:"tenant"`
	// Labels are added to every stream; they win over what messages say.
	Labels map[string]string `yaml:"labels"`
}

// Validate says what is wrong with the settings, all at once.
func (c Common) Validate() error {
	var errs []error
	if _, err := tenant.Parse(string(c.Tenant)); err != nil {
		errs = append(errs, Bad("tenant", "a-z, 0-9, - and _", "%w", err))
	}
	return errors.Join(append(errs, CheckLabels("labels", c.Labels))...)
}

// Static are the configured labels in the order of their names.
func (c Common) Static() []model.Label { return Static(c.Labels) }

// Static are labels of a configuration in the order of their names.
func Static(labels map[string]string) []model.Label {
	var out []model.Label
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, model.Label{Name: name, Value: labels[name]})
	}
	return out
}

// CheckLabels refuses names that LogQL cannot say.
func CheckLabels(key string, labels map[string]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if !ValidName(name) {
			errs = append(errs, Bad(key, "letters, digits and _", "%q is no name of a label", name))
		}
	}
	return errors.Join(errs...)
}

// ValidName says whether a label may have this name.
func ValidName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// Ports are addresses of a protocol that has TLS beside plain TCP.
type Ports struct {
	// TCP and TLS are host:port to listen on; empty: not at all.
	TCP string `yaml:"tcp"`
	TLS string `yaml:"tls"`
	// TLSConfig is the certificate for tls.
	TLSConfig TLS `yaml:"tls_config"`
	// MaxConnections bounds open connections; further ones wait in the kernel's queue.
	MaxConnections int `yaml:"max_connections"`
}

// DefaultPorts listens nowhere.
func DefaultPorts() Ports { return Ports{MaxConnections: 1024} }

// Validate says what is wrong with the settings, all at once.
func (p Ports) Validate() error {
	errs := []error{CheckAddress("tcp", p.TCP), CheckAddress("tls", p.TLS)}
	if p.TLS != "" && (p.TLSConfig.CertFile == "" || p.TLSConfig.KeyFile == "") {
		errs = append(errs, Bad("tls_config", "name cert_file and key_file", "has no certificate"))
	}
	if p.MaxConnections < 1 {
		errs = append(errs, Bad("max_connections", "such as 1024", "is %d, want at least 1", p.MaxConnections))
	}
	return errors.Join(errs...)
}

// CheckAddress refuses what is no host:port; empty is fine.
func CheckAddress(key, address string) error {
	if address == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return Bad(key, "want host:port, such as 127.0.0.1:5140", "%w", err)
	}
	return nil
}

// Bad is an error about a key.
func Bad(key, hint, format string, args ...any) error {
	return &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...), Hint: hint}
}

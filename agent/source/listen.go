package source

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	commonconfig "github.com/prometheus/common/config"

	"github.com/pharosd/pharos/agent/conf"
)

// listening is the address of an open port.
type listening struct {
	mu   sync.Mutex
	addr string
}

func (l *listening) set(a net.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addr = a.String()
}

func (l *listening) get() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addr
}

// serverTLS is the TLS of a port, nil without certificate. Clients must show one of
// their own if a CA is named.
func serverTLS(c conf.TLS) (*tls.Config, error) {
	if c.CertFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("tls_config: %w", err)
	}
	out := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		if out.ClientCAs, err = pool(c.CAFile); err != nil {
			return nil, err
		}
		out.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return out, nil
}

// clientTLS is the TLS of a connection to somebody.
func clientTLS(c conf.TLS) (*tls.Config, error) {
	out, err := commonconfig.NewTLSConfig(&commonconfig.TLSConfig{
		CA: c.CA, Cert: c.Cert, Key: commonconfig.Secret(c.Key), CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
		ServerName: c.ServerName, InsecureSkipVerify: c.InsecureSkipVerify,
	})
	if err != nil {
		return nil, fmt.Errorf("tls_config: %w", err)
	}
	versions := commonconfig.TLSVersions
	if v, ok := versions[c.MinVersion]; ok {
		out.MinVersion = uint16(v)
	}
	if v, ok := versions[c.MaxVersion]; ok {
		out.MaxVersion = uint16(v)
	}
	return out, nil
}

func pool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("tls_config.ca_file: %w", err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		return nil, errors.New("tls_config.ca_file: no certificate in " + file)
	}
	return p, nil
}

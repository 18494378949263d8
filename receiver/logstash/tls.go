package logstash

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pharosd/pharos/pipeline/logstash"
)

// tlsSwitches are the settings that switch TLS on, the newest first.
func tlsSwitches() []string {
	return []string{"ssl_enabled", "ssl", "ssl_enable", "use_ssl", "use_tls"}
}

// readTLS reads the settings of TLS by all the names that they have had. It returns nil
// if it is off. server says which side this is.
func readTLS(s *logstash.Settings, v *env, server, on bool) *tls.Config {
	for _, name := range tlsSwitches() {
		if s.Has(name) {
			on = s.Bool(name, on)
		}
	}
	refuseStores(s)
	s.Known("ssl_handshake_timeout", "ssl_peer_metadata")
	c := &tls.Config{MinVersion: minVersion(s), ServerName: ""}
	cert := first(s, "ssl_certificate", "ssl_cert", "client_cert", "cert")
	key := first(s, "ssl_key", "client_key", "key")
	passphrase := s.String("ssl_key_passphrase", "")
	authorities := append(s.Strings("ssl_certificate_authorities"), s.Strings("cacert")...)
	authorities = append(authorities, s.Strings("ssl_certificate_authority")...)
	authorities = append(authorities, s.Strings("ca_cert")...)
	extra := s.Strings("ssl_extra_chain_certs")
	client := clientAuth(s, server, len(authorities) > 0)
	verify := verifies(s)
	readCiphers(s, c)
	if !on {
		return nil
	}
	pool, err := certPool(v, authorities)
	if err != nil {
		s.Errorf("ssl_certificate_authorities", "%v", err)
	}
	if cert != "" {
		pair, err := keyPair(v, cert, key, passphrase, extra)
		if err != nil {
			s.Errorf("ssl_certificate", "%v", err)
		}
		c.Certificates = []tls.Certificate{pair}
	} else if server {
		s.Errorf("ssl_certificate", "a server with TLS needs a certificate and a key")
	}
	if server {
		c.ClientCAs, c.ClientAuth = pool, client
		if client != tls.NoClientCert && pool == nil {
			s.Errorf("ssl_certificate_authorities", "authenticating clients needs authorities")
		}
	} else {
		c.RootCAs = pool
		setVerification(c, verify, pool)
	}
	return c
}

// first returns the first of several names of one setting.
func first(s *logstash.Settings, names ...string) string {
	out := ""
	for _, name := range names {
		if v := s.String(name, ""); out == "" {
			out = v
		}
	}
	return out
}

func refuseStores(s *logstash.Settings) {
	for _, name := range [...]string{"keystore", "truststore", "ssl_keystore_path", "ssl_truststore_path", "ssl_keystore_location", "ssl_truststore_location"} {
		s.Unsupported(name, "Java's key stores are not read; export PEM files (openssl pkcs12 -in store.p12 -out store.pem) and name them by ssl_certificate, ssl_key and ssl_certificate_authorities")
	}
	s.Known("keystore_password", "truststore_password", "ssl_keystore_password", "ssl_truststore_password", "ssl_keystore_type", "ssl_truststore_type",
		"keystore_type", "truststore_type")
}

func minVersion(s *logstash.Settings) uint16 {
	least := uint16(tls.VersionTLS12)
	for _, p := range s.Strings("ssl_supported_protocols") {
		switch p {
		case "TLSv1.1":
			s.Warnf("ssl_supported_protocols", "TLS 1.1 is not offered, 1.2 is the oldest")
		case "TLSv1.2", "TLSv1.3":
		default:
			s.Errorf("ssl_supported_protocols", "%q is none of TLSv1.1, TLSv1.2, TLSv1.3", p)
		}
	}
	if ps := s.Strings("ssl_supported_protocols"); len(ps) == 1 && ps[0] == "TLSv1.3" {
		least = tls.VersionTLS13
	}
	s.Ignored("tls_min_version", "tls_max_version")
	return least
}

func readCiphers(s *logstash.Settings, c *tls.Config) {
	known := map[string]uint16{}
	for _, suite := range tls.CipherSuites() {
		known[suite.Name] = suite.ID
	}
	for _, name := range append(s.Strings("ssl_cipher_suites"), s.Strings("cipher_suites")...) {
		if id, ok := known[strings.ToUpper(name)]; ok {
			c.CipherSuites = append(c.CipherSuites, id)
		} else {
			s.Warnf("ssl_cipher_suites", "cipher suite %s is not offered", name)
		}
	}
}

// clientAuth is what a server asks of its clients.
func clientAuth(s *logstash.Settings, server, authorities bool) tls.ClientAuthType {
	def := "none"
	if server && authorities {
		def = "required"
	}
	mode := s.Enum("ssl_client_authentication", def, "none", "optional", "required")
	if server && s.Has("ssl_verify_mode") {
		mode = map[string]string{"none": "none", "peer": "optional", "force_peer": "required"}[s.Enum("ssl_verify_mode", "none", "none", "peer", "force_peer")]
	}
	if server && s.Has("ssl_verify") && !s.Bool("ssl_verify", true) {
		mode = "none"
	}
	switch mode {
	case "optional":
		return tls.VerifyClientCertIfGiven
	case "required":
		return tls.RequireAndVerifyClientCert
	}
	return tls.NoClientCert
}

// verifies is how a client checks its server.
func verifies(s *logstash.Settings) string {
	mode := s.Enum("ssl_verification_mode", "full", "full", "certificate", "none")
	for _, name := range [...]string{"ssl_certificate_verification", "ssl_verify"} {
		if s.Has(name) && !s.Bool(name, true) {
			mode = "none"
		}
	}
	if s.Has("insecure_skip_verify") && s.Bool("insecure_skip_verify", false) {
		mode = "none"
	}
	return mode
}

func setVerification(c *tls.Config, mode string, pool *x509.CertPool) {
	switch mode {
	case "none":
		c.InsecureSkipVerify = true
	case "certificate": // the chain, but not the host's name
		c.InsecureSkipVerify = true
		c.VerifyConnection = func(state tls.ConnectionState) error {
			o := x509.VerifyOptions{Roots: pool, Intermediates: x509.NewCertPool()}
			for _, cert := range state.PeerCertificates[1:] {
				o.Intermediates.AddCert(cert)
			}
			_, err := state.PeerCertificates[0].Verify(o)
			return err
		}
	}
}

func certPool(v *env, files []string) (*x509.CertPool, error) {
	if len(files) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	for _, name := range files {
		text, err := os.ReadFile(v.path(name))
		if err != nil {
			return nil, fmt.Errorf("read authorities: %w", err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s has no certificate in PEM form", name)
		}
	}
	return pool, nil
}

func keyPair(v *env, cert, key, passphrase string, extra []string) (tls.Certificate, error) {
	if key == "" {
		return tls.Certificate{}, errors.New("the certificate needs an ssl_key")
	}
	chain, err := os.ReadFile(v.path(cert))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read certificate: %w", err)
	}
	for _, name := range extra {
		more, err := os.ReadFile(v.path(name))
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("read certificate: %w", err)
		}
		chain = append(append(chain, '\n'), more...)
	}
	text, err := os.ReadFile(v.path(key))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read key: %w", err)
	}
	if block, _ := pem.Decode(text); passphrase != "" && block != nil {
		if x509.IsEncryptedPEMBlock(block) { //nolint:staticcheck // files of this old form are about
			der, err := x509.DecryptPEMBlock(block, []byte(passphrase)) //nolint:staticcheck // likewise
			if err != nil {
				return tls.Certificate{}, fmt.Errorf("decrypt %s: %w", key, err)
			}
			text = pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der})
		} else if block.Type == "ENCRYPTED PRIVATE KEY" {
			return tls.Certificate{}, fmt.Errorf("%s is an encrypted PKCS#8 key: write it without a passphrase (openssl pkey -in %s -out plain.pem)", key, key)
		}
	}
	return tls.X509KeyPair(chain, text)
}

package ship

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"

	_ "go.opentelemetry.io/collector/config/configgrpc" // the server's zstd
)

// authority makes certificates for the loopback address, for both sides.
func authority(t *testing.T) (certFile, keyFile string, cert tls.Certificate, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
	require.NoError(t, os.WriteFile(certFile, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyFile, keyPEM, 0o600))
	cert, err = tls.X509KeyPair(certPEM, keyPEM)
	require.NoError(t, err)
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, cert, pool
}

// TestTLSAndCredentials goes to servers that want a client's certificate, a password and
// a header.
func TestTLSAndCredentials(t *testing.T) {
	certFile, keyFile, cert, pool := authority(t)
	serverTLS := &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	type seen struct{ auth, header, tenant string }
	got := make(chan seen, 10)

	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- seen{r.Header.Get("Authorization"), r.Header.Get("X-Extra"), r.Header.Get("X-Scope-OrgID")}
		w.WriteHeader(http.StatusNoContent)
	}))
	web.TLS = serverTLS
	web.StartTLS()
	defer web.Close()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	rpc := grpc.NewServer(grpc.Creds(credentials.NewTLS(serverTLS)), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(stream.Context())
		first := func(name string) string {
			if v := md.Get(name); len(v) > 0 {
				return v[0]
			}
			return ""
		}
		got <- seen{first("authorization"), first("x-extra"), first("x-scope-orgid")}
		return stream.SendMsg(&emptypb.Empty{})
	}))
	go func() { _ = rpc.Serve(l) }()
	defer rpc.Stop()

	for _, url := range []string{web.URL + "/loki/api/v1/push", "grpcs://" + l.Addr().String()} {
		cfg := testConfig(t.TempDir())
		c := &cfg.Clients[0]
		c.URL, c.TenantID, c.Headers = url, "team", map[string]string{"X-Extra": "yes"}
		c.BasicAuth = &BasicAuth{Username: "agent", PasswordFile: filepath.Join(t.TempDir(), "password")}
		require.NoError(t, os.WriteFile(c.BasicAuth.PasswordFile, []byte("secret\n"), 0o600))
		c.TLS = TLSConfig{CAFile: certFile, CertFile: certFile, KeyFile: keyFile, MinVersion: "TLS12"}
		q := open(t, cfg)
		stop := run(t, q)
		mustAppend(t, q, lines(0, 1))
		require.NoError(t, q.Drain(t.Context()))
		stop()
		require.Equal(t, seen{"Basic YWdlbnQ6c2VjcmV0", "yes", "team"}, <-got, url)
		require.NoError(t, q.Close())
	}
}

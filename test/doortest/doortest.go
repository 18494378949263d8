// Package doortest runs doors of logs over the real ingest step and the real store.
package doortest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// Tenant is whose requests are.
const Tenant tenant.ID = "t"

// Kit is a store with the ingest step in front.
type Kit struct {
	Sink *Sink
	Log  *slog.Logger
	// Store is what doors reach by Sink.
	Store *logstore.Store
}

// Sink counts pushes and can be made to refuse.
type Sink struct {
	ingest.LogSink
	// Refuse, unless it holds nil, is the answer to every push.
	Refuse atomic.Pointer[ingest.Refusal]
	Pushes atomic.Int64
}

// PushLogs implements ingest.LogSink.
func (s *Sink) PushLogs(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	s.Pushes.Add(1)
	if r := s.Refuse.Load(); r != nil {
		return r
	}
	return s.LogSink.PushLogs(ctx, t, streams)
}

// New returns a kit with limits as they come, changed by change unless it is nil.
func New(t testing.TB, change func(*ingest.Config)) *Kit {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.Retention = t.TempDir(), true, 10*365*24*time.Hour
	log := slog.New(slog.DiscardHandler)
	rows, err := rowstore.Open(cfg, log, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	limits := ingest.DefaultConfig()
	limits.Limits.IngestionRate = 0
	if change != nil {
		change(&limits)
	}
	store := logstore.New(rows, rows)
	return &Kit{Sink: &Sink{LogSink: ingest.NewLogs(ingest.NewBudget(limits), store, nil, ingest.NewMetrics(nil))}, Log: log, Store: store}
}

// Entry is what the store has of one line.
type Entry struct {
	Time     time.Time
	Line     string
	Labels   map[string]string
	Metadata map[string]string
}

// Entries returns what the store has, by time.
func (k *Kit) Entries(t testing.TB) []Entry { return k.EntriesOf(t, Tenant) }

// EntriesOf is Entries of another tenant.
func (k *Kit) EntriesOf(t testing.TB, id tenant.ID) []Entry {
	t.Helper()
	var out []Entry
	err := k.Store.Select(context.Background(), id, logs.Query{Start: math.MinInt64 / 2, End: math.MaxInt64 / 2}, func(b *logs.Block) error {
		labels := map[string]string{}
		for _, l := range b.Stream {
			labels[strings.Clone(l.Name)] = strings.Clone(l.Value)
		}
		for i := range b.Times {
			e := Entry{Time: time.Unix(0, b.Times[i]), Line: strings.Clone(b.Lines[i]), Labels: labels, Metadata: map[string]string{}}
			for _, c := range b.Metadata {
				if c.Values[i] != "" {
					e.Metadata[strings.Clone(c.Name)] = strings.Clone(c.Values[i])
				}
			}
			out = append(out, e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	return out
}

// Wait returns what the store has as soon as it has n entries.
func (k *Kit) Wait(t testing.TB, id tenant.ID, n int) []Entry {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		found := k.EntriesOf(t, id)
		if len(found) >= n {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d entries came, want %d: %+v", len(found), n, found)
		}
	}
}

// Run runs a part until the test ends, and fails the test if it fails.
func Run(t testing.TB, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the receiver ended: %v", err)
		}
	})
}

// Server serves routes as the gate does for a tenant.
type Server struct{ *httptest.Server }

// Serve starts a server of routes.
func Serve(t testing.TB, routes []httpx.Route) *Server {
	t.Helper()
	mux := httpx.NewMux()
	for _, route := range routes {
		mux.Handle(route, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			limit := route.MaxBody
			if limit == 0 {
				limit = httpx.DefaultMaxBody
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			route.Handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), Tenant)))
		}))
	}
	s := &Server{httptest.NewServer(mux)}
	t.Cleanup(s.Close)
	return s
}

// Do returns status, body and header of the answer. Headers are "Name: value".
func (s *Server) Do(t testing.TB, method, path, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(b)), resp.Header
}

// Certificate writes a certificate for 127.0.0.1 and localhost that is its own
// authority, and returns the files.
func Certificate(t testing.TB) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private)
}

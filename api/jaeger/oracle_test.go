package jaeger

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces/tracestore"
)

// newServer serves the API over a real store, and takes OTLP JSON at /push.
func newServer(t *testing.T) (*httptest.Server, *tracestore.Store) {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	cfg.Retention = 3650 * 24 * time.Hour
	log := slog.New(slog.DiscardHandler)
	rows, err := rowstore.Open(cfg, log, prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	store, err := tracestore.New(rows, tracestore.DefaultConfig())
	require.NoError(t, err)
	api, err := New(store, DefaultConfig(), log)
	require.NoError(t, err)

	mux := http.NewServeMux()
	for _, r := range api.Routes() {
		mux.Handle(r.Pattern, r.Handler)
	}
	mux.HandleFunc("POST /push", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			var td ptrace.Traces
			if td, err = (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body); err == nil {
				err = store.Append(r.Context(), tenant.Default, td)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	}))
	t.Cleanup(srv.Close)
	return srv, store
}

// TestOracle compares answers with those of a real Jaeger 1.76, with the checker
// that recorded them. They are not part of this repository.
func TestOracle(t *testing.T) {
	dir := testkit.Shared(t, "oracles", "jaeger")
	checker := filepath.Join(t.TempDir(), "jaegercheck")
	build := exec.Command("go", "build", "-o", checker, ".")
	build.Dir = filepath.Join(dir, "check")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	srv, _ := newServer(t)
	args := []string{"--url", srv.URL, "--dir", filepath.Join(dir, "open")}
	check := exec.Command(checker, append(args, "--otlp", srv.URL+"/push", "--strict-limit", "--warnings")...)
	out, err = check.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.True(t, bytes.Contains(out, []byte(" passed, 0 failed")), "%s", out)
	t.Logf("%s", out)
}

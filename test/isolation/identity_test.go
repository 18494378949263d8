package isolation_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	v1 "github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/test/isolation"
)

// TestIdentity runs the identity rows on the real parts in process; the built
// binary is asked for all rows end to end.
func TestIdentity(t *testing.T) {
	logger := slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), t.TempDir(), logger)
	require.NoError(t, err)
	defer db.Close()
	service := auth.NewService(auth.DefaultConfig(), db, logger)
	password, err := service.Bootstrap(t.Context())
	require.NoError(t, err)
	server := httptest.NewServer(auth.NewGate(service, logger, prometheus.NewRegistry()).Handler(v1.NewIdentity(service).Routes()))
	defer server.Close()
	a, b := isolation.Accounts(t, server.URL, password)
	isolation.Run(t, isolation.Target{URL: server.URL}, a, b, isolation.IdentityRows())
}

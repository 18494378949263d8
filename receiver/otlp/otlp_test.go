package otlp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// sink records what it is given; err is its answer.
type sink struct {
	mu      sync.Mutex
	err     error
	tenants []tenant.ID
	traces  []ptrace.Traces
	logs    [][]model.LogStream
	metrics []pmetric.Metrics
}

func (s *sink) PushTraces(_ context.Context, t tenant.ID, td ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tenants = append(s.tenants, t)
	s.traces = append(s.traces, td)
	return s.err
}

func (s *sink) PushLogs(_ context.Context, t tenant.ID, streams []model.LogStream) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tenants = append(s.tenants, t)
	s.logs = append(s.logs, streams)
	return s.err
}

func (s *sink) PushMetrics(_ context.Context, t tenant.ID, md pmetric.Metrics) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tenants = append(s.tenants, t)
	s.metrics = append(s.metrics, md)
	return s.err
}

func (s *sink) spans() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, td := range s.traces {
		n += td.SpanCount()
	}
	return n
}

// tokens resolves two tokens; anything else is unknown.
type tokens struct{}

func (tokens) ResolveWrite(_ context.Context, get func(string) string) (tenant.ID, error) {
	switch get("authorization") {
	case "Bearer writer":
		return "acme", nil
	case "Bearer reader":
		return "", tenant.ErrForbidden
	case "Bearer broken":
		return "", errors.New("the token store is away")
	}
	return "", tenant.ErrUnauthenticated
}

// start runs a receiver until the test ends.
func start(t *testing.T, s *sink) Config {
	t.Helper()
	cfg := DefaultConfig()
	cfg.GRPC, cfg.HTTP, cfg.MaxMessageMiB = testkit.FreeAddress(t), testkit.FreeAddress(t), 1
	r, err := New(cfg, Deps{Traces: s, Logs: s, Metrics: s, Tenants: tokens{}, Log: slog.New(slog.DiscardHandler)}, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	for _, address := range []string{cfg.GRPC, cfg.HTTP} {
		require.Eventually(t, func() bool {
			c, err := net.Dial("tcp", address)
			if err == nil {
				c.Close()
			}
			return err == nil
		}, 5*time.Second, 10*time.Millisecond)
	}
	return cfg
}

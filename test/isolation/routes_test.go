package isolation_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/app"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/test/isolation"
)

// wired is a process' routes: a second one cannot be wired in the same test process.
var wired []httpx.Route

// routes are those of a whole process.
func routes(t *testing.T) []httpx.Route {
	t.Helper()
	if wired != nil {
		return wired
	}
	load := func() (*config.Config, error) {
		c, err := config.Load("", os.LookupEnv)
		if err != nil {
			return nil, err
		}
		c.Data, c.Listen, c.Memory = t.TempDir(), "127.0.0.1:0", 512<<20
		for _, port := range []*string{
			&c.Traces.OTLP.GRPC, &c.Traces.OTLP.HTTP, &c.Traces.Jaeger.GRPC, &c.Traces.Jaeger.ThriftHTTP,
			&c.Traces.Jaeger.ThriftCompact, &c.Traces.Jaeger.ThriftBinary, &c.Traces.Zipkin.HTTP,
		} {
			*port = ""
		}
		return c, c.Validate()
	}
	a, err := app.New(t.Context(), app.Options{Load: load, LookupEnv: os.LookupEnv, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, a.Run(ended), "a process that is told to end at once closes what New opened")
	wired = a.Routes()
	return wired
}

// TestEveryRouteHasARow fails when somebody adds a route and no row that asks it,
// so that isolation is never forgotten.
func TestEveryRouteHasARow(t *testing.T) {
	mux, asked := httpx.NewMux(), map[string]bool{}
	all := routes(t)
	for _, r := range all {
		mux.Handle(r, http.NotFoundHandler())
	}
	pattern := func(method, path string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, path, nil)
		require.NoError(t, err)
		return mux.Pattern(r)
	}
	for _, row := range isolation.Rows() {
		for _, request := range append(row.Reads, row.Push) {
			if request.Port == "" && request.Method != "" {
				asked[pattern(request.Method, request.Path)] = true
			}
		}
	}
	exempt := isolation.Exempt()
	for _, r := range all {
		reason := exempt[r.Pattern]
		delete(exempt, r.Pattern)
		switch {
		case r.Access == httpx.Public || reason != "" && !asked[r.Pattern]:
		case reason != "":
			t.Errorf("%s has a row and an exemption (%s)", r.Pattern, reason)
		case !asked[r.Pattern]:
			t.Errorf("%s has no row in test/isolation", r.Pattern)
		}
	}
	for p := range exempt {
		t.Errorf("%s is exempt and no route", p)
	}
}

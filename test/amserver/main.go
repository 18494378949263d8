// Command amserver serves only alerting and Alertmanager's API, without
// authentication, for tests that drive it as a process: the acceptance cases,
// amtool, a hard kill. Its flags are Alertmanager's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/api/alertmanager"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

func main() {
	config := flag.String("config.file", "", "alertmanager.yml")
	data := flag.String("storage.path", "data", "folder for state")
	listen := flag.String("web.listen-address", "127.0.0.1:9093", "address to serve on")
	cluster := flag.String("cluster.listen-address", "", "address for other replicas; empty for none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *config, *data, *listen, *cluster); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, config, data, listen, cluster string) error {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", listen, err)
	}
	defer ln.Close()
	reg := prometheus.NewRegistry()
	cfg := alerting.DefaultConfig()
	cfg.AlertmanagerConfig = config
	cfg.Cluster.ListenAddress = cluster
	svc, err := alerting.New(cfg, alerting.Deps{
		DataDir:     filepath.Join(data, "alerting"),
		ExternalURL: "http://" + ln.Addr().String(),
		LookupEnv:   os.LookupEnv,
		Logger:      slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Registerer:  reg,
	})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux(svc, cfg, reg), ReadHeaderTimeout: 10 * time.Second}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alertingEnded := make(chan error, 1)
	serverEnded := make(chan error, 1)
	go func() { alertingEnded <- svc.Run(ctx) }()
	go func() { serverEnded <- server.Serve(ln) }()
	select {
	case err = <-alertingEnded:
		return errors.Join(err, server.Shutdown(context.WithoutCancel(ctx)))
	case err = <-serverEnded:
		cancel()
		return errors.Join(err, <-alertingEnded)
	}
}

// mux stands in for the gate: every caller is the tenant that X-Scope-OrgID
// names, and may do everything.
func mux(svc *alerting.Service, cfg alerting.Config, reg *prometheus.Registry) http.Handler {
	m := http.NewServeMux()
	for _, route := range alertmanager.New(svc).Routes() {
		m.Handle(route.Pattern, asTenant(route))
	}
	m.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if err := svc.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	m.HandleFunc("POST /-/reload", func(w http.ResponseWriter, _ *http.Request) {
		if err := svc.Reload(cfg); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	m.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	return m
}

func asTenant(route httpx.Route) http.Handler {
	limit := route.MaxBody
	if limit == 0 {
		limit = httpx.DefaultMaxBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := tenant.Default
		if name := r.Header.Get("X-Scope-OrgID"); name != "" {
			var err error
			if id, err = tenant.Parse(name); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		route.Handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
	})
}

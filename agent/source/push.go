package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/lokipush"
	"github.com/pharosd/pharos/tenant"
)

// keepTimeout is how long a request waits for the queue. A client sends it again.
const keepTimeout = time.Minute

// Push is a port that takes what Loki takes, and plain lines. A request is answered
// with success when the queue has all that came of it.
type Push struct {
	cfg  conf.PushConfig
	deps Deps
	addr listening
}

// NewPush returns a push API that does not listen yet.
func NewPush(cfg conf.PushConfig, deps Deps) *Push { return &Push{cfg: cfg, deps: deps} }

// Run implements Source.
func (p *Push) Run(ctx context.Context) error {
	s := p.cfg.Server
	l, err := net.Listen("tcp", net.JoinHostPort(s.ListenAddress, strconv.Itoa(s.ListenPort)))
	if err != nil {
		return fmt.Errorf("loki_push_api: %w", err)
	}
	p.addr.set(l.Addr())
	p.deps.Logger.Info("push API listens", "address", l.Addr().String())
	server := httpx.Server{Handler: p.handler(), Logger: p.deps.Logger}
	return server.Serve(ctx, l)
}

func (p *Push) handler() http.Handler {
	mux := http.NewServeMux()
	cfg := lokipush.DefaultConfig()
	prefix := strings.TrimSuffix(p.cfg.Server.PathPrefix, "/")
	for _, route := range lokipush.New(cfg, p).Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		handler := route.Handler
		mux.HandleFunc(method+" "+prefix+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = httpx.NewSteadyBody(http.MaxBytesReader(w, r.Body, route.MaxBody), http.NewResponseController(w))
			handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), "default")))
		})
	}
	mux.HandleFunc("POST "+prefix+"/promtail/api/v1/raw", func(w http.ResponseWriter, r *http.Request) { p.raw(w, r, cfg.MaxDecompressed) })
	mux.HandleFunc("GET "+prefix+"/ready", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ready") })
	return mux
}

// PushLogs implements ingest.LogSink for the receiver that reads the requests.
func (p *Push) PushLogs(ctx context.Context, _ tenant.ID, streams []model.LogStream) error {
	var lines []feed.Line
	for _, s := range streams {
		labels, ok := relabelled(merged(s.Labels.Map(), p.cfg.Labels), p.deps.Relabel)
		if !ok || len(labels) == 0 {
			continue // a rule says so
		}
		for _, e := range s.Entries {
			l := feed.Line{Text: e.Line, Labels: labels}
			if p.cfg.KeepTimestamp {
				l.Time = time.Unix(0, e.Time)
			}
			if len(e.Metadata) > 0 {
				l.Metadata = e.Metadata.Map()
			}
			lines = append(lines, l)
			p.deps.Metrics.entry(push)
		}
	}
	if err := keep(ctx, p.deps.Feed, lines, keepTimeout); err != nil {
		p.deps.Logger.Debug("push request is not kept", "error", err)
		return &ingest.Refusal{Reason: ingest.Overloaded, Temporary: true, RetryAfter: time.Second, Message: "the agent's queue did not take the lines in time"}
	}
	return nil
}

// raw takes lines of text, as Promtail's own plain endpoint does.
func (p *Push) raw(w http.ResponseWriter, r *http.Request, limit int64) {
	body := httpx.NewSteadyBody(http.MaxBytesReader(w, r.Body, limit), http.NewResponseController(w))
	reader := bufio.NewReader(body)
	labels := public(p.cfg.Labels)
	var lines []feed.Line
	for {
		line, err := reader.ReadString('\n')
		if text := strings.TrimRight(line, "\r\n"); text != "" {
			lines = append(lines, feed.Line{Text: text, Labels: labels})
			p.deps.Metrics.entry(push)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.deps.Metrics.problem(push)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	if err := keep(r.Context(), p.deps.Feed, lines, keepTimeout); err != nil {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the agent's queue did not take the lines in time", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func public(in map[string]string) map[string]string {
	out, _ := relabelled(in, nil)
	return out
}

// Cursors implements Source.
func (*Push) Cursors() map[string]string { return nil }

// Status implements Source.
func (p *Push) Status() []Status {
	return []Status{{Type: "Push", Ready: p.addr.get() != "", Labels: p.cfg.Labels, Details: map[string]string{"address": p.addr.get()}}}
}

// Addr is where it listens, "" before it does.
func (p *Push) Addr() string { return p.addr.get() }

// Package remotewrite gathers metrics in the agent's process at an interval and sends
// them by Prometheus' remote write, as a Prometheus that scraped them would: with job and
// instance, up, and stale markers for series that have gone.
package remotewrite

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/prometheus/prompb"

	"github.com/pharosd/pharos/internal/version"
)

// Config is a pusher's settings.
type Config struct {
	// URL takes remote write, such as http://pharos:8400/api/v1/write.
	URL string
	// Tenant is sent as X-Scope-OrgID unless it is empty.
	Tenant string
	// Instance is the label of that name.
	Instance string
	// Interval is between scrapes; 0: 15 seconds.
	Interval time.Duration
	// Labels are added to series that do not have them.
	Labels map[string]string
}

// DefaultInterval is Config.Interval's.
const DefaultInterval = 15 * time.Second

// maxPending is how many scrapes wait while the server is away, at most; the oldest are
// dropped.
const maxPending = 40

// Source is what one job gathers.
type Source struct {
	Job      string
	Gatherer prometheus.Gatherer
	// Instance, unless it is empty, replaces Config.Instance.
	Instance string
}

// URLFor derives the address of remote write from a client's for logs. It returns "" for
// an address that does not tell, such as one of gRPC.
func URLFor(client string) string {
	u, err := url.Parse(client)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	base, ok := strings.CutSuffix(u.Path, "/loki/api/v1/push")
	if !ok {
		return ""
	}
	u.Path, u.RawQuery = base+"/api/v1/write", ""
	return u.String()
}

// Pusher sends the metrics of its sources.
type Pusher struct {
	cfg     Config
	http    *http.Client
	log     *slog.Logger
	sources []*source
	pending [][]byte // packed requests, oldest first
	now     func() time.Time

	sent, dropped, failed prometheus.Counter
}

// New returns a pusher; it starts nothing. reg may be nil.
func New(cfg Config, client *http.Client, log *slog.Logger, reg prometheus.Registerer, sources ...Source) *Pusher {
	if cfg.Interval <= 0 {
		cfg.Interval = DefaultInterval
	}
	f := promauto.With(reg)
	p := &Pusher{cfg: cfg, http: client, log: log, now: time.Now,
		sent:    f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_metrics_sent_total", Help: "Scrapes of the agent's own sources that were sent."}),
		dropped: f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_metrics_dropped_total", Help: "Scrapes that were dropped: the server was away for too long, or refused them."}),
		failed:  f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_metrics_failed_total", Help: "Attempts to send metrics that failed."}),
	}
	for _, s := range sources {
		p.sources = append(p.sources, &source{Source: s, labels: sourceLabels(cfg, s)})
	}
	return p
}

// Run scrapes and sends until ctx is done.
func (p *Pusher) Run(ctx context.Context) error {
	tick := time.NewTicker(p.cfg.Interval)
	defer tick.Stop()
	for {
		p.scrape()
		p.flush(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// scrape gathers all sources.
func (p *Pusher) scrape() {
	for _, s := range p.sources {
		req := prompb.WriteRequest{Timeseries: s.scrape(p.now(), p.log)}
		b, err := req.Marshal()
		if err != nil {
			p.log.Error("encode metrics", "job", s.Job, "error", err)
			continue
		}
		p.pending = append(p.pending, snappy.Encode(nil, b))
	}
	if n := len(p.pending) - maxPending; n > 0 {
		p.dropped.Add(float64(n))
		p.pending = append(p.pending[:0], p.pending[n:]...)
	}
}

// flush sends what is pending, oldest first, until the server is found to be away.
func (p *Pusher) flush(ctx context.Context) {
	for len(p.pending) > 0 && ctx.Err() == nil {
		again, err := p.send(ctx, p.pending[0])
		switch {
		case err == nil:
			p.sent.Inc()
		case again:
			p.failed.Inc()
			p.log.Warn("metrics cannot be sent, they are kept for a while", "url", p.cfg.URL, "scrapes", len(p.pending), "error", err)
			return
		default:
			p.dropped.Inc()
			p.log.Error("metrics were refused", "url", p.cfg.URL, "error", err)
		}
		p.pending = p.pending[1:]
	}
}

// send posts a request once. again says whether it may be taken later.
func (p *Pusher) send(ctx context.Context, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Interval)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", "snappy")
	r.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	r.Header.Set("User-Agent", "pharos-agent/"+version.Version)
	if p.cfg.Tenant != "" {
		r.Header.Set("X-Scope-OrgID", p.cfg.Tenant)
	}
	answer, err := p.http.Do(r)
	if err != nil {
		return true, err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if answer.StatusCode/100 == 2 {
		return false, nil
	}
	code := answer.StatusCode
	again = code/100 == 5 || code == http.StatusTooManyRequests || code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound
	return again, fmt.Errorf("server answers %s: %s", answer.Status, strings.TrimSpace(string(text)))
}

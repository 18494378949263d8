// Package lines receives plain lines: POST or PUT of text to /api/pharos/v1/lines with
// labels in the URL, and /collector, where a web application and its pages post their
// access lines. It recognizes the Common and Combined Log Formats and the formats in
// which containers' lines are kept.
package lines

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// Config is the settings of plain lines.
type Config struct {
	// MaxBody bounds a request as sent, MaxUnpacked what it may unpack to. Lines are
	// stored while they come.
	MaxBody     strictyaml.Bytes `yaml:"max_body"`
	MaxUnpacked strictyaml.Bytes `yaml:"max_unpacked"`
	// MaxLine bounds a line; longer ones are cut.
	MaxLine strictyaml.Bytes `yaml:"max_line"`
}

// DefaultConfig takes files of up to 1 GiB.
func DefaultConfig() Config {
	return Config{MaxBody: 1 << 30, MaxUnpacked: 8 << 30, MaxLine: 256 << 10}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.MaxBody < 1<<10 || c.MaxUnpacked < c.MaxBody {
		errs = append(errs, door.Bad("max_body", "such as 1GiB and 8GiB", "must be at least 1KiB, and max_unpacked not less"))
	}
	if c.MaxLine < 1<<10 || c.MaxLine > 1<<20 {
		errs = append(errs, door.Bad("max_line", "1KiB to 1MiB", "is %d bytes", c.MaxLine))
	}
	return errors.Join(errs...)
}

// CollectorConfig is the settings of the collector of a web application.
type CollectorConfig struct {
	// Origins are the sites whose pages may post, such as https://shop.example.org; "*":
	// all. Pages of others are refused by browsers.
	Origins []string `yaml:"origins"`
	// Labels are those of the stream; lines cannot change them.
	Labels map[string]string `yaml:"labels"`
	// MaxBody bounds a request.
	MaxBody strictyaml.Bytes `yaml:"max_body"`
	// Rate is how many lines a second one client address may post, Burst how many at
	// once; 0: any.
	Rate  int `yaml:"rate"`
	Burst int `yaml:"burst"`
}

// DefaultCollectorConfig lets no other site's pages in.
func DefaultCollectorConfig() CollectorConfig {
	return CollectorConfig{Labels: map[string]string{"job": "web"}, MaxBody: 1 << 20, Rate: 10_000, Burst: 20_000}
}

// Validate says what is wrong with the settings, all at once.
func (c CollectorConfig) Validate() error {
	errs := []error{door.CheckLabels("labels", c.Labels)}
	for i, o := range c.Origins {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Host == "" || u.Path != "" || u.Scheme != "http" && u.Scheme != "https") {
			errs = append(errs, door.Bad(fmt.Sprintf("origins[%d]", i), "such as https://shop.example.org", "%q is no origin", o))
		}
	}
	if len(c.Labels) == 0 {
		errs = append(errs, door.Bad("labels", "such as {job: web}", "a stream needs a label"))
	}
	if c.MaxBody < 1<<10 {
		errs = append(errs, door.Bad("max_body", "such as 1MiB", "is %d bytes", c.MaxBody))
	}
	if c.Rate < 0 || c.Rate > 0 && c.Burst < 1 {
		errs = append(errs, door.Bad("rate", "such as rate 10000 and burst 20000", "must not be negative, and burst must be more than 0"))
	}
	return errors.Join(errs...)
}

// allows says whether pages of an origin may post.
func (c CollectorConfig) allows(origin string) bool {
	return slices.Contains(c.Origins, "*") || slices.Contains(c.Origins, origin)
}

// Deps are what the receiver needs.
type Deps struct {
	Sink ingest.LogSink
	// ClientAddress is the address that a request comes from, through trusted proxies.
	ClientAddress func(*http.Request) string
	Registry      prometheus.Registerer
}

// Receiver serves both.
type Receiver struct {
	cfg       Config
	collector CollectorConfig
	deps      Deps
	ticks     door.Ticks
	arrivals  door.Arrivals
	limiter   *limiter
	metrics   *metrics
	now       func() time.Time
}

type metrics struct {
	operations *prometheus.CounterVec
	limited    prometheus.Counter
}

// New returns a receiver that pushes to d.Sink.
func New(cfg Config, collector CollectorConfig, d Deps) *Receiver {
	m := &metrics{
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pharos_collector_operations_total",
			Help: "Operations (create, read, update, delete) in access lines that the collector has acknowledged."}, []string{"tenant", "operation"}),
		limited: prometheus.NewCounter(prometheus.CounterOpts{Name: "pharos_collector_rate_limited_total",
			Help: "Requests to the collector that were refused because their client had posted too many lines."}),
	}
	if d.Registry != nil {
		d.Registry.MustRegister(m.operations, m.limited)
	}
	return &Receiver{cfg: cfg, collector: collector, deps: d, metrics: m, limiter: newLimiter(collector.Rate, collector.Burst), now: time.Now}
}

// Routes are those of both.
func (r *Receiver) Routes() []httpx.Route {
	const path = "/api/pharos/v1/lines"
	var out []httpx.Route
	for _, method := range []string{"POST ", "PUT "} {
		out = append(out, httpx.Route{Pattern: method + path, Access: httpx.Write, Scoped: true, MaxBody: int64(r.cfg.MaxBody), Handler: http.HandlerFunc(r.postLines)},
			httpx.Route{Pattern: method + path + "/{file}", Access: httpx.Write, Scoped: true, MaxBody: int64(r.cfg.MaxBody), Handler: http.HandlerFunc(r.postLines)})
	}
	for _, p := range []string{"/collector", "/log_collector", "/api/pharos/v1/collector"} {
		out = append(out,
			httpx.Route{Pattern: "POST " + p, Access: httpx.Write, Scoped: true, MaxBody: int64(r.collector.MaxBody), Token: publicKey,
				Origins: r.collector.allows, Handler: http.HandlerFunc(r.collect)},
			httpx.Route{Pattern: "OPTIONS " + p, Access: httpx.Public, Handler: http.HandlerFunc(r.preflight)})
	}
	return out
}

// publicKey is a token in the URL: beacons of pages cannot have a header.
func publicKey(r *http.Request) string {
	query := r.URL.Query()
	key := query.Get("key")
	if key != "" {
		query.Del("key")
		r.URL.RawQuery = query.Encode()
		r.RequestURI = r.URL.RequestURI()
	}
	return key
}

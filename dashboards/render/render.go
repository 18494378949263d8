// Package render makes pictures, documents and tables of dashboards with Chromium, which
// opens the page that people see: what is sent by e-mail looks as it does in the browser.
//
// One Chromium runs at a time, and only while something is rendered. It reaches nothing
// but this process, signs in with a token of its own that ends with the picture, and is
// stopped when it takes too long or too much memory.
package render

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/tenant"
)

// Errors of Render; test with errors.Is.
var (
	// ErrNoChromium: there is no browser to render with.
	ErrNoChromium = errors.New("no Chromium was found")
	// ErrBusy: too many wait already.
	ErrBusy = errors.New("too many pictures are waiting to be made")
	// ErrTimeout: the dashboard was not loaded in time.
	ErrTimeout = errors.New("the dashboard took too long")
	// ErrBadRequest: such a picture cannot be.
	ErrBadRequest = errors.New("invalid request for a picture")
)

// Bounds of rendering.
const (
	timeout      = 90 * time.Second // of one picture
	patience     = 90 * time.Second // for others' pictures
	maxWaiting   = 8
	maxMemory    = 1536 << 20 // bytes, of Chromium's processes together
	maxWidth     = 4000       // CSS pixels
	maxHeight    = 20_000
	maxVariables = 200
)

// Format is what a dashboard becomes.
type Format string

// The formats.
const (
	PNG Format = "png"
	PDF Format = "pdf"
	CSV Format = "csv"
)

// Data is what a table holds.
type Data string

// The contents of tables: the panels as they are shown, after transformations and without
// what they hide, with bare numbers or as they are written there; or each point of each
// query.
const (
	Raw       Data = "raw" // also ""
	Formatted Data = "formatted"
	Queries   Data = "queries"
)

// ContentType is the format's media type.
func (f Format) ContentType() string {
	return map[Format]string{PNG: "image/png", PDF: "application/pdf", CSV: "text/csv; charset=utf-8"}[f]
}

// Request is one picture.
type Request struct {
	Tenant tenant.ID
	Who    dashboards.Actor // whose permissions hold
	UID    string
	Format Format
	Data   Data  // of CSV
	Panel  int64 // its id; 0 is the whole dashboard
	Time   dashboards.TimeSpan
	// Width and Height are CSS pixels; height 0 is as tall as the dashboard is.
	Width, Height int
	Dark          bool
	Timezone      string     // IANA name, "" is UTC
	Variables     url.Values // var-name to its values
}

func (r *Request) check() error {
	if r.Width == 0 {
		r.Width = 1440
		if r.Panel != 0 {
			r.Width = 1000
		}
	}
	if r.Height == 0 && r.Panel != 0 {
		r.Height = 500
	}
	switch {
	case r.Format.ContentType() == "":
		return fmt.Errorf("%w: format %q is none of png, pdf, csv", ErrBadRequest, r.Format)
	case !slices.Contains([]Data{"", Raw, Formatted, Queries}, r.Data):
		return fmt.Errorf("%w: data %q is none of raw, formatted, queries", ErrBadRequest, r.Data)
	case r.Width < 100 || r.Width > maxWidth:
		return fmt.Errorf("%w: width %d is not between 100 and %d", ErrBadRequest, r.Width, maxWidth)
	case r.Height != 0 && (r.Height < 100 || r.Height > maxHeight):
		return fmt.Errorf("%w: height %d is not between 100 and %d", ErrBadRequest, r.Height, maxHeight)
	case r.Panel < 0:
		return fmt.Errorf("%w: panel %d", ErrBadRequest, r.Panel)
	case len(r.Variables) > maxVariables:
		return fmt.Errorf("%w: more than %d variables", ErrBadRequest, maxVariables)
	}
	if _, err := time.LoadLocation(r.Timezone); err != nil {
		return fmt.Errorf("%w: timezone %q is not known", ErrBadRequest, r.Timezone)
	}
	if r.Time.From == "" && r.Time.To == "" {
		return nil
	}
	now := time.Now()
	from, errFrom := dashboards.ParseTime(r.Time.From, now)
	to, errTo := dashboards.ParseTime(r.Time.To, now)
	if err := errors.Join(errFrom, errTo); err != nil || !from.Before(to) {
		return fmt.Errorf("%w: from %q to %q is no time", ErrBadRequest, r.Time.From, r.Time.To)
	}
	return nil
}

// page is the address of what is rendered, below base.
func (r *Request) page(base string) string {
	q := url.Values{"kiosk": {"1"}}
	for name, values := range r.Variables {
		q[name] = values
	}
	if r.Time.From != "" {
		q.Set("from", r.Time.From)
		q.Set("to", r.Time.To)
	}
	if r.Panel != 0 {
		q.Set("panel", strconv.FormatInt(r.Panel, 10))
	}
	return base + "/dashboards/" + url.PathEscape(r.UID) + "?" + q.Encode()
}

// Deps are what a Renderer works with.
type Deps struct {
	// Library answers whether the dashboard is there for whoever asks.
	Library *dashboards.Library
	// BaseURL is where this process serves its pages, on loopback if it can be.
	BaseURL string
	// SignIn returns a secret for what who may read, and what ends it.
	SignIn func(t tenant.ID, who dashboards.Actor) (secret string, end func())
	Log    *slog.Logger
}

// Renderer renders one dashboard after the other. It is safe for concurrent use.
type Renderer struct {
	deps    Deps
	host    string // of Deps.BaseURL
	chrome  string // "" if there is none
	slot    chan struct{}
	waiting chan struct{}
	metrics *metrics
}

type metrics struct {
	rendered *prometheus.CounterVec
	duration prometheus.Histogram
}

// New looks for Chromium: at path, or in the usual places if path is empty. Not finding it
// is no error; Render then answers ErrNoChromium.
func New(path string, deps Deps, reg prometheus.Registerer) *Renderer {
	m := &metrics{
		rendered: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pharos_render_total", Help: "Pictures, documents and tables of dashboards, by format and whether they were made (ok, failed)."}, []string{"format", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "pharos_render_duration_seconds", Help: "How long rendering a dashboard took.", Buckets: []float64{1, 2, 5, 10, 20, 40, 60}}),
	}
	reg.MustRegister(m.rendered, m.duration)
	base, err := url.Parse(deps.BaseURL)
	if err != nil {
		panic("BUG: our own address is no URL: " + deps.BaseURL)
	}
	return &Renderer{deps: deps, host: base.Hostname(), chrome: find(path), slot: make(chan struct{}, 1), waiting: make(chan struct{}, maxWaiting), metrics: m}
}

// Available reports whether there is a browser to render with.
func (r *Renderer) Available() bool { return r.chrome != "" }

// Render makes one picture. The error wraps one of this package's or of the library's.
func (r *Renderer) Render(ctx context.Context, req Request) ([]byte, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	found, err := r.deps.Library.Get(ctx, req.Tenant, req.Who, req.UID)
	if err != nil {
		return nil, err
	}
	if r.chrome == "" {
		return nil, fmt.Errorf("%w: install it, or name it in dashboards.chromium", ErrNoChromium)
	}
	release, err := r.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	start := time.Now()
	out, err := r.render(ctx, req, found.Document)
	result := "ok"
	if err != nil {
		result = "failed"
	}
	r.metrics.rendered.WithLabelValues(string(req.Format), result).Inc()
	r.metrics.duration.Observe(time.Since(start).Seconds())
	return out, err
}

// acquire waits for the one slot.
func (r *Renderer) acquire(ctx context.Context) (release func(), err error) {
	select {
	case r.waiting <- struct{}{}:
		defer func() { <-r.waiting }()
	default:
		return nil, fmt.Errorf("%w: %d", ErrBusy, maxWaiting)
	}
	select {
	case r.slot <- struct{}{}:
		return func() { <-r.slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(patience):
		return nil, fmt.Errorf("%w: none was free in %s", ErrBusy, patience)
	}
}

func (r *Renderer) render(ctx context.Context, req Request, doc *dashboards.Document) (out []byte, err error) {
	dir, err := os.MkdirTemp("", "pharos-render-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Chromium: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	secret, end := r.deps.SignIn(req.Tenant, req.Who)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	p := &view{request: req, secret: secret, url: req.page(r.deps.BaseURL), document: doc}
	for _, sandbox := range sandboxes() {
		b := browser{path: r.chrome, dir: dir, host: r.host, sandbox: sandbox, log: r.deps.Log}
		out, err = b.run(ctx, p)
		if sandbox && errors.Is(err, errSandbox) {
			r.deps.Log.Warn("Chromium's sandbox does not work here; it renders our own pages without it", "error", err)
			continue
		}
		break
	}
	if err != nil && ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("%w: it was not loaded in %s%s", ErrTimeout, timeout, p.waitingFor())
	}
	return out, err
}

// sandboxes are the ways to try: as root Chromium refuses to run with its sandbox.
func sandboxes() []bool {
	if os.Getuid() == 0 {
		return []bool{false}
	}
	return []bool{true, false}
}

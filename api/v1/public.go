package v1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Bounds of what strangers may ask, over all links and of one. A page of 40 panels asks
// some 60 queries at once.
const (
	publicRate      = 100 // requests a second
	publicBurst     = 1000
	linkRate        = 10
	linkBurst       = 200
	publicAtOnce    = 16 // queries
	linkAtOnce      = 6
	publicPatience  = 15 * time.Second
	maxCachedLinks  = 64
	maxPublicParams = 128 << 10 // bytes of a form
)

// Public serves what public links lead to, without signing in: the dashboard that was
// shared, and the answers to its own queries.
type Public struct {
	library *dashboards.Library
	token   func(tenant.ID) string
	api     http.Handler
	rate    *rate.Limiter
	slots   chan struct{}

	mu    sync.Mutex
	links map[string]*publicLink // by what tells contents apart
}

// publicLink is a link that was followed lately.
type publicLink struct {
	patterns []dashboards.QueryPattern
	asks     *dashboards.SharedAsks
	lead     time.Duration // panels may look back so much further than the page's time
	rate     *rate.Limiter
	slots    chan struct{}
	used     time.Time
}

// NewPublic serves l's links. token returns a secret that may read what the tenant has.
func NewPublic(l *dashboards.Library, token func(tenant.ID) string) *Public {
	return &Public{library: l, token: token, rate: rate.NewLimiter(publicRate, publicBurst), slots: make(chan struct{}, publicAtOnce), links: map[string]*publicLink{}}
}

// Open hands in the process' routes behind their gate. It is called once, before the
// first request.
func (p *Public) Open(api http.Handler) { p.api = api }

// Routes returns the table of routes.
func (p *Public) Routes() []httpx.Route {
	const path = "/api/pharos/v1/public/{key}"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Public, Handler: respond(p.get)},
		{Pattern: "GET " + path + "/q/{path...}", Access: httpx.Public, Handler: http.HandlerFunc(p.query)},
		{Pattern: "POST " + path + "/q/{path...}", Access: httpx.Public, MaxBody: maxPublicParams, Handler: http.HandlerFunc(p.query)},
	}
}

func tooMany() error {
	return &httpx.Error{Status: http.StatusTooManyRequests, Code: "too_many_requests", Message: "this link is being asked too often", Hint: "wait some seconds"}
}

// follow returns the link of the request's key.
func (p *Public) follow(r *http.Request) (dashboards.Followed, *publicLink, error) {
	if !p.rate.Allow() {
		return dashboards.Followed{}, nil, tooMany()
	}
	f, err := p.library.Follow(r.Context(), r.PathValue("key"))
	if err != nil {
		return f, nil, dashboardError(err)
	}
	link, err := p.link(f)
	if err == nil && !link.rate.Allow() {
		err = tooMany()
	}
	return f, link, err
}

// link returns what is remembered of a link, or reads its patterns.
func (p *Public) link(f dashboards.Followed) (*publicLink, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.links[f.Made]; l != nil {
		l.used = time.Now()
		return l, nil
	}
	doc, err := dashboards.Parse(f.Dashboard)
	if err != nil {
		return nil, fmt.Errorf("read shared dashboard: %w", err)
	}
	if len(p.links) >= maxCachedLinks {
		oldest := ""
		for key, l := range p.links {
			if oldest == "" || l.used.Before(p.links[oldest].used) {
				oldest = key
			}
		}
		delete(p.links, oldest)
	}
	l := &publicLink{
		patterns: dashboards.QueryPatterns(doc, p.library.Datasources()), asks: dashboards.NewSharedAsks(doc, p.library.Datasources()), lead: dashboards.LookBack(doc),
		rate: rate.NewLimiter(linkRate, linkBurst), slots: make(chan struct{}, linkAtOnce), used: time.Now(),
	}
	p.links[f.Made] = l
	return l, nil
}

func (p *Public) get(r *http.Request) (int, any, error) {
	f, _, err := p.follow(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, sharedDashboard{Dashboard: f.Dashboard, Time: f.Time, FixedTime: f.FixedTime,
		Expires: f.Expires.Format(time.RFC3339), Datasources: p.library.Datasources()}, nil
}

// publicPath is a path of a dialect that links may ask.
type publicPath struct {
	dialect   string
	text      string   // the parameter that is the query
	pass      []string // those that go along
	exemplars bool
	// start and end are the parameters of time; at is that of an instant.
	start, end, at string
}

var publicPaths = map[string]publicPath{
	"api/v1/query":                  {dialect: "prometheus", text: "query", pass: []string{"timeout", "limit"}, at: "time"},
	"api/v1/query_range":            {dialect: "prometheus", text: "query", pass: []string{"step", "timeout", "limit"}, start: "start", end: "end"},
	"api/v1/query_exemplars":        {dialect: "prometheus", text: "query", exemplars: true, start: "start", end: "end"},
	"loki/api/v1/query":             {dialect: "loki", text: "query", pass: []string{"limit", "direction"}, at: "time"},
	"loki/api/v1/query_range":       {dialect: "loki", text: "query", pass: []string{"limit", "direction", "step", "interval"}, start: "start", end: "end"},
	"api/search":                    {dialect: "tempo", text: "q", pass: []string{"limit", "spss"}, start: "start", end: "end"},
	"api/metrics/query_range":       {dialect: "tempo", text: "q", pass: []string{"step"}, start: "start", end: "end"},
	"tempo/api/search":              {dialect: "tempo", text: "q", pass: []string{"limit", "spss"}, start: "start", end: "end"},
	"tempo/api/metrics/query_range": {dialect: "tempo", text: "q", pass: []string{"step"}, start: "start", end: "end"},
}

// query answers one of the shared dashboard's own queries, from the process' own routes.
func (p *Public) query(w http.ResponseWriter, r *http.Request) {
	f, link, err := p.follow(r)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	inner, err := p.inner(r, f, link)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	release, err := p.acquire(r.Context(), link)
	if err != nil {
		w.Header().Set("Retry-After", "5")
		httpx.WriteError(w, err)
		return
	}
	defer release()
	p.api.ServeHTTP(w, inner)
}

// inner is the request as the tenant's own program would send it.
func (p *Public) inner(r *http.Request, f dashboards.Followed, link *publicLink) (*http.Request, error) {
	path, ok := publicPaths[strings.Trim(r.PathValue("path"), "/")]
	if !ok {
		return p.other(r, f, link)
	}
	if err := r.ParseForm(); err != nil {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_request", Message: err.Error()}
	}
	text := r.Form.Get(path.text)
	if !link.allows(path, text) {
		return nil, &httpx.Error{Status: http.StatusForbidden, Code: "not_shared", Message: "this query is none of the shared dashboard's own"}
	}
	q := url.Values{path.text: {text}}
	for _, name := range append([]string{path.start, path.end, path.at}, path.pass...) {
		if name != "" && r.Form.Has(name) {
			q.Set(name, r.Form.Get(name))
		}
	}
	if f.FixedTime {
		if err := link.within(path, q, f.Time); err != nil {
			return nil, err
		}
	}
	return p.ask(r, f, http.MethodGet, "/"+strings.Trim(r.PathValue("path"), "/")+"?"+q.Encode(), nil)
}

// ask is a request of the tenant's own to our own routes.
func (p *Public) ask(r *http.Request, f dashboards.Followed, method, target string, body io.Reader) (*http.Request, error) {
	inner, err := http.NewRequestWithContext(r.Context(), method, target, body)
	if err != nil {
		return nil, fmt.Errorf("ask for a public link: %w", err)
	}
	inner.Header.Set("Authorization", "Bearer "+p.token(f.Tenant))
	inner.Header.Set("X-Scope-OrgID", string(f.Tenant))
	if inner.Body == nil {
		inner.Body = http.NoBody // as a server has it
	}
	inner.RemoteAddr, inner.Host, inner.RequestURI = r.RemoteAddr, r.Host, target
	return inner, nil
}

func (l *publicLink) allows(path publicPath, text string) bool {
	for i := range l.patterns {
		q := &l.patterns[i]
		if q.Dialect == path.dialect && (!path.exemplars || q.Exemplars) && q.Matches(text) {
			return true
		}
	}
	return false
}

// within refuses times outside of what was shared. Queries are aligned to steps: an hour
// of slack is allowed.
func (l *publicLink) within(path publicPath, q url.Values, shared dashboards.TimeSpan) error {
	now := time.Now()
	for _, name := range []string{path.start, path.end, path.at} {
		if name == "" {
			continue
		}
		at, ok := queryTime(q.Get(name), now)
		if !ok {
			return badParameter(name, q.Get(name), "a time")
		}
		if err := l.withinTime(name, at, now, shared); err != nil {
			return err
		}
	}
	return nil
}

func (l *publicLink) withinTime(name string, at, now time.Time, shared dashboards.TimeSpan) error {
	const slack = time.Hour
	from, errFrom := dashboards.ParseTime(shared.From, now)
	to, errTo := dashboards.ParseTime(shared.To, now)
	if err := errors.Join(errFrom, errTo); err != nil {
		return err
	}
	if at.Before(from.Add(-l.lead-slack)) || at.After(to.Add(slack)) {
		return &httpx.Error{Status: http.StatusForbidden, Code: "not_shared", Message: fmt.Sprintf("%s is outside of the time that was shared, %s to %s", name,
			from.Format(time.RFC3339), to.Format(time.RFC3339))}
	}
	return nil
}

// queryTime reads a time of the dialects' query APIs: seconds, with up to 19 digits
// nanoseconds, or RFC 3339; absent is now.
func queryTime(text string, now time.Time) (time.Time, bool) {
	if text == "" {
		return now, true
	}
	if whole, _, _ := strings.Cut(text, "."); len(whole) > 10 {
		ns, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(0, ns), err == nil && len(text) == 19
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.UnixMilli(int64(seconds * 1e3)), true
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

// acquire waits for a slot of the link and one of all links.
func (p *Public) acquire(ctx context.Context, link *publicLink) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, publicPatience)
	defer cancel()
	select {
	case link.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, tooMany()
	}
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; <-link.slots }, nil
	case <-ctx.Done():
		<-link.slots
		return nil, tooMany()
	}
}

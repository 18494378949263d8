package v1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// DatasourceProxy asks data sources that stay on other servers, with the credentials of
// the provisioning files, which never reach the browser. Only the paths that queries
// need go through; answers are bounded in size and time; redirects are not followed.
type DatasourceProxy struct {
	library *dashboards.Library
	config  func() dashboards.ProxyConfig
	slots   chan struct{}
	metrics *proxyMetrics

	mu         sync.Mutex
	transports map[*dashboards.Outside]*http.Transport
}

type proxyMetrics struct {
	requests *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newProxyMetrics(reg prometheus.Registerer) *proxyMetrics {
	m := &proxyMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pharos_datasource_proxy_requests_total",
			Help: "Requests to data sources on other servers, by how they ended: 2xx, 3xx, 4xx, 5xx, refused, busy, timeout, unreachable, too_large."}, []string{"outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "pharos_datasource_proxy_seconds",
			Help: "How long data sources on other servers took to answer.", Buckets: []float64{.05, .2, 1, 5, 30}}),
	}
	reg.MustRegister(m.requests, m.seconds)
	return m
}

// NewDatasourceProxy serves the sources that l's provisioning files leave outside.
// config returns the configuration of now; its MaxConcurrent is read once.
func NewDatasourceProxy(l *dashboards.Library, config func() dashboards.ProxyConfig, reg prometheus.Registerer) *DatasourceProxy {
	return &DatasourceProxy{library: l, config: config, slots: make(chan struct{}, max(1, config().MaxConcurrent)), metrics: newProxyMetrics(reg),
		transports: map[*dashboards.Outside]*http.Transport{}}
}

// maxProxyBody holds the longest query that servers take.
const maxProxyBody = 256 << 10

// Routes returns the table of routes. They are not scoped: a narrowed token's selector
// cannot be enforced on another server.
func (p *DatasourceProxy) Routes() []httpx.Route {
	var out []httpx.Route
	for _, method := range []string{"GET", "POST"} {
		out = append(out, httpx.Route{Pattern: method + " /api/pharos/v1/datasources/{uid}/proxy/{path...}", Access: httpx.Read, MaxBody: maxProxyBody, Handler: http.HandlerFunc(p.serve)})
	}
	return out
}

// Close ends connections to other servers.
func (p *DatasourceProxy) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for o, t := range p.transports {
		t.CloseIdleConnections()
		delete(p.transports, o)
	}
}

// The paths that queries, variables and editors need, by dialect. All of them read.
var proxied = map[string]*regexp.Regexp{
	"prometheus": regexp.MustCompile(`^api/v1/(query|query_range|query_exemplars|series|labels|label/[^/]+/values|metadata|rules|alerts|format_query|parse_query|status/buildinfo)$`),
	"loki": regexp.MustCompile(`^loki/api/v1/(query|query_range|series|labels|label|label/[^/]+/values|index/stats|index/volume|index/volume_range|patterns|` +
		`detected_labels|detected_fields|detected_field/[^/]+/values|format_query|status/buildinfo)$`),
}

func (p *DatasourceProxy) serve(w http.ResponseWriter, r *http.Request) {
	source, err := p.source(r)
	if err != nil {
		p.metrics.requests.WithLabelValues("refused").Inc()
		httpx.WriteError(w, err)
		return
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	default:
		p.metrics.requests.WithLabelValues("busy").Inc()
		w.Header().Set("Retry-After", "1")
		httpx.WriteError(w, &httpx.Error{Status: http.StatusServiceUnavailable, Code: "proxy_busy", Message: fmt.Sprintf("%d requests to other servers are under way", cap(p.slots)),
			Hint: "try again, or raise dashboards.proxy.max_concurrent"})
		return
	}
	begin := time.Now()
	outcome, err := p.ask(w, r, source)
	p.metrics.seconds.Observe(time.Since(begin).Seconds())
	p.metrics.requests.WithLabelValues(outcome).Inc()
	if err != nil {
		httpx.WriteError(w, err)
	}
}

// source returns the data source that a request is for, if the caller may ask it this.
func (p *DatasourceProxy) source(r *http.Request) (dashboards.Datasource, error) {
	uid, path := r.PathValue("uid"), r.PathValue("path")
	all := p.library.Datasources()
	i := slices.IndexFunc(all, func(d dashboards.Datasource) bool { return d.UID == uid && d.Proxy })
	cfg := p.config()
	if i < 0 || !slices.Contains(cfg.Tenants, string(tenant.FromContext(r.Context()))) {
		return dashboards.Datasource{}, &httpx.Error{Status: http.StatusNotFound, Code: "datasource_not_found", Message: fmt.Sprintf("no data source %q stays on another server", uid),
			Hint: "name it in dashboards.proxy.sources, and your tenant in dashboards.proxy.tenants"}
	}
	if allowed := proxied[all[i].Dialect]; allowed == nil || !allowed.MatchString(path) || strings.Contains(path, "..") {
		return dashboards.Datasource{}, &httpx.Error{Status: http.StatusForbidden, Code: "proxy_path", Message: fmt.Sprintf("the path %.100q is not asked on other servers", path),
			Hint: "only queries, series, labels, metadata and rules go through"}
	}
	return all[i], nil
}

// ask sends the request on and copies the answer. The outcome is for the counter; an
// error is only returned when nothing was written yet.
func (p *DatasourceProxy) ask(w http.ResponseWriter, r *http.Request, source dashboards.Datasource) (outcome string, err error) {
	cfg := p.config()
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(cfg.Timeout))
	defer cancel()
	req, err := outsideRequest(ctx, r, source.Outside())
	if err != nil {
		return "refused", &httpx.Error{Status: http.StatusBadRequest, Code: "proxy_request", Message: err.Error()}
	}
	resp, err := p.transport(source.Outside()).RoundTrip(req) // which follows no redirects
	if err != nil {
		return p.failed(ctx, source, time.Duration(cfg.Timeout), err)
	}
	defer resp.Body.Close()
	outcome = fmt.Sprintf("%dxx", resp.StatusCode/100)
	if resp.StatusCode/100 == 3 {
		return outcome, &httpx.Error{Status: http.StatusBadGateway, Code: "proxy_redirect", Message: fmt.Sprintf("%s answers with a redirect (%d)", source.Name, resp.StatusCode),
			Hint: "write the address that it redirects to in the data source's url"}
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		// The reader's own session is not what failed.
		return outcome, &httpx.Error{Status: http.StatusBadGateway, Code: "proxy_credentials", Message: fmt.Sprintf("%s refuses the credentials of its provisioning file (%d)", source.Name, resp.StatusCode),
			Hint: "correct basicAuth or the header in datasources/*.yaml"}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(cfg.MaxAnswer)+1))
	if err != nil {
		return p.failed(ctx, source, time.Duration(cfg.Timeout), err)
	}
	if len(body) > int(cfg.MaxAnswer) {
		return "too_large", &httpx.Error{Status: http.StatusBadGateway, Code: "proxy_answer_too_large", Message: fmt.Sprintf("the answer of %s is larger than %d bytes", source.Name, cfg.MaxAnswer),
			Hint: "ask for fewer series or a shorter range, or raise dashboards.proxy.max_answer"}
	}
	// What a server outside says must never be a page of ours.
	kind := "text/plain; charset=utf-8"
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(body)
	return outcome, nil
}

func (p *DatasourceProxy) failed(ctx context.Context, source dashboards.Datasource, timeout time.Duration, err error) (string, error) {
	var slow net.Error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout() {
		return "timeout", &httpx.Error{Status: http.StatusGatewayTimeout, Code: "proxy_timeout", Message: fmt.Sprintf("%s did not answer within %s", source.Name, timeout),
			Hint: "ask for a shorter range, or raise dashboards.proxy.timeout"}
	}
	return "unreachable", &httpx.Error{Status: http.StatusBadGateway, Code: "proxy_unreachable", Message: fmt.Sprintf("%s cannot be reached: %s", source.Name, unreachable(err)),
		Hint: "check the data source's url and that the server runs"}
}

// unreachable is an error without the address, which viewers need not know.
func unreachable(err error) string {
	var inner *net.OpError
	if errors.As(err, &inner) && inner.Err != nil {
		return inner.Err.Error()
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "its name is not known"
	}
	return "the connection failed"
}

// outsideRequest is the request to the other server: its path, parameters and form, the
// file's credentials, and nothing else of the caller's headers.
func outsideRequest(ctx context.Context, r *http.Request, to *dashboards.Outside) (*http.Request, error) {
	u := to.URL()
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + r.PathValue("path")
	u.RawPath = ""
	u.RawQuery = r.URL.RawQuery
	var body io.Reader
	if r.Method == http.MethodPost {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("read the request's body: %w", err)
		}
		if _, err := url.ParseQuery(string(raw)); err != nil {
			return nil, fmt.Errorf("the body is no form: %w", err)
		}
		body = strings.NewReader(string(raw))
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "pharos")
	to.Authorize(req)
	return req, nil
}

// transport returns the connections to a server; those of servers that the files no
// longer name are closed.
func (p *DatasourceProxy) transport(o *dashboards.Outside) *http.Transport {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.transports[o]; t != nil {
		return t
	}
	known := map[*dashboards.Outside]bool{}
	for _, d := range p.library.Datasources() {
		known[d.Outside()] = true
	}
	for old, t := range p.transports {
		if !known[old] {
			t.CloseIdleConnections()
			delete(p.transports, old)
		}
	}
	t := &http.Transport{TLSClientConfig: o.TLS(), MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true}
	p.transports[o] = t
	return t
}

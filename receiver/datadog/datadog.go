// Package datadog receives logs from Datadog's agents and clients: POST /api/v2/logs,
// the older /v1/input, and /api/v1/validate, which agents ask whether a key is good.
package datadog

import (
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	door.Posts `yaml:",inline"`
}

// DefaultConfig returns 8 MiB sent and 32 MiB unpacked.
func DefaultConfig() Config {
	return Config{door.Posts{MaxBody: 8 << 20, MaxUnpacked: 32 << 20, Job: "datadog"}}
}

// Receiver serves the API.
type Receiver struct {
	cfg    Config
	sink   ingest.LogSink
	static []model.Label
	ticks  door.Ticks
	now    func() time.Time
}

// New returns a receiver that pushes to sink.
func New(cfg Config, sink ingest.LogSink) *Receiver {
	return &Receiver{cfg: cfg, sink: sink, static: door.Static(cfg.Labels), now: time.Now}
}

// Routes are the API's.
func (r *Receiver) Routes() []httpx.Route {
	route := func(pattern string, h http.HandlerFunc) httpx.Route {
		return httpx.Route{Pattern: pattern, Access: httpx.Write, Scoped: true, MaxBody: int64(r.cfg.MaxBody), Handler: h, Token: key}
	}
	return []httpx.Route{
		route("POST /api/v2/logs", func(w http.ResponseWriter, req *http.Request) { r.post(w, req, http.StatusAccepted) }),
		route("POST /v1/input", func(w http.ResponseWriter, req *http.Request) { r.post(w, req, http.StatusOK) }),
		route("POST /v1/input/{key}", func(w http.ResponseWriter, req *http.Request) { r.post(w, req, http.StatusOK) }),
		route("GET /api/v1/validate", func(w http.ResponseWriter, _ *http.Request) {
			httpx.WriteJSON(w, http.StatusOK, map[string]bool{"valid": true})
		}),
	}
}

// key is the client's, which is one of our tokens: a header, a parameter, or the last
// part of the old path.
func key(r *http.Request) string {
	if k := r.Header.Get("DD-API-KEY"); k != "" {
		r.Header.Del("DD-API-KEY")
		return k
	}
	query := r.URL.Query()
	for _, name := range []string{"dd-api-key", "api_key"} {
		if k := query.Get(name); k != "" {
			query.Del(name)
			r.URL.RawQuery = query.Encode()
			r.RequestURI = r.URL.RequestURI()
			return k
		}
	}
	return r.PathValue("key")
}

// post takes logs. Success: they are on disk.
func (r *Receiver) post(w http.ResponseWriter, req *http.Request, success int) {
	body, err := httpx.Body(req, int64(r.cfg.MaxBody), int64(r.cfg.MaxUnpacked))
	if err != nil {
		var e *httpx.Error
		status := http.StatusBadRequest
		if errors.As(err, &e) {
			status = e.Status
		}
		writeError(w, status, err.Error())
		return
	}
	var b door.Batch
	if err := r.decode(req, body, &b); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	if b.Len() > 0 {
		if err := r.sink.PushLogs(req.Context(), tenant.FromContext(req.Context()), b.Streams()); err != nil {
			status, wait := door.Status(err)
			door.SetRetryAfter(w.Header(), wait)
			writeError(w, status, err.Error())
			return
		}
	}
	httpx.WriteJSON(w, success, struct{}{})
}

// writeError answers in the API's shape.
func writeError(w http.ResponseWriter, status int, detail string) {
	type problem struct {
		Detail string `json:"detail"`
		Status int    `json:"status"`
		Title  string `json:"title"`
	}
	httpx.WriteJSON(w, status, map[string]any{"errors": []problem{{detail, status, http.StatusText(status)}}})
}

func (r *Receiver) decode(req *http.Request, body []byte, to *door.Batch) error {
	query := req.URL.Query()
	common := map[string]string{}
	for _, name := range []string{"ddsource", "ddtags", "hostname", "service"} {
		common[name] = query.Get(name)
	}
	m := mapper{receiver: r, common: common, to: to}
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if kind == "text/plain" {
		for line := range strings.SplitSeq(string(body), "\n") {
			if line = strings.TrimSuffix(line, "\r"); line != "" {
				m.add(map[string]any{"message": line})
			}
		}
		return nil
	}
	return m.json(body)
}

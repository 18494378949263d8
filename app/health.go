package app

import (
	"net/http"
	"sync/atomic"

	"github.com/pharosd/pharos/internal/httpx"
)

// check is one line of /health/ready.
type check struct {
	name string
	// ready returns nil, or why the part cannot take traffic. It must answer at
	// once, from what the part already knows.
	ready func() error
}

// note is a line of /health/ready that says how a part is doing and does not make the
// process unready; shown is false when there is nothing to say.
type note struct {
	name string
	text func() (text string, shown bool)
}

func (a *App) note(name string, text func() (string, bool)) {
	a.health.notes = append(a.health.notes, note{name, text})
}

// health answers the probes. Live means that the process serves HTTP; ready means
// that each part can do its work and the process is not draining.
type health struct {
	checks   []check
	notes    []note
	draining atomic.Bool
}

type readiness struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks"`
}

func (h *health) read() (readiness, bool) {
	r := readiness{Status: "ready", Checks: map[string]string{}}
	ok := true
	for _, c := range h.checks {
		r.Checks[c.name] = "ok"
		if err := c.ready(); err != nil {
			r.Checks[c.name] = err.Error()
			ok = false
		}
	}
	for _, n := range h.notes {
		if text, shown := n.text(); shown {
			r.Checks[n.name] = text
		}
	}
	if h.draining.Load() {
		r.Checks["process"] = "draining"
		ok = false
	}
	if !ok {
		r.Status = "not_ready"
	}
	return r, ok
}

// routes are public: probes have no credentials. Names of checks tell no secret.
func (h *health) routes() []httpx.Route {
	live := func(w http.ResponseWriter, _ *http.Request) {
		httpx.WriteJSON(w, http.StatusOK, map[string]string{"status": "alive"})
	}
	ready := func(w http.ResponseWriter, _ *http.Request) {
		r, ok := h.read()
		status := http.StatusOK
		if !ok {
			status = http.StatusServiceUnavailable
		}
		httpx.WriteJSON(w, status, r)
	}
	// Prometheus, Alertmanager and Loki each have their own name for the same.
	plain := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if _, ok := h.read(); !ok {
				http.Error(w, "Pharos is not ready; see /health/ready", http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte(text))
		}
	}
	public := func(pattern string, f http.HandlerFunc) httpx.Route {
		return httpx.Route{Pattern: pattern, Access: httpx.Public, Handler: f}
	}
	return []httpx.Route{
		public("GET /health/live", live),
		public("GET /health/ready", ready),
		public("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Pharos is healthy.\n")) }),
		public("GET /-/ready", plain("Pharos is ready.\n")),
		public("GET /ready", plain("ready\n")),
	}
}

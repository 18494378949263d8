// Package pipelines is the HTTP side of pipelines: /api/pharos/v1/pipelines lists those
// that run, /api/pharos/v1/pipelines/test tries a configuration on lines, step by step.
// The command pharos pipeline test runs the same code.
package pipelines

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Status is one pipeline that runs in this process.
type Status struct {
	ID string `json:"id"`
	// Source is where its configuration is: a file, a pattern.
	Source  string    `json:"source"`
	Workers int       `json:"workers"`
	Since   time.Time `json:"since"`
	// Inputs, Filters and Outputs are the types of its plugins.
	Inputs  []string `json:"inputs"`
	Filters []string `json:"filters"`
	Outputs []string `json:"outputs"`
	// In is events that inputs received since the start, Out those that outputs
	// acknowledged, Dropped those that filters ended.
	In      uint64 `json:"in"`
	Out     uint64 `json:"out"`
	Dropped uint64 `json:"dropped"`
	// Failing is why it does not work at the moment; "": it does.
	Failing string `json:"failing,omitempty"`
}

// Running knows the pipelines that run in this process.
type Running interface {
	// Pipelines are those that write into a tenant, in the order of the configuration.
	Pipelines(tenant.ID) []Status
}

// API serves the endpoints.
type API struct {
	running Running
	trials  chan struct{} // one slot for each trial at a time
}

// maxTrials is how many trials run at a time in one process.
const maxTrials = 2

// New returns the API; running may be nil: no pipeline runs.
func New(running Running) *API {
	return &API{running: running, trials: make(chan struct{}, maxTrials)}
}

// Routes returns the table of routes.
func (a *API) Routes() []httpx.Route {
	const path = "/api/pharos/v1/pipelines"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Read, Handler: http.HandlerFunc(a.list)},
		{Pattern: "POST " + path + "/test", Access: httpx.Edit, Handler: http.HandlerFunc(a.test)},
	}
}

func (a *API) list(w http.ResponseWriter, r *http.Request) {
	if !tenant.ScopeFrom(r.Context()).IsZero() {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusForbidden, Code: "narrowed", Message: "these credentials see a part of the tenant's logs only"})
		return
	}
	list := []Status{}
	if a.running != nil {
		list = append(list, a.running.Pipelines(tenant.FromContext(r.Context()))...)
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]any{"pipelines": list})
}

// maxBody bounds a request: a configuration and lines.
const maxBody = 2 << 20

func (a *API) test(w http.ResponseWriter, r *http.Request) {
	body, err := httpx.Body(r, maxBody, maxBody)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	var t Trial
	if err := json.Unmarshal(body, &t); err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_request", Message: fmt.Sprintf("the body is not what a trial takes: %v", err)})
		return
	}
	if err := t.check(); err != nil {
		httpx.WriteError(w, err)
		return
	}
	select {
	case a.trials <- struct{}{}:
		defer func() { <-a.trials }()
	case <-r.Context().Done():
		return
	}
	if !ownsProcess(r) {
		t.Untrusted = true
		t.Lookup = func(string) (string, bool) { return "", false }
	} else {
		t.Lookup = os.LookupEnv
	}
	t.Limits = webLimits()
	httpx.WriteJSON(w, http.StatusOK, t.Run(r.Context()))
}

// ownsProcess says that the caller may see the process's files and environment: an
// administrator of the default tenant.
func ownsProcess(r *http.Request) bool {
	i, ok := auth.FromContext(r.Context())
	return ok && i.Tenant == tenant.Default && i.May(httpx.Admin) && tenant.ScopeFrom(r.Context()).IsZero()
}

// Package archive is the HTTP side of archived logs: how requests of every dialect
// ask for them, and /api/pharos/v1/archive, which lists and restores a tenant's
// archived hours.
package archive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/archive"
	"github.com/pharosd/pharos/tenant"
)

// Deps are the parts that the API shows. All are nil where nothing is archived.
type Deps struct {
	Archiver *archive.Archiver
	Restored *archive.Restored
	Jobs     *archive.Jobs
}

// API serves the endpoints.
type API struct {
	Deps
	now func() time.Time
}

// New returns the API.
func New(d Deps) *API { return &API{Deps: d, now: time.Now} }

// Routes returns the table of routes, and the one that concerns the whole process.
func (a *API) Routes() (own []httpx.Route, process httpx.Route) {
	const path = "/api/pharos/v1/archive"
	own = []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Read, Handler: a.handler(a.list)},
		{Pattern: "GET " + path + "/restore", Access: httpx.Read, Handler: a.handler(a.jobs)},
		{Pattern: "POST " + path + "/restore", Access: httpx.Admin, Handler: a.handler(a.restore)},
	}
	// It runs for as long as it takes.
	return own, httpx.Route{Pattern: "POST " + path + "/run", Access: httpx.Admin, Streaming: true, Handler: a.handler(a.run)}
}

type handler func(r *http.Request) (status int, answer any, err error)

func (a *API) handler(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, answer, err := 0, any(nil), a.check(r.Context())
		if err == nil {
			status, answer, err = h(r)
		}
		if err != nil {
			httpx.WriteError(w, err)
			return
		}
		httpx.WriteJSON(w, status, answer)
	})
}

// check refuses what there is no archive for, and credentials that see a part of a
// tenant only: hours are not divided by streams.
func (a *API) check(ctx context.Context) error {
	if a.Archiver == nil {
		return &httpx.Error{Status: http.StatusNotFound, Code: "archive_off", Message: "nothing is archived", Hint: "set archive.storage in pharos.yml"}
	}
	if !tenant.ScopeFrom(ctx).IsZero() {
		return &httpx.Error{Status: http.StatusForbidden, Code: "narrowed", Message: "these credentials see a part of the tenant's logs only"}
	}
	return nil
}

// hourAnswer is one archived hour.
type hourAnswer struct {
	Hour    time.Time `json:"hour"`
	Entries int64     `json:"entries"`
	Bytes   int64     `json:"bytes"`
	Parts   int       `json:"parts"`
	// RestoredUntil is until when the hour is on the local disk; absent: it is not.
	RestoredUntil *time.Time `json:"restored_until,omitempty"`
}

type listAnswer struct {
	Hours []hourAnswer `json:"hours"` // newest first
	// More says that the range has older hours.
	More bool `json:"more"`
	// SafeBefore: every entry before it is archived and verified.
	SafeBefore time.Time `json:"safe_before"`
	// LocalFrom is the time from which on the local store answers.
	LocalFrom time.Time `json:"local_from"`
	// Failing says that the last attempt to archive failed; the log says why.
	Failing bool `json:"failing"`
}

// maxHours bounds an answer: each hour's manifest is read.
const maxHours = 1000

func (a *API) list(r *http.Request) (int, any, error) {
	t := tenant.FromContext(r.Context())
	from, to, err := a.bounds(r.URL.Query().Get("from"), r.URL.Query().Get("to"))
	if err != nil {
		return 0, nil, err
	}
	out := listAnswer{
		Hours: []hourAnswer{}, SafeBefore: a.Archiver.SafeBefore(t),
		LocalFrom: time.Unix(0, a.Archiver.Boundary(t)).UTC(), Failing: a.Archiver.Err() != nil,
	}
	hours := a.Archiver.Catalog().Hours(t, from.UnixNano(), to.UnixNano())
	for i := len(hours) - 1; i >= 0; i-- {
		if len(out.Hours) == maxHours {
			out.More = true
			break
		}
		m, err := a.Archiver.Catalog().Manifest(r.Context(), t, hours[i])
		if err != nil {
			return 0, nil, storageError(err)
		}
		if m == nil {
			continue
		}
		h := hourAnswer{Hour: m.Hour, Entries: m.Rows, Bytes: m.Bytes, Parts: len(m.Parts)}
		if until := a.Restored.Expires(t, hours[i]); !until.IsZero() {
			h.RestoredUntil = &until
		}
		out.Hours = append(out.Hours, h)
	}
	return http.StatusOK, out, nil
}

func storageError(err error) error {
	return &httpx.Error{Status: http.StatusBadGateway, Code: "storage_failed", Message: err.Error()}
}

// Times that there may be hours of.
var (
	firstTime = time.Unix(0, 0)
	lastTime  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// bounds reads a range; without one it is everything.
func (a *API) bounds(from, to string) (start, end time.Time, err error) {
	start, end = firstTime, a.now().Add(48*time.Hour)
	for _, p := range []struct {
		name, text string
		to         *time.Time
	}{{"from", from, &start}, {"to", to, &end}} {
		if p.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, p.text)
		if err != nil || at.Before(firstTime) || at.After(lastTime) {
			return start, end, bad("bad_time", fmt.Sprintf("%s %q is no time of this age", p.name, p.text), "such as 2026-11-01T13:00:00Z")
		}
		*p.to = at
	}
	if !start.Before(end) {
		return start, end, bad("bad_range", "from is not before to", "")
	}
	return start, end, nil
}

func bad(code, message, hint string) error {
	return &httpx.Error{Status: http.StatusBadRequest, Code: code, Message: message, Hint: hint}
}

func (a *API) jobs(r *http.Request) (int, any, error) {
	return http.StatusOK, map[string]any{"jobs": a.Jobs.List(tenant.FromContext(r.Context()))}, nil
}

// restoreRequest asks for a range of hours.
type restoreRequest struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Keep is how long the hours stay, "168h".
	Keep    string `json:"keep"`
	Comment string `json:"comment"`
}

// Bounds of how long restored hours stay.
const (
	defaultKeep = 7 * 24 * time.Hour
	minKeep     = 10 * time.Minute
	maxKeep     = 366 * 24 * time.Hour
	maxComment  = 200
)

func (a *API) restore(r *http.Request) (int, any, error) {
	var q restoreRequest
	if err := httpx.ReadJSON(r, &q); err != nil {
		return 0, nil, err
	}
	if q.From == "" || q.To == "" {
		return 0, nil, bad("bad_range", "from and to are needed", "")
	}
	from, to, err := a.bounds(q.From, q.To)
	if err != nil {
		return 0, nil, err
	}
	keep := defaultKeep
	if q.Keep != "" {
		if keep, err = time.ParseDuration(q.Keep); err != nil || keep < minKeep || keep > maxKeep {
			return 0, nil, bad("bad_keep", fmt.Sprintf("keep %q is no duration of %s to %s", q.Keep, minKeep, maxKeep), "such as 168h")
		}
	}
	if len(q.Comment) > maxComment {
		return 0, nil, bad("bad_comment", fmt.Sprintf("the comment has more than %d bytes", maxComment), "")
	}
	job, err := a.Jobs.Start(r.Context(), tenant.FromContext(r.Context()), from, to, keep, q.Comment)
	switch {
	case errors.Is(err, archive.ErrNothing):
		return 0, nil, &httpx.Error{Status: http.StatusNotFound, Code: "nothing_archived", Message: err.Error(), Hint: "GET /api/pharos/v1/archive lists what there is"}
	case errors.Is(err, archive.ErrTooManyJobs):
		return 0, nil, &httpx.Error{Status: http.StatusTooManyRequests, Code: "too_many_jobs", Message: err.Error(), Hint: "wait until some are done"}
	case err != nil:
		return 0, nil, storageError(err)
	}
	return http.StatusAccepted, job, nil
}

func (a *API) run(r *http.Request) (int, any, error) {
	if err := a.Archiver.RunOnce(r.Context()); err != nil {
		return 0, nil, storageError(err)
	}
	return http.StatusOK, map[string]string{"status": "archived"}, nil
}

package loki

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/query/deletion"
	"github.com/pharosd/pharos/tenant"
)

// Deletions is what the API needs of deletion.Service.
type Deletions interface {
	Create(ctx context.Context, t tenant.ID, query string, start, end time.Time) (id string, err error)
	List(t tenant.ID) []deletion.Request
	Cancel(ctx context.Context, t tenant.ID, id string, force bool) error
}

// Delete serves Loki's API for deletion requests.
type Delete struct {
	requests Deletions
	log      *slog.Logger
}

// NewDelete returns the API over the service.
func NewDelete(requests Deletions, log *slog.Logger) *Delete { return &Delete{requests, log} }

// Routes returns /loki/api/v1/delete.
func (d *Delete) Routes() []httpx.Route {
	route := func(method string, access httpx.Access, h func(http.ResponseWriter, *http.Request) error) httpx.Route {
		return httpx.Route{Pattern: method + " /loki/api/v1/delete", Access: access, MaxBody: maxForm, Handler: d.handler(h)}
	}
	return []httpx.Route{
		route("POST", httpx.Admin, d.create), route("PUT", httpx.Admin, d.create),
		route("GET", httpx.Read, d.list), route("DELETE", httpx.Admin, d.cancel),
	}
}

func (d *Delete) handler(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	a := &API{log: d.log}
	return a.handler(func(w http.ResponseWriter, r *http.Request) error {
		// A request covers streams outside of the scope, or tells of them.
		if !tenant.ScopeFrom(r.Context()).IsZero() {
			return &statusError{http.StatusForbidden, "credentials that are narrowed to a selector do not allow deletion"}
		}
		return h(w, r)
	})
}

// deleteTime reads Unix seconds or RFC 3339, as Loki's compactor does.
func deleteTime(name, s string, def time.Time) (time.Time, error) {
	if s == "" {
		return def, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if len(s) == 10 {
		if t, err := parseTime(s, def); err == nil {
			return t, nil
		}
	}
	return time.Time{}, badRequest(fmt.Errorf("invalid %s time: require unix seconds or RFC3339 format", name))
}

// deleteRange reads and checks the range of a request.
func deleteRange(r *http.Request) (start, end time.Time, err error) {
	if r.Form.Get("start") == "" {
		return start, end, badRequest(errors.New("start time not set"))
	}
	if start, err = deleteTime("start", r.Form.Get("start"), start); err != nil {
		return start, end, err
	}
	now := time.Now()
	if end, err = deleteTime("end", r.Form.Get("end"), now); err != nil {
		return start, end, err
	}
	switch {
	case end.After(now):
		return start, end, badRequest(errors.New("deletes in the future are not allowed"))
	case !start.Before(end):
		return start, end, badRequest(errors.New("start time can't be greater than or equal to end time"))
	}
	return clamp(start), clamp(end), nil
}

// create hides at once what the query selects. max_interval, by which Loki cuts its
// work into pieces, is checked and has no other meaning.
func (d *Delete) create(w http.ResponseWriter, r *http.Request) error {
	query := r.Form.Get("query")
	if query == "" {
		return badRequest(errors.New("query not set"))
	}
	start, end, err := deleteRange(r)
	if err != nil {
		return err
	}
	if s := r.Form.Get("max_interval"); s != "" {
		interval, err := time.ParseDuration(s)
		switch {
		case err != nil || interval < time.Second:
			return badRequest(errors.New("invalid max_interval: valid time units are 's', 'm', 'h'"))
		case interval > end.Sub(start):
			return badRequest(fmt.Errorf("max_interval can't be greater than the interval to be deleted (%s)", end.Sub(start)))
		}
	}
	t := tenant.FromContext(r.Context())
	id, err := d.requests.Create(r.Context(), t, query, start, end)
	if err != nil {
		return deleteError(err)
	}
	d.log.Info("log entries deleted", "tenant", t, "request_id", id, "start", start, "end", end)
	w.Header().Set("X-Delete-Request-ID", id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func deleteError(err error) error {
	switch {
	case errors.Is(err, deletion.ErrNotFound):
		return &statusError{http.StatusNotFound, err.Error()}
	case errors.Is(err, deletion.ErrTooMany):
		return &statusError{http.StatusTooManyRequests, err.Error()}
	case errors.Is(err, logql.ErrParse), errors.Is(err, logql.ErrUnsupported), errors.Is(err, deletion.ErrQueryTooLong),
		errors.Is(err, deletion.ErrGone), errors.Is(err, deletion.ErrTooLate), errors.Is(err, deletion.ErrDisabled):
		return badRequest(err)
	}
	return err
}

// deleteRequest is a request in Loki's JSON; times are seconds.
type deleteRequest struct {
	ID        string          `json:"request_id"`
	Start     model.Time      `json:"start_time"`
	End       model.Time      `json:"end_time"`
	Query     string          `json:"query"`
	Status    deletion.Status `json:"status"`
	CreatedAt model.Time      `json:"created_at"`
}

// list answers with the tenant's requests, of a range if one is given.
func (d *Delete) list(w http.ResponseWriter, r *http.Request) error {
	from, to := r.Form.Get("start"), r.Form.Get("end")
	start, err := deleteTime("start", from, time.Time{})
	if err != nil {
		return err
	}
	end, err := deleteTime("end", to, time.Time{})
	if err != nil {
		return err
	}
	out := []deleteRequest{}
	for _, x := range d.requests.List(tenant.FromContext(r.Context())) {
		if from != "" && to != "" && (x.End.Before(start) || x.Start.After(end)) {
			continue
		}
		out = append(out, deleteRequest{x.ID, model.TimeFromUnixNano(x.Start.UnixNano()), model.TimeFromUnixNano(x.End.UnixNano()),
			x.Query, x.Status, model.TimeFromUnixNano(x.CreatedAt.UnixNano())})
	}
	httpx.WriteJSON(w, http.StatusOK, out)
	return nil
}

// cancel takes a request back.
func (d *Delete) cancel(w http.ResponseWriter, r *http.Request) error {
	t, id := tenant.FromContext(r.Context()), r.Form.Get("request_id")
	if err := d.requests.Cancel(r.Context(), t, id, r.Form.Get("force") == "true"); err != nil {
		return deleteError(err)
	}
	d.log.Info("delete request cancelled", "tenant", t, "request_id", id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

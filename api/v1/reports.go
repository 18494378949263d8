package v1

import (
	"errors"
	"net/http"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/dashboards/reports"
	"github.com/pharosd/pharos/internal/httpx"
)

// Reports serves dashboards that are sent by e-mail.
type Reports struct {
	library *dashboards.Library
	service *reports.Service
}

// NewReports serves l's reports, which service sends.
func NewReports(l *dashboards.Library, service *reports.Service) *Reports {
	return &Reports{library: l, service: service}
}

// Routes returns the table of routes.
func (a *Reports) Routes() []httpx.Route {
	const path = "/api/pharos/v1/reports"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Edit, Handler: respond(a.list)},
		{Pattern: "POST " + path, Access: httpx.Edit, Handler: respond(a.put)},
		{Pattern: "GET " + path + "/{id}", Access: httpx.Edit, Handler: respond(a.get)},
		{Pattern: "PUT " + path + "/{id}", Access: httpx.Edit, Handler: respond(a.put)},
		{Pattern: "DELETE " + path + "/{id}", Access: httpx.Edit, Handler: respond(a.delete)},
		{Pattern: "GET " + path + "/{id}/runs", Access: httpx.Edit, Handler: respond(a.runs)},
		{Pattern: "POST " + path + "/{id}/run", Access: httpx.Edit, Handler: respond(a.run)},
	}
}

func (a *Reports) list(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := a.library.Reports(r.Context(), t, who)
	return http.StatusOK, map[string][]dashboards.MailedReport{"reports": all}, err
}

func (a *Reports) get(r *http.Request) (int, any, error) {
	t, who := asker(r)
	found, err := a.library.Report(r.Context(), t, who, r.PathValue("id"))
	return http.StatusOK, found, err
}

func (a *Reports) put(r *http.Request) (int, any, error) {
	var in dashboards.MailedReport
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	in.ID = r.PathValue("id")
	t, who := asker(r)
	kept, err := a.library.PutReport(r.Context(), t, who, in)
	return putStatus(r), kept, err
}

func (a *Reports) delete(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, a.library.DeleteReport(r.Context(), t, who, r.PathValue("id"))
}

// runs answers with the last attempts to send a report, the newest first.
func (a *Reports) runs(r *http.Request) (int, any, error) {
	t, who := asker(r)
	found, err := a.library.ReportRuns(r.Context(), t, who, r.PathValue("id"))
	return http.StatusOK, map[string][]dashboards.ReportRun{"runs": found}, err
}

// run sends the report now and answers with what came of it.
func (a *Reports) run(r *http.Request) (int, any, error) {
	ctx := r.Context()
	t, who := asker(r)
	found, err := a.library.Report(ctx, t, who, r.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	if err := a.service.Send(ctx, t, found.ID, who.Owner); err != nil {
		return 0, nil, runError(err)
	}
	found, err = a.library.Report(ctx, t, who, found.ID)
	return http.StatusOK, found, err
}

// runError tells what stands in the way of a report; what is not ours is the mail server's.
func runError(err error) error {
	var known *httpx.Error
	if errors.As(renderError(err), &known) {
		return known
	}
	switch {
	case errors.Is(err, reports.ErrNoMail):
		return &httpx.Error{Status: http.StatusNotImplemented, Code: "no_mail", Message: err.Error(), Hint: "an operator sets it in pharos.yml"}
	case errors.Is(err, reports.ErrBusy):
		return &httpx.Error{Status: http.StatusConflict, Code: "report_busy", Message: err.Error(), Hint: "look at its runs in a minute"}
	case errors.Is(err, reports.ErrFailed):
		return &httpx.Error{Status: http.StatusBadGateway, Code: "report_failed", Message: err.Error(), Hint: "it is tried again in a minute"}
	}
	return err
}

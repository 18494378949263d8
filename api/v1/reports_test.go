package v1

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/dashboards/render"
	"github.com/pharosd/pharos/dashboards/reports"
	"github.com/pharosd/pharos/tenant"
)

// openReports adds pictures without a browser and reports without a mail server.
func (d *desk) openReports() {
	log := slog.New(slog.DiscardHandler)
	renderer := render.New("off", render.Deps{Library: d.library, BaseURL: "http://127.0.0.1:1", Log: log}, prometheus.NewRegistry())
	service := reports.New(reports.Deps{
		Library: d.library, Log: log, Now: time.Now,
		Owner: func(context.Context, tenant.ID, string) (dashboards.Actor, error) { return dashboards.Process(), nil },
		Mail:  func(tenant.ID) (reports.Mail, error) { return reports.Mail{}, reports.ErrNoMail },
	}, prometheus.NewRegistry())
	d.routes = append(append(d.routes, NewRender(renderer).Routes()...), NewReports(d.library, service).Routes()...)
	d.serve()
}

func TestReportsOverHTTP(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A"}`})
	d.openReports()
	const good = `{"name":"Morning","dashboard_uid":"a","format":"pdf","schedule":"0 8 * * 1-5","timezone":"Europe/Berlin","recipients":["a@example.org"],"time":{"from":"now-24h","to":"now"},"variables":{"job":["x"]},"enabled":true}`
	var r dashboards.MailedReport
	d.into(&r, "ed", "POST", "reports", good)
	require.Equal(t, 8, r.NextRun.In(mustZone(t, "Europe/Berlin")).Hour())
	d.want("ed", "GET", "reports", "", 200, r.ID)
	d.want("ann", "GET", "reports", "", 200, r.ID)
	for _, who := range []string{"eve", "bob"} {
		d.want(who, "GET", "reports", "", 200, `{"reports":[]}`)
		d.want(who, "GET", "reports/"+r.ID, "", 404, "not_found")
		d.want(who, "POST", "reports/"+r.ID+"/run", "", 404, "not_found")
		d.want(who, "DELETE", "reports/"+r.ID, "", 404, "not_found")
	}
	d.want("vic", "POST", "reports", good, 403, "")
	d.want("ed", "POST", "reports/"+r.ID+"/run", "", 501, "no_mail")
	d.want("ed", "GET", "reports/"+r.ID, "", 200, `"last_state":"retrying"`)
	require.Contains(t, d.want("ed", "GET", "reports/"+r.ID+"/runs", "", 200, `"state":"retrying"`), `"by":"ed"`)
	d.want("ann", "GET", "reports/"+r.ID+"/runs", "", 200, `"attempt":1`)
	for _, who := range []string{"eve", "bob"} {
		d.want(who, "GET", "reports/"+r.ID+"/runs", "", 404, "not_found")
	}
	d.want("ed", "PUT", "reports/"+r.ID, `{"name":"Off","dashboard_uid":"a","format":"png","schedule":"@daily","recipients":["a@example.org"],"enabled":false}`, 200, `"name":"Off"`)
	d.want("ed", "GET", "reports/"+r.ID, "", 200, `"enabled":false,"owner":"ed","last_run"`)
	d.want("ed", "DELETE", "reports/"+r.ID, "", 204, "")
	for _, bad := range []string{`"schedule":"* * * * *"`, `"schedule":"@every 1s"`, `"schedule":"8"`, `"schedule":"0 0 30 2 *"`, `"timezone":"Mars"`, `"format":"gif"`, `"recipients":[]`, `"recipients":["a b"]`,
		`"recipients":["a@example.org\r\nBcc: x@example.org"]`, `"time":{"from":"now","to":"now"}`, `"name":""`, `"name":"a\nb"`} {
		d.want("ed", "POST", "reports", `{"name":"n","dashboard_uid":"a","format":"pdf","schedule":"0 8 * * *","recipients":["a@example.org"],`+bad+`}`, 400, "bad_input")
	}
	d.want("ed", "POST", "reports", `{"name":"n","dashboard_uid":"none","format":"pdf","schedule":"0 8 * * *","recipients":["a@example.org"]}`, 404, "dashboard_not_found")
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

func TestRenderOverHTTP(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A"}`})
	d.openReports()
	d.want("vic", "GET", "dashboards/a/render", "", 501, "no_chromium")
	d.want("vic", "GET", "dashboards/none/render", "", 404, "dashboard_not_found")
	for _, query := range []string{"format=gif", "width=x", "height=-1", "theme=blue", "from=now-1h", "from=now&to=now-1h", "panel=0", "width=99999", "tz=Mars"} {
		d.want("vic", "GET", "dashboards/a/render?"+query, "", 400, "bad_parameter")
	}
	d.want("ann", "PUT", "folders/fixed/permissions", `{"entries":[{"role":"viewer","level":"none"}]}`, 204, "")
	d.want("vic", "GET", "dashboards/a/render", "", 404, "dashboard_not_found")
	d.want("", "GET", "dashboards/a/render", "", 401, "")
}

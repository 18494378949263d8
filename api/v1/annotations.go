package v1

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
)

// Annotations serves marks on dashboards, in our shape and in Grafana's, whose paths
// deploy scripts know.
type Annotations struct{ library *dashboards.Library }

// NewAnnotations serves l's.
func NewAnnotations(l *dashboards.Library) *Annotations { return &Annotations{library: l} }

// Routes returns the table of routes. A token that may push data may annotate; the
// library decides for everybody else.
func (a *Annotations) Routes() []httpx.Route {
	const path, grafana = "/api/pharos/v1/annotations", "/api/annotations"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Read, Handler: respond(a.list)},
		{Pattern: "POST " + path, Access: httpx.Write, Handler: respond(a.create)},
		{Pattern: "GET " + path + "/{id}", Access: httpx.Read, Handler: respond(a.get)},
		{Pattern: "PUT " + path + "/{id}", Access: httpx.Read, Handler: respond(a.update)},
		{Pattern: "DELETE " + path + "/{id}", Access: httpx.Read, Handler: respond(a.delete)},

		{Pattern: "GET " + grafana, Access: httpx.Read, Handler: respondGrafana(a.grafanaList)},
		{Pattern: "POST " + grafana, Access: httpx.Write, Handler: respondGrafana(a.grafanaCreate)},
		{Pattern: "POST " + grafana + "/graphite", Access: httpx.Write, Handler: respondGrafana(a.graphite)},
		{Pattern: "GET " + grafana + "/tags", Access: httpx.Read, Handler: respondGrafana(a.grafanaTags)},
		{Pattern: "GET " + grafana + "/{id}", Access: httpx.Read, Handler: respondGrafana(a.grafanaGet)},
		{Pattern: "PUT " + grafana + "/{id}", Access: httpx.Read, Handler: respondGrafana(a.grafanaUpdate)},
		{Pattern: "PATCH " + grafana + "/{id}", Access: httpx.Read, Handler: respondGrafana(a.grafanaUpdate)},
		{Pattern: "DELETE " + grafana + "/{id}", Access: httpx.Read, Handler: respondGrafana(a.grafanaDelete)},
	}
}

// annotation is one mark; times are milliseconds since the Unix epoch.
type annotation struct {
	ID           int64    `json:"id"`
	TimeMs       int64    `json:"time_ms"`
	EndMs        int64    `json:"end_ms,omitempty"` // absent or 0: a moment
	Text         string   `json:"text"`
	Tags         []string `json:"tags"`
	DashboardUID string   `json:"dashboard_uid,omitempty"`
	PanelID      int64    `json:"panel_id,omitempty"`
	CreatedBy    string   `json:"created_by,omitempty"`
}

func annotationOf(m metastore.Annotation) annotation {
	a := annotation{ID: m.ID, TimeMs: m.Time.UnixMilli(), Text: m.Text, Tags: m.Tags, DashboardUID: m.DashboardUID, PanelID: m.PanelID, CreatedBy: m.CreatedBy}
	if m.End.After(m.Time) {
		a.EndMs = m.End.UnixMilli()
	}
	return a
}

func (a annotation) stored() metastore.Annotation {
	return metastore.Annotation{Time: fromMillis(a.TimeMs), End: fromMillis(a.EndMs), Text: a.Text, Tags: a.Tags, DashboardUID: a.DashboardUID, PanelID: a.PanelID}
}

func fromMillis(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// list answers GET /annotations?from=&to=&tags=&tags=&dashboard_uid=&panel_id=&limit=.
func (a *Annotations) list(r *http.Request) (int, any, error) {
	q, err := annotationQuery(r.URL.Query(), "dashboard_uid", "panel_id", 1000)
	if err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	found, err := a.library.Annotations(r.Context(), t, who, q)
	out := make([]annotation, len(found))
	for i, m := range found {
		out[i] = annotationOf(m)
	}
	return http.StatusOK, map[string][]annotation{"annotations": out}, err
}

// annotationQuery reads what both shapes of the list share.
func annotationQuery(v url.Values, dashboard, panel string, limit int64) (q dashboards.AnnotationQuery, err error) {
	number := func(name string, otherwise int64) int64 {
		text := v.Get(name)
		if text == "" {
			return otherwise
		}
		n, e := strconv.ParseInt(text, 10, 64)
		if e != nil {
			err = badParameter(name, text, "a whole number")
		}
		return n
	}
	q = dashboards.AnnotationQuery{
		From: fromMillis(number("from", 0)), To: fromMillis(number("to", 0)), Tags: v["tags"], AnyTag: v.Get("matchAny") == "true",
		DashboardUID: v.Get(dashboard), PanelID: number(panel, 0), Limit: int(number("limit", limit)),
	}
	return q, err
}

func (a *Annotations) get(r *http.Request) (int, any, error) {
	found, err := a.find(r)
	return http.StatusOK, annotationOf(found), err
}

func (a *Annotations) find(r *http.Request) (metastore.Annotation, error) {
	id, err := annotationID(r)
	if err != nil {
		return metastore.Annotation{}, err
	}
	t, who := asker(r)
	return a.library.Annotation(r.Context(), t, who, id)
}

func annotationID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, badParameter("id", r.PathValue("id"), "an annotation's number")
	}
	return id, nil
}

func (a *Annotations) create(r *http.Request) (int, any, error) {
	var in annotation
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	made, err := a.library.Annotate(r.Context(), t, who, in.stored())
	return http.StatusCreated, annotationOf(made), err
}

func (a *Annotations) update(r *http.Request) (int, any, error) {
	var in annotation
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	id, err := annotationID(r)
	if err != nil {
		return 0, nil, err
	}
	m := in.stored()
	m.ID = id
	t, who := asker(r)
	changed, err := a.library.Annotate(r.Context(), t, who, m)
	return http.StatusOK, annotationOf(changed), err
}

func (a *Annotations) delete(r *http.Request) (int, any, error) {
	id, err := annotationID(r)
	if err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	return http.StatusNoContent, nil, a.library.DeleteAnnotation(r.Context(), t, who, id)
}

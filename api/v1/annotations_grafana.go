package v1

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
)

// respondGrafana is respond with errors in the shape of Grafana's API.
func respondGrafana(h func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := h(r)
		if err == nil {
			httpx.WriteJSON(w, http.StatusOK, v)
			return
		}
		status, message := http.StatusInternalServerError, err.Error()
		var known *httpx.Error
		if errors.As(dashboardError(err), &known) {
			status, message = known.Status, known.Message
		}
		httpx.WriteJSON(w, status, map[string]string{"message": message})
	})
}

// grafanaAnnotation is what Grafana answers. Numbers of users, alerts and dashboards are
// of Grafana's own database: 0.
type grafanaAnnotation struct {
	ID           int64          `json:"id"`
	AlertID      int64          `json:"alertId"`
	AlertName    string         `json:"alertName"`
	DashboardID  int64          `json:"dashboardId"`
	DashboardUID string         `json:"dashboardUID"`
	PanelID      int64          `json:"panelId"`
	UserID       int64          `json:"userId"`
	NewState     string         `json:"newState"`
	PrevState    string         `json:"prevState"`
	Created      int64          `json:"created"` // milliseconds, as all times here
	Updated      int64          `json:"updated"`
	Time         int64          `json:"time"`
	TimeEnd      int64          `json:"timeEnd"`
	Text         string         `json:"text"`
	Tags         []string       `json:"tags"`
	Login        string         `json:"login"`
	Email        string         `json:"email"`
	AvatarURL    string         `json:"avatarUrl"`
	Data         map[string]any `json:"data"`
}

func grafanaOf(m metastore.Annotation) grafanaAnnotation {
	return grafanaAnnotation{
		ID: m.ID, DashboardUID: m.DashboardUID, PanelID: m.PanelID, Created: m.UpdatedAt.UnixMilli(), Updated: m.UpdatedAt.UnixMilli(),
		Time: m.Time.UnixMilli(), TimeEnd: m.End.UnixMilli(), Text: m.Text, Tags: m.Tags, Login: m.CreatedBy, Data: map[string]any{},
	}
}

// grafanaList answers GET /api/annotations?from=&to=&tags=&matchAny=&dashboardUID=&panelId=&limit=&type=.
// type=alert selects what alerts wrote, which are no annotations here.
func (a *Annotations) grafanaList(r *http.Request) (any, error) {
	v := r.URL.Query()
	out := []grafanaAnnotation{}
	if v.Get("type") == "alert" {
		return out, nil
	}
	q, err := annotationQuery(v, "dashboardUID", "panelId", 100)
	if err != nil {
		return nil, err
	}
	t, who := asker(r)
	found, err := a.library.Annotations(r.Context(), t, who, q)
	for _, m := range found {
		out = append(out, grafanaOf(m))
	}
	return out, err
}

func (a *Annotations) grafanaGet(r *http.Request) (any, error) {
	found, err := a.find(r)
	return grafanaOf(found), err
}

// grafanaBody is what clients send; keys that Grafana has and Pharos does not need are
// passed over.
type grafanaBody struct {
	DashboardUID string   `json:"dashboardUID"`
	PanelID      int64    `json:"panelId"`
	Time         *int64   `json:"time"`
	TimeEnd      *int64   `json:"timeEnd"`
	Text         *string  `json:"text"`
	Tags         []string `json:"tags"`
}

func readLoose(r *http.Request, v any) error {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		return &httpx.Error{Status: http.StatusBadRequest, Code: "bad_json", Message: "bad request data: " + err.Error()}
	}
	return nil
}

func (b grafanaBody) onto(m *metastore.Annotation) {
	if b.Time != nil {
		m.Time = fromMillis(*b.Time)
	}
	if b.TimeEnd != nil {
		m.End = fromMillis(*b.TimeEnd)
	}
	if b.Text != nil {
		m.Text = *b.Text
	}
	if b.Tags != nil {
		m.Tags = b.Tags
	}
}

func (a *Annotations) grafanaCreate(r *http.Request) (any, error) {
	var in grafanaBody
	if err := readLoose(r, &in); err != nil {
		return nil, err
	}
	m := metastore.Annotation{DashboardUID: in.DashboardUID, PanelID: in.PanelID}
	in.onto(&m)
	if m.Text == "" {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_input", Message: "text field should not be empty"}
	}
	return a.grafanaMake(r, m, "Annotation added")
}

func (a *Annotations) grafanaMake(r *http.Request, m metastore.Annotation, message string) (any, error) {
	if m.Time.IsZero() {
		m.Time = time.Now()
	}
	if m.End.Before(m.Time) {
		m.End = m.Time
	}
	t, who := asker(r)
	made, err := a.library.Annotate(r.Context(), t, who, m)
	return map[string]any{"message": message, "id": made.ID}, err
}

// graphite takes the event that Graphite's clients send: when is in seconds, tags a list
// or words in a text.
func (a *Annotations) graphite(r *http.Request) (any, error) {
	var in struct {
		What string          `json:"what"`
		When int64           `json:"when"`
		Data string          `json:"data"`
		Tags json.RawMessage `json:"tags"`
	}
	if err := readLoose(r, &in); err != nil {
		return nil, err
	}
	m := metastore.Annotation{Time: fromMillis(in.When * 1000), Text: strings.TrimSpace(in.What + "\n" + in.Data)}
	var words string
	if len(in.Tags) > 0 && json.Unmarshal(in.Tags, &m.Tags) != nil {
		if err := json.Unmarshal(in.Tags, &words); err != nil {
			return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_input", Message: "tags are neither a list of texts nor a text"}
		}
		m.Tags = strings.Fields(words)
	}
	if in.What == "" {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_input", Message: "what field should not be empty"}
	}
	return a.grafanaMake(r, m, "Graphite annotation added")
}

// grafanaUpdate serves PUT and PATCH: what the body does not name stays.
func (a *Annotations) grafanaUpdate(r *http.Request) (any, error) {
	m, err := a.find(r)
	if err != nil {
		return nil, err
	}
	var in grafanaBody
	if err := readLoose(r, &in); err != nil {
		return nil, err
	}
	in.onto(&m)
	if m.End.Before(m.Time) {
		m.End = m.Time
	}
	t, who := asker(r)
	_, err = a.library.Annotate(r.Context(), t, who, m)
	return map[string]string{"message": "Annotation updated"}, err
}

func (a *Annotations) grafanaDelete(r *http.Request) (any, error) {
	id, err := annotationID(r)
	if err != nil {
		return nil, err
	}
	t, who := asker(r)
	return map[string]string{"message": "Annotation deleted"}, a.library.DeleteAnnotation(r.Context(), t, who, id)
}

type grafanaTag struct {
	Tag   string `json:"tag"`
	Count int    `json:"count"`
}

// grafanaTags answers GET /api/annotations/tags?tag=&limit=.
func (a *Annotations) grafanaTags(r *http.Request) (any, error) {
	q, err := annotationQuery(r.URL.Query(), "", "", 100)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	q.Limit, q.Tags = 10_000, nil
	t, who := asker(r)
	found, err := a.library.Annotations(r.Context(), t, who, q)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, m := range found {
		for _, tag := range m.Tags {
			if strings.Contains(tag, r.URL.Query().Get("tag")) {
				counts[tag]++
			}
		}
	}
	tags := []grafanaTag{}
	for tag, n := range counts {
		tags = append(tags, grafanaTag{tag, n})
	}
	slices.SortFunc(tags, func(x, y grafanaTag) int { return cmp.Compare(x.Tag, y.Tag) })
	return map[string]any{"result": map[string]any{"tags": tags[:min(len(tags), max(limit, 0))]}}, nil
}

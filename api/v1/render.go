package v1

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/dashboards/render"
	"github.com/pharosd/pharos/internal/httpx"
)

// Render serves pictures, documents and tables of dashboards.
type Render struct{ renderer *render.Renderer }

// NewRender serves what r makes.
func NewRender(r *render.Renderer) *Render { return &Render{renderer: r} }

// Routes returns the table of routes.
func (p *Render) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "GET /api/pharos/v1/dashboards/{uid}/render", Access: httpx.Read, Handler: http.HandlerFunc(p.render)}}
}

// render answers GET /dashboards/{uid}/render?format=png|pdf|csv&panel=&from=&to=&width=&height=&theme=&tz=&var-*=.
func (p *Render) render(w http.ResponseWriter, r *http.Request) {
	req, err := renderRequest(r)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	out, err := p.renderer.Render(r.Context(), req)
	if err != nil {
		if errors.Is(err, render.ErrBusy) {
			w.Header().Set("Retry-After", "30")
		}
		httpx.WriteError(w, renderError(err))
		return
	}
	name := fmt.Sprintf("%s.%s", req.UID, req.Format)
	if req.Panel != 0 {
		name = fmt.Sprintf("%s-%d.%s", req.UID, req.Panel, req.Format)
	}
	writeText(w, req.Format.ContentType(), name, out)
}

func renderRequest(r *http.Request) (render.Request, error) {
	t, who := asker(r)
	q := r.URL.Query()
	req := render.Request{Tenant: t, Who: who, UID: r.PathValue("uid"), Format: render.Format(q.Get("format")), Timezone: q.Get("tz"),
		Time: dashboards.TimeSpan{From: q.Get("from"), To: q.Get("to")}, Variables: url.Values{}}
	req.Data = render.Data(q.Get("data"))
	if req.Format == "" {
		req.Format = render.PNG
	}
	if (req.Time.From == "") != (req.Time.To == "") {
		return req, badParameter("from", req.Time.From, "complete without to, and the other way round")
	}
	for name, into := range map[string]*int{"width": &req.Width, "height": &req.Height} {
		if err := wholeNumber(q, name, into); err != nil {
			return req, err
		}
	}
	panel := 0
	if err := wholeNumber(q, "panel", &panel); err != nil {
		return req, err
	}
	req.Panel = int64(panel)
	switch theme := q.Get("theme"); theme {
	case "", "light":
	case "dark":
		req.Dark = true
	default:
		return req, badParameter("theme", theme, "light or dark")
	}
	for name, values := range q {
		if strings.HasPrefix(name, "var-") {
			req.Variables[name] = values
		}
	}
	return req, nil
}

func wholeNumber(q url.Values, name string, into *int) error {
	text := q.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return badParameter(name, text, "a whole number from 1 on")
	}
	*into = n
	return nil
}

// renderError gives rendering's errors their status and code.
func renderError(err error) error {
	for _, known := range []struct {
		err    error
		status int
		code   string
		hint   string
	}{
		{render.ErrNoChromium, http.StatusNotImplemented, "no_chromium", "everything else works without it; `Export` keeps a dashboard's JSON"},
		{render.ErrBusy, http.StatusServiceUnavailable, "render_busy", "try again in half a minute"},
		{render.ErrTimeout, http.StatusGatewayTimeout, "render_timeout", "ask for a shorter time, or for one panel"},
		{render.ErrBadRequest, http.StatusBadRequest, "bad_parameter", ""},
	} {
		if errors.Is(err, known.err) {
			return &httpx.Error{Status: known.status, Code: known.code, Message: err.Error(), Hint: known.hint}
		}
	}
	return dashboardError(err)
}

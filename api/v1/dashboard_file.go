package v1

import (
	"encoding/json"
	"net/http"
	"path"
	"strconv"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

// file answers the text that a provisioned dashboard's file would have with its saved
// changes.
func (d *Dashboards) file(w http.ResponseWriter, r *http.Request) {
	change, err := d.change(r)
	if err != nil {
		httpx.WriteError(w, dashboardError(err))
		return
	}
	writeText(w, "application/json; charset=utf-8", path.Base(change.Path), change.New)
}

// patch answers the same as a unified diff; empty if nothing changed. A POST with
// {"dashboard": {...}} asks for changes that are not saved, or cannot be.
func (d *Dashboards) patch(w http.ResponseWriter, r *http.Request) {
	change, err := d.change(r)
	if err != nil {
		httpx.WriteError(w, dashboardError(err))
		return
	}
	writeText(w, "text/x-diff; charset=utf-8", path.Base(change.Path)+".patch", []byte(change.Patch()))
}

func (d *Dashboards) change(r *http.Request) (dashboards.FileChange, error) {
	var in struct {
		Dashboard json.RawMessage `json:"dashboard"`
	}
	if r.Method == http.MethodPost {
		if err := httpx.ReadJSON(r, &in); err != nil {
			return dashboards.FileChange{}, err
		}
		if len(in.Dashboard) == 0 {
			return dashboards.FileChange{}, missingDashboard(`{"dashboard": {...}}`)
		}
	}
	t, who := asker(r)
	return d.library.FileChange(r.Context(), t, who, r.PathValue("uid"), in.Dashboard)
}

// writeText sends a text that browsers may keep as a file of that name.
func writeText(w http.ResponseWriter, kind, name string, text []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", "inline; filename="+strconv.QuoteToASCII(name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
}

func (d *Dashboards) writeFile(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, d.library.WriteFile(r.Context(), t, who, r.PathValue("uid"))
}

package v1

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

// maxCheckedFiles of one request.
const maxCheckedFiles = 500

// DashboardCheck says what of dashboards would not render here, as `pharos dashboards
// check` does, before somebody imports them. It keeps nothing.
type DashboardCheck struct {
	library *dashboards.Library
	parse   map[string]func(string) error
}

// NewDashboardCheck checks against l's data sources; parse are the query languages' parsers
// by dialect.
func NewDashboardCheck(l *dashboards.Library, parse map[string]func(string) error) *DashboardCheck {
	return &DashboardCheck{library: l, parse: parse}
}

// Routes returns the table of routes.
func (c *DashboardCheck) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "POST /api/pharos/v1/dashboards/check", Access: httpx.Read, MaxBody: maxDashboardBody, Handler: respond(c.check)}}
}

// uncheckedFile is a dashboard under a name: as JSON, or as a text that may be none.
type uncheckedFile struct {
	File      string          `json:"file"`
	Dashboard json.RawMessage `json:"dashboard"`
	Source    string          `json:"source"`
}

// checkedDashboard is the report on one file. Existing is the title of the dashboard with
// the same uid, which an import would replace.
type checkedDashboard struct {
	dashboards.CheckedFile
	UID      string `json:"uid,omitempty"`
	Existing string `json:"existing,omitempty"`
}

// check answers POST /dashboards/check. The body is a dashboard in any form that an import
// takes, or {"files": [{"file": "a.json", "dashboard": {...}}, {"file": "b.json", "source": "..."}]}.
func (c *DashboardCheck) check(r *http.Request) (int, any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, nil, &httpx.Error{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Message: err.Error(), Hint: "send fewer files at once"}
	}
	files, err := filesToCheck(body)
	if err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	checker := dashboards.Checker{Datasources: c.library.Datasources(), Parse: c.parse}
	all := dashboards.CheckedFiles{Files: []dashboards.CheckedFile{}}
	out := []checkedDashboard{}
	for _, f := range files {
		if err := r.Context().Err(); err != nil {
			return 0, nil, err
		}
		source := []byte(f.Source)
		if len(f.Dashboard) > 0 {
			source = f.Dashboard
		}
		one := checkedDashboard{CheckedFile: checker.CheckFile(f.File, source)}
		all.Add(one.CheckedFile)
		if doc, err := dashboards.Parse(source); err == nil && doc.UID() != "" {
			one.UID = doc.UID()
			known, err := c.library.Get(r.Context(), t, who, doc.UID())
			switch {
			case err == nil:
				one.Existing = known.Document.Title()
			case !errors.Is(err, dashboards.ErrNotFound):
				return 0, nil, err
			}
		}
		out = append(out, one)
	}
	return http.StatusOK, struct {
		Files []checkedDashboard `json:"files"`
		dashboards.CheckedTotals
	}{out, all.CheckedTotals}, nil
}

func filesToCheck(body []byte) ([]uncheckedFile, error) {
	var in struct {
		Files *[]uncheckedFile `json:"files"`
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_request", Message: "the body is empty", Hint: "send a dashboard's JSON"}
	}
	if json.Unmarshal(trimmed, &in) != nil || in.Files == nil {
		return []uncheckedFile{{File: "dashboard", Dashboard: trimmed}}, nil
	}
	if len(*in.Files) > maxCheckedFiles {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_request", Message: fmt.Sprintf("%d files are more than %d", len(*in.Files), maxCheckedFiles), Hint: "send them in several requests"}
	}
	return *in.Files, nil
}

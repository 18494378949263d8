package loki

import (
	"errors"
	"net/http"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/tenant"
)

const (
	defaultFieldLimit = 1000
	maxFieldLimit     = 10000
)

// detect returns the fields of the newest entries of a query and the limit of
// the answer, which bounds the fields if bounded is set.
func (a *API) detect(r *http.Request, bounded bool) ([]*logql.Field, int, error) {
	start, end, err := bounds(r)
	if err != nil {
		return nil, 0, err
	}
	lines, err := positiveInt(r.Form.Get("line_limit"), defaultLimit)
	if err != nil {
		return nil, 0, err
	}
	if err := a.checkLimit(r, lines); err != nil {
		return nil, 0, err
	}
	text := r.Form.Get("limit")
	if text == "" {
		text = r.Form.Get("field_limit")
	}
	limit, err := positiveInt(text, defaultFieldLimit)
	if err != nil {
		return nil, 0, err
	}
	limit = min(limit, maxFieldLimit)
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return nil, 0, err
	}
	q, ok := x.(*logql.LogExpr)
	if !ok {
		return nil, 0, badRequest(errors.New("only log selector is supported"))
	}
	most := maxFieldLimit
	if bounded {
		most = limit
	}
	p := logql.Params{Start: start.UnixNano(), End: end.UnixNano(), Limit: lines}
	fields, err := a.engine.DetectFields(r.Context(), tenant.FromContext(r.Context()), q, p, most)
	return fields, limit, err
}

// detectedFields answers what one could filter by.
func (a *API) detectedFields(w http.ResponseWriter, r *http.Request) error {
	fields, limit, err := a.detect(r, true)
	if err != nil {
		return err
	}
	type field struct {
		Label       string   `json:"label"`
		Type        string   `json:"type"`
		Cardinality int      `json:"cardinality"`
		Parsers     []string `json:"parsers"`
		JSONPath    []string `json:"jsonPath,omitempty"`
	}
	var v struct {
		Fields []field `json:"fields,omitempty"`
		Limit  int     `json:"limit,omitempty"`
	}
	for _, f := range fields {
		v.Fields = append(v.Fields, field{f.Name, f.Type, len(f.Values), f.Parsers, f.JSONPath})
		v.Limit = limit
	}
	httpx.WriteJSON(w, http.StatusOK, v)
	return nil
}

// detectedFieldValues answers with the values of one field.
func (a *API) detectedFieldValues(w http.ResponseWriter, r *http.Request) error {
	fields, limit, err := a.detect(r, false)
	if err != nil {
		return err
	}
	var v struct {
		Values []string `json:"values,omitempty"`
		Limit  int      `json:"limit,omitempty"`
	}
	for _, f := range fields {
		if f.Name == r.PathValue("name") {
			v.Values, v.Limit = f.QueryValues(limit), limit
		}
	}
	httpx.WriteJSON(w, http.StatusOK, v)
	return nil
}

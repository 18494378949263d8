package loki

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// indexQuery reads the range and the selector of a request that asks the index.
// An absent query selects every stream.
func indexQuery(r *http.Request) (logs.Query, error) {
	start, end, err := bounds(r)
	if err != nil {
		return logs.Query{}, err
	}
	q := logs.Query{Start: start.UnixNano(), End: end.UnixNano() + 1}
	if text := r.Form.Get("query"); strings.TrimSpace(text) != "" {
		if q.Matchers, err = logql.ParseSelector(text, false); err != nil {
			return q, err
		}
	}
	return q, nil
}

// writeList answers with names or values; Loki leaves out an empty list.
func writeList(w http.ResponseWriter, data []string) {
	v := struct {
		Status string   `json:"status"`
		Data   []string `json:"data,omitempty"`
	}{"success", data}
	httpx.WriteJSON(w, http.StatusOK, v)
}

func (a *API) labels(w http.ResponseWriter, r *http.Request) error {
	q, err := indexQuery(r)
	if err != nil {
		return err
	}
	names, err := a.reader.LabelNames(r.Context(), tenant.FromContext(r.Context()), q)
	if err != nil {
		return err
	}
	writeList(w, names)
	return nil
}

func (a *API) labelValues(w http.ResponseWriter, r *http.Request) error {
	q, err := indexQuery(r)
	if err != nil {
		return err
	}
	values, err := a.reader.LabelValues(r.Context(), tenant.FromContext(r.Context()), q, r.PathValue("name"))
	if err != nil {
		return err
	}
	writeList(w, values)
	return nil
}

// maxSeries bounds the answer of series.
const maxSeries = 100_000

// series answers with the streams that any of the selectors matches.
func (a *API) series(w http.ResponseWriter, r *http.Request) error {
	start, end, err := bounds(r)
	if err != nil {
		return err
	}
	q := logs.Query{Start: start.UnixNano(), End: end.UnixNano() + 1}
	selectors := append(slices.Clone(r.Form["match[]"]), r.Form["match"]...)
	if len(selectors) == 0 {
		selectors = []string{"{}"}
	}
	found := map[string]model.Labels{}
	for _, s := range selectors {
		if q.Matchers, err = logql.ParseSelector(s, true); err != nil {
			return err
		}
		streams, err := a.reader.Series(r.Context(), tenant.FromContext(r.Context()), q, maxSeries)
		if err != nil {
			return err
		}
		for _, ls := range streams {
			found[ls.String()] = ls
		}
	}
	data := make([]map[string]string, 0, len(found))
	for _, key := range slices.Sorted(maps.Keys(found)) {
		data = append(data, found[key].Map())
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]any{"status": "success", "data": data})
	return nil
}

package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/query/esquery"
	"github.com/pharosd/pharos/tenant"
)

// searchRequest is a request that has been read.
type searchRequest struct {
	ctx    context.Context
	tenant tenant.ID
	http   *http.Request
	params url.Values
	body   []byte
	// status is that of the answer; 0 means 200.
	status int
}

// index is the expression of the path.
func (r *searchRequest) index() string { return r.http.PathValue("index") }

// options read what the address says about names without an index.
func (r *searchRequest) options() esquery.IndexOptions {
	return esquery.IndexOptions{
		IgnoreUnavailable: paramIs(r.params, "ignore_unavailable", true),
		NoIndices:         paramIs(r.params, "allow_no_indices", false),
	}
}

// paramIs says whether a parameter is there and true (or empty), or is false.
func paramIs(p url.Values, name string, want bool) bool {
	return p.Has(name) && (p.Get(name) != "false") == want
}

const (
	jsonType   = "application/json"
	vendorType = "application/vnd.elasticsearch+json"
)

// handler reads a request, answers it and words its errors as Elasticsearch does.
func (s *Search) handler(maxBody int64, h func(*searchRequest) ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(esapi.ProductHeader, esapi.Product)
		w.Header().Set("Content-Type", answerType(r))
		req, err := readSearch(r, maxBody)
		var b []byte
		if err == nil {
			b, err = h(req)
		}
		if filter := esapi.ParseFilter(r.URL.Query().Get("filter_path")); filter != nil && err == nil {
			b, err = filter.Apply(b)
		}
		if err != nil {
			if r.Context().Err() != nil { // nobody reads the answer
				return
			}
			status, body := errorBody(err)
			if status == http.StatusInternalServerError {
				s.log.ErrorContext(r.Context(), "search failed", "path", r.URL.Path, "error", err)
			}
			w.WriteHeader(status)
			_, _ = w.Write(body)
			return
		}
		if req.status != 0 {
			w.WriteHeader(req.status)
		}
		_, _ = w.Write(b)
	})
}

// answerType is the vendor's type if the client speaks it.
func answerType(r *http.Request) string {
	for _, h := range []string{r.Header.Get("Accept"), r.Header.Get("Content-Type")} {
		if t, params, err := mime.ParseMediaType(h); err == nil && t == vendorType && (params["compatible-with"] == "8" || params["compatible-with"] == "7") {
			return vendorType + ";compatible-with=" + params["compatible-with"]
		}
	}
	return jsonType
}

func readSearch(r *http.Request, maxBody int64) (*searchRequest, error) {
	req := &searchRequest{ctx: r.Context(), tenant: tenant.FromContext(r.Context()), http: r, params: r.URL.Query()}
	body, err := httpx.Body(r, maxBody, maxBody)
	if err != nil {
		var e *httpx.Error
		if errors.As(err, &e) {
			return nil, &esquery.Error{Status: e.Status, Type: "illegal_argument_exception", Reason: e.Message}
		}
		return nil, err
	}
	if req.body = body; len(body) > 0 {
		return req, checkType(r)
	}
	req.body = []byte(req.params.Get("source"))
	return req, nil
}

// checkType refuses bodies that say that they are no JSON.
func checkType(r *http.Request) error {
	header := r.Header.Get("Content-Type")
	t, _, err := mime.ParseMediaType(header)
	switch {
	case header == "":
		return nil
	case err == nil && (t == jsonType || t == "application/x-ndjson" || t == vendorType || t == "application/vnd.elasticsearch+x-ndjson"):
		return nil
	}
	return &esquery.Error{Status: http.StatusNotAcceptable, Type: "media_type_header_exception", Reason: "Content-Type header [" + header + "] is not supported"}
}

// cause is an error as answers tell of it.
type cause struct {
	Type         string `json:"type"`
	Reason       string `json:"reason"`
	ResourceType string `json:"resource.type,omitempty"`
	ResourceID   string `json:"resource.id,omitempty"`
	IndexUUID    string `json:"index_uuid,omitempty"`
	Index        string `json:"index,omitempty"`
	CausedBy     *cause `json:"caused_by,omitempty"`
}

func causeOf(e *esquery.Error) cause {
	c := cause{Type: e.Type, Reason: e.Reason, Index: e.Index}
	if e.Index != "" {
		c.ResourceType, c.ResourceID, c.IndexUUID = "index_or_alias", e.Index, "_na_"
	}
	if e.CausedBy != nil {
		by := causeOf(e.CausedBy)
		c.CausedBy = &by
	}
	return c
}

type failedShard struct {
	Shard  int    `json:"shard"`
	Index  string `json:"index"`
	Reason cause  `json:"reason"`
}

// searchError is the object "error" of an answer.
type searchError struct {
	RootCause []cause `json:"root_cause"`
	cause
	Phase        string        `json:"phase,omitempty"`
	Grouped      bool          `json:"grouped,omitempty"`
	FailedShards []failedShard `json:"failed_shards,omitempty"`
}

// describe returns an error's status and object.
func describe(err error) (int, searchError) {
	var e *esquery.Error
	if !errors.As(err, &e) {
		e = &esquery.Error{Status: http.StatusInternalServerError, Type: "exception", Reason: err.Error()}
	}
	c := causeOf(e)
	out := searchError{RootCause: []cause{{Type: c.Type, Reason: c.Reason, ResourceType: c.ResourceType, ResourceID: c.ResourceID, IndexUUID: c.IndexUUID, Index: c.Index}}, cause: c}
	if e.Type == "query_shard_exception" || e.Type == "too_many_buckets_exception" {
		// Elasticsearch finds these on the shards.
		out.cause = cause{Type: "search_phase_execution_exception", Reason: "all shards failed", CausedBy: &c}
		out.Phase, out.Grouped = "query", true
		out.FailedShards = []failedShard{{Index: strings.TrimSpace(e.Index), Reason: c}}
	}
	return e.Status, out
}

func errorBody(err error) (int, []byte) {
	status, e := describe(err)
	b, merr := json.Marshal(struct {
		Error  searchError `json:"error"`
		Status int         `json:"status"`
	}{e, status})
	if merr != nil {
		return http.StatusInternalServerError, []byte(`{"status":500}`)
	}
	return status, b
}

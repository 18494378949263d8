package elastic

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pharosd/pharos/query/esquery"
)

// maxSearches bounds the searches of one _msearch.
const maxSearches = 500

// msearch answers several searches, one after the other: a header and a body, each on
// a line.
func (s *Search) msearch(r *searchRequest) ([]byte, error) {
	begin := time.Now()
	pairs, err := r.pairs()
	if err != nil {
		return nil, err
	}
	var out []byte
	for i, p := range pairs {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, s.oneSearch(r, p)...)
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
	}
	took, err := json.Marshal(time.Since(begin).Milliseconds())
	if err != nil {
		return nil, err
	}
	head := append(append([]byte(`{"took":`), took...), `,"responses":[`...)
	return append(append(head, out...), ']', '}'), nil
}

type searchPair struct{ header, body []byte }

// pairs cuts the body into lines. The header may be an empty line.
func (r *searchRequest) pairs() ([]searchPair, error) {
	bad := func(reason string) error {
		return &esquery.Error{Status: http.StatusBadRequest, Type: "illegal_argument_exception", Reason: reason}
	}
	body := r.body
	if !bytes.HasSuffix(body, []byte("\n")) {
		return nil, bad("The msearch request must be terminated by a newline [\\n]")
	}
	lines := bytes.Split(body[:len(body)-1], []byte("\n"))
	for len(lines)%2 == 1 && len(bytes.TrimSpace(lines[len(lines)-1])) == 0 {
		lines = lines[:len(lines)-1]
	}
	if len(lines)%2 == 1 {
		return nil, bad("a header of the msearch request has no body")
	}
	if len(lines) == 0 {
		return nil, &esquery.Error{Status: http.StatusBadRequest, Type: "action_request_validation_exception", Reason: "Validation Failed: 1: no requests added;"}
	}
	if len(lines)/2 > maxSearches {
		return nil, bad("more than 500 searches in one msearch request")
	}
	var out []searchPair
	for i := 0; i < len(lines); i += 2 {
		out = append(out, searchPair{lines[i], lines[i+1]})
	}
	return out, nil
}

// searchHeader is what a header may say; keys that concern shards have no effect.
type searchHeader struct {
	Index             oneOrAll   `json:"index"`
	Indices           oneOrAll   `json:"indices"`
	IgnoreUnavailable *looseBool `json:"ignore_unavailable"`
	AllowNoIndices    *looseBool `json:"allow_no_indices"`
}

// looseBool is true, false, "true" or "false".
type looseBool bool

func (b *looseBool) UnmarshalJSON(raw []byte) error {
	*b = looseBool(strings.Trim(string(raw), `"`) == "true")
	return nil
}

// oneSearch returns one member of "responses": an answer or an error.
func (s *Search) oneSearch(r *searchRequest, p searchPair) []byte {
	b, err := s.tryOne(r, p)
	if err == nil {
		return append(b[:len(b)-1], `,"status":200}`...)
	}
	_, body := errorBody(err)
	return body
}

func (s *Search) tryOne(r *searchRequest, p searchPair) ([]byte, error) {
	var h searchHeader
	if len(bytes.TrimSpace(p.header)) > 0 {
		if err := json.Unmarshal(p.header, &h); err != nil {
			return nil, &esquery.Error{Status: http.StatusBadRequest, Type: "x_content_parse_exception", Reason: "[msearch header] " + err.Error()}
		}
	}
	index := strings.Join(append(h.Index, h.Indices...), ",")
	if index == "" {
		index = r.index()
	}
	o := r.options()
	if h.IgnoreUnavailable != nil {
		o.IgnoreUnavailable = bool(*h.IgnoreUnavailable)
	}
	if h.AllowNoIndices != nil {
		o.NoIndices = !bool(*h.AllowNoIndices)
	}
	params := url.Values{}
	for _, name := range []string{"typed_keys", "rest_total_hits_as_int", "_source_includes", "_source_excludes"} {
		if r.params.Has(name) {
			params[name] = r.params[name]
		}
	}
	q, err := s.engine.ParseRequest(p.body, params)
	if err != nil {
		return nil, err
	}
	return s.engine.Search(r.ctx, r.tenant, index, o, q)
}

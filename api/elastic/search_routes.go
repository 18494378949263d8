package elastic

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/pharosd/pharos/query/esquery"
)

func (s *Search) search(r *searchRequest) ([]byte, error) {
	q, err := s.engine.ParseRequest(r.body, r.params)
	if err != nil {
		return nil, err
	}
	return s.engine.Search(r.ctx, r.tenant, r.index(), r.options(), q)
}

func (s *Search) count(r *searchRequest) ([]byte, error) {
	q, err := s.engine.ParseRequest(r.body, r.params)
	if err != nil {
		return nil, err
	}
	return s.engine.Count(r.ctx, r.tenant, r.index(), r.options(), q)
}

func (s *Search) validate(r *searchRequest) ([]byte, error) {
	parse := func() error {
		_, err := s.engine.ParseRequest(r.body, r.params)
		return err
	}
	return s.engine.Validate(r.ctx, r.tenant, r.index(), r.options(), parse, paramIs(r.params, "explain", true))
}

func (s *Search) fieldCaps(r *searchRequest) ([]byte, error) {
	var fields []string
	if f := r.params.Get("fields"); f != "" {
		fields = strings.Split(f, ",")
	} else if len(r.body) == 0 || !strings.Contains(string(r.body), `"fields"`) {
		fields = []string{"*"}
	}
	return s.engine.FieldCaps(r.ctx, r.tenant, r.index(), r.options(), fields, r.body)
}

func (s *Search) mapping(r *searchRequest) ([]byte, error) {
	return s.engine.Mapping(r.ctx, r.tenant, r.index(), r.options(), nil)
}

func (s *Search) fieldMapping(r *searchRequest) ([]byte, error) {
	return s.engine.Mapping(r.ctx, r.tenant, r.index(), r.options(), strings.Split(r.http.PathValue("fields"), ","))
}

func (s *Search) termsEnum(r *searchRequest) ([]byte, error) {
	return s.engine.TermsEnum(r.ctx, r.tenant, r.index(), r.options(), r.body)
}

// scrollBody is the body of requests about scrolls and points in time.
type scrollBody struct {
	Scroll   string   `json:"scroll"`
	ScrollID oneOrAll `json:"scroll_id"`
	ID       string   `json:"id"`
}

// oneOrAll is a string or an array of them.
type oneOrAll []string

func (o *oneOrAll) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*o = oneOrAll{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(o))
}

func (r *searchRequest) scrollBody() (scrollBody, error) {
	b := scrollBody{Scroll: r.params.Get("scroll")}
	for _, id := range []string{r.http.PathValue("scroll"), r.params.Get("scroll_id")} {
		if id != "" {
			b.ScrollID = strings.Split(id, ",")
		}
	}
	if len(r.body) == 0 {
		return b, nil
	}
	if err := json.Unmarshal(r.body, &b); err != nil {
		// Elasticsearch takes the bare id, too.
		if id := strings.TrimSpace(string(r.body)); !strings.ContainsAny(id, "{}\"") {
			b.ScrollID = oneOrAll{id}
			return b, nil
		}
		return b, &esquery.Error{Status: http.StatusBadRequest, Type: "x_content_parse_exception", Reason: err.Error()}
	}
	return b, nil
}

func keepAlive(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	return esquery.ParseDuration(s)
}

func (s *Search) scroll(r *searchRequest) ([]byte, error) {
	b, err := r.scrollBody()
	if err != nil {
		return nil, err
	}
	if len(b.ScrollID) != 1 {
		return nil, &esquery.Error{Status: http.StatusBadRequest, Type: "action_request_validation_exception", Reason: "Validation Failed: 1: scrollId is missing;"}
	}
	keep, err := keepAlive(b.Scroll)
	if err != nil {
		return nil, err
	}
	return s.engine.Scroll(r.ctx, r.tenant, b.ScrollID[0], keep, paramIs(r.params, "rest_total_hits_as_int", true))
}

func (s *Search) clearScroll(r *searchRequest) ([]byte, error) {
	b, err := r.scrollBody()
	if err != nil {
		return nil, err
	}
	ids := []string(b.ScrollID)
	if len(ids) == 0 {
		return nil, &esquery.Error{Status: http.StatusBadRequest, Type: "action_request_validation_exception", Reason: "Validation Failed: 1: no scroll ids specified;"}
	}
	if ids[0] == "_all" {
		ids = nil
	}
	n := s.engine.ClearScroll(r.ctx, r.tenant, ids)
	return r.freed(n), nil
}

// freed answers how many contexts were ended; 404 if none.
func (r *searchRequest) freed(n int) []byte {
	if n == 0 {
		r.status = http.StatusNotFound
	}
	b, _ := json.Marshal(map[string]any{"succeeded": true, "num_freed": n})
	return b
}

func (s *Search) openPIT(r *searchRequest) ([]byte, error) {
	keep, err := keepAlive(r.params.Get("keep_alive"))
	if err != nil {
		return nil, err
	}
	id, err := s.engine.OpenPIT(r.ctx, r.tenant, r.index(), r.options(), keep)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"id": id, "_shards": map[string]int{"total": 1, "successful": 1, "skipped": 0, "failed": 0}})
}

func (s *Search) closePIT(r *searchRequest) ([]byte, error) {
	b, err := r.scrollBody()
	if err != nil {
		return nil, err
	}
	n := 0
	if s.engine.ClosePIT(r.ctx, r.tenant, b.ID) {
		n = 1
	}
	return r.freed(n), nil
}

// asyncSearch answers at once, with everything: there is nothing to come back for.
func (s *Search) asyncSearch(r *searchRequest) ([]byte, error) {
	begin := time.Now()
	b, err := s.search(r)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	head, err := json.Marshal(map[string]any{
		"is_partial": false, "is_running": false, "start_time_in_millis": begin.UnixMilli(),
		"expiration_time_in_millis": now.UnixMilli(), "completion_time_in_millis": now.UnixMilli(),
	})
	if err != nil {
		return nil, err
	}
	return append(append(append(head[:len(head)-1], `,"response":`...), b...), '}'), nil
}

// searchShards says that each index has one shard, on the one node.
func (s *Search) searchShards(r *searchRequest) ([]byte, error) {
	names, err := s.engine.Resolve(r.ctx, r.tenant, r.index(), r.options())
	if err != nil {
		return nil, err
	}
	type shard struct {
		State   string `json:"state"`
		Primary bool   `json:"primary"`
		Node    string `json:"node"`
		Shard   int    `json:"shard"`
		Index   string `json:"index"`
	}
	shards, indices := [][]shard{}, map[string]any{}
	for _, name := range names {
		shards = append(shards, []shard{{"STARTED", true, "pharos", 0, name}})
		indices[name] = struct{}{}
	}
	return json.Marshal(map[string]any{"nodes": map[string]any{"pharos": map[string]any{"name": "pharos"}}, "indices": indices, "shards": shards})
}

func (s *Search) resolveIndex(r *searchRequest) ([]byte, error) {
	names, err := s.engine.Resolve(r.ctx, r.tenant, r.index(), r.options())
	if err != nil {
		return nil, err
	}
	type index struct {
		Name       string   `json:"name"`
		Attributes []string `json:"attributes"`
	}
	out := []index{}
	for _, name := range names {
		out = append(out, index{name, []string{"open"}})
	}
	return json.Marshal(map[string]any{"indices": out, "aliases": []string{}, "data_streams": []string{}})
}

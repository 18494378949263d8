package esquery

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// Request is a search.
type Request struct {
	query, postFilter query
	from, size        int
	sort              []sortKey
	sorted            bool
	after             []sortValue
	// total is up to how many hits are counted: -1 all, 0 none.
	total          int64
	source         sourceFilter
	fields         []fieldSpec
	highlight      *highlighter
	aggs           *aggregations
	timeout        time.Duration
	terminateAfter int64
	collapse       *path
	version, seqNo bool
	minScore       float64
	// pit is the point in time to search, keepAlive how long it lives on.
	pit          string
	pitKeepAlive time.Duration

	// TypedKeys and TotalAsInt change the form of the answer.
	TypedKeys, TotalAsInt bool
	// Scroll is how long a cursor is kept; 0: none is made.
	Scroll time.Duration
}

const defaultTotal = 10_000

// ParseRequest reads a search from its body, which may be empty, and the parameters
// of its address.
func (e *Engine) ParseRequest(body []byte, params url.Values) (*Request, error) {
	r := &Request{query: matchAll{}, size: 10, total: defaultTotal}
	c := &compiler{now: e.now()}
	if len(strings.TrimSpace(view(body))) > 0 {
		v, err := parseBody(body)
		if err != nil {
			return nil, err
		}
		if err := r.body(c, v); err != nil {
			return nil, err
		}
	}
	if err := r.params(c, params); err != nil {
		return nil, err
	}
	return r, r.check(e.cfg)
}

func (r *Request) body(c *compiler, v *fastjson.Value) error {
	var after *fastjson.Value
	err := members(v, "search", func(key string, m *fastjson.Value) error {
		if key == "search_after" {
			after = m
			return nil
		}
		return r.member(c, key, m)
	})
	if err != nil {
		return err
	}
	if r.pit != "" {
		r.addTie()
	}
	if after != nil {
		r.after, err = parseAfter(after, r.sort)
	}
	return err
}

// addTie makes the order of a point in time whole, as Elasticsearch does.
func (r *Request) addTie() {
	for _, k := range r.sort {
		if k.kind == byTie {
			return
		}
	}
	if r.sorted {
		r.sort = append(r.sort, sortKey{kind: byTie, missing: "_last"})
	}
}

func (r *Request) member(c *compiler, key string, v *fastjson.Value) (err error) {
	switch key {
	case "query":
		r.query, err = c.compile(v)
	case "post_filter":
		r.postFilter, err = c.compile(v)
	case "from":
		r.from, err = intOf(v, key)
	case "size":
		r.size, err = intOf(v, key)
	case "sort":
		r.sort, err = parseSort(v)
		r.sorted = len(r.sort) > 0
	case "track_total_hits":
		r.total, err = totalOf(v)
	case "_source":
		err = r.source.parse(v)
	case "fields", "docvalue_fields":
		err = r.parseFields(v)
	case "stored_fields":
		err = r.storedFields(v)
	case "highlight":
		r.highlight, err = parseHighlight(c, v)
	case "aggs", "aggregations":
		r.aggs, err = parseAggregations(c, v, 0)
	case "timeout":
		var s string
		if s, err = textOf(v, key); err == nil {
			err = r.setTimeout(s)
		}
	case "terminate_after":
		var n int
		n, err = intOf(v, key)
		r.terminateAfter = int64(n)
	case "pit":
		err = r.parsePIT(v)
	case "version":
		r.version, err = boolOf(v, key)
	case "seq_no_primary_term":
		r.seqNo, err = boolOf(v, key)
	case "min_score":
		r.minScore, err = floatOf(v, key)
	case "collapse":
		err = r.parseCollapse(v)
	default:
		err = r.rest(key, v)
	}
	return err
}

// rest are members that change nothing, or that are refused unless they are empty.
func (r *Request) rest(key string, v *fastjson.Value) error {
	switch key {
	case "track_scores", "indices_boost", "stats", "ext":
		return nil
	case "explain", "profile":
		on, err := boolOf(v, key)
		if err == nil && on {
			err = unsupportedf("[%s]", key)
		}
		return err
	case "script_fields", "runtime_mappings", "suggest", "rescore", "slice", "knn", "rank", "retriever", "sub_searches":
		if v.Type() == fastjson.TypeObject && v.GetObject().Len() == 0 || v.Type() == fastjson.TypeArray && len(v.GetArray()) == 0 {
			return nil
		}
		return unsupportedf("[%s]", key)
	}
	return parsingf("Unknown key for a %s in [%s].", tokenOf(v), clip(key))
}

func totalOf(v *fastjson.Value) (int64, error) {
	switch v.Type() {
	case fastjson.TypeTrue:
		return -1, nil
	case fastjson.TypeFalse:
		return 0, nil
	}
	s, err := textOf(v, "track_total_hits")
	if err != nil {
		return 0, err
	}
	return totalText(s)
}

func totalText(s string) (int64, error) {
	switch s {
	case "true", "":
		return -1, nil
	case "false":
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < -1 {
		return 0, illegalf("[track_total_hits] parameter must be positive or equals to -1, got %.40s", s)
	}
	return n, nil
}

func (r *Request) setTimeout(s string) error {
	if s == "-1" {
		return nil
	}
	d, err := esdate.ParseDuration(s)
	if err != nil {
		return illegalf("%s", err)
	}
	r.timeout = d
	return nil
}

func (r *Request) parsePIT(v *fastjson.Value) error {
	err := members(v, "pit", func(key string, m *fastjson.Value) error {
		s, err := textOf(m, key)
		if err != nil {
			return err
		}
		switch key {
		case "id":
			r.pit = s
		case "keep_alive":
			r.pitKeepAlive, err = esdate.ParseDuration(s)
			if err != nil {
				err = illegalf("%s", err)
			}
		default:
			err = parsingf("[pit] unknown field [%s]", clip(key))
		}
		return err
	})
	if err == nil && r.pit == "" {
		err = illegalf("Required [id]")
	}
	return err
}

func (r *Request) parseCollapse(v *fastjson.Value) error {
	return members(v, "collapse", func(key string, m *fastjson.Value) error {
		if key != "field" {
			return unsupportedf("[%s] in [collapse]", clip(key))
		}
		s, err := textOf(m, key)
		r.collapse = newPath(s)
		if err == nil && r.collapse.kind == anyPath {
			err = illegalf("no field to collapse by")
		}
		return err
	})
}

// params reads the parameters of the address; they win over the body.
func (r *Request) params(c *compiler, p url.Values) (err error) {
	number := func(name string, to *int) {
		if s := p.Get(name); s != "" && err == nil {
			if *to, err = strconv.Atoi(s); err != nil {
				err = illegalf("Failed to parse int parameter [%s] with value [%.40s]", name, s)
			}
		}
	}
	number("from", &r.from)
	number("size", &r.size)
	if err != nil {
		return err
	}
	if p.Has("q") {
		if r.query, err = compileQ(c.now, p.Get("q"), p.Get("df"), strings.EqualFold(p.Get("default_operator"), "and")); err != nil {
			return err
		}
	}
	if s := p.Get("sort"); s != "" {
		r.sort, r.sorted = nil, true
		for _, one := range strings.Split(s, ",") {
			i := strings.LastIndexByte(one, ':')
			field, order := one, ""
			if i > 0 {
				field, order = one[:i], one[i+1:]
			}
			k, err := newSortKey(field, order)
			if err != nil {
				return err
			}
			r.sort = append(r.sort, k)
		}
	}
	return r.moreParams(p)
}

func (r *Request) moreParams(p url.Values) (err error) {
	if p.Has("track_total_hits") {
		if r.total, err = totalText(p.Get("track_total_hits")); err != nil {
			return err
		}
	}
	if s := p.Get("timeout"); s != "" {
		if err := r.setTimeout(s); err != nil {
			return err
		}
	}
	if s := p.Get("terminate_after"); s != "" {
		if r.terminateAfter, err = strconv.ParseInt(s, 10, 64); err != nil {
			return illegalf("Failed to parse int parameter [terminate_after] with value [%.40s]", s)
		}
	}
	r.source.params(p)
	for _, name := range []string{"docvalue_fields", "stored_fields"} {
		if s := p.Get(name); s != "" && name == "docvalue_fields" {
			for _, f := range strings.Split(s, ",") {
				r.fields = append(r.fields, fieldSpec{path: newPath(f)})
			}
		}
	}
	r.TypedKeys = flag(p, "typed_keys")
	r.TotalAsInt = flag(p, "rest_total_hits_as_int")
	if flag(p, "version") {
		r.version = true
	}
	if flag(p, "seq_no_primary_term") {
		r.seqNo = true
	}
	for _, name := range []string{"explain", "profile"} {
		if flag(p, name) {
			return unsupportedf("[%s]", name)
		}
	}
	if s := p.Get("scroll"); s != "" {
		if r.Scroll, err = esdate.ParseDuration(s); err != nil {
			return illegalf("%s", err)
		}
	}
	return nil
}

// flag reads a parameter that is true when it is there without a value.
func flag(p url.Values, name string) bool {
	return p.Has(name) && p.Get(name) != "false"
}

func (r *Request) check(cfg Config) error {
	switch {
	case r.from < 0:
		return illegalf("[from] parameter cannot be negative but was [%d]", r.from)
	case r.size < 0:
		return illegalf("[size] parameter cannot be negative, found [%d]", r.size)
	case r.terminateAfter < 0:
		return illegalf("terminateAfter must be > 0")
	case r.from+r.size > cfg.MaxWindow:
		return illegalf("Result window is too large, from + size must be less than or equal to: [%d] but was [%d]. See the scroll api for a more efficient "+
			"way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.", cfg.MaxWindow, r.from+r.size)
	case r.after != nil && r.from > 0:
		return illegalf("`from` parameter must be set to 0 when `search_after` is used")
	case r.Scroll > 0 && r.from > 0:
		return illegalf("using [from] is not allowed in a scroll context")
	case r.Scroll > 0 && r.size == 0:
		return illegalf("[size] cannot be [0] in a scroll context")
	case r.Scroll > 0 && r.collapse != nil:
		return illegalf("cannot use `collapse` in a scroll context")
	case r.Scroll > 0 && r.after != nil:
		return illegalf("`search_after` cannot be used in a scroll context.")
	}
	return nil
}

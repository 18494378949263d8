package esquery

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// lines are documents with what trips prefilters: escapes, numbers in many spellings,
// arrays, dots in names, names that meet when they are made columns.
var lines = []string{
	`{"message":"GET /cart took 12ms, user Anna","level":"info","status":200,"took":12.5,"ok":true,"service":{"name":"web"},"tags":["a","b"]}`,
	`{"message":"POST failed: TIMEOUT after 3 retries","level":"ERROR","status":5e2,"took":3000,"ok":false,"service.name":"web"}`,
	`{"message":"caf\u00e9 \u0074imeout \"quoted\" a\/b","level":"\u0065rror","status":"500","n":[1,500,"500"],"a_b":1,"a":{"b":2}}`,
	`{"message":["timeout one","two"],"level":null,"status":404.0,"service":{"name":["x","web"]},"when":"2024-02-29T10:00:00Z","o":{"p":{"q":"deep"}}}`,
	`{"x":[{"level":"error"},{"status":500}],"nested":[{"k":1,"v":"a"},{"k":2,"v":"b"}],"İ":"ſ K","took":-5}`,
	`{"level":"warn","status":500.00,"when":"2024-03-01T00:30:00+01:00","ip":"10.0.0.1","e":1E3}`,
	`not json: level=error timeout 500 web`,
	`{"level":"error","dup":1,"dup":2}`,
	`{}`,
	``,
}

// queries are of every clause.
var queries = []string{
	`{"match_all":{}}`, `{"match_none":{}}`, `{"bool":{}}`,
	`{"term":{"level":"error"}}`, `{"term":{"level.keyword":"error"}}`, `{"term":{"level":{"value":"ErrOr","case_insensitive":true}}}`, `{"term":{"status":500}}`,
	`{"term":{"status.keyword":"500"}}`, `{"term":{"ok":true}}`, `{"term":{"service.name":"web"}}`, `{"term":{"a.b":2}}`, `{"term":{"message":"café"}}`, `{"term":{"message.keyword":"a/b"}}`,
	`{"term":{"@timestamp":"2024-01-01T00:00:00.000Z"}}`, `{"term":{"_index":"logs"}}`, `{"term":{"_index":"i"}}`, `{"term":{"env":"prod"}}`, `{"term":{"trace":"t1"}}`, `{"terms":{"level":["warn","info"]}}`,
	`{"terms":{"level.keyword":["warn","error"]}}`, `{"terms":{"status":[200,404]}}`, `{"terms":{"level":["é","Error","ERROR","warn"]}}`, `{"terms":{"n":[1,7]}}`, `{"terms":{"when":["2024-03-01","2024-02-29T10:00:00.000Z"]}}`, `{"terms":{"status.keyword":["500","404.0"]}}`,
	`{"ids":{"values":["id0","id3"]}}`, `{"exists":{"field":"took"}}`, `{"exists":{"field":"o.p"}}`, `{"exists":{"field":"env"}}`,
	`{"match":{"message":"timeout"}}`, `{"match":{"message":{"query":"timeout one","operator":"and"}}}`, `{"match":{"*":"500"}}`, `{"match":{"*":"1000"}}`, `{"match":{"*":"web"}}`, `{"match_phrase":{"message":"took 12ms"}}`,
	`{"match_phrase":{"message":{"query":"failed after","slop":1}}}`, `{"match_phrase_prefix":{"message":"failed time"}}`, `{"multi_match":{"query":"web","fields":["service.*","level"]}}`,
	`{"prefix":{"level":"err"}}`, `{"prefix":{"message":"tim"}}`, `{"wildcard":{"level":"*rr?r"}}`, `{"regexp":{"level":"err.*"}}`, `{"regexp":{"message":"time[a-z]+"}}`, `{"fuzzy":{"level":"eror"}}`,
	`{"range":{"status":{"gte":404}}}`, `{"range":{"took":{"lt":0}}}`, `{"range":{"@timestamp":{"gte":"2024-01-01","lt":"2024-01-02"}}}`, `{"range":{"when":{"gte":"2024-03-01"}}}`, `{"range":{"level":{"gte":"e"}}}`,
	`{"bool":{"must_not":{"term":{"level":"error"}}}}`, `{"bool":{"must_not":{"range":{"@timestamp":{"gte":"now-1h"}}}}}`, `{"bool":{"must":[{"term":{"level":"error"}},{"match_all":{}}],"should":[{"term":{"status":500}}]}}`,
	`{"bool":{"should":[{"term":{"level":"error"}},{"term":{"status":500}},{"exists":{"field":"n"}}],"minimum_should_match":2}}`, `{"bool":{"must_not":[{"match_all":{}}]}}`,
	`{"nested":{"path":"nested","query":{"bool":{"must":[{"term":{"nested.k":1}},{"term":{"nested.v":"a"}}]}}}}`, `{"constant_score":{"filter":{"term":{"level":"warn"}}}}`,
	`{"query_string":{"query":"timeout AND NOT level:info"}}`, `{"query_string":{"query":"status:>=500 OR _exists_:n"}}`, `{"query_string":{"query":"\"quoted a\" OR tim*"}}`, `{"query_string":{"query":"*"}}`,
	`{"query_string":{"query":"message:/caf./ OR 500"}}`, `{"simple_query_string":{"query":"timeout + (one | failed)","fields":["message"]}}`, `{"match":{"İ":"ſ"}}`, `{"match":{"İ":"k"}}`,
}

// blocks are the lines, as they came through Elasticsearch or not, parsed at ingest
// or not.
func blocks() []*logs.Block {
	var out []*logs.Block
	for _, own := range []bool{true, false} {
		for _, parsed := range []bool{true, false} {
			b := &logs.Block{Lines: lines, Stream: model.NewLabels(model.Label{Name: "env", Value: "prod"})}
			if own {
				b.Stream = model.NewLabels(model.Label{Name: "index", Value: "i"})
			}
			ids, traces := make([]string, len(lines)), make([]string, len(lines))
			for i := range lines {
				b.Times = append(b.Times, time.Date(2024, 1, 1, i, 0, 0, i, time.UTC).UnixNano())
				if own {
					ids[i] = fmt.Sprintf("id%d", i)
				} else if i%2 == 0 {
					traces[i] = "t1"
				}
			}
			b.Metadata = []logs.Column{{Name: "_id", Values: ids}, {Name: "trace", Values: traces}}
			if parsed {
				parseLines(b)
			}
			out = append(out, b)
		}
	}
	return out
}

// parseLines fills in what ingest keeps of JSON lines.
func parseLines(b *logs.Block) {
	columns := map[string][]string{}
	b.Formats = make([]logs.Format, len(b.Lines))
	for i, line := range b.Lines {
		fields := map[string]string{}
		v, err := fastjson.Parse(line)
		if err != nil || v.Type() != fastjson.TypeObject || !flatten(nil, v, fields) {
			continue
		}
		b.Formats[i] = logs.JSON
		for name, value := range fields {
			if columns[name] == nil {
				columns[name] = make([]string, len(b.Lines))
			}
			columns[name][i] = value
		}
	}
	for name, values := range columns {
		b.Parsed = append(b.Parsed, logs.Column{Name: name, Values: values})
	}
}

// flatten returns false for what ingest does not keep: names that meet.
func flatten(segments []string, v *fastjson.Value, to map[string]string) bool {
	ok := true
	v.GetObject().Visit(func(key []byte, m *fastjson.Value) {
		at := append(segments[:len(segments):len(segments)], string(key))
		switch m.Type() {
		case fastjson.TypeObject:
			ok = flatten(at, m, to) && ok
			return
		case fastjson.TypeArray, fastjson.TypeNull:
			return
		}
		name := columnName(at)
		if _, taken := to[name]; taken {
			ok = false
		}
		to[name] = m.String()
		if m.Type() == fastjson.TypeString {
			to[name] = string(m.GetStringBytes())
		}
	})
	return ok
}

// checkPrefilter wants that the store's filter selects what a query matches, and
// nothing else if it says so.
func checkPrefilter(t *testing.T, name string, q query, all []*logs.Block) {
	t.Helper()
	pre := q.prefilter()
	m, err := logs.NewMatcher(pre.filter)
	require.NoError(t, err, name)
	weak, err := logs.NewMatcher(forStore(pre.filter))
	require.NoError(t, err, name)
	may := newLineCheck(pre.filter)
	start, end := timeRange(pre.filter)
	var r reader
	for k, b := range all {
		keep, asked := m.Match(b, nil), weak.Match(b, nil)
		r.begin(b)
		for i := range b.Times {
			matches := q.match(r.read(i))
			if keep[i] && !asked[i] || matches && may != nil && !may(b, b.Lines[i]) {
				t.Fatalf("%s: block %d, line %q is left out by what the store is asked or by the line: %#v", name, k, b.Lines[i], forStore(pre.filter))
			}
			selected := keep[i] && b.Times[i] >= start && b.Times[i] < end
			if matches && !selected || pre.exact && matches != selected {
				t.Fatalf("%s: block %d, line %q: matches %v, the store selects %v (exact %v): %#v", name, k, b.Lines[i], matches, selected, pre.exact, pre.filter)
			}
		}
	}
}

// TestTermsAreTerms compares a list of values with one after the other.
func TestTermsAreTerms(t *testing.T) {
	values := []string{"error", "ERROR", "500", "404", "web", "2", "true", "café", "2024-02-29T10:00:00Z", "", "a/b"}
	var r reader
	for _, field := range []string{"level", "level.keyword", "status", "status.keyword", "n", "ok", "service.name", "message", "when", "when.keyword", "a.b", "@timestamp", "env"} {
		for n := range values {
			list := newTermsQuery(newPath(field), values[n:])
			many := newTermsQuery(newPath(field), append(strings.Split(strings.Repeat("none,", 100), ","), values[n:]...))
			for _, b := range blocks() {
				r.begin(b)
				for i := range b.Times {
					d := r.read(i)
					want := false
					for _, v := range values[n:] {
						want = want || (&fieldQuery{newPath(field), newTerm(v, false)}).match(d)
					}
					require.Equal(t, want, list.match(d), "%s %v %s", field, values[n:], b.Lines[i])
				}
			}
			checkPrefilter(t, field, list, blocks())
			checkPrefilter(t, field+" of many", many, blocks())
		}
	}
}

func TestPrefilters(t *testing.T) {
	e := NewEngine(nil, DefaultConfig(), nil)
	all := blocks()
	found := 0
	for _, text := range queries {
		r, err := e.ParseRequest([]byte(`{"query":`+text+`}`), nil)
		require.NoError(t, err, text)
		checkPrefilter(t, text, r.query, all)
		checkPrefilter(t, "not "+text, &boolQuery{mustNot: []query{r.query}}, all)
		var rd reader
		for _, b := range all {
			rd.begin(b)
			for i := range b.Times {
				if r.query.match(rd.read(i)) {
					found++
					break
				}
			}
		}
	}
	require.Greater(t, found, 2*len(queries), "most queries match something")
}

// FuzzRequest reads whole requests, and evaluates those that can be read.
func FuzzRequest(f *testing.F) {
	for _, q := range queries {
		f.Add(`{"query":` + q + `,"size":3}`)
	}
	for _, s := range []string{
		`{"size":0,"aggs":{"a":{"terms":{"field":"level","order":{"m":"desc"}},"aggs":{"m":{"avg":{"field":"took"}},"t":{"top_hits":{"size":1}}}}}}`,
		`{"aggs":{"d":{"date_histogram":{"field":"@timestamp","calendar_interval":"day","time_zone":"Europe/Berlin","offset":"+1h"},"aggs":{"s":{"sum":{"field":"status"}},"x":{"derivative":{"buckets_path":"s"}},"c":{"bucket_script":{"buckets_path":{"a":"s"},"script":"params.a*2"}}}}}}`,
		`{"aggs":{"c":{"composite":{"sources":[{"a":{"terms":{"field":"level","missing_bucket":true}}},{"h":{"histogram":{"field":"took","interval":5}}}],"after":{"a":null,"h":0}}}}}`,
		`{"aggs":{"p":{"percentiles":{"field":"took","percents":[1,99.9]}},"r":{"range":{"field":"took","ranges":[{"to":1},{"from":1}]}},"f":{"filters":{"filters":{"a":{"match_all":{}}}}},"u":{"auto_date_histogram":{"field":"when","buckets":3}}}}`,
		`{"sort":[{"@timestamp":{"order":"desc","format":"epoch_millis"}},"_doc",{"level":{"missing":"_first","mode":"max"}}],"search_after":[1,2,"x"],"track_total_hits":7,"_source":{"includes":["a*"],"excludes":["b"]}}`,
		`{"highlight":{"fields":{"*":{"fragment_size":20}}},"query":{"match":{"message":"timeout"}},"fields":["*",{"field":"when","format":"yyyy"}],"collapse":{"field":"level"}}`,
	} {
		f.Add(s)
	}
	e := NewEngine(nil, DefaultConfig(), nil)
	all := blocks()
	f.Fuzz(func(t *testing.T, body string) {
		r, err := e.ParseRequest([]byte(body), url.Values{})
		if err != nil {
			return
		}
		if !strings.Contains(body, "now") { // which moves
			checkPrefilter(t, body, r.query, all)
		}
		s := &search{Request: r, run: &run{engine: e}, begin: e.now(), selection: &selection{all: true}}
		tp := &top{run: s.run, keys: s.order(), size: min(r.from+r.size, 5), after: r.after, collapse: r.collapse}
		g := r.aggs.collectors(s.run)
		var rd reader
		for _, b := range all {
			rd.begin(b)
			for i := range b.Times {
				d := rd.read(i)
				if tp.offer(d) != nil || g.collect(d) != nil {
					return
				}
			}
		}
		s.hits = merged([]*top{tp})
		if s.results, err = g.results(&reduction{run: s.run}); err != nil {
			return
		}
		out, err := s.render()
		require.NoError(t, err)
		require.NoError(t, fastjson.ValidateBytes(out), "%s", out)
	})
}

// FuzzContainsFold compares with the slow way.
func FuzzContainsFold(f *testing.F) {
	f.Add("GET /Cart CART", "cart")
	f.Add("aAaAb", "aab")
	f.Fuzz(func(t *testing.T, s, text string) {
		if text = lower(text); text == "" || !isASCII(text) {
			return
		}
		folded := strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, s)
		if strings.ToValidUTF8(s, "") != s {
			return
		}
		require.Equal(t, strings.Contains(folded, text), containsFold(s, text))
	})
}

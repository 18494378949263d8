package elastic

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/testkit"
)

// leftOut are the steps of Quickwit's tests of Elasticsearch's API that do not apply
// here, by file and place, with the reason. A step that is listed and passes fails the
// test, so that the list stays true.
var leftOut = map[string]string{
	"es_compatibility__0002-query_string#4":              termIsBoth,
	"es_compatibility__0006-term_query#2":                termIsBoth,
	"es_compatibility__0015-terms-query#1":               termIsBoth,
	"es_compatibility__0004-term_aggregations#1":         "the buckets of a text are its exact values: there is no fielddata of tokens",
	"es_compatibility__0005-query_string_query#9":        "without a mapping no value has the wrong type: queries are always lenient",
	"es_compatibility__0005-query_string_query#24":       quickwitOnly,
	"es_compatibility__0007-range_queries#17":            "without a mapping a range over a text ignores case; repo.name.keyword does not",
	"es_compatibility__0008-sort_by#6":                   docOrder,
	"es_compatibility__0008-sort_by#7":                   docOrder,
	"es_compatibility__0008-sort_by#8":                   docOrder,
	"es_compatibility__0010-match_phrase_prefix_query#6": "every expansion of a prefix matches: max_expansions cuts nothing",
	"es_compatibility__0010-match_phrase_prefix_query#7": quickwitOnly,
	"es_compatibility__0012-scroll-api#1":                quickwitOnly,
	"es_compatibility__0012-scroll-api#5":                quickwitOnly,
	"es_compatibility__0014-multi-match-query#1":         "the test itself is broken: its body has the key engines",
	"es_compatibility__0016-misc-query#7":                quickwitOnly,
	"es_compatibility__0018-search_after#9":              quickwitOnly,
	"es_compatibility__0020-stats":                       admin,
	"es_compatibility__0021-cat-indices":                 admin,
	"es_compatibility__0023-extra_filters":               quickwitOnly,
	"es_compatibility__0024-delete_indices":              admin,
	"es_compatibility__0025-msearch#2":                   quickwitOnly,
	"es_compatibility__0027-cluster-health":              admin,
	"aggregations__0001-aggregations#7":                  splits,
	"aggregations__0001-aggregations#8":                  splits,
	"aggregations__0001-aggregations#9":                  splits,
	"aggregations__0001-aggregations#10":                 splits,
	"aggregations__0001-aggregations#11":                 "its sketch is 10 % off: the 85th percentile of 20, 100, 100, 120 is 111 (and TestPercentiles)",
	"aggregations__0001-aggregations#18":                 quickwitOnly + " (TestCompositePages pages with Elasticsearch's after_key)",
	"aggregations__0002-doc-len#1":                       quickwitOnly,
	"es_field_capabilities__0001-field-capabilities":     "a text is the fields name (text) and name.keyword (keyword), as of Elasticsearch's dynamic mapping, and not two types of one; there are neither ip nor date_nanos (TestFieldCaps has what there is)",
}

const (
	termIsBoth   = "a term is an exact value or a token, as the field may be keyword or text in Elasticsearch"
	docOrder     = "_doc is an order that stays, not the order of indexing"
	quickwitOnly = "Elasticsearch does not do it so either"
	admin        = "belongs to the administrative side"
	splits       = "there are no splits: counts are exact"
)

// TestQuickwit runs Quickwit's tests of Elasticsearch's API over their own data.
func TestQuickwit(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "elasticsearch", "quickwit_rest_tests")
	bulk := testkit.Shared(t, "fixtures", "elasticsearch", "bulk", "gharchive-bulk.ndjson")
	for _, suite := range []struct {
		name, prefix, endpoint string
		load                   func(*searchServer)
	}{
		{"es_compatibility", "es_compatibility__00", "gharchive/_search", func(s *searchServer) {
			pushBulk(s, bulk)
			s.push("simple_es_compat", `{"keyword_text": "red"}`, `{"keyword_text": "gold$"}`)
			s.push("fast_only", `{"fast_text": "abc-123", "obj": {"nested_text": "abc-123"}}`, `{"fast_text": "def-456", "obj": {"nested_text": "ghi-789"}}`)
		}},
		{"multi-indices", "es_compatibility__multi-indices__00", "", func(s *searchServer) {
			pushBulk(s, bulk)
			s.push("gharchive-1", `{"id": 1, "created_at":"2015-02-01T00:00:14Z", "type": "CreateEvent", "actor": { "id": 1, "login": "fmassot" } }`,
				`{"id": 2, "created_at":"2015-02-01T00:00:16Z", "type": "CreateEvent", "actor": { "id": 2, "login": "fulmicoton" } }`)
			s.push("gharchive-2", `{"id": 3, "created_at":"2015-02-01T00:00:15Z", "type": "CreateEvent", "actor": { "id": 3, "login": "guilload" } }`,
				`{"id": 4, "created_at":"2015-02-01T00:00:17Z", "type": "CreateEvent", "actor": { "id": 4, "login": "trinity" } }`)
		}},
		{"aggregations", "aggregations__00", "", setup(dir, "aggregations___setup.quickwit.yaml", "aggregations")},
		{"fieldcaps", "es_field_capabilities__00", "", setup(dir, "es_field_capabilities___setup.quickwit.yaml", "fieldcaps", "fieldcaps-2")},
		{"multi_splits", "multi_splits__00", "multi_splits/_search", setup(dir, "multi_splits___setup.quickwit.yaml", "multi_splits")},
		{"search_after", "search_after__00", "search_after/_search", setup(dir, "search_after___setup.quickwit.yaml", "search_after")},
		{"sort_orders", "sort_orders__00", "", setup(dir, "sort_orders___setup.quickwit.yaml", "sortorder")},
	} {
		t.Run(suite.name, func(t *testing.T) {
			s := newSearchServer(t, nil)
			s.created = []string{"empty_index", "empty_aggregations"}
			suite.load(s)
			files, err := filepath.Glob(filepath.Join(dir, suite.prefix+"*.yaml"))
			require.NoError(t, err)
			require.NotEmpty(t, files)
			for _, f := range files {
				runSteps(t, s, f, suite.endpoint)
			}
		})
	}
}

func pushBulk(s *searchServer, file string) {
	f, err := os.Open(file)
	require.NoError(s.t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var docs []string
	for n := 0; lines.Scan(); n++ {
		if n%2 == 1 {
			docs = append(docs, lines.Text())
		}
	}
	s.push("gharchive", docs...)
}

// setup loads the documents that a setup file ingests.
func setup(dir, file string, indices ...string) func(*searchServer) {
	return func(s *searchServer) {
		for _, step := range readSteps(s.t, filepath.Join(dir, file)) {
			for _, key := range []string{"ndjson", "shuffle_ndjson"} {
				docs, ok := step[key].([]any)
				if !ok {
					continue
				}
				index, _, _ := strings.Cut(step["endpoint"].(string), "/")
				require.Contains(s.t, indices, index)
				for _, d := range docs {
					b, err := json.Marshal(numbers(d))
					require.NoError(s.t, err)
					s.push(index, string(b))
				}
			}
		}
	}
}

// numbers makes YAML's numbers with underscores numbers.
func numbers(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, m := range x {
			out[k] = numbers(m)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, m := range x {
			out[i] = numbers(m)
		}
		return out
	case string: // YAML 1.2 has no underscores in numbers, the tests have
		if underscored.MatchString(x) {
			return json.Number(strings.ReplaceAll(x, "_", ""))
		}
	case uint64:
		return json.Number(strconv.FormatUint(x, 10))
	}
	return v
}

var underscored = regexp.MustCompile(`^-?\d+(_\d+)+(\.\d+)?$`)

func readSteps(t testing.TB, file string) []map[string]any {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var out []map[string]any
	for {
		var step map[string]any
		err := dec.Decode(&step)
		if err == io.EOF {
			return out
		}
		require.NoError(t, err, file)
		if step != nil {
			out = append(out, step)
		}
	}
}

func runSteps(t *testing.T, s *searchServer, file, endpoint string) {
	base := strings.TrimSuffix(filepath.Base(file), ".yaml")
	if leftOut[base] == admin {
		t.Logf("%s is left out: %s", base, admin)
		return
	}
	var previous map[string]any
	for i, step := range readSteps(t, file) {
		name := fmt.Sprintf("%s#%d", base, i+1)
		t.Run(name, func(t *testing.T) {
			problem := func() (problem string) {
				defer func() {
					if r := recover(); r != nil {
						problem = fmt.Sprint(r)
					}
				}()
				return runStep(s, step, endpoint, &previous)
			}()
			why := leftOut[name]
			if why == "" {
				why = leftOut[base]
			}
			switch {
			case why != "" && problem != "":
				t.Skip(why)
			case why != "" && leftOut[name] != "":
				t.Errorf("is left out (%s) but passes", why)
			case problem != "":
				t.Error(problem)
			}
		})
	}
}

// runStep returns what is wrong.
func runStep(s *searchServer, step map[string]any, endpoint string, previous *map[string]any) string {
	if e, ok := step["endpoint"].(string); ok {
		endpoint = strings.TrimPrefix(strings.TrimPrefix(e, "/"), "_elastic/")
	}
	method := "GET"
	switch m := step["method"].(type) {
	case string:
		method = m
	case []any:
		method = m[0].(string)
	}
	path := "/" + endpoint
	if params, ok := step["params"].(map[string]any); ok {
		q := url.Values{}
		for k, v := range params {
			if list, ok := v.([]any); ok {
				for _, one := range list {
					q.Add(k, fmt.Sprint(one))
				}
				continue
			}
			q.Set(k, fmt.Sprint(v))
		}
		path += "?" + q.Encode()
	}
	body := ""
	if j, ok := step["json"]; ok {
		b, err := json.Marshal(withPrevious(numbers(j), *previous))
		if err != nil {
			return err.Error()
		}
		body = string(b)
	}
	for _, line := range asList(step["ndjson"]) {
		b, _ := json.Marshal(line)
		body += string(b) + "\n"
	}
	status, got := s.do(method, path, body)
	*previous = got
	want := 200
	if code, ok := step["status_code"].(int); ok {
		want = code
	}
	if status != want {
		return fmt.Sprintf("status %d, want %d: %v", status, want, got)
	}
	if e, ok := step["expected"]; ok {
		return compare("", e, got)
	}
	return ""
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func withPrevious(v any, previous map[string]any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := maps.Clone(m)
	for k, one := range out {
		if x, ok := one.(map[string]any); ok && x["$previous"] != nil {
			out[k] = previous["_scroll_id"]
		}
	}
	return out
}

// compare is Quickwit's: what is expected must be there, there may be more. The lists
// that are expected have as many elements.
func compare(where string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		if e, ok := w["$expect"].(string); ok { // what stands beside it does not count
			if p := expect(e, got); p != "" {
				return where + ": " + p
			}
			return ""
		}
		m, ok := got.(map[string]any)
		if !ok && len(w) > 0 {
			return fmt.Sprintf("%s: %v is no object", where, got)
		}
		for k, v := range w {
			if p := compare(where+"."+k, v, m[k]); p != "" {
				return p
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: %v, want %d elements: %v", where, got, len(w), want)
		}
		for i := range w {
			if p := compare(fmt.Sprintf("%s.%d", where, i), w[i], g[i]); p != "" {
				return p
			}
		}
		return ""
	}
	if n, ok := got.(json.Number); ok {
		g, _ := n.Float64()
		w, err := strconv.ParseFloat(strings.ReplaceAll(fmt.Sprint(want), "_", ""), 64)
		if err == nil && g == w {
			return ""
		}
	}
	if w, err := time.Parse(time.RFC3339, fmt.Sprint(want)); err == nil {
		if g, err := time.Parse(time.RFC3339, fmt.Sprint(got)); err == nil && w.Equal(g) {
			return ""
		}
	}
	if fmt.Sprint(want) != fmt.Sprint(got) {
		return fmt.Sprintf("%s: %v, want %v", where, got, want)
	}
	return ""
}

var (
	lenIs  = regexp.MustCompile(`^len\(val\) (==|>) (\d+)$`)
	notIn  = regexp.MustCompile(`^not '(.+)' in val$`)
	isIn   = regexp.MustCompile(`^'(.+)' in val$`)
	oneOf  = regexp.MustCompile(`^val in \[(.*)\]$`)
	around = regexp.MustCompile(`^abs\(val - ([0-9.]+)\) < ([0-9.]+)$`)
)

// expect evaluates the Python of the tests.
func expect(e string, got any) string {
	bad := fmt.Sprintf("%v, want %s", got, e)
	size := func() int {
		switch g := got.(type) {
		case []any:
			return len(g)
		case map[string]any:
			return len(g)
		case string:
			return len(g)
		}
		return -1
	}
	ok := false
	if m := lenIs.FindStringSubmatch(e); m != nil {
		n, _ := strconv.Atoi(m[2])
		ok = m[1] == "==" && size() == n || m[1] == ">" && size() > n
	} else if m := notIn.FindStringSubmatch(e); m != nil {
		g, isMap := got.(map[string]any)
		_, has := g[m[1]]
		ok = isMap && !has
	} else if m := isIn.FindStringSubmatch(e); m != nil {
		g, _ := got.(map[string]any)
		_, ok = g[m[1]]
	} else if m := oneOf.FindStringSubmatch(e); m != nil {
		for _, one := range strings.Split(m[1], ", ") {
			ok = ok || compare("", strings.Trim(one, "'"), got) == ""
		}
	} else if m := around.FindStringSubmatch(e); m != nil {
		v, _ := strconv.ParseFloat(fmt.Sprint(got), 64)
		center, _ := strconv.ParseFloat(m[1], 64)
		width, _ := strconv.ParseFloat(m[2], 64)
		ok = math.Abs(v-center) < width
	} else {
		return "unknown expectation " + e
	}
	if ok {
		return ""
	}
	return bad
}

func TestLeftOutIsSorted(t *testing.T) {
	for _, k := range slices.Sorted(maps.Keys(leftOut)) {
		require.NotEmpty(t, leftOut[k], k)
	}
}

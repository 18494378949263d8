package elastic

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/esapi"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-26T10:20:30Z":                 "2026-11-26T10:20:30Z",
		"2026-11-26T10:20:30.1Z":               "2026-11-26T10:20:30.1Z",
		"2026-11-26T10:20:30.123456789+02:00":  "2026-11-26T08:20:30.123456789Z",
		"2026-11-26T10:20:30.1234567891-0130":  "2026-11-26T11:50:30.123456789Z",
		"2026-11-26T10:20:30,5+02":             "2026-11-26T08:20:30.5Z",
		"2026-11-26 10:20:30":                  "2026-11-26T10:20:30Z",
		"2026-11-26T10:20":                     "2026-11-26T10:20:00Z",
		"2026-11-26T10":                        "2026-11-26T10:00:00Z",
		"2026-11-26":                           "2026-11-26T00:00:00Z",
		"2026-11":                              "2026-11-01T00:00:00Z",
		"2026":                                 "2026-01-01T00:00:00Z",
		"2024-02-29":                           "2024-02-29T00:00:00Z",
		"1764151389123":                        "2025-11-26T10:03:09.123Z",
		"1764151389123.5":                      "2025-11-26T10:03:09.1235Z",
		"-1":                                   "1969-12-31T23:59:59.999Z",
		"1.764151389123e12":                    "2025-11-26T10:03:09.123Z",
		"2026-11-26t10:20:30.000000000000001z": "2026-11-26T10:20:30Z",
	} {
		parse := parseTime
		if strings.Contains(text, "e12") {
			parse = parseMillis // a number of JSON
		}
		ns, ok := parse(text)
		require.True(t, ok, text)
		require.Equal(t, want, time.Unix(0, ns).UTC().Format(time.RFC3339Nano), text)
	}
	for _, bad := range []string{"", "x", "2026-13-01", "2026-02-30", "2026-11-26T24:00:00Z", "2026-11-26T10:20:30", "2026-11-26T10:20:30.Z",
		"2026-11-26T10:20:30+", "2026-11-26T10:20:30+1", "2026-11-26T10:20:30Zx", "9999-01-01", "0001-01-01", "99999999999999999999", "1e400", "NaN", "-",
		"2026-11-26T", "2026-1-2", "2026-11-26T10:20:30+25:00", "26 Nov 2026"} {
		if bad == "2026-11-26T10:20:30" {
			continue // no offset is UTC
		}
		_, ok := parseTime(bad)
		require.False(t, ok, bad)
	}
}

func TestParseDocument(t *testing.T) {
	for source, want := range map[string]document{
		`{}`:                            {},
		` {"a":[1,-2.5e+3,true,null]} `: {},
		`{"service":{"name":"a"},"@timestamp":1000}`:                                                {service: "a", timed: true, time: 1e9},
		`{"@timestamp":"1970-01-01T00:00:01Z","service.name":"b","service":"c"}`:                    {service: "b", timed: true, time: 1e9},
		`{"service":"c","container":{"name":"d"}}`:                                                  {service: "c"},
		`{"kubernetes":{"container":{"name":"k"},"labels":{"name":"no"}},"container":{"name":"d"}}`: {service: "k"},
		`{"kubernetes.container.name":"k2"}`:                                                        {service: "k2"},
		`{"kubernetes":{"container.name":"k3"}}`:                                                    {service: "k3"},
		`{"container.name":"d","service":{"name":""}}`:                                              {service: "d"},
		`{"service":{"name":7},"x":{"service":{"name":"deep"}}}`:                                    {},
		`{"service":[{"name":"a"}]}`:                                                                {},
		`{"service":{"name":"gr\u00fcn"},"service.name":"second"}`:                                  {service: "grün"},
		`{"\u0040timestamp":1000}`:                                                                  {timed: true, time: 1e9},
		`{"@timestamp":null}`:                                                                       {},
		`{"@timestamp":1000,"@timestamp":2000}`:                                                     {timed: true, time: 1e9},
		`{"service":"` + strings.Repeat("ü", 100) + `"}`:                                            {service: strings.Repeat("ü", 64)},
	} {
		got, err := parseDocument(source)
		require.NoError(t, err, source)
		want.source = strings.TrimSpace(source)
		require.Equal(t, want, got, source)
	}
	for source, why := range map[string]string{
		``: "must be an object", `[]`: "must be an object", `"x"`: "must be an object", `{"a":1`: "want a comma or the end", `{"a":01}`: "want a comma",
		`{"a":1}x`: "more after", `{"a":"` + "\t" + `"}`: "control", `{"a":"\x"}`: "escape", `{"a":"\u12g4"}`: "escape", `{"a":tru}`: "unexpected character",
		`{"a":1.}`: "number", `{"a":-}`: "number", `{a:1}`: "name in quotes", `{"a":1,}`: "name in quotes", `{"a" 1}`: "colon", `{"a":"` + "\xff" + `"}`: "UTF-8",
		`{"@timestamp":"yesterday"}`: "failed to parse date field [yesterday]", `{"@timestamp":{}}`: "must be a date", `{"@timestamp":true}`: "must be a date",
		`{"@timestamp":""}`: "failed to parse date", `{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`: "nests deeper", `{"a":"x`: "unexpected end",
	} {
		_, err := parseDocument(source)
		require.ErrorContains(t, err, why, source)
	}
}

// FuzzDocument compares what the scanner takes with encoding/json.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{`{"@timestamp":"2026-11-26T10:20:30.123Z","service":{"name":"api"},"message":"a \"b\" \u00e9\\","n":[1,2.5e3,{"x":null}]}`,
		`{"a":1,"b":tru}`, `{"kubernetes":{"container":{"name":"k"}}}`, `{"@timestamp":1764151389123}`, `{"a":{"b":[[]]}} `, `{"service.name":"x","":{}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDocument(s)
		valid := json.Valid([]byte(s)) && utf8.ValidString(s) && strings.HasPrefix(strings.TrimLeft(s, " \t\r\n"), "{")
		if err == nil && !valid {
			t.Fatalf("%q is taken", s)
		}
		if err != nil && valid && !strings.Contains(err.Error(), "date") && !strings.Contains(err.Error(), "nests") {
			t.Fatalf("%q is refused: %v", s, err)
		}
		if len(d.service) > maxService || err == nil && d.source != strings.Trim(s, " \t\r\n") {
			t.Fatalf("%q: %+v", s, d)
		}
	})
}

func decodeAll(body string, d defaults) ([]item, error) {
	f := &flight{limit: 1 << 20}
	s := f.share()
	defer s.release()
	return decode([]byte(body), d, s)
}

func TestDecode(t *testing.T) {
	items, err := decodeAll(`{"index":{"_index":"a","_id":7,"routing":"x","_type":"doc"}}
{"n":1}

{ "create" : { } }
{"n":2}
{"delete":{"_index":"b","_id":"2"}}
{"index":{"_index":"c","op_type":"create","pipeline":"_none","require_alias":false}}`+"\r\n"+` {"n":3}`+"\r\n", defaults{index: "dflt", pipeline: "p"})
	require.NoError(t, err)
	require.Equal(t, []item{
		{action: action{op: opIndex, index: "a", id: "7", hasID: true, pipeline: "p"}, source: `{"n":1}`},
		{action: action{op: opCreate, index: "dflt", pipeline: "p"}, source: `{"n":2}`},
		{action: action{op: opDelete, index: "b", id: "2", hasID: true, pipeline: "p"}},
		{action: action{op: opCreate, index: "c", pipeline: "_none"}, source: `{"n":3}`},
	}, items)

	for body, why := range map[string]string{
		"":                                        "request body is required",
		"\n \n":                                   "no requests added",
		`{"index":{}}`:                            "must be terminated by a newline",
		"{\"index\":{}}\n":                        "Malformed action/metadata line [1], no source follows it",
		"{\"index\":{}}\n{}\n":                    "Validation Failed: 1: index is missing;",
		"{\"del\":{\"_index\":\"a\"}}\n{}\n":      "Malformed action/metadata line [1], expected field [create], [delete], [index] or [update] but found [del]",
		"[]\n{}\n":                                "Malformed action/metadata line [1], expected START_OBJECT but found [START_ARRAY]",
		"{}\n{}\n":                                "Malformed action/metadata line [1], expected FIELD_NAME but found [END_OBJECT]",
		"{\"index\":1}\n{}\n":                     "Malformed action/metadata line [1], expected START_OBJECT",
		"{\"index\":{},\"a\":1}\n{}\n":            "expected END_OBJECT",
		"{\"index\":{}} x\n{}\n":                  "",
		"{\"index\":{\"x\":1}}\n{}\n":             "Action/metadata line [1] contains an unknown parameter [x]",
		"{\"index\":{\"_index\":{}}}\n{}\n":       "expected a simple value for field [_index]",
		"{\"index\":{\"op_type\":\"x\"}}\n{}\n":   "unknown op_type",
		"{\"index\":{\"require_alias\":3}}\n{}\n": "expected a boolean",
		strings.Repeat(" ", 3) + strings.Repeat("x", maxAction+1) + "\n{}\n": "longer than",
		strings.Repeat("{\"create\":{\"_index\":\"a\"}}\n{}\n", 3000):        "the request takes more than",
	} {
		_, err := decodeAll(body, defaults{})
		var e *esapi.Error
		require.ErrorAs(t, err, &e, "%.60q", body)
		require.Contains(t, e.Reason, why)
	}
}

// FuzzBulk looks for panics and for items that are not in the body.
func FuzzBulk(f *testing.F) {
	f.Add("{\"index\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"@timestamp\":\"2026-11-26T10:20:30Z\"}\n{\"delete\":{\"_index\":\"b\",\"_id\":\"2\"}}\n")
	f.Add("{\"create\":{}}\n{}\n{\"update\":{\"_id\":\"x\",\"retry_on_conflict\":3}}\n{\"doc\":{}}\n")
	f.Fuzz(func(t *testing.T, body string) {
		items, err := decodeAll(body, defaults{index: "d"})
		if err != nil {
			var e *esapi.Error
			require.ErrorAs(t, err, &e)
			return
		}
		for _, it := range items {
			require.Contains(t, body, it.source)
			_ = it.check()
			_, _ = parseDocument(it.source)
		}
	})
}

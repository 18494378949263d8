package esapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/esapi"
)

func TestFilterPath(t *testing.T) {
	const answer = `{"took":3,"errors":true,"items":[{"index":{"_id":"1","status":201}},{"create":{"_id":"2","status":400,"error":{"type":"x","reason":"y"}}}],"empty":{}}`
	for path, want := range map[string]string{
		"":                           answer,
		"took,errors":                `{"took":3,"errors":true}`,
		"errors,items.*.error":       `{"errors":true,"items":[{"create":{"error":{"type":"x","reason":"y"}}}]}`,
		"items.*.error.type":         `{"items":[{"create":{"error":{"type":"x"}}}]}`,
		"errors,items.*.st*":         `{"errors":true,"items":[{"index":{"status":201}},{"create":{"status":400}}]}`,
		"**.reason":                  `{"items":[{"create":{"error":{"reason":"y"}}}]}`,
		"-items,-empty":              `{"took":3,"errors":true}`,
		"items.create,-items.*.e*":   `{"items":[{"create":{"_id":"2","status":400}}]}`,
		"nothing.of.it":              `{}`,
		"took.deeper":                `{}`,
		"items.**":                   `{"items":[{"index":{"_id":"1","status":201}},{"create":{"_id":"2","status":400,"error":{"type":"x","reason":"y"}}}]}`,
		" took , ,":                  `{"took":3}`,
		strings.Repeat("x,", 100):    `{}`,
		"empty":                      `{"empty":{}}`,
		"-items.*._id,-took,-errors": `{"items":[{"index":{"status":201}},{"create":{"status":400,"error":{"type":"x","reason":"y"}}}],"empty":{}}`,
	} {
		got, err := esapi.ParseFilter(path).Apply([]byte(answer))
		require.NoError(t, err)
		require.Equal(t, want, string(got), "filter_path=%s", path)
	}
}

func FuzzFilterPath(f *testing.F) {
	f.Add("errors,items.*.error", `{"errors":true,"items":[{"index":{"error":{}}}]}`)
	f.Add("-a.**.b,**.c", `{"a":{"x":{"b":1,"c":[1,{"c":2}]}}}`)
	f.Fuzz(func(t *testing.T, path, answer string) {
		if out, err := esapi.ParseFilter(path).Apply([]byte(answer)); err == nil && esapi.ParseFilter(path) == nil {
			require.Equal(t, answer, string(out))
		}
	})
}

func TestNames(t *testing.T) {
	for _, good := range []string{"logs", "logs-shipping-2026.11.26", ".ds-logs", "ä", strings.Repeat("x", 255), "a+b", "a=b"} {
		require.Nil(t, esapi.CheckName(good), good)
	}
	for bad, why := range map[string]string{
		"": "must not be empty", "..": "must not be '.' or '..'", "Logs": "must be lowercase", "_logs": "must not start with",
		"-a": "must not start with", "+a": "must not start with", "a#b": "'#'", "a:b": "':'", "a b": "following characters",
		"a*": "following characters", "a\x00": "following characters", strings.Repeat("x", 256): "too long",
	} {
		err := esapi.CheckName(bad)
		require.NotNil(t, err, bad)
		require.Equal(t, "invalid_index_name_exception", err.Type)
		require.Contains(t, err.Reason, why)
	}
	require.True(t, esapi.Match("logs-*-*", "logs-a-b"))
	require.False(t, esapi.Match("logs-*-*", "logs-a"))
	require.True(t, esapi.Match("*a*b", "xaabxb"))
	require.False(t, esapi.Match("a*a", "a"))
	test := esapi.Expand("logs-*,-logs-b,other")
	require.True(t, test("logs-a") && test("other") && !test("logs-b") && !test("x"))

	now := time.Date(2026, 11, 26, 13, 14, 15, 0, time.UTC)
	for name, want := range map[string]string{
		"plain": "plain", "<logs-{now/d}-000001>": "logs-2026.11.26-000001", "<a{now/M{yyyy.MM}}b>": "a2026.11b", "<{now/H{yyyy-MM-dd-HH}}>": "2026-11-26-13",
	} {
		got, ok := esapi.ResolveDateMath(name, now)
		require.True(t, ok, name)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"<a{now-1d}>", "<a{now/d{yyyy}>", "<a{now/d{E}}>", "<a{>"} {
		_, ok := esapi.ResolveDateMath(bad, now)
		require.False(t, ok, bad)
	}
}

func TestIDs(t *testing.T) {
	at := time.Date(2026, 11, 26, 13, 14, 15, 123456789, time.UTC).UnixNano()
	id := esapi.ID("logs", at, `{"a":1}`)
	require.Len(t, id, 16)
	require.Equal(t, id, esapi.ID("logs", at, `{"a":1}`), "a repeat has the same id")
	for _, other := range []string{esapi.ID("logs2", at, `{"a":1}`), esapi.ID("logs", at+1, `{"a":1}`), esapi.ID("logs", at, `{"a":2}`)} {
		require.NotEqual(t, id, other)
	}
	ms, ok := esapi.IDTime(id)
	require.True(t, ok)
	require.Equal(t, at/1e6, ms)
	ms, ok = esapi.IDTime(esapi.ID("logs", -5e6, ""))
	require.True(t, ok)
	require.Equal(t, int64(-5), ms)
	_, ok = esapi.IDTime("my-own-id")
	require.False(t, ok)
	require.NotEqual(t, esapi.IndexUUID("a", "b"), esapi.IndexUUID("a", "c"))
}

func TestHandlerSpeaksTheVendorsMediaTypes(t *testing.T) {
	h := esapi.Handler(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/missing" {
			return esapi.NoSuchIndex("x")
		}
		esapi.WriteJSON(w, r, 200, map[string]any{"a": "<1>", "b": 2})
		return nil
	})
	get := func(method, path, accept string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept", accept)
		h.ServeHTTP(w, r)
		require.Equal(t, "Elasticsearch", w.Header().Get("X-Elastic-Product"))
		return w
	}
	w := get("GET", "/?filter_path=a", "application/vnd.elasticsearch+json; compatible-with=8")
	require.Equal(t, "application/vnd.elasticsearch+json;compatible-with=8", w.Header().Get("Content-Type"))
	require.Equal(t, `{"a":"<1>"}`, w.Body.String())
	w = get("GET", "/?pretty", "application/json")
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, "{\n  \"a\": \"<1>\",\n  \"b\": 2\n}\n", w.Body.String())
	require.Empty(t, get("HEAD", "/", "").Body.String())
	require.Equal(t, 400, get("GET", "/", "application/vnd.elasticsearch+json; compatible-with=6").Code)
	w = get("GET", "/missing?filter_path=hits", "")
	require.Equal(t, 404, w.Code)
	require.JSONEq(t, `{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [x]","resource.type":"index_or_alias","resource.id":"x","index_uuid":"_na_","index":"x"}],
		"type":"index_not_found_exception","reason":"no such index [x]","resource.type":"index_or_alias","resource.id":"x","index_uuid":"_na_","index":"x"},"status":404}`, w.Body.String())
}

func TestContentTypes(t *testing.T) {
	check := func(kind string) error {
		r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
		r.Header.Set("Content-Type", kind)
		return esapi.CheckContentType(r)
	}
	for _, good := range []string{"application/json", "application/json; charset=UTF-8", "application/x-ndjson",
		"application/vnd.elasticsearch+x-ndjson; compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=7"} {
		require.NoError(t, check(good), good)
	}
	for _, bad := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/vnd.elasticsearch+json;compatible-with=3", ";"} {
		require.Error(t, check(bad), bad)
	}
}

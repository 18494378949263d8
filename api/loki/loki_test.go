package loki

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func push(t *testing.T, srv *httptest.Server, body string) {
	t.Helper()
	resp, err := http.Post(srv.URL+"/loki/api/v1/push", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer resp.Body.Close()
	msg, _ := io.ReadAll(resp.Body)
	require.Equal(t, http.StatusNoContent, resp.StatusCode, "%s", msg)
}

func get(t *testing.T, srv *httptest.Server, path string, query url.Values, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, srv.URL+path+"?"+query.Encode(), nil)
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, strings.TrimSpace(string(body))
}

// withoutStats returns the answer with its statistics taken out, and those.
func withoutStats(t *testing.T, body string) (string, map[string]float64) {
	t.Helper()
	var v struct {
		Data map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(body), &v), body)
	var s struct{ Summary map[string]float64 }
	require.NoError(t, json.Unmarshal(v.Data["stats"], &s))
	delete(v.Data, "stats")
	out, err := json.Marshal(v.Data)
	require.NoError(t, err)
	return string(out), s.Summary
}

func TestQueryRange(t *testing.T) {
	srv := newServer(t, false)
	now := time.Now().Add(-time.Minute).Truncate(time.Minute).UnixNano()
	push(t, srv, fmt.Sprintf(`{"streams":[{"stream":{"app":"web"},"values":[["%d","GET <a>"],["%d","POST",{"user":"anna"}]]}]}`, now, now+1))

	q := url.Values{"query": {`{app="web"} | logfmt`}, "start": {fmt.Sprint(now)}, "end": {fmt.Sprint(now + 2)}}
	code, body := get(t, srv, "/loki/api/v1/query_range", q)
	require.Equal(t, 200, code, body)
	body, stats := withoutStats(t, body)
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"streams","result":[
		{"stream":{"app":"web"},"values":[["%d","GET <a>"]]},
		{"stream":{"app":"web","user":"anna"},"values":[["%d","POST"]]}]}`, now, now+1), body)
	assert.EqualValues(t, 2, stats["totalLinesProcessed"])
	assert.EqualValues(t, 2, stats["totalEntriesReturned"])
	assert.EqualValues(t, len("GET <a>")+len("POST")+len("anna"), stats["totalBytesProcessed"])

	// The same, with labels by category.
	code, body = get(t, srv, "/loki/api/v1/query_range", q, "X-Loki-Response-Encoding-Flags", "categorize-labels")
	require.Equal(t, 200, code, body)
	body, _ = withoutStats(t, body)
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[
		{"stream":{"app":"web"},"values":[["%d","POST",{"structuredMetadata":{"user":"anna"}}],["%d","GET <a>",{}]]}]}`, now+1, now), body)

	// A form does as well as a query, and a metric as a matrix.
	form := url.Values{"query": {`sum(count_over_time({app="web"}[1m]))`}, "start": {fmt.Sprint(now)}, "end": {fmt.Sprint(now + 6e10)}, "step": {"1m"}}
	resp, err := http.PostForm(srv.URL+"/loki/api/v1/query_range", form)
	require.NoError(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	body, _ = withoutStats(t, string(raw))
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"matrix","result":[{"metric":{},"values":[[%d,"1"],[%d,"1"]]}]}`, now/1e9, now/1e9+60), body)
}

func TestErrors(t *testing.T) {
	srv := newServer(t, false)
	for _, c := range []struct {
		path, query string
		code        int
		want        string
	}{
		{"query_range", `{`, 400, "parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"},
		{"query", `{app="x"}`, 400, "log queries are not supported as an instant query type, please change your query to a range query type"},
		{"query", `approx_topk(0, rate({app="x"}[1m]))`, 400, "parse error : invalid parameter (must be greater than 0) approx_topk(0"},
		{"query_range", `{app="x"} |~ "("`, 400, "parse error : stage '|~ \"(\"' : error parsing regexp: missing closing ): `(`"},
		{"labels", `{app="x"} |= "y"`, 400, "only label matchers are supported"},
		{"tail", `rate({app="x"}[1m])`, 400, "only log selector is supported"},
		{"detected_fields", `rate({app="x"}[1m])`, 400, "only log selector is supported"},
	} {
		code, body := get(t, srv, "/loki/api/v1/"+c.path, url.Values{"query": {c.query}})
		assert.Equal(t, c.code, code, c.query)
		assert.Equal(t, c.want, body)
	}
}

// frame is a message of a tail.
type frame struct {
	Streams []struct {
		Stream map[string]string
		Values [][2]string
	}
	Dropped []struct{ Timestamp string } `json:"dropped_entries"`
	Cursor  string
}

// lines reads frames until there are n lines.
func lines(t *testing.T, ctx context.Context, conn *websocket.Conn, n int) []string {
	t.Helper()
	out, _ := linesAndCursor(t, ctx, conn, n)
	return out
}

func linesAndCursor(t *testing.T, ctx context.Context, conn *websocket.Conn, n int) (out []string, cursor string) {
	t.Helper()
	for len(out) < n {
		_, data, err := conn.Read(ctx)
		require.NoError(t, err)
		var f frame
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		require.NoError(t, dec.Decode(&f), "%s", data)
		for _, s := range f.Streams {
			for _, v := range s.Values {
				out = append(out, v[1])
			}
		}
		cursor = f.Cursor
	}
	return out, cursor
}

// TestTail reads the past, then what is pushed, in the shape of Loki's frames;
// nothing comes twice.
func TestTail(t *testing.T) {
	srv := newServer(t, false)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	now := time.Now().UnixNano()
	value := func(i int, line string) string {
		return fmt.Sprintf(`{"streams":[{"stream":{"app":"web"},"values":[["%d","%s"]]}]}`, now+int64(i), line)
	}
	push(t, srv, value(0, "old=1"))
	push(t, srv, value(1, "old=2"))
	conn, _, err := websocket.Dial(ctx, strings.Replace(srv.URL, "http", "ws", 1)+"/loki/api/v1/tail?query="+
		url.QueryEscape(`{app="web"} != "secret" | logfmt | new!="3"`), nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	assert.Equal(t, []string{"old=1", "old=2"}, lines(t, ctx, conn, 2))

	push(t, srv, value(2, "secret"))
	push(t, srv, value(3, "new=3"))
	push(t, srv, value(4, "new=4"))
	push(t, srv, strings.Replace(value(5, "new=5"), "web", "db", 1))
	push(t, srv, value(6, "new=6"))
	live, cursor := linesAndCursor(t, ctx, conn, 2)
	assert.Equal(t, []string{"new=4", "new=6"}, live)
	require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))

	// What is pushed meanwhile, a late line among it, is there on the way back.
	push(t, srv, value(7, "new=7"))
	push(t, srv, value(1, "new=late"))
	conn, _, err = websocket.Dial(ctx, strings.Replace(srv.URL, "http", "ws", 1)+"/loki/api/v1/tail?cursor="+cursor+"&query="+
		url.QueryEscape(`{app="web"} != "secret" | logfmt | new!="3"`), nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	assert.Equal(t, []string{"new=late", "new=7"}, lines(t, ctx, conn, 2))
	push(t, srv, value(8, "new=8"))
	assert.Equal(t, []string{"new=8"}, lines(t, ctx, conn, 1))

	_, resp, err := websocket.Dial(ctx, strings.Replace(srv.URL, "http", "ws", 1)+"/loki/api/v1/tail?cursor=none&query="+
		url.QueryEscape(`{app="web"}`), nil)
	require.Error(t, err)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}

// TestTailLimit refuses more tails than a tenant may have, and takes new ones
// when others end.
func TestTailLimit(t *testing.T) {
	srv := newServer(t, false)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	address := strings.Replace(srv.URL, "http", "ws", 1) + "/loki/api/v1/tail?query=" + url.QueryEscape(`{app="web"}`)
	var conns []*websocket.Conn
	for range 10 {
		conn, _, err := websocket.Dial(ctx, address, nil)
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	_, resp, err := websocket.Dial(ctx, address, nil)
	require.Error(t, err)
	require.NotNil(t, resp)
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.NoError(t, conns[0].Close(websocket.StatusNormalClosure, ""))
	require.Eventually(t, func() bool {
		conn, _, err := websocket.Dial(ctx, address, nil)
		if err == nil {
			conns = append(conns, conn)
		}
		return err == nil
	}, 5*time.Second, 20*time.Millisecond)
	for _, c := range conns {
		_ = c.CloseNow()
	}
}

// TestExtremeTimes asks for ranges that overflow what is not careful.
func TestExtremeTimes(t *testing.T) {
	srv := newServer(t, false)
	push(t, srv, fmt.Sprintf(`{"streams":[{"stream":{"app":"web"},"values":[["%d","x"]]}]}`, time.Now().UnixNano()))
	begin := time.Now()
	for _, q := range []url.Values{
		{"query": {`sum(count_over_time({app="web"}[1m]))`}, "start": {"9223372036854775000"}, "end": {"9223372036854775807"}, "step": {"1s"}},
		{"query": {`sum(count_over_time({app="web"}[100y] offset -100y))`}, "start": {"1"}, "end": {"2"}, "step": {"1s"}},
		{"query": {`{app="web"} | logfmt`}, "start": {"-9223372036854775807"}, "end": {"9223372036854775807"}},
		{"query": {`{app="web"}`}, "start": {"-1e300"}, "end": {"1e300.0"}},
		{"query": {`{app="web"}`}, "start": {"0001-01-01T00:00:00Z"}, "end": {"0001-01-02T00:00:00Z"}},
	} {
		code, body := get(t, srv, "/loki/api/v1/query_range", q)
		assert.Contains(t, []int{200, 400}, code, body)
	}
	for _, path := range []string{"labels", "series", "label/app/values", "index/stats", "index/volume"} {
		code, body := get(t, srv, "/loki/api/v1/"+path, url.Values{"query": {`{app="web"}`}, "start": {"0"}, "end": {"9223372036854775807"}})
		assert.Equal(t, 200, code, body)
	}
	assert.Less(t, time.Since(begin), 10*time.Second)
}

// TestVolume adds up lines and metadata by series, by label, and over time.
func TestVolume(t *testing.T) {
	srv := newServer(t, false)
	begin := time.Now().Add(-10 * time.Minute).Truncate(time.Minute).UnixNano()
	var values []string
	for i := range 128 {
		values = append(values, fmt.Sprintf(`["%d","%s",{"k":"v"}]`, begin+int64(i)*1e9, strings.Repeat("x", 100)))
	}
	push(t, srv, `{"streams":[{"stream":{"app":"web","env":"dev"},"values":[`+strings.Join(values, ",")+`]}]}`)
	q := url.Values{"query": {`{app="web"}`}, "start": {fmt.Sprint(begin)}, "end": {fmt.Sprint(begin + 128e9)}, "step": {"64s"}}
	ask := func(path, key, value string) string {
		q.Set(key, value)
		defer q.Del(key)
		code, body := get(t, srv, "/loki/api/v1/index/"+path, q)
		require.Equal(t, 200, code, body)
		body, _ = withoutStats(t, body)
		return body
	}
	end := begin/1e9 + 128
	// 128 lines of 100 bytes with a pair of 8 are 13.5 KiB.
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"vector","result":[{"metric":{"app":"web"},"value":[%d,"14336"]}]}`, end), ask("volume", "x", ""))
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"vector","result":[{"metric":{"env":"dev"},"value":[%d,"14336"]}]}`, end), ask("volume", "targetLabels", "env"))
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"vector","result":[{"metric":{"app":""},"value":[%d,"14336"]},{"metric":{"env":""},"value":[%d,"14336"]}]}`, end, end),
		ask("volume", "aggregateBy", "labels"))
	assert.JSONEq(t, fmt.Sprintf(`{"resultType":"matrix","result":[{"metric":{"app":"web"},"values":[[%d.999,"7168"],[%d,"7168"]]}]}`, end-65, end), ask("volume_range", "x", ""))
	assert.JSONEq(t, `{"resultType":"vector","result":[]}`, ask("volume", "targetLabels", "nope"))

	code, body := get(t, srv, "/loki/api/v1/index/stats", q)
	require.Equal(t, 200, code)
	assert.JSONEq(t, `{"streams":1,"chunks":1,"entries":128,"bytes":12800}`, body)
}

package isolation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/test/isolation"
)

// TestPublicLinks: who has a link sees what its tenant's dashboard shows and nothing else,
// not with other queries, not of another tenant, not after its end; a narrowed token makes
// none.
func TestPublicLinks(t *testing.T) {
	server, password := start(t)
	a, b := isolation.Accounts(t, server.URL, password)
	send := func(who isolation.Account, method, path, body string, want int) string {
		t.Helper()
		status, answer := server.Do(method, server.URL+path, []byte(body), "Authorization: Bearer "+who.Token, "Content-Type: application/json")
		require.Equal(t, want, status, "%s %s: %s", method, path, answer)
		return answer
	}
	for who, line := range map[*isolation.Account]string{&a: "line of a", &b: "line of b"} {
		send(*who, "POST", "/loki/api/v1/push", fmt.Sprintf(`{"streams":[{"stream":{"job":"shared"},"values":[["%d","%s"]]}]}`, time.Now().UnixNano(), line), http.StatusNoContent)
	}
	const board = `{"uid":"shown","title":"Shown","panels":[{"type":"logs","datasource":{"type":"loki"},"targets":[{"expr":"{job=\"shared\"}"}]}]}`
	const shares = "/api/pharos/v1/dashboards/shown/shares"
	send(a, "POST", "/api/pharos/v1/dashboards", `{"dashboard":`+board+`}`, http.StatusCreated)
	share := fmt.Sprintf(`{"dashboard":%s,"time":{"from":"now-1h","to":"now"},"expires":%q}`, board, time.Now().Add(time.Hour).Format(time.RFC3339))
	send(b, "POST", shares, share, http.StatusNotFound)
	narrow := a
	narrow.Token = a.Narrow(t, `{job="shared"}`)
	send(narrow, "POST", shares, share, http.StatusForbidden)
	var made struct{ Key string }
	require.NoError(t, json.Unmarshal([]byte(send(a, "POST", shares, share, http.StatusCreated)), &made))

	link := "/api/pharos/v1/public/" + made.Key
	status, answer := server.Get(link)
	require.Equal(t, http.StatusOK, status, answer)
	require.Contains(t, answer, `"title":"Shown"`)
	ask := link + "/q/loki/api/v1/query_range?query=" + url.QueryEscape(`{job="shared"}`)
	require.Eventually(t, func() bool {
		status, answer = server.Get(ask)
		return status == http.StatusOK && strings.Contains(answer, "line of a")
	}, 10*time.Second, 50*time.Millisecond, "%d %s", status, answer)
	require.NotContains(t, answer, "line of b")
	status, answer = server.Get(ask, "X-Scope-OrgID: "+b.Tenant)
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, answer, "line of b")
	status, _ = server.Get(link + "/q/loki/api/v1/query_range?query=" + url.QueryEscape(`{job=~".+"}`))
	require.Equal(t, http.StatusForbidden, status)

	// Searches of Elasticsearch's dialect and annotations are the tenant's as well.
	const wide = `{"uid":"shown","title":"Shown","panels":[{"type":"logs","datasource":{"type":"elasticsearch"},"targets":[{"query":"line","metrics":[{"id":"1","type":"raw_data"}],"bucketAggs":[]}]}],
		"annotations":{"list":[{"datasource":{"type":"grafana","uid":"-- Grafana --"},"target":{"type":"tags","tags":["deploy"]}}]}}`
	var second struct{ Key string }
	require.NoError(t, json.Unmarshal([]byte(send(a, "POST", shares, strings.Replace(share, board, wide, 1), http.StatusCreated)), &second))
	now := time.Now().UnixMilli()
	for who, text := range map[*isolation.Account]string{&a: "deploy of a", &b: "deploy of b"} {
		send(*who, "POST", "/api/pharos/v1/annotations", fmt.Sprintf(`{"time_ms":%d,"text":%q,"tags":["deploy"]}`, now, text), http.StatusCreated)
	}
	through := server.URL + "/api/pharos/v1/public/" + second.Key + "/q"
	search := func(query string) (int, string) {
		return server.Do("POST", through+"/elastic/_msearch", []byte(`{"index":"*"}`+"\n"+fmt.Sprintf(`{"size":500,"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":%d,"lte":%d,"format":"epoch_millis"}}},{"query_string":{"analyze_wildcard":true,"query":%q}}]}},`, now-3_600_000, now+3_600_000, query)+
			`"sort":[{"@timestamp":{"order":"desc","unmapped_type":"boolean"}},{"_doc":{"order":"desc"}}]}`+"\n"), "X-Scope-OrgID: "+b.Tenant)
	}
	require.Eventually(t, func() bool {
		status, answer = search("line")
		return status == http.StatusOK && strings.Contains(answer, "line of a")
	}, 10*time.Second, 50*time.Millisecond, "%d %s", status, answer)
	require.NotContains(t, answer, "line of b")
	status, _ = search("*")
	require.Equal(t, http.StatusForbidden, status)
	status, answer = server.Get(strings.TrimPrefix(through, server.URL)+fmt.Sprintf("/api/pharos/v1/annotations?tags=deploy&from=%d&to=%d", now-1000, now+1000), "X-Scope-OrgID: "+b.Tenant)
	require.Equal(t, http.StatusOK, status, answer)
	require.Contains(t, answer, "deploy of a")
	require.NotContains(t, answer, "deploy of b")
	status, _ = server.Get(strings.TrimPrefix(through, server.URL) + "/api/pharos/v1/annotations?global=true")
	require.Equal(t, http.StatusForbidden, status)

	send(a, "DELETE", "/api/pharos/v1/shares/"+made.Key, "", http.StatusNoContent)
	for _, path := range []string{link, ask} {
		status, _ = server.Get(path)
		require.Equal(t, http.StatusNotFound, status)
	}
	require.NotContains(t, server.Output(), made.Key, "keys are in our log")
	require.Contains(t, server.Output(), "public link made")
}

package v1

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

const shopBoard = `{"uid":"shop","title":"Shop","panels":[{"type":"graph","datasource":{"type":"prometheus"},"targets":[{"expr":"rate(orders{shop=\"1\"}[$__interval])"}]}]}`

// openSharing adds links, snapshots and one route of a dialect, which says what it was
// asked as.
func (d *desk) openSharing() {
	secret := auth.NewTokenSecret()
	d.auth.AddProcessToken(secret, auth.Identity{Kind: auth.KindToken, Name: "public link", Tenant: "a", Role: auth.Viewer, CanRead: true})
	public := NewPublic(d.library, func(tenant.ID) string { return secret })
	d.routes = append(append(d.routes, NewSharing(d.library, d.auth).Routes()...), public.Routes()...)
	d.routes = append(d.routes, httpx.Route{Pattern: "GET /api/v1/query_range", Access: httpx.Read, Scoped: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, _ := auth.FromContext(r.Context())
		httpx.WriteJSON(w, http.StatusOK, map[string]any{"asked": r.URL.Query(), "tenant": i.Tenant, "role": i.Role, "write": i.CanWrite})
	})})
	for _, pattern := range []string{"POST /elastic/_msearch", "GET /api/traces", "GET /api/traces/{id}", "GET /api/dependencies"} {
		d.routes = append(d.routes, httpx.Route{Pattern: pattern, Access: httpx.Read, Scoped: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i, _ := auth.FromContext(r.Context())
			body, _ := io.ReadAll(r.Body)
			httpx.WriteJSON(w, http.StatusOK, map[string]any{"path": r.URL.Path, "asked": r.URL.Query(), "body": string(body), "tenant": i.Tenant})
		})})
	}
	d.serve()
	public.Open(d.handler)
}

func (d *desk) shareBoard(who, uid, more string) dashboards.Share {
	d.t.Helper()
	var s dashboards.Share
	d.into(&s, who, "POST", "dashboards/"+uid+"/shares", `{"dashboard":`+shopBoard+`,"time":{"from":"now-6h","to":"now"},`+more+`}`)
	return s
}

func in(d time.Duration) string {
	return fmt.Sprintf(`"expires":%q`, time.Now().Add(d).Format(time.RFC3339))
}

func TestPublicLinksShowOneDashboard(t *testing.T) {
	d := newDesk(t, map[string]string{"d/shop.json": shopBoard})
	d.openSharing()
	s := d.shareBoard("ed", "shop", in(time.Hour))
	require.Len(t, s.Key, 43)
	require.Equal(t, "/public/"+s.Key, s.Path)
	answer := d.want("", "GET", "public/"+s.Key, "", 200, `"type":"timeseries"`)
	require.Contains(t, answer, `"time":{"from":"now-6h","to":"now"}`)
	require.NotContains(t, answer, s.Key)

	const q = "/q/api/v1/query_range?start=1&end=2&step=15&query="
	answer = d.want("", "GET", "public/"+s.Key+q+`rate(orders%7Bshop%3D%221%22%7D%5B2m%5D)&extra=1&X-Scope-OrgID=b`, "", 200, `"tenant":"a"`)
	require.Contains(t, answer, `"role":"viewer","tenant":"a","write":false`)
	require.NotContains(t, answer, "extra")
	for _, query := range []string{`rate(orders%7Bshop%3D%222%22%7D%5B2m%5D)`, `up`, ``, `rate(orders%7Bshop%3D%221%22%7D%5B2m%5D)+or+up`} {
		d.want("", "GET", "public/"+s.Key+q+query, "", 403, "not_shared")
	}
	for _, path := range []string{"api/v1/labels", "api/pharos/v1/users", "loki/api/v1/query_range?query=rate(orders%7Bshop%3D%221%22%7D%5B2m%5D)", "", "../../users", "-/reload"} {
		code, body := d.ask("", "GET", "public/"+s.Key+"/q/"+path, "")
		require.Contains(t, []int{403, 404, 301, 307}, code, "%s: %s", path, body)
	}

	// One that never was and one that ended look alike.
	never := d.want("", "GET", "public/"+strings.Repeat("x", 43), "", 404, "not_found")
	require.Equal(t, never, d.want("", "GET", "public/x", "", 404, ""))
	d.want("bob", "DELETE", "shares/"+s.Key, "", 404, "not_found")
	d.want("vic", "DELETE", "shares/"+s.Key, "", 403, "forbidden")
	d.want("vic", "GET", "dashboards/shop/shares", "", 403, "forbidden")
	d.want("eve", "GET", "dashboards/shop/shares", "", 200, s.Key)
	d.want("eve", "DELETE", "shares/"+s.Key, "", 204, "")
	require.Equal(t, never, d.want("", "GET", "public/"+s.Key, "", 404, ""))
	require.Equal(t, never, d.want("", "GET", "public/"+s.Key+q+`rate(orders%7Bshop%3D%221%22%7D%5B2m%5D)`, "", 404, ""))

	for _, body := range []string{`{"dashboard":` + shopBoard + `,"time":{"from":"now-6h","to":"now"}}`, `{"dashboard":` + shopBoard + `,"time":{"from":"now","to":"now-1h"},` + in(time.Hour) + `}`,
		`{"dashboard":` + shopBoard + `,"time":{"from":"now-6h","to":"now"},` + in(-time.Hour) + `}`, `{"dashboard":{},"time":{"from":"now-6h","to":"now"},` + in(time.Hour) + `}`} {
		d.want("ed", "POST", "dashboards/shop/shares", body, 400, "")
	}
	d.want("vic", "POST", "dashboards/shop/shares", `{"dashboard":`+shopBoard+`,"time":{"from":"now-6h","to":"now"},`+in(time.Hour)+`}`, 403, "forbidden")
	d.want("bob", "GET", "dashboards/other/shares", "", 404, "")
}

func TestPublicLinksKeepToTheirTime(t *testing.T) {
	d := newDesk(t, map[string]string{"d/shop.json": shopBoard})
	d.openSharing()
	s := d.shareBoard("ed", "shop", `"fixed_time":true,`+in(time.Hour))
	ask := func(from, to time.Time) (int, string) {
		return d.ask("", "GET", fmt.Sprintf("public/%s/q/api/v1/query_range?start=%d&end=%d&step=15&query=rate(orders%%7Bshop%%3D%%221%%22%%7D%%5B2m%%5D)", s.Key, from.Unix(), to.Unix()), "")
	}
	now := time.Now()
	code, body := ask(now.Add(-6*time.Hour), now)
	require.Equal(t, 200, code, body)
	code, body = ask(now.Add(-48*time.Hour), now)
	require.Equal(t, 403, code, body)
	require.Contains(t, body, "outside of the time that was shared")
	// Who follows a link too often waits.
	refused := false
	for range 400 {
		if code, _ = ask(now.Add(-time.Hour), now); code == http.StatusTooManyRequests {
			refused = true
			break
		}
	}
	require.True(t, refused)
	// A dashboard that is deleted takes its links along.
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"gone","title":"x"}}`, 201, "")
	gone := d.shareBoard("ed", "gone", in(time.Hour))
	d.want("ed", "DELETE", "dashboards/gone", "", 204, "")
	d.want("", "GET", "public/"+gone.Key, "", 404, "not_found")
}

const wideBoard = `{"uid":"shop","title":"Shop","panels":[
	{"type":"table","datasource":{"type":"elasticsearch"},"targets":[{"query":"level:error","metrics":[{"id":"1","type":"raw_data","settings":{"size":"7"}}],"bucketAggs":[]}]},
	{"type":"table","datasource":{"type":"jaeger"},"targets":[{"queryType":"search","service":"cart"},{"query":"abc123"}]},
	{"type":"nodeGraph","datasource":{"type":"tempo"},"targets":[{"queryType":"serviceMap"}]}],
	"annotations":{"list":[{"datasource":{"type":"grafana","uid":"-- Grafana --"},"target":{"type":"tags","tags":["deploy"]}}]}}`

// multiSearch is what the page sends for wideBoard's search, from one time to another.
func multiSearch(query string, from, to int64) string {
	return `{"index":"*"}` + "\n" + fmt.Sprintf(`{"size":7,"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":%d,"lte":%d,"format":"epoch_millis"}}},{"query_string":{"analyze_wildcard":true,"query":%q}}]}},`, from, to, query) +
		`"sort":[{"@timestamp":{"order":"desc","unmapped_type":"boolean"}},{"_doc":{"order":"desc"}}]}` + "\n"
}

func TestPublicLinksAnswerSearchesTracesAndAnnotations(t *testing.T) {
	d := newDesk(t, map[string]string{"d/shop.json": wideBoard})
	d.openSharing()
	for _, text := range []string{`{"text":"v2 is out","tags":["deploy"]}`, `{"text":"our secret","tags":["secret"]}`} {
		d.want("ed", "POST", "annotations", strings.Replace(text, "{", fmt.Sprintf(`{"time_ms":%d,`, time.Now().UnixMilli()), 1), 201, "")
	}
	var s, fixed dashboards.Share
	d.into(&s, "ed", "POST", "dashboards/shop/shares", `{"dashboard":`+wideBoard+`,"time":{"from":"now-6h","to":"now"},`+in(time.Hour)+`}`)
	d.into(&fixed, "ed", "POST", "dashboards/shop/shares", `{"dashboard":`+wideBoard+`,"time":{"from":"now-6h","to":"now"},"fixed_time":true,`+in(time.Hour)+`}`)
	now := time.Now().UnixMilli()
	hour := time.Hour.Milliseconds()
	q := "public/" + s.Key + "/q/"
	times := fmt.Sprintf("start=%d&end=%d", (now-hour)*1000, now*1000)
	marks := fmt.Sprintf("from=%d&to=%d", now-hour, now+hour)

	require.Contains(t, d.want("", "POST", q+"elastic/_msearch", multiSearch("level:error", now-hour, now), 200, `"tenant":"a"`), "level:error")
	for _, body := range []string{
		multiSearch("*", now-hour, now), multiSearch("level:error OR x", now-hour, now), strings.Replace(multiSearch("level:error", now-hour, now), `"size":7`, `"size":8`, 1),
		strings.Replace(multiSearch("level:error", now-hour, now), `"*"`, `"secret"`, 1),
		strings.Replace(multiSearch("level:error", now-hour, now), `{"size":7`, `{"size":7,"query":{"match_all":{}},"aggs":{}`, 1),
	} {
		d.want("", "POST", q+"elastic/_msearch", body, 403, "not_shared")
	}
	d.want("", "POST", q+"elastic/_msearch", multiSearch("level:error", now-hour, now)+multiSearch("*", now-hour, now), 400, "")
	d.want("", "GET", q+"elastic/_msearch", "", 400, "")
	d.want("", "POST", q+"elastic/_search", `{}`, 403, "not_shared")

	require.NotContains(t, d.want("", "GET", q+"api/traces?service=cart&limit=20&"+times+"&extra=1", "", 200, `"service":["cart"]`), "extra")
	for _, other := range []string{"service=secret&limit=20&", "service=cart&limit=1500&", "service=cart&limit=20&operation=pay&", "service=cart&limit=20&tags=%7B%22a%22%3A%22b%22%7D&", "service=cart&service=secret&limit=21&"} {
		d.want("", "GET", q+"api/traces?"+other+times, "", 403, "not_shared")
	}
	d.want("", "GET", q+"api/traces?service=cart&limit=20", "", 400, "bad_parameter")
	d.want("", "GET", q+"api/traces/abc123", "", 200, `"path":"/api/traces/abc123"`)
	for _, other := range []string{"abc124", "abc123/x", "..%2Fservices", ""} {
		d.want("", "GET", q+"api/traces/"+other, "", 403, "not_shared")
	}
	d.want("", "GET", q+fmt.Sprintf("api/dependencies?endTs=%d&lookback=%d", now, hour), "", 200, `"endTs"`)
	d.want("", "GET", q+"api/dependencies", "", 400, "bad_parameter")

	require.NotContains(t, d.want("", "GET", q+"api/pharos/v1/annotations?tags=deploy&limit=100&"+marks, "", 200, "v2 is out"), "our secret")
	d.want("", "GET", q+"api/pharos/v1/annotations?dashboard_uid=shop&"+marks, "", 200, `"annotations":[]`)
	for _, other := range []string{"tags=secret&", "tags=deploy&tags=secret&", "tags=deploy&matchAny=true&", "", "dashboard_uid=other&", "global=true&"} {
		d.want("", "GET", q+"api/pharos/v1/annotations?"+other+marks, "", 403, "not_shared")
	}
	d.want("", "POST", q+"api/pharos/v1/annotations", `{"text":"x"}`, 403, "not_shared")

	// A fixed time holds for them all.
	q = "public/" + fixed.Key + "/q/"
	old := now - 48*hour
	d.want("", "POST", q+"elastic/_msearch", multiSearch("level:error", now-hour, now), 200, "")
	d.want("", "POST", q+"elastic/_msearch", multiSearch("level:error", old, now), 403, "outside of the time")
	d.want("", "GET", q+fmt.Sprintf("api/traces?service=cart&limit=20&start=%d&end=%d", old*1000, now*1000), "", 403, "outside of the time")
	d.want("", "GET", q+fmt.Sprintf("api/dependencies?endTs=%d&lookback=%d", now, 48*hour), "", 403, "outside of the time")
	d.want("", "GET", q+fmt.Sprintf("api/pharos/v1/annotations?tags=deploy&from=%d&to=%d", old, now), "", 403, "outside of the time")
}

func TestSnapshots(t *testing.T) {
	d := newDesk(t, nil)
	d.openSharing()
	take := func(who, more string) (s dashboards.DataSnapshot) {
		t.Helper()
		d.into(&s, who, "POST", "snapshots", `{"name":"Then","dashboard":{"title":"T","panels":[{"snapshotData":[{"a":1}]}]}`+more+`}`)
		return s
	}
	own := take("vic", "")
	require.Equal(t, "/snapshot/"+own.Key, own.Path)
	d.want("ed", "GET", "snapshots/"+own.Key, "", 200, `"snapshotData":[{"a":1}]`)
	d.want("", "GET", "snapshots/"+own.Key, "", 404, "not_found")
	d.want("bob", "GET", "snapshots/"+own.Key, "", 404, "not_found")
	d.want("vic", "POST", "snapshots", `{"name":"x","public":true,"dashboard":{}}`, 403, "forbidden")
	open := take("ed", `,"public":true,`+in(time.Hour))
	d.want("", "GET", "snapshots/"+open.Key, "", 200, `"snapshotData":[{"a":1}]`)
	list := func(who string) int {
		var all struct{ Snapshots []json.RawMessage }
		d.into(&all, who, "GET", "snapshots", "")
		return len(all.Snapshots)
	}
	require.Equal(t, []int{1, 2, 0}, []int{list("vic"), list("ann"), list("bob")})
	d.want("vic", "DELETE", "snapshots/"+open.Key, "", 404, "not_found")
	d.want("ann", "DELETE", "snapshots/"+open.Key, "", 204, "")
	d.want("", "GET", "snapshots/"+open.Key, "", 404, "")
	d.want("ed", "POST", "snapshots", `{"name":"x","dashboard":[]}`, 400, "dashboard_invalid")
	d.want("ed", "POST", "snapshots", `{"name":"","dashboard":{}}`, 400, "bad_input")
	d.want("ed", "POST", "snapshots", `{"name":"x","dashboard":{},`+in(10_000*time.Hour)+`}`, 400, "bad_input")
	d.want("reader", "POST", "snapshots", `{"name":"x","dashboard":{}}`, 403, "forbidden")

	// What has expired is gone, also from the disk.
	n, err := d.db.DeleteExpiredObjects(t.Context(), time.Now().Add(2*time.Hour))
	require.NoError(t, err)
	require.Zero(t, n)
	take("ed", ","+in(time.Hour))
	n, err = d.db.DeleteExpiredObjects(t.Context(), time.Now().Add(2*time.Hour))
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

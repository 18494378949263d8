package v1

import (
	"encoding/json"
	"fmt"
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

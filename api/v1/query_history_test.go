package v1

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

func TestQueryHistoryIsEachPersonsOwn(t *testing.T) {
	d := newDesk(t, nil)
	d.routes = append(d.routes, NewQueryHistory(d.library).Routes()...)
	d.serve()
	const path = "query-history"
	add := func(who, text, more string) {
		t.Helper()
		d.want(who, "POST", path, fmt.Sprintf(`{"queries":[{"kind":"logs","text":%q,"search":{"logql":"x"}%s}]}`, text, more), 204, "")
	}
	list := func(who string) []string {
		t.Helper()
		var found queryList
		d.into(&found, who, "GET", path, "")
		out := []string{}
		for _, q := range found.Queries {
			out = append(out, fmt.Sprintf("%s %d %v", q.Text, q.Runs, q.Starred))
		}
		return out
	}
	before := time.Now().Add(-time.Hour).UnixMilli()
	add("vic", "b", "")
	add("vic", "a", fmt.Sprintf(`,"at_ms":%d,"runs":4,"starred":true`, before))
	require.Equal(t, []string{"b 1 false", "a 4 true"}, list("vic"))
	add("vic", "a", "")
	require.Equal(t, "a 5 true", list("vic")[0], "runs are counted together, a star stays")
	for _, other := range []string{"ann", "ed", "bob", "reader"} {
		require.Empty(t, list(other))
	}
	d.want("vic", "PUT", path+"/star", `{"kind":"logs","text":"b","starred":true}`, 204, "")
	d.want("ann", "PUT", path+"/star", `{"kind":"logs","text":"b","starred":true}`, 404, "not_found")
	d.want("vic", "PUT", path+"/star", `{"kind":"logs","text":"a","starred":false}`, 204, "")
	d.want("ann", "DELETE", path, "", 204, "")
	require.Equal(t, []string{"a 5 false", "b 1 true"}, list("vic"))

	// It is bounded; stars are the last to go.
	for page := range 2 {
		var all []string
		for i := range 200 {
			all = append(all, fmt.Sprintf(`{"kind":"metrics","text":"q%d","search":{}}`, page*200+i))
		}
		d.want("vic", "POST", path, `{"queries":[`+strings.Join(all, ",")+`]}`, 204, "")
	}
	require.Len(t, list("vic"), 300)
	require.Contains(t, list("vic"), "b 1 true")
	d.want("vic", "DELETE", path+"?kind=metrics&text=q399", "", 204, "")
	require.Len(t, list("vic"), 299)
	d.want("vic", "DELETE", path+"?starred=keep", "", 204, "")
	require.Equal(t, []string{"b 1 true"}, list("vic"))
	d.want("vic", "DELETE", path, "", 204, "")
	require.Empty(t, list("vic"))

	for _, bad := range []string{`{"kind":"x","text":"a","search":{}}`, `{"kind":"logs","text":" ","search":{}}`, `{"kind":"logs","text":"a","search":[]}`, `{"kind":"logs","text":"a"}`,
		`{"kind":"logs","text":"` + strings.Repeat("a", 4001) + `","search":{}}`} {
		d.want("vic", "POST", path, `{"queries":[`+bad+`]}`, 400, "bad_input")
	}
	d.want("reader", "POST", path, `{"queries":[]}`, 403, "forbidden")
	d.want("shipper", "GET", path, "", 403, "")
	d.want("", "GET", path, "", 401, "")

	// A user who is removed takes it along.
	add("eve", "secret", "")
	require.NoError(t, d.db.CreateUser(t.Context(), metastore.User{Name: "root", Tenant: tenant.Default, Role: "admin"}))
	require.NoError(t, d.db.DeleteUser(t.Context(), "eve", "admin"))
	stored, err := d.db.QueryHistory(t.Context(), "a", "eve")
	require.NoError(t, err)
	require.Empty(t, stored)
}

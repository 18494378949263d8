package v1

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
)

func TestDashboardsAreCheckedBeforeTheyAreImported(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"Hidden or not"}`})
	parse := map[string]func(string) error{"prometheus": func(q string) error {
		if strings.Contains(q, "(") != strings.Contains(q, ")") {
			return errors.New("1:5: unclosed parenthesis")
		}
		return nil
	}}
	d.routes = append(d.routes, NewDashboardCheck(d.library, parse).Routes()...)
	d.serve()
	type answer struct {
		Files []struct {
			File, Error, UID, Existing, Title string
			Panels, Rendered                  int
			Findings                          []dashboards.Finding
		}
		Panels, Rendered, Complete int
		Percent                    float64
	}
	const bad = `{"uid":"a","title":"Mine","panels":[{"id":1,"type":"stat","title":"P","datasource":{"type":"prometheus"},"targets":[{"expr":"sum(up"}]},{"id":2,"type":"news","title":"N"},{"id":3,"type":"text"}]}`
	var one, many answer
	d.into(&one, "vic", "POST", "dashboards/check", bad)
	require.Len(t, one.Files, 1)
	require.Equal(t, "Hidden or not", one.Files[0].Existing)
	require.Equal(t, []int{3, 1}, []int{one.Files[0].Panels, one.Files[0].Rendered})
	require.Equal(t, "P", one.Files[0].Findings[0].Title)
	require.Contains(t, one.Files[0].Findings[0].Why, "unclosed parenthesis")
	require.Contains(t, one.Files[0].Findings[1].What, "news")

	d.into(&many, "vic", "POST", "dashboards/check", `{"files":[{"file":"a.json","dashboard":`+bad+`},{"file":"b.json","source":"{\"title\": \n oops"},{"file":"c.json","dashboard":{"title":"C","panels":[{"type":"text"}]}},{"file":"d.json"}]}`)
	require.Len(t, many.Files, 4)
	require.Contains(t, many.Files[1].Error, "line 2")
	require.Equal(t, "C", many.Files[2].Title)
	require.NotEmpty(t, many.Files[3].Error)
	require.Equal(t, []int{4, 2, 1}, []int{many.Panels, many.Rendered, many.Complete})
	require.InDelta(t, 50, many.Percent, 0.01)

	// What somebody may not see is not there for them, and nothing is kept.
	d.want("ann", "PUT", "folders/fixed/permissions", `{"entries":[{"role":"viewer","level":"none"}]}`, 204, "")
	var hidden answer
	d.into(&hidden, "vic", "POST", "dashboards/check", bad)
	require.Empty(t, hidden.Files[0].Existing)
	d.want("bob", "GET", "dashboards/a", "", 200, "Hidden or not")
	d.want("ann", "GET", "dashboards/a", "", 200, "Hidden or not")
	d.want("vic", "POST", "dashboards/check", "", 400, "bad_request")
	d.want("", "POST", "dashboards/check", bad, 401, "")
	d.want("shipper", "POST", "dashboards/check", bad, 403, "")
	d.want("vic", "POST", "dashboards/check", `"x"`, 200, "invalid dashboard")
	d.want("vic", "POST", "dashboards/check", `{"files":[`+strings.Repeat(`{},`, 500)+`{}]}`, 400, "more than 500")
}

package v1

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDashboardsAreExportedInGrafanasForms(t *testing.T) {
	const v2 = `{"apiVersion":"dashboard.grafana.app/v2beta1","kind":"Dashboard","metadata":{"name":"two"},"spec":{"title":"Two","elements":{"p":{"kind":"Panel","spec":{"id":1,"title":"P","vizConfig":{"kind":"VizConfig","group":"text","spec":{"options":{"content":"x"}}}}}},"layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":0,"y":0,"width":12,"height":8,"element":{"name":"p"}}}]}}}}`
	d := newDesk(t, map[string]string{"e/two.json": v2})
	var got struct {
		Dashboard json.RawMessage
		Meta      struct {
			Shape   string
			Version int64
		}
	}
	d.into(&got, "ed", "GET", "dashboards/two", "")
	require.Equal(t, "v2", got.Meta.Shape)
	export := func(form string) string {
		return d.want("vic", "POST", "dashboards/export", `{"form":"`+form+`","dashboard":`+string(got.Dashboard)+`}`, 200, "")
	}
	require.Contains(t, export("v2"), `"kind": "GridLayout"`)
	require.Contains(t, export("resource"), `"apiVersion": "dashboard.grafana.app/v1beta1"`)
	require.Contains(t, export("classic"), `"panels"`)
	d.want("vic", "POST", "dashboards/export", `{"form":"yaml","dashboard":`+string(got.Dashboard)+`}`, 400, "bad_input")
	d.want("vic", "POST", "dashboards/export", `{"form":"v2"}`, 400, "dashboard_missing")
	d.want("vic", "POST", "dashboards/export", `{"form":"v2","dashboard":{"panels":7}}`, 400, "dashboard_invalid")
	d.want("", "POST", "dashboards/export", `{}`, 401, "")

	// A save writes the classic model; what was imported stays as it was in the history.
	d.want("ed", "POST", "dashboards", `{"dashboard":`+v2[:len(v2)-1]+`},"overwrite":true}`, 201, "")
	d.into(&got, "ed", "GET", "dashboards/two", "")
	require.Equal(t, "v2", got.Meta.Shape)
	d.want("ed", "PUT", "dashboards/two", `{"dashboard":`+string(got.Dashboard)+`,"base_version":1}`, 200, "")
	d.into(&got, "ed", "GET", "dashboards/two", "")
	require.Equal(t, "classic", got.Meta.Shape)
	d.want("ed", "POST", "dashboards/two/versions/1/restore", `{}`, 200, "")
	require.Contains(t, d.want("ed", "GET", "dashboards/two/source", "", 200, ""), `"elements"`)
	d.into(&got, "ed", "GET", "dashboards/two", "")
	require.Equal(t, "v2", got.Meta.Shape)
}

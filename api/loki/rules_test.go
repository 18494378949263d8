package loki

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

// ruleGroups are the groups of tenants.
type ruleGroups map[tenant.ID][]*promrules.Group

func (g ruleGroups) Groups(t tenant.ID) []*promrules.Group { return g[t] }

// oneGroup has a recording rule that works and an alert that fires.
func oneGroup(t *testing.T) *promrules.Group {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr("vector(3)")
	require.NoError(t, err)
	alert := promrules.NewAlertingRule("Errors", expr, 0, 0, labels.FromStrings("severity", "page"), labels.FromStrings("summary", "{{ $value }} errors"),
		labels.EmptyLabels(), "", false, promslog.NewNopLogger())
	record := promrules.NewRecordingRule("errors:count1m", expr, labels.EmptyLabels())
	query := func(_ context.Context, _ string, at time.Time) (promql.Vector, error) {
		return promql.Vector{{T: at.UnixMilli(), F: 3, Metric: labels.EmptyLabels()}}, nil
	}
	_, err = alert.Eval(t.Context(), 0, time.Now(), query, nil, 0)
	require.NoError(t, err)
	return promrules.NewGroup(promrules.GroupOptions{
		Name: "web", File: "/etc/rules/default/web.yml", Interval: time.Minute, Rules: []promrules.Rule{record, alert},
		Opts: &promrules.ManagerOptions{Logger: promslog.NewNopLogger(), Metrics: promrules.NewGroupMetrics(nil)},
	})
}

func TestRulesAreRead(t *testing.T) {
	mux := http.NewServeMux()
	for _, route := range NewRules(ruleGroups{tenant.Default: {oneGroup(t)}}).Routes() {
		mux.Handle(route.Pattern, route.Handler)
	}
	get := func(id tenant.ID, path string) (int, string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, path, nil)
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
		return w.Code, w.Body.String()
	}
	const group = "name: web\ninterval: 1m\nrules:\n" +
		"    - record: errors:count1m\n      expr: vector(3)\n" +
		"    - alert: Errors\n      expr: vector(3)\n      labels:\n        severity: page\n      annotations:\n        summary: '{{ $value }} errors'\n"
	for _, prefix := range []string{"/loki/api/v1/rules", "/api/prom/rules"} {
		code, body := get(tenant.Default, prefix)
		require.Equal(t, http.StatusOK, code)
		require.Contains(t, body, "web.yml:\n    - name: web\n")
		code, body = get(tenant.Default, prefix+"/web.yml/web")
		require.Equal(t, http.StatusOK, code)
		require.Equal(t, group, body)
		code, _ = get(tenant.Default, prefix+"/web.yml")
		require.Equal(t, http.StatusOK, code)
		for _, path := range []string{prefix + "/none", prefix + "/none/web", prefix + "/web.yml/none"} {
			code, _ = get(tenant.Default, path)
			require.Equal(t, http.StatusNotFound, code, path)
		}
		code, body = get("other", prefix)
		require.Equal(t, http.StatusNotFound, code)
		require.Equal(t, "no rule groups found\n", body)
	}
	_, body := get(tenant.Default, "/prometheus/api/v1/rules")
	require.Contains(t, body, `"name":"web","file":"web.yml"`)
	require.Contains(t, body, `"name":"Errors","query":"vector(3)"`)
	require.Contains(t, body, `"type":"recording"`)
	_, body = get(tenant.Default, "/prometheus/api/v1/rules?type=alert")
	require.NotContains(t, body, `"recording"`)
	_, body = get(tenant.Default, "/prometheus/api/v1/rules?rule_name[]=none")
	require.JSONEq(t, `{"status":"success","data":{"groups":[]}}`, body)
	_, body = get(tenant.Default, "/prometheus/api/v1/alerts")
	require.Contains(t, body, `"annotations":{"summary":"3 errors"},"state":"firing"`)
	_, body = get("other", "/prometheus/api/v1/alerts")
	require.JSONEq(t, `{"status":"success","data":{"alerts":[]}}`, body)
}

package app

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/api/v1"
)

func ruleGroup(t *testing.T) []*promrules.Group {
	t.Helper()
	expr := func(text string) parser.Expr {
		x, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		require.NoError(t, err)
		return x
	}
	alert := func(name string, wait time.Duration, summary string) promrules.Rule {
		return promrules.NewAlertingRule(name, expr("errors > 1"), wait, 0, labels.FromStrings("team", `{{ with query "owner" }}{{ . }}{{ end }}`),
			labels.FromStrings("summary", summary), labels.EmptyLabels(), "", false, promslog.NewNopLogger())
	}
	return []*promrules.Group{promrules.NewGroup(promrules.GroupOptions{
		Name: "g", File: "f", Interval: time.Minute,
		Opts: &promrules.ManagerOptions{NameValidationScheme: model.UTF8Validation, Logger: promslog.NewNopLogger(), Parser: parser.NewParser(parser.Options{})},
		Rules: []promrules.Rule{
			promrules.NewRecordingRule("job:errors:rate5m", expr("rate(errors[5m])"), labels.EmptyLabels()),
			alert("Now", 0, "up is a word here, as is query {{ $value }}"),
			alert("Later", time.Minute, "{{ printf `sum(inside{job=%q})` $labels.job | query | first | value }}"),
		},
	})}
}

func TestRulesReadAndRecord(t *testing.T) {
	require.Equal(t, []v1.Reference{
		{Kind: "rule", Name: "g / job:errors:rate5m", Texts: []string{"rate(errors[5m])"}, Records: "job:errors:rate5m"},
		{Kind: "rule", Name: "g / Now", Texts: []string{"errors > 1", "owner"}},
		{Kind: "rule", Name: "g / Later", Texts: []string{"errors > 1", "sum(inside{job=%q})", "owner", "ALERTS_FOR_STATE"}},
	}, metricRules(ruleGroup(t)))
}

// Log rules name fields and words of lines, which are no metrics.
func TestLogRulesReadNoMetrics(t *testing.T) {
	require.Equal(t, []v1.Reference{
		{Kind: "log rule", Name: "g / job:errors:rate5m", Records: "job:errors:rate5m"},
		{Kind: "log rule", Name: "g / Now"},
		{Kind: "log rule", Name: "g / Later", Texts: []string{"ALERTS_FOR_STATE"}},
	}, logRules(ruleGroup(t)))
}

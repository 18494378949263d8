package loki

import (
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	promrules "github.com/prometheus/prometheus/rules"
	v1 "github.com/prometheus/prometheus/web/api/v1"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// RuleSource has the log rules of tenants.
type RuleSource interface {
	Groups(tenant.ID) []*promrules.Group
}

// Rules is the reading side of Loki's ruler API. Rules are files: what would
// change them over HTTP is not served.
type Rules struct{ source RuleSource }

// NewRules returns the API over rules.
func NewRules(source RuleSource) *Rules { return &Rules{source} }

// Routes returns the endpoints with Loki's and with Prometheus' shapes.
func (a *Rules) Routes() []httpx.Route {
	var rs []httpx.Route
	add := func(path string, h http.HandlerFunc) {
		rs = append(rs, httpx.Route{Pattern: "GET " + path, Access: httpx.Read, Handler: h})
	}
	for _, prefix := range []string{"/loki/api/v1/rules", "/api/prom/rules"} {
		add(prefix, a.list)
		add(prefix+"/{namespace}", a.list)
		add(prefix+"/{namespace}/{group}", a.group)
	}
	add("/prometheus/api/v1/rules", a.state)
	add("/prometheus/api/v1/alerts", a.alerts)
	return rs
}

// namespace is the name of the group's file.
func namespace(g *promrules.Group) string { return filepath.Base(g.File()) }

// list answers YAML: namespaces with their groups.
func (a *Rules) list(w http.ResponseWriter, r *http.Request) {
	only := r.PathValue("namespace")
	out := map[string][]rulefmt.RuleGroup{}
	for _, g := range a.source.Groups(tenant.FromContext(r.Context())) {
		if only == "" || only == namespace(g) {
			out[namespace(g)] = append(out[namespace(g)], format(g))
		}
	}
	if len(out) == 0 {
		http.Error(w, "no rule groups found", http.StatusNotFound)
		return
	}
	writeYAML(w, out)
}

func (a *Rules) group(w http.ResponseWriter, r *http.Request) {
	groups := a.source.Groups(tenant.FromContext(r.Context()))
	i := slices.IndexFunc(groups, func(g *promrules.Group) bool {
		return namespace(g) == r.PathValue("namespace") && g.Name() == r.PathValue("group")
	})
	if i < 0 {
		http.Error(w, "group does not exist", http.StatusNotFound)
		return
	}
	writeYAML(w, format(groups[i]))
}

func writeYAML(w http.ResponseWriter, v any) {
	text, err := yaml.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(text)
}

// format is the group as its file has it.
func format(g *promrules.Group) rulefmt.RuleGroup {
	out := rulefmt.RuleGroup{Name: g.Name(), Interval: model.Duration(g.Interval()), Limit: g.Limit()}
	for _, rule := range g.Rules() {
		f := rulefmt.Rule{Expr: rule.Query().String(), Labels: rule.Labels().Map()}
		switch rule := rule.(type) {
		case *promrules.AlertingRule:
			f.Alert, f.For, f.KeepFiringFor = rule.Name(), model.Duration(rule.HoldDuration()), model.Duration(rule.KeepFiringFor())
			f.Annotations = rule.Annotations().Map()
		default:
			f.Record = rule.Name()
		}
		out.Rules = append(out.Rules, f)
	}
	return out
}

// state answers as Prometheus' /api/v1/rules does. type, rule_name[], rule_group[]
// and file[] narrow it.
func (a *Rules) state(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	wanted := func(key, value string) bool {
		set := r.Form[key]
		return len(set) == 0 || slices.Contains(set, value)
	}
	kind := r.Form.Get("type")
	out := v1.RuleDiscovery{RuleGroups: []*v1.RuleGroup{}}
	for _, g := range a.source.Groups(tenant.FromContext(r.Context())) {
		if !wanted("rule_group[]", g.Name()) || !wanted("file[]", g.File()) {
			continue
		}
		group := &v1.RuleGroup{
			Name: g.Name(), File: namespace(g), Interval: g.Interval().Seconds(), Limit: g.Limit(), Rules: []v1.Rule{},
			EvaluationTime: g.GetEvaluationTime().Seconds(), LastEvaluation: g.GetLastEvaluation(),
		}
		for _, rule := range g.Rules() {
			if !wanted("rule_name[]", rule.Name()) {
				continue
			}
			switch rule := rule.(type) {
			case *promrules.AlertingRule:
				if kind != "record" {
					group.Rules = append(group.Rules, alertingState(rule))
				}
			case *promrules.RecordingRule:
				if kind != "alert" {
					group.Rules = append(group.Rules, recordingState(rule))
				}
			}
		}
		if len(group.Rules) > 0 {
			out.RuleGroups = append(out.RuleGroups, group)
		}
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]any{"status": "success", "data": out})
}

func lastError(rule promrules.Rule) string {
	if err := rule.LastError(); err != nil {
		return err.Error()
	}
	return ""
}

func alertingState(rule *promrules.AlertingRule) v1.AlertingRule {
	return v1.AlertingRule{
		State: rule.State().String(), Name: rule.Name(), Query: rule.Query().String(), Type: "alerting",
		Duration: rule.HoldDuration().Seconds(), KeepFiringFor: rule.KeepFiringFor().Seconds(),
		Labels: rule.Labels(), Annotations: rule.Annotations(), Alerts: activeAlerts(rule),
		Health: rule.Health(), LastError: lastError(rule),
		EvaluationTime: rule.GetEvaluationDuration().Seconds(), LastEvaluation: rule.GetEvaluationTimestamp(),
	}
}

func recordingState(rule *promrules.RecordingRule) v1.RecordingRule {
	return v1.RecordingRule{
		Name: rule.Name(), Query: rule.Query().String(), Labels: rule.Labels(), Type: "recording",
		Health: rule.Health(), LastError: lastError(rule),
		EvaluationTime: rule.GetEvaluationDuration().Seconds(), LastEvaluation: rule.GetEvaluationTimestamp(),
	}
}

func activeAlerts(rule *promrules.AlertingRule) []*v1.Alert {
	out := []*v1.Alert{}
	for _, a := range rule.ActiveAlerts() {
		alert := &v1.Alert{
			Labels: a.Labels, Annotations: a.Annotations, State: a.State.String(), ActiveAt: timeOrNil(a.ActiveAt),
			KeepFiringSince: timeOrNil(a.KeepFiringSince), Value: strconv.FormatFloat(a.Value, 'e', -1, 64),
		}
		out = append(out, alert)
	}
	return out
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// alerts answers as Prometheus' /api/v1/alerts does.
func (a *Rules) alerts(w http.ResponseWriter, r *http.Request) {
	out := v1.AlertDiscovery{Alerts: []*v1.Alert{}}
	for _, g := range a.source.Groups(tenant.FromContext(r.Context())) {
		for _, rule := range g.Rules() {
			if rule, ok := rule.(*promrules.AlertingRule); ok {
				out.Alerts = append(out.Alerts, activeAlerts(rule)...)
			}
		}
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]any{"status": "success", "data": out})
}

package app

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"

	promrules "github.com/prometheus/prometheus/rules"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/tenant"
)

// references are the tenant's rules, dashboards and library panels. prometheus.yml and its
// rules are the default tenant's; log rules are each tenant's own.
func (a *App) references(ctx context.Context, t tenant.ID) ([]v1.Reference, error) {
	var out []v1.Reference
	if t == tenant.Default {
		out = append(out, metricRules(a.exploring.rules.RuleGroups())...)
	}
	out = append(out, logRules(a.exploring.logRules(t))...)
	all, err := a.exploring.library.List(ctx, t, dashboards.Process())
	if err != nil {
		return nil, err
	}
	seen, err := a.exploring.library.Visible(ctx, t, v1.ActorFrom(ctx))
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		d, err := a.exploring.library.Get(ctx, t, dashboards.Process(), s.UID)
		if err != nil {
			continue // it was deleted meanwhile, or cannot be read: it reads nothing
		}
		if !seen[s.UID] { // it reads the metric all the same
			s.Title, s.UID = "a dashboard that you may not see", ""
		}
		out = append(out, v1.Reference{Kind: "dashboard", Name: s.Title, UID: s.UID, Texts: expressions(d.Document.Source())})
	}
	panels, err := a.exploring.library.LibraryPanels(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, p := range panels { // dashboards may name them without their queries
		out = append(out, v1.Reference{Kind: "library panel", Name: p.Name, Texts: expressions(p.Model)})
	}
	return out, nil
}

// stateSeries is what alerting rules with "for" read at a start to go on where they were.
const stateSeries = "ALERTS_FOR_STATE"

// metricRules are PromQL rules: what they read, and what those that record write.
func metricRules(groups []*promrules.Group) []v1.Reference {
	var out []v1.Reference
	for _, group := range groups {
		for _, rule := range group.Rules() {
			ref := v1.Reference{Kind: "rule", Name: group.Name() + " / " + rule.Name(), Texts: []string{rule.Query().String()}}
			switch rule := rule.(type) {
			case *promrules.AlertingRule:
				ref.Texts = append(ref.Texts, templateQueries(rule)...)
				ref.Texts = append(ref.Texts, stateRead(rule)...)
			case *promrules.RecordingRule:
				ref.Records = rule.Name()
			}
			out = append(out, ref)
		}
	}
	return out
}

// logRules are LogQL rules. They read logs, not metrics, but write metrics and go on after a
// start as PromQL's do.
func logRules(groups []*promrules.Group) []v1.Reference {
	var out []v1.Reference
	for _, group := range groups {
		for _, rule := range group.Rules() {
			ref := v1.Reference{Kind: "log rule", Name: group.Name() + " / " + rule.Name()}
			switch rule := rule.(type) {
			case *promrules.AlertingRule:
				ref.Texts = stateRead(rule)
			case *promrules.RecordingRule:
				ref.Records = rule.Name()
			}
			out = append(out, ref)
		}
	}
	return out
}

func stateRead(rule *promrules.AlertingRule) []string {
	if rule.HoldDuration() <= 0 {
		return nil
	}
	return []string{stateSeries}
}

var (
	templateAction = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	templateText   = regexp.MustCompile("(?s)\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`")
	templateQuery  = regexp.MustCompile(`\bquery\b`)
)

// templateQueries are the texts that an alert's annotations and labels hand to their
// template function query, also by way of printf.
func templateQueries(rule *promrules.AlertingRule) []string {
	var out []string
	look := func(template string) {
		for _, action := range templateAction.FindAllString(template, -1) {
			if !templateQuery.MatchString(action) {
				continue
			}
			for _, quoted := range templateText.FindAllString(action, -1) {
				if text, err := strconv.Unquote(quoted); err == nil {
					out = append(out, text)
				}
			}
		}
	}
	for _, template := range rule.Annotations().Map() {
		look(template)
	}
	for _, template := range rule.Labels().Map() {
		look(template)
	}
	return out
}

// expressions are the texts of a dashboard in which metrics are named.
func expressions(source []byte) []string {
	var tree any
	if json.Unmarshal(source, &tree) != nil {
		return nil
	}
	var out []string
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				walk(k, inner)
			}
		case []any:
			for _, inner := range v {
				walk(key, inner)
			}
		case string:
			switch key {
			case "expr", "query", "definition", "metric":
				out = append(out, v)
			}
		}
	}
	walk("", tree)
	return out
}

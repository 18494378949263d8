package dashboards

import "slices"

// Datasource is a name under which dashboards ask for data. Pharos answers all of
// one dialect from its own stores; the address in Grafana's file is not used.
type Datasource struct {
	UID  string `json:"uid"`
	Name string `json:"name"`
	// Type is Grafana's plugin id: "prometheus", "loki", "jaeger"...
	Type string `json:"type"`
	// Dialect is the API of ours that serves it: "prometheus", "loki", "jaeger", "tempo",
	// "zipkin", "elasticsearch" or "alertmanager"; "" if none does.
	Dialect string `json:"dialect"`
	Default bool   `json:"default"`
}

// dialectOf returns which of our APIs understands the queries of a Grafana data
// source type, "" if none does (see support.json).
func dialectOf(kind string) string {
	switch d := SupportList().Datasources[kind].Dialect; d {
	case "expression", "dashboard": // the page works these out by itself
		return ""
	default:
		return d
	}
}

// builtin are there even when nothing is provisioned.
var builtin = []Datasource{
	{UID: "prometheus", Name: "Prometheus", Type: "prometheus", Dialect: "prometheus"},
	{UID: "loki", Name: "Loki", Type: "loki", Dialect: "loki"},
	{UID: "jaeger", Name: "Jaeger", Type: "jaeger", Dialect: "jaeger"},
	{UID: "tempo", Name: "Tempo", Type: "tempo", Dialect: "tempo"},
	{UID: "zipkin", Name: "Zipkin", Type: "zipkin", Dialect: "zipkin"},
	{UID: "elasticsearch", Name: "Elasticsearch", Type: "elasticsearch", Dialect: "elasticsearch"},
	{UID: "alertmanager", Name: "Alertmanager", Type: "alertmanager", Dialect: "alertmanager"},
}

// completeDatasources removes repeated uids (the first stays), adds a source for
// each dialect that has none and makes sure that exactly one is the default.
func completeDatasources(in []Datasource) []Datasource {
	var out []Datasource
	add := func(d Datasource) {
		if !slices.ContainsFunc(out, func(o Datasource) bool { return o.UID == d.UID }) {
			out = append(out, d)
		}
	}
	for _, d := range in {
		add(d)
	}
	for _, b := range builtin {
		if !slices.ContainsFunc(out, func(o Datasource) bool { return o.Dialect == b.Dialect }) {
			add(b)
		}
	}
	first := slices.IndexFunc(out, func(d Datasource) bool { return d.Default })
	if first < 0 {
		first = slices.IndexFunc(out, func(d Datasource) bool { return d.Dialect == "prometheus" })
	}
	for i := range out {
		out[i].Default = i == max(first, 0)
	}
	return out
}

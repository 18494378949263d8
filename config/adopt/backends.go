package adopt

const (
	alertmanager      = "Alertmanager"
	loki              = "Loki"
	elasticsearch     = "Elasticsearch"
	collector         = "Collector"
	jaeger            = "Jaeger"
	alertmanagerPort  = 9093
	lokiPort          = 3100
	elasticsearchPort = 9200
)

var (
	alertmanagerImages  = []string{"prom/alertmanager", "prometheus/alertmanager"}
	lokiImages          = []string{"grafana/loki"}
	elasticsearchImages = []string{"elasticsearch", "elasticsearch/elasticsearch", "opensearchproject/opensearch"}
	collectorImages     = []string{"otel/opentelemetry-collector", "otel/opentelemetry-collector-contrib", "jaegertracing/jaeger-collector", "jaegertracing/jaeger"}
	jaegerImages        = []string{"jaegertracing/all-in-one", "jaegertracing/jaeger-query", "jaegertracing/jaeger-agent"}
)

func adoptAlertmanager(a *adoption) {
	f := a.one(kindAlertmanager, alertmanager, alertmanagerImages...)
	if f == nil {
		return
	}
	a.draft.set("alerting", "alertmanager_config", path(f.path), f)
	a.report(Taken, alertmanager, f, 0, "routes, receivers, inhibition, templates", "")
	a.customary(alertmanagerPort, alertmanagerImages...)
}

func adoptLoki(a *adoption) {
	f := a.one(kindLoki, loki, lokiImages...)
	if f == nil {
		return
	}
	a.draft.set("logs", "loki_config", path(f.path), f)
	a.report(Taken, loki, f, 0, "limits and retention", "")
	a.customary(lokiPort, lokiImages...)
	if n := value(f.root, "auth_enabled"); text(n) == "true" {
		a.report(Differs, loki, f, line(n), "auth_enabled", "a tenant follows from the credentials, not from X-Scope-OrgID alone: make a token for each tenant under Settings")
	}
}

func adoptElasticsearch(a *adoption) {
	found := false
	for _, f := range a.of(kindElasticsearch) {
		found = true
		a.report(Differs, elasticsearch, f, 0, "a node of a cluster", "Pharos speaks its API itself, for indexing and searching; the settings of nodes, discovery and lifecycles have no meaning here. Index templates and lifecycle policies are taken by the API and set how long entries are kept")
	}
	for _, f := range a.of(kindIndexTemplate) {
		a.report(Differs, elasticsearch, f, 0, "an index template", "send it to the running server: PUT /elastic/_index_template/NAME")
	}
	for _, f := range a.of(kindLifecycle) {
		a.report(Differs, elasticsearch, f, 0, "a lifecycle policy", "send it to the running server: PUT /elastic/_ilm/policy/NAME")
	}
	for _, s := range a.services(elasticsearchImages...) {
		found = true
		a.report(Taken, elasticsearch, s.file, s.line, "the container "+s.name, "indexing and searching, below /elastic")
	}
	if found {
		port := elasticsearchPort
		for _, s := range a.services(elasticsearchImages...) {
			if len(s.ports) > 0 {
				port = s.ports[0]
			}
		}
		listen := &setting{section: "logs", key: "elastic.listen", value: a.address(port)}
		if !a.opts.CustomaryPorts {
			listen.off = "the port of what is replaced, for clients that stay as they are; stop that first"
		}
		a.draft.settings = append(a.draft.settings, listen)
	}
	for _, f := range a.of(kindKibana) {
		a.report(LeftAlone, "Kibana", f, 0, "Kibana", "Explore searches logs; a Kibana that stays cannot be pointed at Pharos")
	}
}

func adoptCollector(a *adoption) {
	if f := a.one(kindCollector, collector, collectorImages...); f != nil {
		a.draft.set("traces", "collector_config", path(f.path), f)
		a.report(Taken, collector, f, 0, "receivers of spans", "")
	}
	for _, s := range a.services(jaegerImages...) {
		a.report(Taken, jaeger, s.file, s.line, "the container "+s.name, "Pharos receives on Jaeger's and OTLP's own ports and serves Jaeger's query API")
	}
	for _, s := range a.services("openzipkin/zipkin") {
		a.report(Taken, "Zipkin", s.file, s.line, "the container "+s.name, "Pharos receives on Zipkin's own port and serves its query API")
	}
}

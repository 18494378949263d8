package adopt

// others are files and containers of systems whose place Pharos does not take yet, or
// that stay beside it.
func adoptOthers(a *adoption) {
	for _, f := range a.of(kindBlackbox) {
		a.report(Unsupported, "Blackbox exporter", f, 0, "probes", "the exporter goes on; its metrics are scraped as before")
	}
	for _, f := range a.of(kindObjectives) {
		a.report(Unsupported, "objectives", f, 0, "service level objectives", "Pharos has no page for them yet; recording and alerting rules can compute them")
	}
	for _, f := range a.of(kindKubernetes) {
		a.report(LeftAlone, "Kubernetes", f, 0, "a manifest", "configurations within it are not looked at: write them to files of their own")
	}
	replaced := [][]string{prometheusImages, alertmanagerImages, lokiImages, promtailImages, logstashImages, elasticsearchImages, grafanaImages, collectorImages, jaegerImages, {"openzipkin/zipkin"}}
	for _, s := range a.compose {
		if a.isReplaced(s, replaced) {
			a.report(Taken, "compose file", s.file, s.line, "the container "+s.name, "Pharos takes its place: remove it when Pharos runs")
			continue
		}
		a.report(LeftAlone, "compose file", s.file, s.line, "the container "+s.name, "%s", beside(s))
	}
}

func (a *adoption) isReplaced(s *service, all [][]string) bool {
	for _, images := range all {
		if s.is(images...) {
			return true
		}
	}
	return false
}

// beside says what to do with a container that stays.
func beside(s *service) string {
	switch {
	case s.is("prom/node-exporter", "prometheus/node-exporter"):
		return "it goes on; pharos agent --host-metrics can take its place"
	case s.is("cadvisor/cadvisor", "google/cadvisor"):
		return "it goes on; pharos agent --docker can take its place for CPU and memory"
	case s.is("prometheuscommunity/postgres-exporter"):
		return "it goes on; pharos agent --postgres can take its place"
	case s.is("kibana", "kibana/kibana"):
		return "Explore searches logs; Kibana itself cannot be pointed at Pharos"
	case s.is("sentry", "getsentry/sentry", "getsentry/self-hosted"):
		return "Pharos does not take errors yet"
	}
	return "it is not part of monitoring"
}

package logstash

// absentFilter says what to do in place of a filter of Logstash that is not here; "" for
// names that nobody knows.
func absentFilter(name string) string {
	switch name {
	case "anonymize":
		return "fingerprint is its successor; of its algorithms IPV4_NETWORK, SHA*, MD5 and MURMUR3 are there"
	case "checksum":
		return "fingerprint is its successor"
	case "http", "rest":
		return "filters ask no other servers; enrich where the data comes from, or by translate with a dictionary file"
	case "elasticsearch", "opensearch", "jdbc_streaming", "jdbc_static", "memcached", "redis":
		return "filters ask no other servers; translate with a dictionary file that is refreshed does look-ups"
	case "multiline":
		return "lines are joined by the input: codec => multiline { ... }"
	case "elastic_integration":
		return "it runs Elasticsearch's ingest pipelines; write the same as filters"
	case "metricize", "collate", "metaevent":
		return "aggregate collects several events"
	case "cipher", "zeromq", "exec", "java_uuid", "age", "wait", "punct", "advisor", "lookup", "math":
		return "it is not supported; mutate, translate, aggregate or short code in ruby may do the same"
	case "json_lines":
		return "split and json do the same"
	case "referer_parser", "unique":
		return "ruby with short code may do the same"
	}
	return ""
}

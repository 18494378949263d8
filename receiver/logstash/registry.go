package logstash

// inputs are the input plugins, one line each.
func inputs() map[string]inputFactory {
	return map[string]inputFactory{
		"beats":      newBeats,
		"file":       newFileInput,
		"generator":  newGenerator,
		"heartbeat":  newHeartbeat,
		"http":       newHTTPInput,
		"kafka":      newKafkaInput,
		"pipeline":   newPipelineInput,
		"redis":      newRedisInput,
		"s3":         newS3Input,
		"s3-sns-sqs": newS3SQSInput,
		"sqs":        newSQSInput,
		"stdin":      newStdin,
		"syslog":     newSyslogInput,
		"tcp":        newTCPInput,
		"udp":        newUDPInput,
		// Elastic's agent speaks as Beats do.
		"elastic_agent": newBeats,
		"lumberjack":    newBeats,
	}
}

// outputs are the output plugins, one line each.
func outputs() map[string]outputFactory {
	return map[string]outputFactory{
		"elasticsearch": newElasticsearch,
		"file":          newFileOutput,
		"http":          newHTTPOutput,
		"kafka":         newKafkaOutput,
		"loki":          newLoki,
		"null":          newNull,
		"pharos":        newPharos,
		"pipeline":      newPipelineOutput,
		"redis":         newRedisOutput,
		"s3":            newS3Output,
		"sink":          newNull,
		"stdout":        newStdout,
		"tcp":           newTCPOutput,
		"udp":           newUDPOutput,
		// Other names and vendors of the same.
		"amazon_es":                 newElasticsearch,
		"elasticsearch_data_stream": newElasticsearch,
		"elasticsearch_http":        newElasticsearch,
		"opensearch":                newElasticsearch,
	}
}

// inputHints say what to do instead of an input that is not here.
func inputHints() map[string]string {
	const exporter = "these are metrics: have Pharos scrape an exporter"
	return map[string]string{
		"jdbc":                         "ship the table's changes with a job that posts to input http, or keep this one pipeline in Logstash",
		"elasticsearch":                "old documents move with the Elasticsearch API's clients, such as elasticdump, to Pharos' own",
		"snmp":                         exporter + " (snmp_exporter)",
		"snmptrap":                     "put snmptrapd before input syslog",
		"imap":                         "have the mail server post to input http",
		"twitter":                      "its API has ended",
		"jms":                          "bridge the queue to Kafka",
		"rabbitmq":                     "bridge the queue to Kafka, or publish to input http",
		"stomp":                        "bridge the queue to Kafka",
		"gelf":                         "Pharos' own GELF port takes the same clients",
		"graphite":                     exporter + " (graphite_exporter)",
		"collectd":                     exporter + " (collectd's write_prometheus)",
		"ganglia":                      exporter,
		"jmx":                          exporter + " (jmx_exporter)",
		"http_poller":                  "probe the address, or post its answer to input http from a job",
		"exec":                         "run the command from a timer and pipe it to input tcp",
		"pipe":                         "run the command from a timer and pipe it to input tcp",
		"unix":                         "use input tcp or udp on the loopback address",
		"log4j":                        "use a JSON layout over input tcp",
		"kinesis":                      "bridge the stream to Kafka or S3",
		"cloudwatch":                   "have CloudWatch deliver to S3 or Firehose",
		"google_pubsub":                "bridge the topic to Kafka, or push to input http",
		"google_cloud_storage":         "use input s3 with the bucket's S3 endpoint",
		"azure_event_hubs":             "use input kafka: event hubs speak its protocol",
		"dead_letter_queue":            "dead letters are files of JSON lines: use input file",
		"relp":                         "use input syslog or tcp",
		"websocket":                    "post to input http",
		"xmpp":                         "post to input http",
		"irc":                          "post to input http",
		"github":                       "use input http as the webhook's address",
		"logstash":                     "use input http or beats",
		"couchdb_changes":              "post changes to input http",
		"puppet_facter":                exporter,
		"meetup":                       "its API has ended",
		"salesforce":                   "post its objects to input http from a job",
		"sqlite":                       "ship the table's changes with a job that posts to input http",
		"varnishlog":                   "pipe varnishlog to input tcp",
		"wmi":                          exporter + " (windows_exporter)",
		"eventlog":                     "use winlogbeat with input beats",
		"rss":                          "post its items to input http from a job",
		"elastic_serverless_forwarder": "use input http",
	}
}

// outputHints say the same of outputs.
func outputHints() map[string]string {
	const alerting = "notifications are sent by alerting rules and Alertmanager's receivers"
	const metrics = "metrics come from log rules (recording rules over LogQL)"
	return map[string]string{
		"email": alerting, "pagerduty": alerting, "slack": alerting, "nagios": alerting, "nagios_nsca": alerting, "hipchat": alerting, "irc": alerting,
		"xmpp": alerting, "sns": alerting, "juggernaut": alerting,
		"statsd": metrics, "graphite": metrics, "influxdb": metrics, "datadog_metrics": metrics, "opentsdb": metrics, "librato": metrics, "ganglia": metrics,
		"riemann": metrics, "metriccatcher": metrics, "cloudwatch": metrics, "circonus": metrics, "boundary": metrics,
		"elastic_app_search": "Pharos has no App Search; use output http", "elastic_workplace_search": "Pharos has no Workplace Search; use output http",
		"sqs": "use output kafka or http", "rabbitmq": "use output kafka or http", "mongodb": "use output http", "webhdfs": "use output s3",
		"google_cloud_storage": "use output s3 with the bucket's S3 endpoint", "google_pubsub": "use output kafka", "exec": "use output http", "pipe": "use output http",
		"csv": "use output file with codec csv", "lumberjack": "use output http or tcp", "logstash": "use output http", "syslog": "use output tcp or udp with codec line and a format",
		"gelf": "use output tcp with codec json", "websocket": "use output http", "datadog": "use output http", "loggly": "use output http",
		"splunk": "use output http", "opensearch_serverless": "use output elasticsearch", "kinesis": "use output kafka", "timber": "use output http", "zabbix": metrics,
		"redmine": "use output http", "jms": "use output kafka", "stomp": "use output kafka", "solr_http": "use output http", "riak": "use output http",
	}
}

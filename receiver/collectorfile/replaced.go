package collectorfile

// Parts that Pharos makes unnecessary, and why.
var (
	processors = map[string]string{
		"batch":          "spans that arrive together are written together",
		"memory_limiter": "memory is bounded by Pharos' own limits",
	}

	exporters = map[string]string{
		"elasticsearch":           replacedStore,
		"opensearch":              replacedStore,
		"clickhouse":              replacedStore,
		"cassandra":               replacedStore,
		"jaeger":                  replacedStore,
		"jaeger_storage_exporter": replacedStore,
		"zipkin":                  replacedStore,
		"otlp":                    replacedStore,
		"otlp_grpc":               replacedStore,
		"otlphttp":                replacedStore,
		"otlp_http":               replacedStore,
		"loki":                    replacedStore,
		"prometheus":              replacedStore,
		"prometheusremotewrite":   replacedStore,
		"debug":                   "it prints to the Collector's log",
		"logging":                 "it prints to the Collector's log",
		"nop":                     "it does nothing",
	}

	extensions = map[string]string{
		"health_check":   "/health/live and /health/ready",
		"healthcheckv2":  "/health/live and /health/ready",
		"zpages":         "Pharos has metrics of its own",
		"pprof":          "Pharos has profiles of its own",
		"expvar":         "Pharos has metrics of its own",
		"memory_ballast": "memory is bounded by Pharos' own limits",
		"jaeger_storage": replacedStore,
		"jaeger_query":   "Pharos serves Jaeger's query API",
	}
)

const replacedStore = "Pharos stores what is received"

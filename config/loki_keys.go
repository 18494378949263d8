package config

import (
	"maps"
	"slices"
	"strings"
)

// Why keys of Loki have no effect.
const (
	whyCluster   = "there is one process and no ring"
	whyComponent = "Pharos has no such component"
	whyStorage   = "Pharos keeps lines in its own store, below data"
	whyServer    = "see listen and external_url in pharos.yml"
	whyPlan      = "queries are planned by the store, not cut and sharded"
	whyCaches    = "caches need no settings"
	whyRuler     = "see logs.rules in pharos.yml"
	whyCompactor = "there are no chunks to compact"
	whyBloom     = "there are no bloom filters"
	whyPatterns  = "patterns are found when they are asked for"
	whyNone      = "it has no counterpart"
)

// lokiTopLevel are the keys of Loki 3.7's configuration, of which limits_config,
// compactor and runtime_config are read.
var lokiTopLevel = map[string]string{
	"target": whyCluster, "auth_enabled": "see auth.mode in pharos.yml", "http_prefix": whyServer, "ballast_bytes": "memory is bounded by Pharos' own limits",
	"server": whyServer, "internal_server": whyServer, "ui": "Pharos has its own", "distributor": whyComponent, "querier": whyPlan,
	"query_engine": whyPlan, "query_scheduler": whyCluster, "frontend": whyCluster, "query_range": whyPlan, "ruler": whyRuler,
	"ruler_storage": whyRuler, "ingester_client": whyCluster, "ingester": "lines are acknowledged from Pharos' write-ahead log",
	"pattern_ingester": whyPatterns, "index_gateway": whyCluster, "bloom_build": whyBloom, "bloom_gateway": whyBloom,
	"storage_config": whyStorage, "chunk_store_config": whyStorage, "schema_config": whyStorage, "compactor": "",
	"compactor_client": whyCluster, "compactor_grpc_client": whyCluster, "limits_config": "", "frontend_worker": whyCluster,
	"table_manager": whyStorage, "memberlist": whyCluster, "kafka_config": whyComponent, "dataobj": whyStorage,
	"ingest_limits": whyComponent, "ingest_limits_frontend": whyComponent, "ingest_limits_frontend_client": whyComponent,
	"runtime_config": "", "operational_config": "Pharos logs about itself as log in pharos.yml says", "tracing": "Pharos does not trace itself",
	"analytics": "Pharos reports to nobody", "profiling": "profiles are at /debug/pprof/", "tenant_limits_allow_publish": whyNone,
	"legacy_read_target": whyCluster, "common": whyStorage, "shutdown_delay": "readiness turns false before the doors close",
	"metrics_namespace": "metrics begin with pharos_",
}

// lokiCompactor are the keys of the compactor's section.
var lokiCompactor = []string{
	"working_directory", "compaction_interval", "apply_retention_interval", "retention_enabled", "retention_delete_delay",
	"retention_delete_worker_count", "retention_table_timeout", "retention_backoff_config", "delete_request_store",
	"delete_request_store_key_prefix", "delete_request_store_db_type", "backup_delete_request_store_db_type", "delete_batch_size",
	"delete_request_cancel_period", "delete_max_interval", "deletion_ignore_missing_chunks", "max_compaction_parallelism",
	"upload_parallelism", "compactor_ring", "tables_to_compact", "skip_latest_n_tables", "horizontal_scaling_mode", "worker_config",
	"jobs_config", "deletion_marker_object_store_prefix",
	"shared_store", "shared_store_key_prefix", // of Loki 2
}

// lokiUnused are the keys of limits_config without an effect, beside those that
// begin with one of lokiUnusedPrefixes.
var lokiUnused = map[string]string{
	"ingestion_rate_strategy": whyCluster, "increment_duplicate_timestamp": "entries of one time keep their order",
	"simulated_push_latency": whyNone, "enable_multi_variant_queries": "the language is the same for all", "discover_generic_fields": whyNone,
	"log_level_fields": "levels are found under Loki's default names", "log_level_from_json_max_depth": "levels are found under Loki's default names",
	"use_owned_stream_count": whyCluster, "unordered_writes": "lines may come in any order",
	"max_chunks_per_query": whyCompactor, "max_query_lookback": "the retention bounds it", "max_query_range": "max_query_length bounds it",
	"max_query_parallelism": whyPlan, "tsdb_max_query_parallelism": whyPlan, "tsdb_max_bytes_per_shard": whyPlan,
	"tsdb_sharding_strategy": whyPlan, "tsdb_precompute_chunks": whyPlan, "cardinality_limit": whyPlan,
	"max_streams_matchers_per_query": whyPlan, "max_cache_freshness_per_query": whyCaches, "max_metadata_cache_freshness": whyCaches,
	"max_stats_cache_freshness": whyCaches, "max_queriers_per_tenant": whyCluster, "max_query_capacity": whyCluster,
	"query_ready_index_num_days": whyCluster, "engine_results_cache_time_bucket_interval": whyCaches,
	"recent_metadata_query_window": whyPlan, "min_sharding_lookback": whyPlan,
	"max_querier_bytes_read": "max_query_bytes_read bounds the whole query", "volume_enabled": "volumes are always answered",
	"volume_max_series": "the request's limit bounds it", "per_tenant_override_period": "overrides are read at start and at a reload",
	"allow_deletes": "see deletion_mode", "shard_streams": whyCluster, "blocked_queries": whyNone, "required_labels": whyNone,
	"minimum_labels_number": whyNone, "index_gateway_shard_size": whyCluster, "index_gateway_max_capacity": whyCluster,
	"otlp_config": "attributes are mapped as Loki does by default", "block_ingestion_policy_until": whyNone, "block_ingestion_until": whyNone,
	"block_ingestion_status_code": whyNone, "enforced_labels": whyNone, "policy_enforced_labels": whyNone, "policy_stream_mapping": whyNone,
	"policy_override_limits": whyNone, "ingestion_partitions_tenant_shard_size": whyCluster, "shard_aggregations": whyPlan,
	"metric_aggregation_enabled": whyPatterns, "max_scan_task_parallelism": whyPlan, "debug_engine_tasks": whyNone,
	"debug_engine_streams": whyNone, "per_tenant_override_config": "",
	// Of older versions.
	"enforce_metric_name": whyNone, "max_line_size_should_truncate": "see max_line_size_truncate", "split_queries_by_interval": whyPlan,
	"query_split_duration": whyPlan, "max_cache_freshness": whyCaches,
}

var lokiUnusedPrefixes = []struct{ prefix, why string }{
	{"ruler_", whyRuler}, {"bloom_", whyBloom}, {"split_", whyPlan}, {"pattern_", whyPatterns}, {"s3_sse_", whyStorage},
}

// lokiIgnored says why a key of limits_config has no effect, "" if Loki has no such
// key.
func lokiIgnored(name string) string {
	if why := lokiUnused[name]; why != "" {
		return why
	}
	for _, p := range lokiUnusedPrefixes {
		if strings.HasPrefix(name, p.prefix) {
			return p.why
		}
	}
	return ""
}

func keysOf(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

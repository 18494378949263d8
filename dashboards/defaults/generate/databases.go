package main

// databases reads postgres_exporter, redis_exporter and mysqld_exporter, and the
// connection pools that services report.
func databases() *board {
	b := newBoard("databases", "Databases", "Query times, connections, storage and locks of PostgreSQL, MySQL and Redis. Reads their exporters; the Pharos agent has PostgreSQL's inside.", "platform", "database")
	b.linkTo("Platform", "platform")
	b.ask("datname", "Database", "label_values(pg_stat_database_numbackends, datname)")
	const db = `datname=~"$datname",datname!~"template.*"`
	b.stat(4, spec{title: "Databases up", help: "Servers whose exporter reaches them.", queries: []query{q(`(sum(pg_up) or vector(0)) + (sum(mysql_up) or vector(0)) + (sum(redis_up) or vector(0))`, "up")}})
	b.stat(5, spec{title: "Connections", queries: []query{q(`sum(pg_stat_database_numbackends{`+db+`})`, "connections")}})
	b.stat(5, spec{title: "Transactions", unit: "ops", queries: []query{q(`sum(rate(pg_stat_database_xact_commit{`+db+`}[$__rate_interval]) + rate(pg_stat_database_xact_rollback{`+db+`}[$__rate_interval]))`, "transactions")}})
	b.stat(5, spec{title: "Read from memory", help: "Blocks that PostgreSQL found in its cache, of all.", unit: "percentunit", queries: []query{q(`sum(rate(pg_stat_database_blks_hit{`+db+`}[$__rate_interval])) / (sum(rate(pg_stat_database_blks_hit{`+db+`}[$__rate_interval])) + sum(rate(pg_stat_database_blks_read{`+db+`}[$__rate_interval])))`, "cached")}})
	b.stat(5, spec{title: "Size", unit: "bytes", queries: []query{q(`sum(pg_database_size_bytes{`+db+`})`, "size")}})

	b.row("PostgreSQL")
	b.lines(12, spec{title: "Connections by database", queries: []query{q(`sum by (datname) (pg_stat_database_numbackends{`+db+`})`, "{{datname}}")}})
	b.areas(12, spec{title: "Connections by state", help: "Idle in transaction holds locks and keeps rows from being cleaned.", queries: []query{q(`sum by (state) (pg_stat_activity_count{`+db+`})`, "{{state}}")}})
	b.lines(12, spec{title: "Mean query time", help: "By statement, of those that take most in all. Needs pg_stat_statements.", unit: "s", queries: []query{q(`topk(8, sum by (datname, queryid) (rate(pg_stat_statements_seconds_total[$__rate_interval])) / sum by (datname, queryid) (rate(pg_stat_statements_calls_total[$__rate_interval])))`, "{{datname}} {{queryid}}")}})
	b.lines(12, spec{title: "Longest transaction", unit: "s", limits: above(60, 600), queries: []query{q(`max by (datname) (pg_stat_activity_max_tx_duration{`+db+`})`, "{{datname}}")}})
	b.lines(12, spec{title: "Commits and rollbacks", unit: "ops", queries: []query{
		q(`sum by (datname) (rate(pg_stat_database_xact_commit{`+db+`}[$__rate_interval]))`, "{{datname}} commits"),
		q(`sum by (datname) (rate(pg_stat_database_xact_rollback{`+db+`}[$__rate_interval]))`, "{{datname}} rollbacks"),
	}})
	b.lines(12, spec{title: "Rows", unit: "ops", queries: []query{
		q(`sum(rate(pg_stat_database_tup_fetched{`+db+`}[$__rate_interval]))`, "fetched"), q(`sum(rate(pg_stat_database_tup_inserted{`+db+`}[$__rate_interval]))`, "inserted"),
		q(`sum(rate(pg_stat_database_tup_updated{`+db+`}[$__rate_interval]))`, "updated"), q(`sum(rate(pg_stat_database_tup_deleted{`+db+`}[$__rate_interval]))`, "deleted"),
	}})
	b.lines(12, spec{title: "Locks", queries: []query{q(`sum by (mode) (pg_locks_count{`+db+`}) > 0`, "{{mode}}")}})
	b.lines(12, spec{title: "Deadlocks and conflicts", queries: []query{
		q(`sum by (datname) (increase(pg_stat_database_deadlocks{`+db+`}[$__rate_interval]))`, "{{datname}} deadlocks"),
		q(`sum by (datname) (increase(pg_stat_database_conflicts{`+db+`}[$__rate_interval]))`, "{{datname}} conflicts"),
	}})
	b.lines(12, spec{title: "Size by database", unit: "bytes", queries: []query{q(`sum by (datname) (pg_database_size_bytes{`+db+`})`, "{{datname}}")}})
	b.lines(12, spec{title: "Replication lag", unit: "s", limits: above(10, 60), queries: []query{q(`max by (instance) (pg_replication_lag_seconds)`, "{{instance}}")}})

	b.row("Connection pools of the services")
	b.lines(12, spec{title: "Pool used", help: "At 100 % queries wait for a connection.", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`sum by (backend) (storage_connection_pool_active) / sum by (backend) (storage_connection_pool_max)`, "{{backend}}")}})
	b.lines(12, spec{title: "Time of queries and writes, p95", unit: "s", queries: []query{
		q(`histogram_quantile(0.95, sum by (le, endpoint) (rate(storage_query_duration_seconds_bucket[$__rate_interval])))`, "{{endpoint}}"),
		q(`histogram_quantile(0.95, sum by (le, backend) (rate(storage_write_latency_seconds_bucket[$__rate_interval])))`, "write to {{backend}}"),
	}})

	b.row("Redis and MySQL")
	b.lines(12, spec{title: "Redis memory", unit: "bytes", queries: []query{q(`sum by (instance) (redis_memory_used_bytes)`, "{{instance}} used"), q(`sum by (instance) (redis_memory_max_bytes > 0)`, "{{instance}} limit")}})
	b.lines(12, spec{title: "Redis commands and hit rate", unit: "ops", queries: []query{q(`sum by (instance) (rate(redis_commands_processed_total[$__rate_interval]))`, "{{instance}} commands")}})
	b.lines(12, spec{title: "MySQL connections", queries: []query{q(`sum by (instance) (mysql_global_status_threads_connected)`, "{{instance}} connected"), q(`sum by (instance) (mysql_global_variables_max_connections)`, "{{instance}} limit")}})
	b.lines(12, spec{title: "MySQL queries and slow queries", unit: "ops", queries: []query{q(`sum by (instance) (rate(mysql_global_status_queries[$__rate_interval]))`, "{{instance}} queries"), q(`sum by (instance) (rate(mysql_global_status_slow_queries[$__rate_interval]))`, "{{instance}} slow")}})
	return b
}

package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus-community/postgres_exporter/collector"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/internal/logonce"
)

// exporterCollectors are postgres_exporter's collectors. Each has a flag on kingpin's
// command line, which it shares with node_exporter's.
var exporterCollectors = [...]string{
	"database", "database_wraparound", "locks", "long_running_transactions", "postmaster", "process_idle", "replication",
	"replication_slot", "roles", "stat_activity_autovacuum", "stat_bgwriter", "stat_checkpointer", "stat_database",
	"stat_user_tables", "stat_wal_receiver", "statio_user_indexes", "statio_user_tables", "wal", "xlog_location", statStatements,
}

const statStatements = "stat_statements"

// gatherTimeout bounds each of our own queries at a scrape.
const gatherTimeout = 5 * time.Second

// exporter is postgres_exporter's collectors, and of what its main program adds the
// metrics that dashboards use. It implements prometheus.Collector.
type exporter struct {
	dsn string
	db  *sql.DB
	log *slog.Logger

	up, static, sessions, longest *prometheus.Desc

	mu         sync.Mutex
	inner      *collector.PostgresCollector
	statements bool // inner has pg_stat_statements
}

func newExporter(dsn string, db *sql.DB, log *slog.Logger) *exporter {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &exporter{dsn: dsn, db: db, log: logonce.New(log),
		up:       desc("pg_up", "Whether the last scrape could connect to the server (1 for yes, 0 for no)."),
		static:   desc("pg_static", "Version of the server.", "version", "short_version"),
		sessions: desc("pg_stat_activity_count", "Number of connections in this state.", "datname", "state", "usename", "application_name", "wait_event_type"),
		longest:  desc("pg_stat_activity_max_tx_duration", "Longest time in seconds that a transaction of these connections has been running.", "datname", "state", "usename", "application_name", "wait_event_type"),
	}
}

// Describe implements prometheus.Collector.
func (e *exporter) Describe(ch chan<- *prometheus.Desc) { ch <- e.up }

// Collect implements prometheus.Collector. postgres_exporter is asked only when the
// server answers: it leaves a connection pool behind whenever it does not.
func (e *exporter) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherTimeout)
	defer cancel()
	err := e.own(ctx, ch)
	up := 1.0
	if err != nil {
		e.log.Warn("postgres cannot be asked for metrics", "error", err)
		up = 0
	}
	ch <- prometheus.MustNewConstMetric(e.up, prometheus.GaugeValue, up)
	if err != nil {
		return
	}
	inner, err := e.collectors(ctx)
	if err != nil {
		e.log.Warn("collectors of postgres cannot be set up", "error", err)
		return
	}
	inner.Collect(ch)
}

// collectors returns postgres_exporter's, with pg_stat_statements if the server has it.
func (e *exporter) collectors(ctx context.Context) (*collector.PostgresCollector, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	statements, err := hasStatements(ctx, e.db)
	if err != nil {
		return nil, err
	}
	if e.inner != nil && e.statements == statements {
		return e.inner, nil
	}
	for _, name := range exporterCollectors {
		f := kingpin.CommandLine.GetFlag("collector." + name)
		if f == nil {
			return nil, fmt.Errorf("BUG: postgres_exporter has no collector %q", name)
		}
		m := f.Model()
		value := "false"
		if len(m.Default) > 0 {
			value = m.Default[0]
		}
		if name == statStatements {
			value = strconv.FormatBool(statements)
		}
		if err := m.Value.Set(value); err != nil {
			return nil, err
		}
	}
	inner, err := collector.NewPostgresCollector(e.log, nil, e.dsn, nil)
	if err == nil {
		e.inner, e.statements = inner, statements
	}
	return inner, err
}

// hasStatements says whether the database has the extension pg_stat_statements.
func hasStatements(ctx context.Context, db *sql.DB) (has bool, err error) {
	return has, db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')`).Scan(&has)
}

// own writes what postgres_exporter's main program, which cannot be imported, has.
func (e *exporter) own(ctx context.Context, ch chan<- prometheus.Metric) error {
	var long, short string
	if err := e.db.QueryRowContext(ctx, `SELECT version(), current_setting('server_version')`).Scan(&long, &short); err != nil {
		return err
	}
	ch <- prometheus.MustNewConstMetric(e.static, prometheus.UntypedValue, 1, long, short)
	rows, err := e.db.QueryContext(ctx, `SELECT coalesce(datname, ''), coalesce(state, ''), coalesce(usename, ''), application_name, coalesce(wait_event_type, ''),
		count(*), coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
		FROM pg_stat_activity GROUP BY 1, 2, 3, 4, 5 LIMIT 2000`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var labels [5]string
		var n, longest float64
		if err := rows.Scan(&labels[0], &labels[1], &labels[2], &labels[3], &labels[4], &n, &longest); err != nil {
			return err
		}
		ch <- prometheus.MustNewConstMetric(e.sessions, prometheus.GaugeValue, n, labels[:]...)
		ch <- prometheus.MustNewConstMetric(e.longest, prometheus.GaugeValue, longest, labels[:]...)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return e.settings(ctx, ch)
}

// settings writes pg_settings_<name>, in bytes and seconds where the setting has a unit.
func (e *exporter) settings(ctx context.Context, ch chan<- prometheus.Metric) error {
	rows, err := e.db.QueryContext(ctx, `SELECT name, setting, coalesce(unit, ''), short_desc, vartype FROM pg_settings WHERE vartype IN ('bool', 'integer', 'real')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, setting, unit, help, kind string
		if err := rows.Scan(&name, &setting, &unit, &help, &kind); err != nil {
			return err
		}
		v, suffix, ok := settingValue(setting, unit, kind)
		if !ok {
			continue
		}
		desc := prometheus.NewDesc("pg_settings_"+metricName(name)+suffix, "Server parameter: "+name+" ("+help+")", nil, nil)
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v)
	}
	return rows.Err()
}

// settingValue is a setting's value in base units and what the metric's name ends with.
func settingValue(setting, unit, kind string) (v float64, suffix string, ok bool) {
	if kind == "bool" {
		if setting == "on" {
			v = 1
		}
		return v, "", true
	}
	v, err := strconv.ParseFloat(setting, 64)
	if err != nil {
		return 0, "", false
	}
	if unit == "" || v < 0 { // -1 is "off" or "as another one"
		return v, unitSuffix(unit), true
	}
	number, rest := 1.0, unit
	for i, c := range unit {
		if c < '0' || c > '9' {
			if i > 0 {
				number, _ = strconv.ParseFloat(unit[:i], 64)
			}
			rest = unit[i:]
			break
		}
	}
	factor, known := map[string]float64{"B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400}[rest]
	if !known {
		return 0, "", false
	}
	return v * number * factor, unitSuffix(unit), true
}

func unitSuffix(unit string) string {
	switch {
	case unit == "":
		return ""
	case unit[len(unit)-1] == 'B':
		return "_bytes"
	}
	return "_seconds"
}

// metricName replaces what a metric's name may not have: settings of extensions have
// points.
func metricName(s string) string {
	b := []byte(s)
	for i, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			b[i] = '_'
		}
	}
	return string(b)
}

package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/model"
)

// pgBin returns the folder of the distribution's server programs.
func pgBin(t *testing.T) string {
	t.Helper()
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(dirs) == 0 {
		t.Skip("no PostgreSQL: install the package postgresql")
	}
	slices.Sort(dirs)
	return filepath.Dir(dirs[len(dirs)-1])
}

// startPostgres runs a server of its own and returns how to connect.
func startPostgres(t *testing.T) string {
	t.Helper()
	bin := pgBin(t)
	dir, err := os.MkdirTemp("", "pg") // a socket's path must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 { // the server refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Skip("no user postgres: install the package postgresql")
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		require.NoError(t, os.Chown(dir, uid, gid))
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	out, err := initdb.CombinedOutput()
	require.NoError(t, err, "%s", out)
	port := testkit.FreePort(t)
	preload := "shared_preload_libraries="
	if lib, _ := filepath.Glob(filepath.Join(bin, "../lib/pg_stat_statements.so")); len(lib) > 0 {
		preload += "pg_stat_statements"
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", preload)
	server.SysProcAttr, server.Dir = attr, dir
	log, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	server.Stdout, server.Stderr = log, log
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
		_ = log.Close()
	})
	dsn := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	require.Eventually(t, func() bool {
		db, err := sql.Open("postgres", dsn)
		if err == nil {
			defer db.Close()
			err = db.Ping()
		}
		return err == nil
	}, 20*time.Second, 50*time.Millisecond, "the server starts")
	return dsn
}

// kept gathers log lines.
type kept struct {
	mu    sync.Mutex
	lines []string
}

func (k *kept) emit(_ context.Context, streams []model.LogStream) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range streams {
		for _, e := range s.Entries {
			k.lines = append(k.lines, s.Labels.Get("event")+" "+e.Metadata.Get("database")+" "+e.Line)
		}
	}
	return nil
}

func (k *kept) with(parts ...string) (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.lines {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(l, p)
		}
		if all {
			n++
		}
	}
	return n
}

func connect(t *testing.T, dsn, name string) *sql.DB {
	db, err := sql.Open("postgres", dsn+"&application_name="+name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

func gathered(t *testing.T, w *Watch) map[string]*dto.MetricFamily {
	t.Helper()
	families, err := w.Gatherer().Gather()
	require.NoError(t, err)
	out := map[string]*dto.MetricFamily{}
	for _, f := range families {
		out[f.GetName()] = f
	}
	return out
}

func TestAServerIsWatched(t *testing.T) {
	dsn := startPostgres(t)
	k := &kept{}
	cfg := Config{DSN: dsn, Instance: "db1", Slow: 300 * time.Millisecond, LockWait: 300 * time.Millisecond, Interval: 100 * time.Millisecond}
	w, err := New(cfg, slog.New(slog.DiscardHandler), k.emit)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	defer func() { cancel(); require.NoError(t, <-done) }()

	holder, waiter, sleeper := connect(t, dsn, "holder"), connect(t, dsn, "waiter"), connect(t, dsn, "sleeper")
	_, err = holder.Exec("CREATE TABLE accounts (id int PRIMARY KEY, balance int); INSERT INTO accounts VALUES (1, 100)")
	require.NoError(t, err)
	_, statementsErr := holder.Exec("CREATE EXTENSION pg_stat_statements")

	t.Run("metrics", func(t *testing.T) {
		m := gathered(t, w)
		for _, name := range []string{"pg_up", "pg_static", "pg_stat_activity_count", "pg_settings_max_connections", "pg_settings_shared_buffers_bytes",
			"pg_database_size_bytes", "pg_locks_count", "pg_stat_database_xact_commit", "pg_stat_user_tables_n_tup_ins", "pg_stat_bgwriter_buffers_alloc_total",
			"pg_scrape_collector_success", "pg_lock_waiters"} {
			require.Contains(t, m, name)
		}
		require.EqualValues(t, 1, m["pg_up"].GetMetric()[0].GetGauge().GetValue())
		require.EqualValues(t, 100, m["pg_settings_max_connections"].GetMetric()[0].GetGauge().GetValue())
		require.EqualValues(t, 128<<20, m["pg_settings_shared_buffers_bytes"].GetMetric()[0].GetGauge().GetValue())
		for _, c := range m["pg_scrape_collector_success"].GetMetric() {
			require.EqualValues(t, 1, c.GetGauge().GetValue(), "collector %s", c.GetLabel())
		}
		if statementsErr == nil {
			require.Contains(t, m, "pg_stat_statements_calls_total")
		}
	})

	t.Run("a slow query", func(t *testing.T) {
		_, err := sleeper.Exec("SELECT pg_sleep(1.2) /* over \"the\" limit */")
		require.NoError(t, err)
		require.Eventually(t, func() bool { return k.with("slow_query", "slow query ended", "at_least_seconds=") == 1 }, 10*time.Second, 20*time.Millisecond)
		require.Equal(t, 1, k.with("slow_query postgres", `msg="slow query" database=postgres`, "application=sleeper", `over \"the\" limit`))
		m := gathered(t, w)
		require.EqualValues(t, 1, m["pg_slow_queries_total"].GetMetric()[0].GetCounter().GetValue())
	})

	t.Run("a lock wait", func(t *testing.T) { lockWait(t, w, k, holder, waiter) })

	t.Run("statements that came and went", func(t *testing.T) {
		if statementsErr != nil {
			t.Skip("no pg_stat_statements: install the package postgresql-contrib")
		}
		_, err := sleeper.Exec("SELECT pg_sleep(0.35), 'statement'")
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			return k.with("slow_statement postgres", "pg_sleep($1), $2", "calls=1", "mean_seconds=0.") == 1
		}, 10*time.Second, 20*time.Millisecond)
	})
}

// lockWait makes one session wait for another and looks at what is told of it.
func lockWait(t *testing.T, w *Watch, k *kept, holder, waiter *sql.DB) {
	t.Helper()
	tx, err := holder.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("UPDATE accounts SET balance = 1 WHERE id = 1")
	require.NoError(t, err)
	waited := make(chan error, 1)
	go func() { _, err := waiter.Exec("UPDATE accounts SET balance = 2 WHERE id = 1"); waited <- err }()
	require.Eventually(t, func() bool { return k.with("lock_wait postgres", `msg="lock wait" `, "application=waiter") == 1 }, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, k.with("blocked_by_application=holder", `blocked_by_query="UPDATE accounts SET balance = 1`, `blocked_by_state="idle in transaction"`, "lock=transactionid"))
	require.EqualValues(t, 1, gathered(t, w)["pg_lock_waiters"].GetMetric()[0].GetGauge().GetValue())
	// The end is told of what was seen more than once.
	longest := func() float64 {
		return gathered(t, w)["pg_lock_wait_longest_seconds"].GetMetric()[0].GetGauge().GetValue()
	}
	first := longest()
	require.Eventually(t, func() bool { return longest() > first }, 10*time.Second, 20*time.Millisecond)
	require.NoError(t, tx.Commit())
	require.NoError(t, <-waited)
	require.Eventually(t, func() bool { return k.with("lock wait ended") == 1 }, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, k.with(`msg="lock wait" `), "a wait is told once")
}

func TestAServerThatIsAway(t *testing.T) {
	w, err := New(Config{DSN: "postgres://postgres@127.0.0.1:1/postgres?sslmode=disable", Slow: 1, LockWait: 1, Interval: time.Second}, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	m := gathered(t, w)
	require.Zero(t, m["pg_up"].GetMetric()[0].GetGauge().GetValue())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.NoError(t, w.Run(ctx))
	_, err = New(Config{}, nil, nil)
	require.ErrorContains(t, err, "dsn is missing")
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		setting, unit, kind, suffix string
		want                        float64
		ok                          bool
	}{
		{"on", "", "bool", "", 1, true}, {"off", "", "bool", "", 0, true}, {"100", "", "integer", "", 100, true},
		{"16384", "8kB", "integer", "_bytes", 128 << 20, true}, {"4", "MB", "integer", "_bytes", 4 << 20, true}, {"7", "B", "integer", "_bytes", 7, true},
		{"200", "ms", "integer", "_seconds", 0.2, true}, {"5", "min", "integer", "_seconds", 300, true}, {"-1", "kB", "integer", "_bytes", -1, true},
		{"1", "parsecs", "integer", "", 0, false}, {"x", "", "integer", "", 0, false},
	} {
		v, suffix, ok := settingValue(tt.setting, tt.unit, tt.kind)
		require.Equal(t, tt.ok, ok, "%+v", tt)
		if ok {
			require.InDelta(t, tt.want, v, 1e-9, "%+v", tt)
			require.Equal(t, tt.suffix, suffix, "%+v", tt)
		}
	}
}

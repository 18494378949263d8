package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-logfmt/logfmt"
	"github.com/lib/pq"

	"github.com/pharosd/pharos/model"
)

const (
	// maxEvents bounds what one look reports, maxQuery a query's text in bytes.
	maxEvents = 200
	maxQuery  = 4 << 10
	// lookTimeout bounds each query of the watch.
	lookTimeout = 5 * time.Second
)

// event is a slow query or a wait that was reported, until it ends.
type event struct {
	kind    string // of labels
	message string
	fields  []any // names and values
	meta    []model.Label
	seconds float64 // how long it has taken when it was last seen
	looks   int
	seen    bool
}

// look asks the server and returns what there is to tell.
func (w *Watch) look(ctx context.Context) ([]model.LogStream, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	for _, e := range w.running {
		e.seen = false
	}
	var out lines
	if err := w.slowQueries(ctx, &out); err != nil {
		return nil, err
	}
	if err := w.lockWaits(ctx, &out); err != nil {
		return out.streams(w), err
	}
	for key, e := range w.running {
		if e.seen {
			continue
		}
		delete(w.running, key)
		if e.looks > 1 {
			out.add(e.kind, e.message+" ended", e.meta, append(slices.Clone(e.fields), "at_least_seconds", seconds(e.seconds))...)
		}
	}
	err := w.slowStatements(ctx, &out)
	return out.streams(w), err
}

// note reports an event when it is first seen.
func (w *Watch) note(out *lines, key string, e event) (first bool) {
	old := w.running[key]
	if old == nil {
		first = true
		old = &e
		w.running[key] = old
		out.add(e.kind, e.message, e.meta, append(slices.Clone(e.fields), "seconds", seconds(e.seconds))...)
	}
	old.seen, old.seconds = true, e.seconds
	old.looks++
	return first
}

// session is who does something.
type session struct {
	pid                     int64
	database, user, program string
	address, query          string
}

func (s *session) fields(prefix string) []any {
	return []any{prefix + "pid", s.pid, prefix + "user", s.user, prefix + "application", s.program, prefix + "client", s.address, prefix + "query", s.query}
}

// slowQueries reports queries that run for longer than the limit.
func (w *Watch) slowQueries(ctx context.Context, out *lines) error {
	rows, err := w.db.QueryContext(ctx, `SELECT pid, coalesce(datname, ''), coalesce(usename, ''), application_name, coalesce(host(client_addr), 'local'),
		left(query, $2), coalesce(wait_event_type || ':' || wait_event, ''), extract(epoch FROM query_start)::text,
		extract(epoch FROM clock_timestamp() - query_start)
		FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'
		AND clock_timestamp() - query_start > make_interval(secs => $1) ORDER BY query_start LIMIT $3`,
		w.cfg.Slow.Seconds(), maxQuery, maxEvents)
	if err != nil {
		return fmt.Errorf("look for slow queries: %w", err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var s session
		var waits, start string
		var took float64
		if err := rows.Scan(&s.pid, &s.database, &s.user, &s.program, &s.address, &s.query, &waits, &start, &took); err != nil {
			return err
		}
		n++
		fields := append([]any{"database", s.database}, s.fields("")...)
		if waits != "" {
			fields = append(fields, "waits_for", waits)
		}
		if w.note(out, fmt.Sprint("slow ", s.pid, " ", start), event{kind: "slow_query", message: "slow query", fields: fields,
			meta: metadata(&s), seconds: took}) {
			w.slow.WithLabelValues(s.database).Inc()
		}
	}
	w.slowRunning.Set(float64(n))
	return rows.Err()
}

// lockWaitsQuery lists sessions that wait with each session that they wait for. From
// version 14 on the server says since when.
const lockWaitsQuery = `SELECT a.pid, coalesce(a.datname, ''), coalesce(a.usename, ''), a.application_name, coalesce(host(a.client_addr), 'local'), left(a.query, $1),
	l.locktype, l.mode, coalesce(l.relation::regclass::text, ''), extract(epoch FROM a.query_start)::text, extract(epoch FROM clock_timestamp() - %s),
	coalesce(b.pid, 0), coalesce(b.usename, ''), coalesce(b.application_name, ''), coalesce(host(b.client_addr), 'local'), coalesce(left(b.query, $1), ''),
	coalesce(b.state, ''), coalesce(extract(epoch FROM clock_timestamp() - b.xact_start), 0)
	FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
	LEFT JOIN LATERAL unnest(pg_blocking_pids(a.pid)) AS h(pid) ON true LEFT JOIN pg_stat_activity b ON b.pid = h.pid
	ORDER BY 11 DESC LIMIT $2`

// lockWaits reports sessions that wait for a lock for longer than the limit.
func (w *Watch) lockWaits(ctx context.Context, out *lines) error {
	var version int
	if err := w.db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return err
	}
	since := "a.query_start"
	if version >= 140000 {
		since = "coalesce(l.waitstart, clock_timestamp())"
	}
	rows, err := w.db.QueryContext(ctx, fmt.Sprintf(lockWaitsQuery, since), maxQuery, maxEvents)
	if err != nil {
		return fmt.Errorf("look for lock waits: %w", err)
	}
	defer rows.Close()
	waiting := map[int64]bool{}
	longest := 0.0
	for rows.Next() {
		var s, by session
		var kind, mode, relation, start, state string
		var took, held float64
		if err := rows.Scan(&s.pid, &s.database, &s.user, &s.program, &s.address, &s.query, &kind, &mode, &relation, &start, &took,
			&by.pid, &by.user, &by.program, &by.address, &by.query, &state, &held); err != nil {
			return err
		}
		waiting[s.pid] = true
		longest = max(longest, took)
		if took < w.cfg.LockWait.Seconds() {
			continue
		}
		fields := append([]any{"database", s.database}, s.fields("")...)
		fields = append(fields, "lock", kind, "mode", mode, "relation", relation)
		fields = append(append(fields, by.fields("blocked_by_")...), "blocked_by_state", state, "blocked_by_transaction_seconds", seconds(held))
		if w.note(out, fmt.Sprint("wait ", s.pid, " ", start, " ", by.pid), event{kind: "lock_wait", message: "lock wait", fields: fields,
			meta: metadata(&s), seconds: took}) {
			w.waits.WithLabelValues(s.database).Inc()
		}
	}
	w.waiters.Set(float64(len(waiting)))
	w.longestWait.Set(longest)
	return rows.Err()
}

// statement is what pg_stat_statements says of one.
type statement struct {
	calls int64
	total float64 // milliseconds
}

// slowStatements reports what ran for longer than the limit, on average, since the last
// look: queries that came and went in between.
func (w *Watch) slowStatements(ctx context.Context, out *lines) error {
	has, err := hasStatements(ctx, w.db)
	if err != nil || !has {
		w.statements = nil
		return err
	}
	rows, err := w.db.QueryContext(ctx, `SELECT concat_ws(' ', s.userid, s.dbid, s.queryid), coalesce(d.datname, ''), pg_get_userbyid(s.userid), s.calls, s.total_exec_time,
		s.max_exec_time, left(s.query, $2) FROM pg_stat_statements s LEFT JOIN pg_database d ON d.oid = s.dbid
		WHERE s.max_exec_time > $1 ORDER BY s.total_exec_time DESC LIMIT 5000`, w.cfg.Slow.Seconds()*1000, maxQuery)
	if err != nil {
		if e, ok := err.(*pq.Error); ok && (e.Code == "42703" || e.Code == "55000") {
			return nil // columns of before version 13; the library is not loaded
		}
		return fmt.Errorf("look at pg_stat_statements: %w", err)
	}
	defer rows.Close()
	now := map[string]statement{}
	for rows.Next() {
		var key, query string
		var s session
		var st statement
		var longest float64
		if err := rows.Scan(&key, &s.database, &s.user, &st.calls, &st.total, &longest, &query); err != nil {
			return err
		}
		now[key] = st
		before, known := w.statements[key]
		if calls := st.calls - before.calls; w.statements != nil && calls > 0 {
			mean := (st.total - before.total) / float64(calls) / 1000
			if mean > w.cfg.Slow.Seconds() || !known {
				out.add("slow_statement", "slow statement", metadata(&s), "database", s.database, "user", s.user, "query", query,
					"calls", calls, "mean_seconds", seconds(mean), "longest_seconds", seconds(longest/1000))
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	w.statements = now
	return nil
}

func metadata(s *session) []model.Label {
	return []model.Label{{Name: "database", Value: s.database}, {Name: "user", Value: s.user}}
}

func seconds(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

// lines gathers log lines by kind.
type lines struct {
	kinds map[string][]model.LogEntry
}

func (l *lines) add(kind, message string, meta []model.Label, fields ...any) {
	if l.kinds == nil {
		l.kinds = map[string][]model.LogEntry{}
	}
	var b strings.Builder
	enc := logfmt.NewEncoder(&b)
	_ = enc.EncodeKeyvals(append([]any{"msg", message}, fields...)...) // to memory
	l.kinds[kind] = append(l.kinds[kind], model.LogEntry{Line: b.String(), Metadata: model.NewLabels(slices.Clone(meta)...)})
}

// streams returns the lines; they have one time, a nanosecond apart.
func (l *lines) streams(w *Watch) (out []model.LogStream) {
	now := w.now().UnixNano()
	for kind, entries := range l.kinds {
		for i := range entries {
			entries[i].Time = now + int64(i)
		}
		labels := model.NewLabels(model.Label{Name: "job", Value: Job}, model.Label{Name: "instance", Value: w.cfg.Instance}, model.Label{Name: "event", Value: kind})
		out = append(out, model.LogStream{Labels: labels, Entries: entries})
	}
	return out
}

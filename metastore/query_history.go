package metastore

import (
	"context"
	"database/sql"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// RanQuery is a query that somebody ran.
type RanQuery struct {
	Kind, Text string // unique of its owner
	Search     []byte // JSON
	At         time.Time
	Runs       int64
	Starred    bool
}

// QueryHistory returns an owner's queries, the last run first.
func (db *DB) QueryHistory(ctx context.Context, id tenant.ID, owner string) ([]RanQuery, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT kind, text, search, last_at, runs, starred FROM query_history
		WHERE tenant = $1 AND owner = $2 ORDER BY last_at DESC, kind, text`, id, owner)
	if err != nil {
		return nil, rowError("query history", owner, err)
	}
	return scanAll(rows, func(rows *sql.Rows) (q RanQuery, err error) {
		var search string
		var at int64
		err = rows.Scan(&q.Kind, &q.Text, &search, &at, &q.Runs, &q.Starred)
		q.Search, q.At = []byte(search), Time(at)
		return q, err
	})
}

// AddQueries adds runs of queries: of one that is there the runs are counted together, the
// later search stays, and so does a star. Past keep, the oldest without a star go, then the
// oldest.
func (db *DB) AddQueries(ctx context.Context, id tenant.ID, owner string, queries []RanQuery, keep int) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, Time(0)); err != nil {
			return err
		}
		for _, q := range queries {
			_, err := tx.ExecContext(ctx, `INSERT INTO query_history (tenant, owner, kind, text, search, last_at, runs, starred) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT (tenant, owner, kind, text) DO UPDATE SET
				search = CASE WHEN excluded.last_at >= query_history.last_at THEN excluded.search ELSE query_history.search END,
				last_at = CASE WHEN excluded.last_at >= query_history.last_at THEN excluded.last_at ELSE query_history.last_at END,
				runs = query_history.runs + excluded.runs, starred = query_history.starred OR excluded.starred`,
				id, owner, q.Kind, q.Text, string(q.Search), Millis(q.At), q.Runs, q.Starred)
			if err != nil {
				return rowError("query history", owner, err)
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM query_history WHERE tenant = $1 AND owner = $2 AND (kind, text) NOT IN
			(SELECT kind, text FROM query_history WHERE tenant = $1 AND owner = $2 ORDER BY starred DESC, last_at DESC, kind, text LIMIT $3)`, id, owner, keep)
		return rowError("query history", owner, err)
	})
}

// StarQuery sets or takes a star; ErrNotFound if the query is not in the history.
func (db *DB) StarQuery(ctx context.Context, id tenant.ID, owner, kind, text string, starred bool) error {
	result, err := db.sql.ExecContext(ctx, `UPDATE query_history SET starred = $5 WHERE tenant = $1 AND owner = $2 AND kind = $3 AND text = $4`, id, owner, kind, text, starred)
	return affectedOne("query", text, result, err)
}

// ForgetQuery removes one query; one that is not there is no error.
func (db *DB) ForgetQuery(ctx context.Context, id tenant.ID, owner, kind, text string) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM query_history WHERE tenant = $1 AND owner = $2 AND kind = $3 AND text = $4`, id, owner, kind, text)
	return rowError("query history", owner, err)
}

// ForgetQueries removes all that an owner ran; with keepStarred those with a star stay.
func (db *DB) ForgetQueries(ctx context.Context, id tenant.ID, owner string, keepStarred bool) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM query_history WHERE tenant = $1 AND owner = $2 AND (starred = FALSE OR $3 = FALSE)`, id, owner, keepStarred)
	return rowError("query history", owner, err)
}

package metastore

import (
	"context"
	"database/sql"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// LogDeletion is a request to delete log entries.
type LogDeletion struct {
	Tenant tenant.ID
	ID     string // unique in its tenant
	Query  string // LogQL: a selector and filters
	// Start and End, both inclusive, in milliseconds.
	Start, End time.Time
	CreatedAt  time.Time
}

// LogDeletions returns the requests of all tenants, the oldest first.
func (db *DB) LogDeletions(ctx context.Context) ([]LogDeletion, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT tenant, id, query, start_time, end_time, created_at FROM log_deletions ORDER BY created_at, tenant, id`)
	if err != nil {
		return nil, rowError("log deletions", "", err)
	}
	return scanAll(rows, func(rows *sql.Rows) (d LogDeletion, err error) {
		var start, end, created int64
		err = rows.Scan(&d.Tenant, &d.ID, &d.Query, &start, &end, &created)
		d.Start, d.End, d.CreatedAt = time.UnixMilli(start).UTC(), time.UnixMilli(end).UTC(), Time(created)
		return d, err
	})
}

// CreateLogDeletion adds a request, and its tenant if it is new; ErrExists if the
// tenant has one of that ID.
func (db *DB) CreateLogDeletion(ctx context.Context, d LogDeletion) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, d.Tenant, d.CreatedAt); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO log_deletions (tenant, id, query, start_time, end_time, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			d.Tenant, d.ID, d.Query, d.Start.UnixMilli(), d.End.UnixMilli(), Millis(d.CreatedAt))
		return rowError("log deletion", d.ID, err)
	})
}

// RemoveLogDeletion removes a request; ErrNotFound if there is none.
func (db *DB) RemoveLogDeletion(ctx context.Context, t tenant.ID, requestID string) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM log_deletions WHERE tenant = $1 AND id = $2`, t, requestID)
	return affectedOne("log deletion", requestID, result, err)
}

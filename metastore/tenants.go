package metastore

import (
	"context"
	"database/sql"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Tenants returns all tenants by name.
func (db *DB) Tenants(ctx context.Context) ([]tenant.ID, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT id FROM tenants ORDER BY id`)
	if err != nil {
		return nil, rowError("tenants", "", err)
	}
	return scanAll(rows, func(rows *sql.Rows) (id tenant.ID, err error) { return id, rows.Scan(&id) })
}

// execer is a transaction or the database.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// ensureTenant makes the tenant if it is new: a tenant exists from the first user
// or token on that names it.
func ensureTenant(ctx context.Context, tx execer, id tenant.ID, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO tenants (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, Millis(now))
	return rowError("tenant", string(id), err)
}

package metastore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pharosd/pharos/tenant"
)

// Stars returns the uids of the dashboards that owner starred.
func (db *DB) Stars(ctx context.Context, id tenant.ID, owner string) ([]string, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT uid FROM dashboard_stars WHERE tenant = $1 AND owner = $2 ORDER BY uid`, id, owner)
	if err != nil {
		return nil, rowError("stars", owner, err)
	}
	return scanAll(rows, func(rows *sql.Rows) (uid string, err error) { return uid, rows.Scan(&uid) })
}

// Star adds a star; ErrFull if owner has limit stars already.
func (db *DB) Star(ctx context.Context, id tenant.ID, owner, uid string, limit int) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, Time(0)); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM dashboard_stars WHERE tenant = $1 AND owner = $2 AND uid <> $3`, id, owner, uid).Scan(&n); err != nil {
			return rowError("stars", owner, err)
		}
		if n >= limit {
			return fmt.Errorf("stars: %w: the limit is %d", ErrFull, limit)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO dashboard_stars (tenant, owner, uid) VALUES ($1, $2, $3) ON CONFLICT (tenant, owner, uid) DO NOTHING`, id, owner, uid)
		return rowError("star", uid, err)
	})
}

// Unstar takes a star away; one that is not there is no error.
func (db *DB) Unstar(ctx context.Context, id tenant.ID, owner, uid string) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM dashboard_stars WHERE tenant = $1 AND owner = $2 AND uid = $3`, id, owner, uid)
	return rowError("star", uid, err)
}

package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// DashboardVersion is what a dashboard was after one save.
type DashboardVersion struct {
	Version   int64
	Document  []byte
	Message   string
	CreatedBy string
	CreatedAt time.Time
}

// DashboardVersions returns a dashboard's versions, the newest first, without their
// documents.
func (db *DB) DashboardVersions(ctx context.Context, id tenant.ID, uid string) ([]DashboardVersion, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT version, '', message, created_by, created_at FROM dashboard_versions WHERE tenant = $1 AND uid = $2 ORDER BY version DESC`, id, uid)
	if err != nil {
		return nil, rowError("dashboard versions", uid, err)
	}
	return scanAll(rows, func(rows *sql.Rows) (DashboardVersion, error) { return scanVersion(rows) })
}

// DashboardVersion returns one version, or ErrNotFound.
func (db *DB) DashboardVersion(ctx context.Context, id tenant.ID, uid string, version int64) (DashboardVersion, error) {
	v, err := scanVersion(db.sql.QueryRowContext(ctx, `SELECT version, document, message, created_by, created_at FROM dashboard_versions
		WHERE tenant = $1 AND uid = $2 AND version = $3`, id, uid, version))
	return v, rowError("version of dashboard", fmt.Sprintf("%s@%d", uid, version), err)
}

func scanVersion(row interface{ Scan(...any) error }) (v DashboardVersion, err error) {
	var document string
	var created int64
	err = row.Scan(&v.Version, &document, &v.Message, &v.CreatedBy, &created)
	v.Document, v.CreatedAt = []byte(document), Time(created)
	return v, err
}

// trimVersions removes the oldest versions past the bounds of s; the newest stays.
func trimVersions(ctx context.Context, tx *sql.Tx, id tenant.ID, uid string, s DashboardSave) error {
	type sized struct{ version, size int64 }
	rows, err := tx.QueryContext(ctx, `SELECT version, size FROM dashboard_versions WHERE tenant = $1 AND uid = $2 ORDER BY version DESC`, id, uid)
	if err != nil {
		return rowError("dashboard versions", uid, err)
	}
	all, err := scanAll(rows, func(rows *sql.Rows) (v sized, err error) { return v, rows.Scan(&v.version, &v.size) })
	if err != nil {
		return rowError("dashboard versions", uid, err)
	}
	var bytes int64
	for i, v := range all {
		if bytes += v.size; i == 0 || i < s.Keep && bytes <= s.KeepBytes {
			continue
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM dashboard_versions WHERE tenant = $1 AND uid = $2 AND version <= $3`, id, uid, v.version)
		return rowError("dashboard versions", uid, err)
	}
	return nil
}

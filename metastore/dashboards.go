package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Dashboard is a dashboard that somebody imported.
type Dashboard struct {
	UID       string // unique in its tenant
	Title     string
	Tags      []string
	Folder    string // the folder's title, "" for General
	Document  []byte // Grafana's JSON as it was imported
	UpdatedAt time.Time
}

// Dashboards returns a tenant's dashboards by uid, without their documents.
func (db *DB) Dashboards(ctx context.Context, id tenant.ID) ([]Dashboard, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT uid, title, tags, folder, '', updated_at FROM dashboards WHERE tenant = $1 ORDER BY uid`, id)
	if err != nil {
		return nil, rowError("dashboards", string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (Dashboard, error) { return scanDashboard(rows) })
}

// Dashboard returns one dashboard, or ErrNotFound.
func (db *DB) Dashboard(ctx context.Context, id tenant.ID, uid string) (Dashboard, error) {
	d, err := scanDashboard(db.sql.QueryRowContext(ctx,
		`SELECT uid, title, tags, folder, document, updated_at FROM dashboards WHERE tenant = $1 AND uid = $2`, id, uid))
	return d, rowError("dashboard", uid, err)
}

// PutDashboard writes d, replacing the tenant's dashboard of that uid.
func (db *DB) PutDashboard(ctx context.Context, id tenant.ID, d Dashboard) error {
	tags, err := json.Marshal(d.Tags)
	if err != nil {
		return fmt.Errorf("dashboard %q: %w", d.UID, err)
	}
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, d.UpdatedAt); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO dashboards (tenant, uid, title, tags, folder, document, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (tenant, uid) DO UPDATE SET title = excluded.title, tags = excluded.tags, folder = excluded.folder,
			document = excluded.document, updated_at = excluded.updated_at`,
			id, d.UID, d.Title, string(tags), d.Folder, string(d.Document), Millis(d.UpdatedAt))
		return rowError("dashboard", d.UID, err)
	})
}

// DeleteDashboard removes a dashboard; ErrNotFound if there is none.
func (db *DB) DeleteDashboard(ctx context.Context, id tenant.ID, uid string) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM dashboards WHERE tenant = $1 AND uid = $2`, id, uid)
	return affectedOne("dashboard", uid, result, err)
}

func scanDashboard(row interface{ Scan(...any) error }) (Dashboard, error) {
	var d Dashboard
	var tags, document string
	var updated int64
	if err := row.Scan(&d.UID, &d.Title, &tags, &d.Folder, &document, &updated); err != nil {
		return Dashboard{}, err
	}
	d.Document, d.UpdatedAt = []byte(document), Time(updated)
	if err := json.Unmarshal([]byte(tags), &d.Tags); err != nil {
		return Dashboard{}, errors.Join(errors.New("tags are no JSON list"), err)
	}
	return d, nil
}

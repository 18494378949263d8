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

// ErrConflict says that somebody else was faster: what a change was based on is not
// the newest any more. Test with errors.Is.
var ErrConflict = errors.New("changed meanwhile")

// Dashboard is a dashboard that somebody imported or saved.
type Dashboard struct {
	UID         string // unique in its tenant
	Title       string
	Description string
	Tags        []string
	FolderUID   string // "" for General
	Folder      string // the folder's title when it was saved, for folders that are gone
	Document    []byte // Grafana's JSON as it was saved
	Version     int64  // 1 from the first save on
	UpdatedAt   time.Time
	UpdatedBy   string
	// FileHash is the hash of the provisioned file's content that the dashboard stands
	// in front of, "" if there is none. InFile says that the dashboard was written to
	// that file, which then holds.
	FileHash string
	InFile   bool
}

// DashboardSave is what saving a dashboard takes beside it.
type DashboardSave struct {
	Message string
	// Base, unless it is nil, is the version that the change was made on; 0 is none.
	Base *int64
	// Keep and KeepBytes bound the versions that stay, at least 1: the oldest go.
	Keep      int
	KeepBytes int64
}

const dashboardColumns = `uid, title, description, tags, folder_uid, folder, version, updated_at, updated_by, file_hash, in_file`

// Dashboards returns a tenant's dashboards by uid, without their documents.
func (db *DB) Dashboards(ctx context.Context, id tenant.ID) ([]Dashboard, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT `+dashboardColumns+`, '' FROM dashboards WHERE tenant = $1 ORDER BY uid`, id)
	if err != nil {
		return nil, rowError("dashboards", string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (Dashboard, error) { return scanDashboard(rows) })
}

// EachDashboardHolding calls f with a tenant's dashboards whose documents hold text, until f
// fails. Documents are read one by one.
func (db *DB) EachDashboardHolding(ctx context.Context, id tenant.ID, text string, f func(Dashboard) error) error {
	rows, err := db.sql.QueryContext(ctx, `SELECT `+dashboardColumns+`, document FROM dashboards WHERE tenant = $1 AND document LIKE $2 ORDER BY uid`, id, "%"+text+"%")
	if err != nil {
		return rowError("dashboards", string(id), err)
	}
	defer rows.Close()
	for rows.Next() {
		d, err := scanDashboard(rows)
		if err != nil {
			return err
		}
		if err := f(d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Dashboard returns one dashboard, or ErrNotFound.
func (db *DB) Dashboard(ctx context.Context, id tenant.ID, uid string) (Dashboard, error) {
	d, err := scanDashboard(db.sql.QueryRowContext(ctx,
		`SELECT `+dashboardColumns+`, document FROM dashboards WHERE tenant = $1 AND uid = $2`, id, uid))
	return d, rowError("dashboard", uid, err)
}

// SaveDashboard writes d as a new version, whose number it returns; d.Version does not
// count. The error is ErrConflict if s.Base is not the newest version.
func (db *DB) SaveDashboard(ctx context.Context, id tenant.ID, d Dashboard, s DashboardSave) (version int64, err error) {
	tags, err := json.Marshal(d.Tags)
	if err != nil {
		return 0, fmt.Errorf("dashboard %q: %w", d.UID, err)
	}
	err = db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, d.UpdatedAt); err != nil {
			return err
		}
		var newest int64
		err := tx.QueryRowContext(ctx, `SELECT version FROM dashboards WHERE tenant = $1 AND uid = $2`, id, d.UID).Scan(&newest)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return rowError("dashboard", d.UID, err)
		}
		if s.Base != nil && *s.Base != newest {
			return fmt.Errorf("dashboard %q has version %d, the change was made on %d: %w", d.UID, newest, *s.Base, ErrConflict)
		}
		version = newest + 1
		_, err = tx.ExecContext(ctx, `INSERT INTO dashboards (tenant, `+dashboardColumns+`, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (tenant, uid) DO UPDATE SET title = excluded.title, description = excluded.description, tags = excluded.tags,
			folder_uid = excluded.folder_uid, folder = excluded.folder, version = excluded.version, updated_at = excluded.updated_at,
			updated_by = excluded.updated_by, file_hash = excluded.file_hash, in_file = excluded.in_file, document = excluded.document`,
			id, d.UID, d.Title, d.Description, string(tags), d.FolderUID, d.Folder, version, Millis(d.UpdatedAt), d.UpdatedBy, d.FileHash, d.InFile, string(d.Document))
		if err != nil {
			return rowError("dashboard", d.UID, err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO dashboard_versions (tenant, uid, version, document, size, message, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, d.UID, version, string(d.Document), len(d.Document), s.Message, d.UpdatedBy, Millis(d.UpdatedAt))
		if err != nil {
			return rowError("dashboard version", d.UID, err)
		}
		return trimVersions(ctx, tx, id, d.UID, s)
	})
	return version, err
}

// SetDashboardFile notes that the dashboard's version is what its provisioned file, of
// that hash, now holds; ErrConflict if there is a newer version.
func (db *DB) SetDashboardFile(ctx context.Context, id tenant.ID, uid string, version int64, hash string) error {
	result, err := db.sql.ExecContext(ctx, `UPDATE dashboards SET file_hash = $1, in_file = $2 WHERE tenant = $3 AND uid = $4 AND version = $5`, hash, true, id, uid, version)
	err = affectedOne("dashboard", uid, result, err)
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("dashboard %q has no version %d any more: %w", uid, version, ErrConflict)
	}
	return err
}

// MoveDashboard puts a dashboard into another folder, which is no new version.
func (db *DB) MoveDashboard(ctx context.Context, id tenant.ID, uid, folderUID, folder string) error {
	result, err := db.sql.ExecContext(ctx, `UPDATE dashboards SET folder_uid = $1, folder = $2 WHERE tenant = $3 AND uid = $4`, folderUID, folder, id, uid)
	return affectedOne("dashboard", uid, result, err)
}

// DeleteDashboard removes a dashboard with its versions; ErrNotFound if there is none.
func (db *DB) DeleteDashboard(ctx context.Context, id tenant.ID, uid string) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM dashboards WHERE tenant = $1 AND uid = $2`, id, uid)
	return affectedOne("dashboard", uid, result, err)
}

func scanDashboard(row interface{ Scan(...any) error }) (Dashboard, error) {
	var d Dashboard
	var tags, document string
	var updated int64
	if err := row.Scan(&d.UID, &d.Title, &d.Description, &tags, &d.FolderUID, &d.Folder, &d.Version, &updated, &d.UpdatedBy, &d.FileHash, &d.InFile, &document); err != nil {
		return Dashboard{}, err
	}
	d.Document, d.UpdatedAt = []byte(document), Time(updated)
	if err := json.Unmarshal([]byte(tags), &d.Tags); err != nil {
		return Dashboard{}, errors.Join(errors.New("tags are no JSON list"), err)
	}
	return d, nil
}

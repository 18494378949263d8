package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Annotation marks a moment or a range of time, on one dashboard or on all.
type Annotation struct {
	ID           int64 // rises in a tenant; fits JavaScript's numbers
	Time, End    time.Time
	Text         string
	Tags         []string
	DashboardUID string // "" is every dashboard
	PanelID      int64  // 0 is the whole dashboard
	CreatedBy    string
	UpdatedAt    time.Time
}

const annotationColumns = `id, time, end_time, text, tags, dashboard_uid, panel_id, created_by, updated_at`

func scanAnnotation(row interface{ Scan(...any) error }) (a Annotation, err error) {
	var at, end, updated int64
	var tags string
	if err := row.Scan(&a.ID, &at, &end, &a.Text, &tags, &a.DashboardUID, &a.PanelID, &a.CreatedBy, &updated); err != nil {
		return a, err
	}
	a.Time, a.End, a.UpdatedAt = time.UnixMilli(at).UTC(), time.UnixMilli(end).UTC(), Time(updated)
	return a, json.Unmarshal([]byte(tags), &a.Tags)
}

// EachAnnotation calls f with a tenant's annotations that touch the time from start to end,
// both inclusive, the newest first, until f returns false.
func (db *DB) EachAnnotation(ctx context.Context, id tenant.ID, start, end time.Time, f func(Annotation) bool) error {
	rows, err := db.sql.QueryContext(ctx, `SELECT `+annotationColumns+` FROM annotations WHERE tenant = $1 AND time <= $2 AND end_time >= $3 ORDER BY time DESC, id DESC`,
		id, end.UnixMilli(), start.UnixMilli())
	if err != nil {
		return rowError("annotations", string(id), err)
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scanAnnotation(rows)
		if err != nil {
			return rowError("annotations", string(id), err)
		}
		if !f(a) {
			return nil
		}
	}
	return rows.Err()
}

// Annotation returns one annotation, or ErrNotFound.
func (db *DB) Annotation(ctx context.Context, id tenant.ID, number int64) (Annotation, error) {
	a, err := scanAnnotation(db.sql.QueryRowContext(ctx, `SELECT `+annotationColumns+` FROM annotations WHERE tenant = $1 AND id = $2`, id, number))
	return a, rowError("annotation", fmt.Sprint(number), err)
}

// CreateAnnotation adds a and returns its number; a.ID does not count. Past limit
// annotations of the tenant, the oldest by time go.
func (db *DB) CreateAnnotation(ctx context.Context, id tenant.ID, a Annotation, limit int) (number int64, err error) {
	tags, err := json.Marshal(a.Tags)
	if err != nil {
		return 0, fmt.Errorf("annotation: %w", err)
	}
	err = db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, a.UpdatedAt); err != nil {
			return err
		}
		var last, count int64
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0), COUNT(*) FROM annotations WHERE tenant = $1`, id).Scan(&last, &count); err != nil {
			return rowError("annotations", string(id), err)
		}
		// The clock's milliseconds, so that the number of one that was deleted is not
		// given again.
		number = max(last+1, a.UpdatedAt.UnixMilli())
		_, err := tx.ExecContext(ctx, `INSERT INTO annotations (tenant, `+annotationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			id, number, a.Time.UnixMilli(), a.End.UnixMilli(), a.Text, string(tags), a.DashboardUID, a.PanelID, a.CreatedBy, Millis(a.UpdatedAt))
		if err != nil || count < int64(limit) {
			return rowError("annotation", "", err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM annotations WHERE tenant = $1 AND id IN (SELECT id FROM annotations WHERE tenant = $1 ORDER BY time, id LIMIT $2)`,
			id, count+1-int64(limit))
		return rowError("annotations", string(id), err)
	})
	return number, err
}

// UpdateAnnotation replaces what a.ID has but its author; ErrNotFound if there is none.
func (db *DB) UpdateAnnotation(ctx context.Context, id tenant.ID, a Annotation) error {
	tags, err := json.Marshal(a.Tags)
	if err != nil {
		return fmt.Errorf("annotation: %w", err)
	}
	result, err := db.sql.ExecContext(ctx, `UPDATE annotations SET time = $1, end_time = $2, text = $3, tags = $4, dashboard_uid = $5, panel_id = $6, updated_at = $7
		WHERE tenant = $8 AND id = $9`, a.Time.UnixMilli(), a.End.UnixMilli(), a.Text, string(tags), a.DashboardUID, a.PanelID, Millis(a.UpdatedAt), id, a.ID)
	return affectedOne("annotation", fmt.Sprint(a.ID), result, err)
}

// DeleteAnnotation removes an annotation; ErrNotFound if there is none.
func (db *DB) DeleteAnnotation(ctx context.Context, id tenant.ID, number int64) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM annotations WHERE tenant = $1 AND id = $2`, id, number)
	return affectedOne("annotation", fmt.Sprint(number), result, err)
}

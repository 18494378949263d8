package metastore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Folder groups dashboards and other folders.
type Folder struct {
	UID       string // unique in its tenant
	Title     string
	ParentUID string // "" is the top
	UpdatedAt time.Time
}

// FolderGrant says what a role or a user may do with what is in a folder.
type FolderGrant struct {
	Role  string `json:"role,omitempty"`
	User  string `json:"user,omitempty"`
	Level string `json:"level"`
}

// Folders returns a tenant's folders by title.
func (db *DB) Folders(ctx context.Context, id tenant.ID) ([]Folder, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT uid, title, parent_uid, updated_at FROM folders WHERE tenant = $1 ORDER BY title, uid`, id)
	if err != nil {
		return nil, rowError("folders", string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (f Folder, err error) {
		var updated int64
		err = rows.Scan(&f.UID, &f.Title, &f.ParentUID, &updated)
		f.UpdatedAt = Time(updated)
		return f, err
	})
}

// CreateFolder adds a folder; ErrExists if the uid is taken, ErrFull if the tenant has
// limit folders already.
func (db *DB) CreateFolder(ctx context.Context, id tenant.ID, f Folder, limit int) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, f.UpdatedAt); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM folders WHERE tenant = $1`, id).Scan(&n); err != nil {
			return rowError("folders", string(id), err)
		}
		if n >= limit {
			return fmt.Errorf("folders: %w: the limit is %d", ErrFull, limit)
		}
		return insertFolder(ctx, tx, id, f)
	})
}

func insertFolder(ctx context.Context, tx execer, id tenant.ID, f Folder) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO folders (tenant, uid, title, parent_uid, updated_at) VALUES ($1, $2, $3, $4, $5)`,
		id, f.UID, f.Title, f.ParentUID, Millis(f.UpdatedAt))
	return rowError("folder", f.UID, err)
}

// UpdateFolder changes a folder's title and parent; ErrNotFound if there is none.
func (db *DB) UpdateFolder(ctx context.Context, id tenant.ID, f Folder) error {
	result, err := db.sql.ExecContext(ctx, `UPDATE folders SET title = $1, parent_uid = $2, updated_at = $3 WHERE tenant = $4 AND uid = $5`,
		f.Title, f.ParentUID, Millis(f.UpdatedAt), id, f.UID)
	return affectedOne("folder", f.UID, result, err)
}

// DeleteFolders removes folders with their permissions and the dashboards in them.
func (db *DB) DeleteFolders(ctx context.Context, id tenant.ID, uids []string) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		for _, uid := range uids {
			for _, query := range []string{
				`DELETE FROM dashboards WHERE tenant = $1 AND folder_uid = $2`,
				`DELETE FROM folder_permissions WHERE tenant = $1 AND folder_uid = $2`,
				`DELETE FROM folders WHERE tenant = $1 AND uid = $2`,
			} {
				if _, err := tx.ExecContext(ctx, query, id, uid); err != nil {
					return rowError("folder", uid, err)
				}
			}
		}
		return nil
	})
}

// FolderGrants returns what was set for a tenant's folders, by their uid.
func (db *DB) FolderGrants(ctx context.Context, id tenant.ID) (map[string][]FolderGrant, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT folder_uid, entries FROM folder_permissions WHERE tenant = $1`, id)
	if err != nil {
		return nil, rowError("folder permissions", string(id), err)
	}
	defer rows.Close()
	out := map[string][]FolderGrant{}
	for rows.Next() {
		var uid, entries string
		if err := rows.Scan(&uid, &entries); err != nil {
			return nil, rowError("folder permissions", string(id), err)
		}
		var grants []FolderGrant
		if err := json.Unmarshal([]byte(entries), &grants); err != nil {
			return nil, fmt.Errorf("permissions of folder %q: %w", uid, err)
		}
		out[uid] = grants
	}
	return out, rows.Err()
}

// SetFolderGrants replaces what is set for one folder; none removes it.
func (db *DB) SetFolderGrants(ctx context.Context, id tenant.ID, uid string, grants []FolderGrant, now time.Time) error {
	if len(grants) == 0 {
		_, err := db.sql.ExecContext(ctx, `DELETE FROM folder_permissions WHERE tenant = $1 AND folder_uid = $2`, id, uid)
		return rowError("folder permissions", uid, err)
	}
	entries, err := json.Marshal(grants)
	if err != nil {
		return fmt.Errorf("permissions of folder %q: %w", uid, err)
	}
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO folder_permissions (tenant, folder_uid, entries, updated_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, folder_uid) DO UPDATE SET entries = excluded.entries, updated_at = excluded.updated_at`, id, uid, string(entries), Millis(now))
		return rowError("folder permissions", uid, err)
	})
}

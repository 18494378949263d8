package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Object is a small JSON document that somebody made: a playlist, a saved search, a
// library panel, a public link, a snapshot, a report.
type Object struct {
	Kind, ID  string // unique in its tenant
	Name      string
	Owner     string // who made it
	Parent    string // what it belongs to, such as a dashboard's uid; "" is nothing
	Document  []byte // JSON
	CreatedAt time.Time
	UpdatedAt time.Time
	ExpiresAt time.Time // zero: never
}

// ObjectLimits bound what a tenant may have of one kind; 0 is no bound.
type ObjectLimits struct {
	Count    int   // of the kind
	PerOwner int   // of the kind and owner
	Bytes    int64 // of the kind's documents together
}

const objectColumns = `kind, id, name, owner, parent, document, created_at, updated_at, expires_at`

func scanObject(row interface{ Scan(...any) error }) (o Object, err error) {
	var document string
	var created, updated, expires int64
	err = row.Scan(&o.Kind, &o.ID, &o.Name, &o.Owner, &o.Parent, &document, &created, &updated, &expires)
	o.Document, o.CreatedAt, o.UpdatedAt, o.ExpiresAt = []byte(document), Time(created), Time(updated), Time(expires)
	return o, err
}

// Objects returns a tenant's objects of a kind by name. documents says whether their
// documents come along.
func (db *DB) Objects(ctx context.Context, id tenant.ID, kind string, documents bool) ([]Object, error) {
	columns := objectColumns
	if !documents {
		columns = `kind, id, name, owner, parent, '', created_at, updated_at, expires_at`
	}
	rows, err := db.sql.QueryContext(ctx, `SELECT `+columns+` FROM objects WHERE tenant = $1 AND kind = $2 ORDER BY name, id`, id, kind)
	if err != nil {
		return nil, rowError(kind, string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (Object, error) { return scanObject(rows) })
}

// ObjectsOf returns a tenant's objects of a kind that belong to parent, with documents.
func (db *DB) ObjectsOf(ctx context.Context, id tenant.ID, kind, parent string) ([]Object, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT `+objectColumns+` FROM objects WHERE tenant = $1 AND kind = $2 AND parent = $3 ORDER BY updated_at, id`, id, kind, parent)
	if err != nil {
		return nil, rowError(kind, parent, err)
	}
	return scanAll(rows, func(rows *sql.Rows) (Object, error) { return scanObject(rows) })
}

// Object returns one object, or ErrNotFound.
func (db *DB) Object(ctx context.Context, id tenant.ID, kind, objectID string) (Object, error) {
	o, err := scanObject(db.sql.QueryRowContext(ctx, `SELECT `+objectColumns+` FROM objects WHERE tenant = $1 AND kind = $2 AND id = $3`, id, kind, objectID))
	return o, rowError(kind, objectID, err)
}

// ObjectByKey returns the object whose id is a secret key, with its tenant, or
// ErrNotFound. It takes no tenant, because who follows a link knows only its key.
func (db *DB) ObjectByKey(ctx context.Context, kind, key string) (id tenant.ID, o Object, err error) {
	if err = db.sql.QueryRowContext(ctx, `SELECT tenant FROM objects WHERE kind = $1 AND id = $2`, kind, key).Scan(&id); err != nil {
		return "", o, rowError(kind, "", err)
	}
	o, err = db.Object(ctx, id, kind, key)
	return id, o, err
}

// PutObject writes o, replacing the one of its kind and id; ErrFull past the limits.
func (db *DB) PutObject(ctx context.Context, id tenant.ID, o Object, limits ObjectLimits) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, o.UpdatedAt); err != nil {
			return err
		}
		if err := checkObjectLimits(ctx, tx, id, o, limits); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO objects (tenant, `+objectColumns+`, size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (tenant, kind, id) DO UPDATE SET name = excluded.name, parent = excluded.parent, document = excluded.document, size = excluded.size,
			updated_at = excluded.updated_at, expires_at = excluded.expires_at`,
			id, o.Kind, o.ID, o.Name, o.Owner, o.Parent, string(o.Document), Millis(o.CreatedAt), Millis(o.UpdatedAt), Millis(o.ExpiresAt), len(o.Document))
		return rowError(o.Kind, o.ID, err)
	})
}

func checkObjectLimits(ctx context.Context, tx *sql.Tx, id tenant.ID, o Object, limits ObjectLimits) error {
	rows, err := tx.QueryContext(ctx, `SELECT owner, size FROM objects WHERE tenant = $1 AND kind = $2 AND id <> $3`, id, o.Kind, o.ID)
	if err != nil {
		return rowError(o.Kind, string(id), err)
	}
	defer rows.Close()
	count, own, bytes := 1, 1, int64(len(o.Document))
	for rows.Next() {
		var owner string
		var size int64
		if err := rows.Scan(&owner, &size); err != nil {
			return rowError(o.Kind, string(id), err)
		}
		count++
		bytes += size
		if owner == o.Owner {
			own++
		}
	}
	if err := rows.Err(); err != nil {
		return rowError(o.Kind, string(id), err)
	}
	switch {
	case limits.Count > 0 && count > limits.Count:
		return fmt.Errorf("%s: %w: the limit is %d", o.Kind, ErrFull, limits.Count)
	case limits.PerOwner > 0 && own > limits.PerOwner:
		return fmt.Errorf("%s: %w of %s: the limit is %d", o.Kind, ErrFull, o.Owner, limits.PerOwner)
	case limits.Bytes > 0 && bytes > limits.Bytes:
		return fmt.Errorf("%s: %w: all together may have %d bytes", o.Kind, ErrFull, limits.Bytes)
	}
	return nil
}

// DeleteObject removes an object; ErrNotFound if there is none.
func (db *DB) DeleteObject(ctx context.Context, id tenant.ID, kind, objectID string) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM objects WHERE tenant = $1 AND kind = $2 AND id = $3`, id, kind, objectID)
	return affectedOne(kind, objectID, result, err)
}

// DeleteObjectsOf removes what belongs to parent.
func (db *DB) DeleteObjectsOf(ctx context.Context, id tenant.ID, kind, parent string) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM objects WHERE tenant = $1 AND kind = $2 AND parent = $3`, id, kind, parent)
	return rowError(kind, parent, err)
}

// DeleteExpiredObjects removes what has expired, of all tenants, and says how many.
func (db *DB) DeleteExpiredObjects(ctx context.Context, now time.Time) (int64, error) {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM objects WHERE expires_at > 0 AND expires_at <= $1`, Millis(now))
	if err != nil {
		return 0, rowError("expired objects", "", err)
	}
	return result.RowsAffected()
}

// TrimObjects removes the oldest of an owner's objects of a kind and parent past keep.
func (db *DB) TrimObjects(ctx context.Context, id tenant.ID, kind, owner, parent string, keep int) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM objects WHERE tenant = $1 AND kind = $2 AND owner = $3 AND parent = $4 AND id NOT IN
		(SELECT id FROM objects WHERE tenant = $1 AND kind = $2 AND owner = $3 AND parent = $4 ORDER BY updated_at DESC, id DESC LIMIT $5)`, id, kind, owner, parent, keep)
	return rowError(kind, owner, err)
}

// TenantObject is an object with whose it is.
type TenantObject struct {
	Tenant tenant.ID
	Object
}

// AllObjects returns the objects of a kind of all tenants, for the process' own work.
func (db *DB) AllObjects(ctx context.Context, kind string) ([]TenantObject, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT tenant, `+objectColumns+` FROM objects WHERE kind = $1 ORDER BY tenant, id`, kind)
	if err != nil {
		return nil, rowError(kind, "", err)
	}
	return scanAll(rows, func(rows *sql.Rows) (o TenantObject, err error) {
		o.Object, err = scanObject(withTenant{rows, &o.Tenant})
		return o, err
	})
}

// withTenant scans a leading column beside what the others are scanned into.
type withTenant struct {
	row interface{ Scan(...any) error }
	id  *tenant.ID
}

func (w withTenant) Scan(into ...any) error { return w.row.Scan(append([]any{w.id}, into...)...) }

package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// ElasticObject is what a client of Elasticsearch's API put by name: a template, a
// lifecycle policy, an index.
type ElasticObject struct {
	Kind, Name string
	Document   []byte // JSON
	UpdatedAt  time.Time
}

// ElasticLimits bound what one tenant may have.
type ElasticLimits struct {
	Objects int   // of one kind
	Bytes   int64 // of all documents together
}

// ErrFull says that a tenant has as many objects as it may have. Test with errors.Is.
var ErrFull = errors.New("there are too many")

// ElasticObjects returns all of a tenant's objects by kind and name.
func (db *DB) ElasticObjects(ctx context.Context, id tenant.ID) ([]ElasticObject, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT kind, name, document, updated_at FROM elastic_objects WHERE tenant = $1 ORDER BY kind, name`, id)
	if err != nil {
		return nil, rowError("elastic objects", string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (ElasticObject, error) {
		var o ElasticObject
		var document string
		var updated int64
		err := rows.Scan(&o.Kind, &o.Name, &document, &updated)
		o.Document, o.UpdatedAt = []byte(document), Time(updated)
		return o, err
	})
}

// PutElasticObject writes o, replacing the tenant's object of that kind and name; the
// error is ErrFull when that would pass the limits.
func (db *DB) PutElasticObject(ctx context.Context, id tenant.ID, o ElasticObject, limits ElasticLimits) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, id, o.UpdatedAt); err != nil {
			return err
		}
		if err := checkElasticLimits(ctx, tx, id, o, limits); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO elastic_objects (tenant, kind, name, document, size, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (tenant, kind, name) DO UPDATE SET document = excluded.document, size = excluded.size, updated_at = excluded.updated_at`,
			id, o.Kind, o.Name, string(o.Document), len(o.Document), Millis(o.UpdatedAt))
		return rowError(o.Kind, o.Name, err)
	})
}

func checkElasticLimits(ctx context.Context, tx *sql.Tx, id tenant.ID, o ElasticObject, limits ElasticLimits) error {
	type sized struct {
		kind string
		size int64
	}
	rows, err := tx.QueryContext(ctx, `SELECT kind, size FROM elastic_objects WHERE tenant = $1 AND NOT (kind = $2 AND name = $3)`, id, o.Kind, o.Name)
	if err != nil {
		return rowError("elastic objects", string(id), err)
	}
	all, err := scanAll(rows, func(rows *sql.Rows) (s sized, err error) { return s, rows.Scan(&s.kind, &s.size) })
	if err != nil {
		return rowError("elastic objects", string(id), err)
	}
	count, bytes := 1, int64(len(o.Document))
	for _, s := range all {
		bytes += s.size
		if s.kind == o.Kind {
			count++
		}
	}
	switch {
	case count > limits.Objects:
		return fmt.Errorf("%s %q: %w: the limit is %d", o.Kind, o.Name, ErrFull, limits.Objects)
	case bytes > limits.Bytes:
		return fmt.Errorf("%s %q: %w: all documents together may have %d bytes", o.Kind, o.Name, ErrFull, limits.Bytes)
	}
	return nil
}

// DeleteElasticObject removes an object; ErrNotFound if there is none.
func (db *DB) DeleteElasticObject(ctx context.Context, id tenant.ID, kind, name string) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM elastic_objects WHERE tenant = $1 AND kind = $2 AND name = $3`, id, kind, name)
	return affectedOne(kind, name, result, err)
}

package metastore

import (
	"context"
	"database/sql"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Token is a program's credential. Its secret is not kept, only the hash.
type Token struct {
	ID         string // public, for listing and deleting
	SecretHash string // SHA-256 of the whole token, hexadecimal
	Tenant     tenant.ID
	Name       string // unique in its tenant
	Role       string
	CanRead    bool
	CanWrite   bool
	Selector   string // what the token is narrowed to, "" is its whole tenant
	CreatedBy  string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	UsedAt     time.Time // zero: never; updated now and then
}

const tokenColumns = `id, secret_hash, tenant, name, role, can_read, can_write, created_by, created_at, expires_at, used_at, selector`

func scanToken(row interface{ Scan(...any) error }) (Token, error) {
	var t Token
	var created, expires, used int64
	err := row.Scan(&t.ID, &t.SecretHash, &t.Tenant, &t.Name, &t.Role, &t.CanRead, &t.CanWrite, &t.CreatedBy, &created, &expires, &used, &t.Selector)
	t.CreatedAt, t.ExpiresAt, t.UsedAt = Time(created), Time(expires), Time(used)
	return t, err
}

// CreateToken adds a token, and its tenant if it is new; ErrExists if the tenant
// has one of that name.
func (db *DB) CreateToken(ctx context.Context, t Token) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, t.Tenant, t.CreatedAt); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			t.ID, t.SecretHash, t.Tenant, t.Name, t.Role, t.CanRead, t.CanWrite, t.CreatedBy, Millis(t.CreatedAt), Millis(t.ExpiresAt), Millis(t.UsedAt), t.Selector)
		return rowError("token", t.Name, err)
	})
}

// TokenBySecret returns the token, expired or not, or ErrNotFound.
func (db *DB) TokenBySecret(ctx context.Context, secretHash string) (Token, error) {
	t, err := scanToken(db.sql.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE secret_hash = $1`, secretHash))
	return t, rowError("token", "", err)
}

// Tokens returns a tenant's tokens by name; "" stands for all tenants.
func (db *DB) Tokens(ctx context.Context, id tenant.ID) ([]Token, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE $1 = '' OR tenant = $1 ORDER BY tenant, name`, id)
	if err != nil {
		return nil, rowError("tokens", string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (Token, error) { return scanToken(rows) })
}

// TouchToken moves UsedAt; a token that is gone is no error.
func (db *DB) TouchToken(ctx context.Context, tokenID string, now time.Time) error {
	_, err := db.sql.ExecContext(ctx, `UPDATE tokens SET used_at = $1 WHERE id = $2`, Millis(now), tokenID)
	return rowError("token", tokenID, err)
}

// DeleteToken removes a token of the tenant, "" standing for any; ErrNotFound if
// there is none.
func (db *DB) DeleteToken(ctx context.Context, id tenant.ID, tokenID string) error {
	result, err := db.sql.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1 AND ($2 = '' OR tenant = $2)`, tokenID, id)
	return affectedOne("token", tokenID, result, err)
}

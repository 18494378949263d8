package metastore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// ErrLastAdmin refuses a change that would leave no administrator of the default
// tenant, who alone can appoint others.
var ErrLastAdmin = errors.New("this is the last administrator")

// User is a person who signs in. Names are unique over all tenants, because a
// sign-in form asks for nothing else.
type User struct {
	Name         string
	Tenant       tenant.ID
	Role         string // auth.Role's text
	PasswordHash string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

const userColumns = `name, tenant, role, password_hash, created_at, updated_at`

func scanUser(row interface{ Scan(...any) error }) (User, error) {
	var u User
	var created, updated int64
	err := row.Scan(&u.Name, &u.Tenant, &u.Role, &u.PasswordHash, &created, &updated)
	u.CreatedAt, u.UpdatedAt = Time(created), Time(updated)
	return u, err
}

// CountUsers counts over all tenants.
func (db *DB) CountUsers(ctx context.Context) (n int, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT COUNT(*) FROM users`).Scan(&n)
	return n, rowError("users", "", err)
}

// User returns the user or ErrNotFound. It takes no tenant, because sign-in learns
// the tenant from it.
func (db *DB) User(ctx context.Context, name string) (User, error) {
	u, err := scanUser(db.sql.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE name = $1`, name))
	return u, rowError("user", name, err)
}

// Users returns a tenant's users by name; "" stands for all tenants.
func (db *DB) Users(ctx context.Context, id tenant.ID) ([]User, error) {
	rows, err := db.sql.QueryContext(ctx, `SELECT `+userColumns+` FROM users WHERE $1 = '' OR tenant = $1 ORDER BY name`, id)
	if err != nil {
		return nil, rowError("users", string(id), err)
	}
	return scanAll(rows, func(rows *sql.Rows) (User, error) { return scanUser(rows) })
}

// CreateUser adds a user, and the tenant if it is new; ErrExists if the name is
// taken.
func (db *DB) CreateUser(ctx context.Context, u User) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, u.Tenant, u.CreatedAt); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
			u.Name, u.Tenant, u.Role, u.PasswordHash, Millis(u.CreatedAt), Millis(u.UpdatedAt))
		return rowError("user", u.Name, err)
	})
}

// SetUserPassword stores the hash and ends all of the user's sessions.
func (db *DB) SetUserPassword(ctx context.Context, name, hash string, now time.Time) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE users SET password_hash = $1, updated_at = $2 WHERE name = $3`, hash, Millis(now), name)
		if err := affectedOne("user", name, result, err); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_name = $1`, name)
		return rowError("sessions of user", name, err)
	})
}

// SetUserRole returns ErrLastAdmin if nobody with the role admin would be left in
// the default tenant.
func (db *DB) SetUserRole(ctx context.Context, name, role, admin string, now time.Time) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE users SET role = $1, updated_at = $2 WHERE name = $3`, role, Millis(now), name)
		if err := affectedOne("user", name, result, err); err != nil {
			return err
		}
		return keepAdmin(ctx, tx, name, admin)
	})
}

// DeleteUser ends the user's sessions and forgets what they ran. It returns ErrLastAdmin
// as SetUserRole does.
func (db *DB) DeleteUser(ctx context.Context, name, admin string) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM users WHERE name = $1`, name)
		if err := affectedOne("user", name, result, err); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM query_history WHERE owner = $1`, name); err != nil {
			return rowError("query history", name, err)
		}
		return keepAdmin(ctx, tx, name, admin)
	})
}

func keepAdmin(ctx context.Context, tx *sql.Tx, name, admin string) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM users WHERE role = $1 AND tenant = $2`, admin, tenant.Default).Scan(&n)
	if err == nil && n == 0 {
		err = ErrLastAdmin
	}
	return rowError("user", name, err)
}

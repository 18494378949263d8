package metastore

import (
	"context"
	"time"
)

// Session is one browser's sign-in.
type Session struct {
	IDHash    string // SHA-256 of the cookie's value, hexadecimal
	User      User   // on reading: as it is now
	CreatedAt time.Time
	SeenAt    time.Time // updated now and then
}

// CreateSession adds a session of s.User, or returns ErrNotFound if the user is
// gone or no longer has that PasswordHash: a password that was changed while it
// was being checked opens nothing.
func (db *DB) CreateSession(ctx context.Context, s Session) error {
	result, err := db.sql.ExecContext(ctx, `INSERT INTO sessions (id_hash, user_name, created_at, seen_at)
		SELECT CAST($1 AS TEXT), name, CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM users WHERE name = $4 AND password_hash = $5`,
		s.IDHash, Millis(s.CreatedAt), Millis(s.SeenAt), s.User.Name, s.User.PasswordHash)
	return affectedOne("session of user", s.User.Name, result, err)
}

// Session returns the session, however old, or ErrNotFound.
func (db *DB) Session(ctx context.Context, idHash string) (Session, error) {
	s := Session{IDHash: idHash}
	var created, seen int64
	err := db.sql.QueryRowContext(ctx, `SELECT u.name, u.tenant, u.role, s.created_at, s.seen_at
		FROM sessions s JOIN users u ON u.name = s.user_name WHERE s.id_hash = $1`, idHash).
		Scan(&s.User.Name, &s.User.Tenant, &s.User.Role, &created, &seen)
	s.CreatedAt, s.SeenAt = Time(created), Time(seen)
	return s, rowError("session", "", err)
}

// TouchSession moves SeenAt; a session that is gone is no error.
func (db *DB) TouchSession(ctx context.Context, idHash string, now time.Time) error {
	_, err := db.sql.ExecContext(ctx, `UPDATE sessions SET seen_at = $1 WHERE id_hash = $2`, Millis(now), idHash)
	return rowError("session", "", err)
}

// DeleteSession ends a session; one that is gone is no error.
func (db *DB) DeleteSession(ctx context.Context, idHash string) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM sessions WHERE id_hash = $1`, idHash)
	return rowError("session", "", err)
}

// DeleteSessionsBefore removes what was made before created or last seen before
// seen, and all but the newest keep sessions of the user, so that the table stays
// small whatever signs in.
func (db *DB) DeleteSessionsBefore(ctx context.Context, user string, created, seen time.Time, keep int) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM sessions WHERE created_at < $1 OR seen_at < $2 OR id_hash IN (
		SELECT id_hash FROM sessions WHERE user_name = $3 ORDER BY created_at DESC, id_hash LIMIT 1000000 OFFSET $4)`,
		Millis(created), Millis(seen), user, keep)
	return rowError("old sessions of user", user, err)
}

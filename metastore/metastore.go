// Package metastore keeps what is relational: tenants, users, sessions, tokens
// and what later migrations add. It is SQLite in the data directory; the SQL is
// the subset that PostgreSQL takes as well.
//
// # Adding a table
//
// Write migrations/NNNNN_<concern>.sql with goose's Up and Down sections, and one
// file <concern>.go with the row type and one method on *DB for each query. Rules
// that keep both databases possible: placeholders are $1, $2...; texts are TEXT,
// numbers and times BIGINT (times in milliseconds since the Unix epoch, see Millis
// and Time; 0 is none), flags BOOLEAN, structured values JSON in TEXT; upserts are
// INSERT ... ON CONFLICT; no AUTOINCREMENT, no rowid, no database functions but
// COUNT, MIN, MAX, COALESCE. A table that holds a tenant's data has a tenant column
// that references tenants(id), and its methods take the tenant.ID after ctx. A
// migration that was released is never edited.
package metastore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of all methods; test with errors.Is.
var (
	// ErrNotFound: there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrExists: the key is taken.
	ErrExists = errors.New("exists already")
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is the open database. Its methods are safe for concurrent use; what a method
// that writes has returned from survives a power cut.
type DB struct{ sql *sql.DB }

// Path is the database's file in the data directory dir.
func Path(dir string) string { return filepath.Join(dir, "meta", "pharos.db") }

// Open opens, or makes, <dir>/meta/pharos.db and brings its schema up to date.
func Open(ctx context.Context, dir string, logger *slog.Logger) (*DB, error) {
	path := Path(dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open metastore: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open metastore %s: %w", path, err)
	}
	// Readers do not wait for the writer in WAL mode; more connections than these
	// would only cost memory.
	db.SetMaxOpenConns(4)
	if err := migrate(ctx, db, logger); err != nil {
		return nil, errors.Join(fmt.Errorf("open metastore %s: %w", path, err), db.Close())
	}
	return &DB{sql: db}, nil
}

// dsn sets what every connection needs. Transactions take the write lock at once,
// so that two of them wait for each other instead of failing half way.
func dsn(path string) string {
	q := url.Values{
		"_busy_timeout": {"10000"},
		"_foreign_keys": {"on"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_txlock":       {"immediate"},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func migrate(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithSlog(logger), goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_versions"), goose.WithGoMigrations(foldersOfTitles()))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	at, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if at > known {
		return fmt.Errorf("its schema has version %d, this program knows %d: it was written by a newer release", at, known)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Close waits for running queries.
func (db *DB) Close() error { return db.sql.Close() }

// Ping reports whether the database answers; it is the component's health check.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.sql.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// Millis is how a time is stored; the zero time is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the inverse of Millis, in UTC.
func Time(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// inTx runs f in a transaction that is kept if f returns nil.
func (db *DB) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rowError turns the drivers' errors for "no row" and "key taken" into ours.
func rowError(what, key string, err error) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s %q: %w", what, key, ErrNotFound)
	case errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
		return fmt.Errorf("%s %q: %w", what, key, ErrExists)
	}
	return fmt.Errorf("%s %q: %w", what, key, err)
}

// affectedOne turns an update that met no row into ErrNotFound.
func affectedOne(what, key string, result sql.Result, err error) error {
	if err != nil {
		return rowError(what, key, err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = sql.ErrNoRows
	}
	return rowError(what, key, err)
}

// scanAll reads all rows with scan and closes them.
func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

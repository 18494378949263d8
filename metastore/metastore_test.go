package metastore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func open(t *testing.T, dir string) *metastore.DB {
	t.Helper()
	db, err := metastore.Open(context.Background(), dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func user(name string, id tenant.ID, role string) metastore.User {
	return metastore.User{Name: name, Tenant: id, Role: role, PasswordHash: "h", CreatedAt: epoch, UpdatedAt: epoch}
}

func TestOpenUsesDurableSettingsAndPrivateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a dir? with #signs%20")
	db := open(t, dir)
	require.NoError(t, db.Ping(t.Context()))
	info, err := os.Stat(filepath.Join(dir, "meta"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	require.FileExists(t, filepath.Join(dir, "meta", "pharos.db"))
	require.FileExists(t, filepath.Join(dir, "meta", "pharos.db-wal"), "journal mode is WAL")
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	dir := t.TempDir()
	db, err := metastore.Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	raw, err := sql.Open("sqlite", filepath.Join(dir, "meta", "pharos.db"))
	require.NoError(t, err)
	_, err = raw.Exec(`INSERT INTO schema_versions (version_id, is_applied) VALUES (9999, 1)`)
	require.NoError(t, err)
	require.NoError(t, raw.Close())
	_, err = metastore.Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "newer release")
}

func TestUsersSurviveReopening(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db, err := metastore.Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ann := user("ann", "default", "admin")
	require.NoError(t, db.CreateUser(ctx, ann))
	require.ErrorIs(t, db.CreateUser(ctx, user("ann", "other", "viewer")), metastore.ErrExists)
	require.NoError(t, db.CreateUser(ctx, user("bob", "acme", "viewer")))
	require.NoError(t, db.Close())

	db = open(t, dir)
	got, err := db.User(ctx, "ann")
	require.NoError(t, err)
	require.Equal(t, ann, got)
	_, err = db.User(ctx, "carl")
	require.ErrorIs(t, err, metastore.ErrNotFound)
	ids, err := db.Tenants(ctx)
	require.NoError(t, err)
	require.Equal(t, []tenant.ID{"acme", "default"}, ids, "a refused user leaves no tenant behind")
	acme, err := db.Users(ctx, "acme")
	require.NoError(t, err)
	require.Len(t, acme, 1)
	all, err := db.Users(ctx, "")
	require.NoError(t, err)
	require.Len(t, all, 2)
}

func TestTheLastAdministratorStays(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	require.NoError(t, db.CreateUser(ctx, user("ann", "default", "admin")))
	require.NoError(t, db.CreateUser(ctx, user("bob", "acme", "admin")))
	require.ErrorIs(t, db.DeleteUser(ctx, "ann", "admin"), metastore.ErrLastAdmin)
	require.ErrorIs(t, db.SetUserRole(ctx, "ann", "viewer", "admin", epoch), metastore.ErrLastAdmin)
	got, err := db.User(ctx, "ann")
	require.NoError(t, err)
	require.Equal(t, "admin", got.Role)

	require.NoError(t, db.CreateUser(ctx, user("carl", "default", "admin")))
	require.NoError(t, db.DeleteUser(ctx, "ann", "admin"))
	require.NoError(t, db.DeleteUser(ctx, "bob", "admin"))
	require.ErrorIs(t, db.DeleteUser(ctx, "bob", "admin"), metastore.ErrNotFound)
}

func TestSessionsEndWithPasswordAndUser(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	for _, name := range []string{"ann", "bob", "carl"} {
		require.NoError(t, db.CreateUser(ctx, user(name, "default", "admin")))
		require.NoError(t, db.CreateSession(ctx, metastore.Session{IDHash: name, User: user(name, "default", "admin"), CreatedAt: epoch, SeenAt: epoch}))
	}
	require.NoError(t, db.TouchSession(ctx, "bob", epoch.Add(time.Hour)))
	s, err := db.Session(ctx, "bob")
	require.NoError(t, err)
	require.Equal(t, "admin", s.User.Role)
	require.Equal(t, epoch.Add(time.Hour), s.SeenAt)

	require.NoError(t, db.SetUserPassword(ctx, "ann", "new", epoch))
	require.NoError(t, db.DeleteUser(ctx, "carl", "admin"))
	for _, gone := range []string{"ann", "carl"} {
		_, err := db.Session(ctx, gone)
		require.ErrorIs(t, err, metastore.ErrNotFound, gone)
	}
	_, err = db.Session(ctx, "bob")
	require.NoError(t, err)
	for _, stale := range []metastore.User{user("ann", "default", "admin"), user("nobody", "default", "admin")} {
		require.ErrorIs(t, db.CreateSession(ctx, metastore.Session{IDHash: "x", User: stale}), metastore.ErrNotFound)
	}
}

func TestOldAndSurplusSessionsAreRemoved(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	require.NoError(t, db.CreateUser(ctx, user("ann", "default", "admin")))
	for i := range 5 {
		at := epoch.Add(time.Duration(i) * time.Minute)
		require.NoError(t, db.CreateSession(ctx, metastore.Session{IDHash: fmt.Sprint(i), User: user("ann", "default", "admin"), CreatedAt: at, SeenAt: at}))
	}
	require.NoError(t, db.DeleteSessionsBefore(ctx, "ann", epoch.Add(time.Minute), epoch.Add(2*time.Minute), 2))
	for i, want := range []bool{false, false, false, true, true} {
		_, err := db.Session(ctx, fmt.Sprint(i))
		require.Equal(t, want, err == nil, "session %d: %v", i, err)
	}
}

func TestTokens(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	token := metastore.Token{
		ID: "t1", SecretHash: "hash", Tenant: "acme", Name: "shipper", Role: "viewer", CanWrite: true,
		CreatedBy: "ann", CreatedAt: epoch, ExpiresAt: epoch.Add(time.Hour),
	}
	require.NoError(t, db.CreateToken(ctx, token))
	got, err := db.TokenBySecret(ctx, "hash")
	require.NoError(t, err)
	require.Equal(t, token, got)
	second := token
	second.ID, second.SecretHash = "t2", "other"
	require.ErrorIs(t, db.CreateToken(ctx, second), metastore.ErrExists)
	require.NoError(t, db.TouchToken(ctx, "t1", epoch))
	list, err := db.Tokens(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, epoch, list[0].UsedAt)
	require.ErrorIs(t, db.DeleteToken(ctx, "default", "t1"), metastore.ErrNotFound, "another tenant's token")
	require.NoError(t, db.DeleteToken(ctx, "acme", "t1"))
	_, err = db.TokenBySecret(ctx, "hash")
	require.ErrorIs(t, err, metastore.ErrNotFound)
}

func TestWritersWaitForEachOther(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	var wg sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.CreateUser(ctx, user(fmt.Sprint("u", i), tenant.ID(fmt.Sprint("t", i%3)), "viewer"))
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	n, err := db.CountUsers(ctx)
	require.NoError(t, err)
	require.Equal(t, len(errs), n)
}

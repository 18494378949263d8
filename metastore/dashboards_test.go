package metastore

import (
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

func TestDashboardsAreKeptForEachTenant(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db, err := Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	keep := DashboardSave{Keep: 2, KeepBytes: 1 << 20}
	d := Dashboard{UID: "a", Title: "A", Description: "d", Tags: []string{"x"}, FolderUID: "f", Folder: "F", Document: []byte(`{"title": "A"}`),
		UpdatedAt: time.UnixMilli(1700000000123).UTC(), UpdatedBy: "ann", FileHash: "h"}
	save := func(id tenant.ID, d Dashboard, s DashboardSave) int64 {
		version, err := db.SaveDashboard(ctx, id, d, s)
		require.NoError(t, err)
		return version
	}
	require.EqualValues(t, 1, save("one", d, keep))
	require.EqualValues(t, 1, save("two", Dashboard{UID: "a", Title: "Other", Document: []byte("{}")}, keep))
	d.Title = "Changed"
	keep.Base = new(int64)
	_, err = db.SaveDashboard(ctx, "one", d, keep)
	require.ErrorIs(t, err, ErrConflict)
	*keep.Base, keep.Message = 1, "why"
	require.EqualValues(t, 2, save("one", d, keep))
	require.NoError(t, db.Close())

	db, err = Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	got, err := db.Dashboard(ctx, "one", "a")
	require.NoError(t, err)
	d.Version = 2
	require.Equal(t, d, got)
	list, err := db.Dashboards(ctx, "one")
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "Changed", list[0].Title)
	require.Empty(t, list[0].Document, "a list carries no documents")

	*keep.Base = 2
	require.EqualValues(t, 3, save("one", d, keep))
	versions, err := db.DashboardVersions(ctx, "one", "a")
	require.NoError(t, err)
	require.Len(t, versions, 2, "the oldest goes")
	require.EqualValues(t, 3, versions[0].Version)
	require.Equal(t, "why", versions[1].Message)
	_, err = db.DashboardVersion(ctx, "one", "a", 1)
	require.ErrorIs(t, err, ErrNotFound)
	keep.Base, keep.KeepBytes = nil, 10
	require.EqualValues(t, 4, save("one", d, keep))
	versions, err = db.DashboardVersions(ctx, "one", "a")
	require.NoError(t, err)
	require.Len(t, versions, 1, "the newest stays however large it is")

	require.ErrorIs(t, db.SetDashboardFile(ctx, "one", "a", 3, "h2"), ErrConflict)
	require.NoError(t, db.SetDashboardFile(ctx, "one", "a", 4, "h2"))
	got, err = db.Dashboard(ctx, "one", "a")
	require.NoError(t, err)
	require.True(t, got.InFile)
	require.NoError(t, db.DeleteDashboard(ctx, "one", "a"))
	require.ErrorIs(t, db.DeleteDashboard(ctx, "one", "a"), ErrNotFound)
	versions, err = db.DashboardVersions(ctx, "one", "a")
	require.NoError(t, err)
	require.Empty(t, versions)
	_, err = db.Dashboard(ctx, "two", "a")
	require.NoError(t, err, "another tenant's stays")
}

// A database of before folders were objects: each title becomes a folder, each dashboard
// its first version.
func TestFolderTitlesBecomeFolders(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Dir(Path(dir)), 0o700))
	raw, err := sql.Open("sqlite", dsn(Path(dir)))
	require.NoError(t, err)
	files, err := fs.Sub(migrations, "migrations")
	require.NoError(t, err)
	old, err := goose.NewProvider(goose.DialectSQLite3, raw, files, goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_versions"))
	require.NoError(t, err)
	_, err = old.UpTo(ctx, 15)
	require.NoError(t, err)
	for i, folder := range []string{"", "Team A", "team-a", "\u041a\u043e\u043c\u0430\u043d\u0434\u0430", "Team A"} {
		_, err := raw.ExecContext(ctx, `INSERT INTO dashboards (tenant, uid, title, tags, folder, document, updated_at) VALUES ('default', $1, 'T', '[]', $2, '{"title":"T"}', 5)`, fmt.Sprint("d", i), folder)
		require.NoError(t, err)
	}
	require.NoError(t, raw.Close())

	db, err := Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	folders, err := db.Folders(ctx, "default")
	require.NoError(t, err)
	require.Len(t, folders, 3)
	titles := map[string]string{}
	for _, f := range folders {
		titles[f.UID] = f.Title
	}
	all, err := db.Dashboards(ctx, "default")
	require.NoError(t, err)
	require.Len(t, all, 5)
	for _, d := range all {
		require.Equal(t, d.Folder, titles[d.FolderUID], d.UID)
	}
	require.Equal(t, "Team A", titles["team-a"], "links to the folder go on")
	require.Equal(t, all[1].FolderUID, all[4].FolderUID)
	versions, err := db.DashboardVersions(ctx, "default", "d1")
	require.NoError(t, err)
	require.Len(t, versions, 1)
}

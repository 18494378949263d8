package metastore

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDashboardsAreKeptForEachTenant(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db, err := Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	d := Dashboard{UID: "a", Title: "A", Tags: []string{"x"}, Folder: "F", Document: []byte(`{"title": "A"}`), UpdatedAt: time.UnixMilli(1700000000123).UTC()}
	require.NoError(t, db.PutDashboard(ctx, "one", d))
	require.NoError(t, db.PutDashboard(ctx, "two", Dashboard{UID: "a", Title: "Other", Document: []byte("{}")}))
	d.Title = "Changed"
	require.NoError(t, db.PutDashboard(ctx, "one", d))
	require.NoError(t, db.Close())

	db, err = Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	got, err := db.Dashboard(ctx, "one", "a")
	require.NoError(t, err)
	require.Equal(t, d, got)
	list, err := db.Dashboards(ctx, "one")
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "Changed", list[0].Title)
	require.Empty(t, list[0].Document, "a list carries no documents")
	require.NoError(t, db.DeleteDashboard(ctx, "one", "a"))
	require.ErrorIs(t, db.DeleteDashboard(ctx, "one", "a"), ErrNotFound)
	_, err = db.Dashboard(ctx, "two", "a")
	require.NoError(t, err, "another tenant's stays")
}

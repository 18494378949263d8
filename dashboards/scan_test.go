package dashboards

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metastore"
)

func TestFoldersOfFilesAtAnyDepth(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "p/dashboards/a.yaml", "apiVersion: 1\nproviders:\n- {name: f, options: {path: ../../d, foldersFromFilesStructure: true}}\n")
	write(t, dir, "d/top.json", `{"uid":"top","title":"Top"}`)
	write(t, dir, "d/Team A/one.json", `{"uid":"one","title":"One"}`)
	write(t, dir, "d/Team A/Databases/two.json", `{"uid":"two","title":"Two"}`)
	write(t, dir, "d/Team B/Databases/Old/Very/Deep/Indeed/three.json", `{"uid":"three","title":"Three"}`)
	write(t, dir, "d/日本/four.json", `{"uid":"four","title":"Four"}`)
	write(t, dir, "d/General/five.json", `{"uid":"five","title":"Five"}`)
	p, err := load(dir, nil)
	require.NoError(t, err)
	db, err := metastore.Open(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	l := NewLibrary(p, db)
	admin := Actor{Owner: "ann", User: "ann", Role: "admin", Writes: true}
	viewer := Actor{Owner: "vic", User: "vic", Role: "viewer", Writes: true}
	tree := func() map[string]string {
		t.Helper()
		all, err := l.Folders(t.Context(), "a", admin)
		require.NoError(t, err)
		byUID, out := map[string]FolderInfo{}, map[string]string{}
		for _, f := range all {
			byUID[f.UID] = f
		}
		for _, f := range all {
			name := f.Title
			for at := f.ParentUID; at != ""; at = byUID[at].ParentUID {
				require.Contains(t, byUID, at)
				name = byUID[at].Title + "/" + name
			}
			out[name] = f.UID
			require.True(t, f.Provisioned)
			require.Regexp(t, validUID, f.UID)
		}
		return out
	}
	folders := tree()
	require.Len(t, folders, 10)
	require.Equal(t, "team-a", folders["Team A"], "the uid that folders at the top had before")
	require.NotEqual(t, folders["Team A/Databases"], folders["Team B/Databases"])
	require.Contains(t, folders, "Team B/Databases/Old/Very/Deep/Indeed")
	require.NotEmpty(t, folders["日本"])
	dashboard := func(uid string) *Dashboard {
		t.Helper()
		d, err := l.Get(t.Context(), "a", admin, uid)
		require.NoError(t, err)
		return d
	}
	require.Equal(t, folders["Team A/Databases"], dashboard("two").Folder.UID)
	require.Empty(t, dashboard("top").Folder)

	// What is set far above holds below.
	require.NoError(t, l.SetFolderPermissions(t.Context(), "a", admin, folders["Team B"], []metastore.FolderGrant{{Role: "viewer", Level: "none"}}))
	_, err = l.Get(t.Context(), "a", viewer, "three")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = l.Get(t.Context(), "a", viewer, "two")
	require.NoError(t, err)
	require.Error(t, l.DeleteFolder(t.Context(), "a", admin, folders["Team A"], true), "files hold it")

	// Folders that are renamed, moved and removed are followed.
	require.NoError(t, os.Rename(filepath.Join(dir, "d/Team A/Databases"), filepath.Join(dir, "d/Team A/Stores")))
	require.NoError(t, os.Rename(filepath.Join(dir, "d/Team B"), filepath.Join(dir, "d/Team A/Team B")))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "d/日本")))
	p.Refresh()
	folders = tree()
	require.NotContains(t, folders, "日本")
	require.NotContains(t, folders, "Team B")
	require.NotContains(t, folders, "Team A/Databases")
	require.Equal(t, folders["Team A/Stores"], dashboard("two").Folder.UID)
	require.Equal(t, folders["Team A/Team B/Databases/Old/Very/Deep/Indeed"], dashboard("three").Folder.UID)
	_, err = l.Get(t.Context(), "a", admin, "four")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestTheSameUIDInTwoPlacesIsAProblem(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "p/dashboards/a.yaml", "apiVersion: 1\nproviders:\n- {name: f, options: {path: ../../d}}\n- {name: g, options: {path: ../../e}}\n")
	write(t, dir, "d/a.json", `{"uid":"same","title":"First"}`)
	write(t, dir, "d/b/c.json", `{"uid":"same","title":"Second"}`)
	write(t, dir, "e/a.json", `{"uid":"same","title":"Third"}`)
	p, err := load(dir, nil)
	require.NoError(t, err)
	s := p.Snapshot()
	require.Equal(t, "First", s.Dashboards["same"].Document.Title())
	require.Len(t, s.Problems, 2)
	require.Contains(t, s.Problems[0].Message, `uid "same" is taken by a.json of provider "f"`)
	require.Equal(t, filepath.Join(dir, "d/b/c.json"), s.Problems[0].File)
	require.Equal(t, filepath.Join(dir, "e/a.json"), s.Problems[1].File)

	// The one that is in the way goes: the next stands in.
	require.NoError(t, os.Remove(filepath.Join(dir, "d/a.json")))
	p.Refresh()
	s = p.Snapshot()
	require.Equal(t, "Second", s.Dashboards["same"].Document.Title())
	require.Len(t, s.Problems, 1)
}

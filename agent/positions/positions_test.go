package positions

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPromtailsOwnFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "positions.yaml")
	require.NoError(t, os.WriteFile(path, []byte("positions:\n  /var/log/app.log: \"1234\"\n  /var/log/x.gz: \"7\"\n  cursor-journal: s=f1;i=2\n"), 0o600))
	f, err := Read(path)
	require.NoError(t, err)
	off, ok := f.Offset("/var/log/app.log")
	require.True(t, ok)
	require.EqualValues(t, 1234, off)
	require.Equal(t, "s=f1;i=2", f.Cursor("journal"))
	_, ok = f.Offset("cursor-journal")
	require.False(t, ok)

	text, hash, err := Encode(f.Positions)
	require.NoError(t, err)
	require.Contains(t, string(text), `/var/log/app.log: "1234"`, "offsets are quoted, as Promtail's strict reader wants them")
	require.NoError(t, Write(path, text))
	again, err := Read(path)
	require.NoError(t, err)
	require.Equal(t, File{f.Positions, hash}, again)
}

func TestNoFileAndNoYAML(t *testing.T) {
	dir := t.TempDir()
	f, err := Read(filepath.Join(dir, "none"))
	require.NoError(t, err)
	require.Empty(t, f.Positions)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad"), []byte("positions: [1"), 0o600))
	_, err = Read(filepath.Join(dir, "bad"))
	require.Error(t, err)
}

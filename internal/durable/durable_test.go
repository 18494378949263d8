package durable

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(path+".tmp", []byte("a longer one that a crash left behind"), 0o640))
	for _, text := range []string{"first", "2"} {
		require.NoError(t, Replace(path, []byte(text)))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		require.NoFileExists(t, path+".tmp")
	}
	require.Error(t, Replace(filepath.Join(path, "below a file"), nil))
}

func TestAReplacementThatFailsLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	require.NoError(t, Replace(path, []byte("old")))
	require.NoError(t, os.Mkdir(path+".tmp", 0o750))
	require.Error(t, Replace(path, []byte("new")))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(got))
}

func TestSegments(t *testing.T) {
	dir := t.TempDir()
	for _, first := range []uint64{300, 2, 16} {
		require.NoError(t, os.WriteFile(SegmentPath(dir, first, ".log"), make([]byte, first), 0o640))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "checkpoint"), nil, 0o640))
	got, err := Segments(dir, ".log")
	require.NoError(t, err)
	require.Equal(t, []Segment{{SegmentPath(dir, 2, ".log"), 2, 2}, {SegmentPath(dir, 16, ".log"), 16, 16}, {SegmentPath(dir, 300, ".log"), 300, 300}}, got)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "old.log"), nil, 0o640))
	_, err = Segments(dir, ".log")
	require.ErrorContains(t, err, "file old.log has no number for a name")
	_, err = Segments(filepath.Join(dir, "nowhere"), ".log")
	require.ErrorIs(t, err, os.ErrNotExist)
}

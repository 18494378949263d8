package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/logs/archive"
)

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-11-01": "2026-11-01T00:00:00Z", "2026-11-01T13:30Z": "2026-11-01T13:30:00Z",
		"2026-11-01T13:30:05+02:00": "2026-11-01T11:30:05Z", "3d": "2026-11-23T12:00:00Z", "90m": "2026-11-26T10:30:00Z",
	} {
		at, err := parseTime(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, at.UTC().Format(time.RFC3339))
	}
	for _, text := range []string{"yesterday", "2026", "-3d"} {
		_, err := parseTime(text, now)
		require.Error(t, err, text)
	}
	_, _, err := parseRange("2026-11-02", "2026-11-01", now)
	require.ErrorContains(t, err, "--from is not before --to")
}

// The fixture of the format is an archive as good as any.
func TestArchiveListAndVerify(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../logs/archive/testdata/v1")))
	file := filepath.Join(t.TempDir(), "pharos.yml")
	require.NoError(t, os.WriteFile(file, []byte("archive: {storage: {type: directory, directory: "+dir+"}}\n"), 0o600))
	var out bytes.Buffer
	list := archiveListCmd{archiveRange{Config: file, Tenant: "a"}}
	require.NoError(t, list.run(t.Context(), &out))
	require.Regexp(t, `^a +2026-11-01T13Z +62 entries +\S+ KiB +1 parts\n$`, out.String())
	out.Reset()
	list.Tenant = "b"
	require.NoError(t, list.run(t.Context(), &out))
	require.Empty(t, out.String())

	verify := archiveVerifyCmd{archiveRange{Config: file}}
	require.NoError(t, verify.run(t.Context(), &out))
	require.Contains(t, out.String(), "good, 62 entries")
	name := filepath.Join(dir, "logs/a/2026/11/01/13/part-0.parquet")
	object, err := os.ReadFile(name)
	require.NoError(t, err)
	object[100] ^= 1
	require.NoError(t, os.WriteFile(name, object, 0o600))
	out.Reset()
	require.ErrorContains(t, verify.run(t.Context(), &out), "1 of 1 hours are damaged")
	require.Contains(t, out.String(), "DAMAGED")

	require.NoError(t, os.WriteFile(file, []byte("log: {level: info}\n"), 0o600))
	var start *config.StartError
	require.ErrorAs(t, verify.run(t.Context(), &out), &start)
	require.Contains(t, start.Error(), "no archive.storage")
	require.NotEmpty(t, strings.TrimSpace(archive.HourOf(0).String()))
}

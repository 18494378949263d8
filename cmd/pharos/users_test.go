package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/metastore"
)

func TestResetPassword(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), dir, log)
	require.NoError(t, err)
	defer db.Close() // open, as that of a running server
	service := auth.NewService(auth.DefaultConfig(), db, log)
	first, err := service.Bootstrap(t.Context())
	require.NoError(t, err)

	var out bytes.Buffer
	c := resetPasswordCmd{Name: "admin", Data: dir}
	require.NoError(t, c.run(t.Context(), &out, log))
	printed := regexp.MustCompile(`^user      admin\npassword  (\S+)\n$`).FindStringSubmatch(out.String())
	require.NotNil(t, printed, "%s", out.String())
	require.NotEqual(t, first, printed[1])

	_, _, err = service.SignIn(t.Context(), "admin", first, "192.0.2.1")
	require.Error(t, err, "the old password signs in")
	_, _, err = service.SignIn(t.Context(), "admin", printed[1], "192.0.2.2")
	require.NoError(t, err)

	c.Name = "nobody"
	require.ErrorContains(t, c.run(t.Context(), &out, log), `there is no user "nobody"`)
}

func TestResetPasswordMakesNoDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "elsewhere")
	c := resetPasswordCmd{Name: "admin", Data: dir}
	require.ErrorContains(t, c.run(t.Context(), &bytes.Buffer{}, slog.New(slog.DiscardHandler)), "no data directory")
	require.NoDirExists(t, dir)
}

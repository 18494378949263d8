package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/metastore"
)

type usersCmd struct {
	ResetPassword resetPasswordCmd `cmd:"" help:"Give a user a new password, print it once and end the user's sessions."`
}

type resetPasswordCmd struct {
	Name string `arg:"" help:"The user, such as admin."`
	Data string `help:"Folder that holds everything." placeholder:"DIR" default:"data" type:"path"`
}

func (c *resetPasswordCmd) Run() error {
	return c.run(context.Background(), os.Stdout, slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

// run needs no credentials: who may write the data directory owns it. A server
// that runs on the directory goes on, and takes the old password for as long as it
// remembers a check of it: half a minute.
func (c *resetPasswordCmd) run(ctx context.Context, out io.Writer, log *slog.Logger) (err error) {
	// Opening would make an empty database where there is none.
	if _, err := os.Stat(metastore.Path(c.Data)); err != nil {
		return fmt.Errorf("%s is no data directory of Pharos: %w", c.Data, err)
	}
	db, err := metastore.Open(ctx, c.Data, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	password, err := auth.NewService(auth.DefaultConfig(), db, log).ResetPassword(ctx, c.Name)
	if errors.Is(err, metastore.ErrNotFound) {
		return fmt.Errorf("there is no user %q in %s", c.Name, c.Data)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "user      %s\npassword  %s\n", c.Name, password)
	return err
}

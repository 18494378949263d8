package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/config/adopt"
)

type adoptCmd struct {
	Dir            string `arg:"" help:"Folder with the configurations of what Pharos is to replace." type:"path"`
	Out            string `short:"o" help:"The pharos.yml to write; - prints it." default:"pharos.yml" placeholder:"FILE"`
	Force          bool   `help:"Overwrite the file."`
	Host           string `help:"Address to listen on." default:"127.0.0.1"`
	CustomaryPorts bool   `help:"Also listen on the ports of what is replaced, for clients that stay as they are."`
	Report         string `help:"text or json." enum:"text,json" default:"text"`
}

// Run writes pharos.yml and prints the report.
func (c *adoptCmd) Run() error { return c.run(os.Stdout) }

func (c *adoptCmd) run(out io.Writer) error {
	opts := adopt.Options{Out: c.Out, Host: c.Host, CustomaryPorts: c.CustomaryPorts, LookupEnv: os.LookupEnv}
	if c.Out == "-" {
		opts.Out = "pharos.yml"
	}
	result, err := adopt.Look(c.Dir, opts)
	if err != nil {
		return &config.StartError{Err: err}
	}
	if c.Out == "-" {
		_, err := out.Write(result.Config)
		return err
	}
	if err := c.write(result.Config); err != nil {
		return err
	}
	if c.Report == "json" {
		return json.NewEncoder(out).Encode(result)
	}
	_, err = fmt.Fprintf(out, "%s\n%s is written. Start it with: pharos serve --config %s\n", result, c.Out, c.Out)
	return err
}

func (c *adoptCmd) write(text []byte) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.Force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(c.Out, flags, 0o644)
	if errors.Is(err, os.ErrExist) {
		return &config.StartError{Err: fmt.Errorf("%s exists; name another file with --out, or overwrite it with --force", c.Out)}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

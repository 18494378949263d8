package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/pharosd/pharos/config"
)

type checkCmd struct {
	Config string `help:"pharos.yml." placeholder:"FILE" type:"path" required:""`
}

// Run prints every problem of pharos.yml and of the files that it names.
func (c *checkCmd) Run() error {
	cfg, err := config.Load(c.Config, os.LookupEnv)
	if cfg != nil {
		err = errors.Join(err, cfg.Check(os.LookupEnv))
	}
	if err != nil {
		return err
	}
	for _, k := range cfg.Ignored() {
		fmt.Println(k)
	}
	warnings := cfg.Warnings(os.LookupEnv)
	for _, w := range warnings {
		fmt.Println("warning:", w)
	}
	if len(warnings) > 0 {
		fmt.Printf("%s can be started with; what the warnings name is missing from it\n", c.Config)
		return nil
	}
	fmt.Printf("%s and the files that it names are good\n", c.Config)
	return nil
}

package promtail

import (
	"fmt"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// names are the stages that can be written.
func names() []string {
	return []string{"labels", "output"}
}

// stage compiles the stage; nil is a problem told.
func (cfg *config) stage() pipeline.Stage {
	switch cfg.name {
	case "labels":
		return cfg.labels()
	case "output":
		return cfg.output()
	}
	cfg.problem("", fmt.Sprintf("there is no stage %q", cfg.name), strictyaml.Suggest(cfg.name, names()))
	return nil
}

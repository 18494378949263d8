package config

import (
	"fmt"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Where log lines are kept.
const (
	// LocalLogs keeps them in the data directory.
	LocalLogs = "local"
	// VictoriaLogs keeps them on VictoriaLogs servers.
	VictoriaLogs = "victorialogs"
)

func (l *Logs) validateEngine() error {
	switch l.Engine {
	case LocalLogs:
		return nil
	case VictoriaLogs:
		return strictyaml.Prefix("victorialogs", l.VictoriaLogs.Validate())
	}
	return &strictyaml.KeyError{Key: "engine", Err: fmt.Errorf("%q is no engine", l.Engine), Hint: LocalLogs + " or " + VictoriaLogs}
}

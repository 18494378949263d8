package config

import (
	"errors"
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
		return errors.Join(strictyaml.Prefix("victorialogs", l.VictoriaLogs.Validate()), l.validateSizes())
	}
	return &strictyaml.KeyError{Key: "engine", Err: fmt.Errorf("%q is no engine", l.Engine), Hint: LocalLogs + " or " + VictoriaLogs}
}

// validateSizes refuses bounds of a size that other servers have to keep.
func (l *Logs) validateSizes() error {
	var errs []error
	refuse := func(key string, set bool) {
		if set {
			errs = append(errs, &strictyaml.KeyError{Key: key, Err: errors.New("does not work with engine victorialogs"),
				Hint: "give the servers -retention.maxDiskSpaceUsageBytes"})
		}
	}
	refuse("max_size", l.MaxSize > 0)
	refuse("retention_size", l.RetentionSize > 0)
	for id, own := range l.Tenants {
		refuse("tenants."+string(id)+".retention_size", own.RetentionSize > 0)
	}
	return errors.Join(errs...)
}

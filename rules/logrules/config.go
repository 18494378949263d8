package logrules

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"

	"github.com/pharosd/pharos/rules"
	"github.com/pharosd/pharos/tenant"
)

// Config is the section `logs.rules:` of pharos.yml.
type Config struct {
	// Files are patterns of rule files of the default tenant. They may name
	// environment variables as ${NAME}.
	Files []string `yaml:"files"`
	// Directory holds rule files in a folder for each tenant, as the local storage of
	// Loki's ruler does: DIRECTORY/TENANT/*.yaml or *.yml. Loki's tenant "fake" is the
	// default tenant.
	Directory string `yaml:"directory"`
}

// DefaultConfig has no rules.
func DefaultConfig() Config { return Config{} }

// lokiSingleTenant is the tenant of a Loki without authentication.
const lokiSingleTenant = "fake"

// files lists the rule files of each tenant that has any, sorted, each once.
func (c Config) files() (map[tenant.ID][]string, error) {
	out := map[tenant.ID][]string{}
	add := func(t tenant.ID, pattern string) error {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("pattern of log rule files %s: %w", pattern, err)
		}
		for _, m := range matches {
			if !slices.Contains(out[t], m) {
				out[t] = append(out[t], m)
			}
		}
		return nil
	}
	for _, pattern := range c.Files {
		if err := add(tenant.Default, pattern); err != nil {
			return nil, err
		}
	}
	if c.Directory == "" {
		return out, nil
	}
	entries, err := os.ReadDir(c.Directory)
	if err != nil {
		return nil, fmt.Errorf("read directory of log rules: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		t := tenant.Default
		if e.Name() != lokiSingleTenant {
			if t, err = tenant.Parse(e.Name()); err != nil {
				return nil, fmt.Errorf("folder %s of log rules: %w", filepath.Join(c.Directory, e.Name()), err)
			}
		}
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			if err := add(t, filepath.Join(c.Directory, e.Name(), pattern)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Check reads all rule files and reports all their problems at once, each with its
// file, line and column.
func Check(cfg Config, lookup func(string) (string, bool)) error {
	byTenant, err := cfg.files()
	if err != nil {
		return err
	}
	l := rules.Loader{Parser: logParser{}, Lookup: lookup, Log: promslog.NewNopLogger()}
	var errs []error
	for _, paths := range byTenant {
		for _, path := range paths {
			_, problems := l.Load(path, false, model.UTF8Validation)
			errs = append(errs, problems...)
		}
	}
	slices.SortFunc(errs, func(a, b error) int {
		if a.Error() < b.Error() {
			return -1
		}
		return 1
	})
	return errors.Join(errs...)
}

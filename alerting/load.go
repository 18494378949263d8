package alerting

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/prometheus/alertmanager/config"

	"github.com/pharosd/pharos/internal/envsubst"
	"github.com/pharosd/pharos/tenant"
)

// maxFileSize bounds an alertmanager.yml.
const maxFileSize = 8 << 20

//go:embed default.yml
var defaultConfig string

// file is one alertmanager.yml that was read and found good.
type file struct {
	name string // "" for the embedded default
	conf *config.Config
}

// embedded returns the default configuration. Each caller gets its own, because
// Alertmanager's packages keep references into it.
func embedded() (*file, error) {
	conf, err := config.Load(defaultConfig)
	if err != nil {
		return nil, fmt.Errorf("BUG: embedded alertmanager configuration: %w", err)
	}
	return &file{conf: conf}, nil
}

// loadFiles reads the files of all configured tenants and of the tenant
// "default", which may have none. The error holds all files' errors.
func loadFiles(cfg Config, lookup func(string) (string, bool)) (map[tenant.ID]*file, error) {
	files := make(map[tenant.ID]*file, len(cfg.Tenants)+1)
	var errs []error
	load := func(id tenant.ID, name string) {
		f, err := loadFile(name, lookup)
		if err != nil {
			errs = append(errs, err)
			return
		}
		files[id] = f
	}
	load(tenant.Default, cfg.AlertmanagerConfig)
	for id, t := range cfg.Tenants {
		load(tenant.ID(id), t.AlertmanagerConfig)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return files, nil
}

// loadFile reads an alertmanager.yml with Alertmanager's own parser after
// replacing ${NAME} by the environment's values, and tries its templates and
// receivers. An empty name stands for the embedded default.
func loadFile(name string, lookup func(string) (string, bool)) (*file, error) {
	if name == "" {
		return embedded()
	}
	text, err := readBounded(name)
	if err != nil {
		return nil, fmt.Errorf("read alertmanager configuration: %w", err)
	}
	expanded, err := envsubst.Expand(name, text, lookup)
	if err != nil {
		return nil, err
	}
	conf, err := config.Load(string(expanded))
	if err != nil {
		return nil, locate(name, expanded, err)
	}
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("resolve folder of %s: %w", name, err)
	}
	resolvePaths(dir, conf)
	if _, err := parseSettings(conf, nil); err != nil {
		return nil, locate(name, expanded, err)
	}
	return &file{name: name, conf: conf}, nil
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFileSize {
		return nil, fmt.Errorf("%s: is larger than %d bytes", name, maxFileSize)
	}
	return text, nil
}

package config

import (
	"maps"
	"path/filepath"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
)

// readLayers reads pharos.yml over what lies below it: the defaults, then the
// loki-config.yml that it names, and for each tenant what holds for everybody. A
// file says which files lie below it and which tenants there are, so it is read
// three times; the last reading tells of its problems.
func readLayers(path string, text []byte, lookupEnv func(string) (string, bool)) (*Config, error) {
	outline := Default()
	_, _ = strictyaml.Decode(path, text, outline)
	outline.setDirectory(filepath.Dir(path))
	var loki *LokiFile
	if name := outline.Logs.LokiConfig; name != "" {
		loki, _ = LoadLoki(name, lookupEnv) // Check tells of its problems
	}

	everybody := Default()
	loki.apply(&everybody.Logs)
	_, _ = strictyaml.Decode(path, text, everybody)

	cfg := Default()
	cfg.loki = loki
	loki.apply(&cfg.Logs)
	cfg.Logs.Tenants = map[tenant.ID]LogLimits{}
	names := maps.Clone(everybody.Logs.Tenants)
	if loki != nil {
		for id := range loki.tenants {
			if names == nil {
				names = map[tenant.ID]LogLimits{}
			}
			names[id] = LogLimits{}
		}
	}
	for id := range names {
		own := everybody.Logs.LogLimits
		loki.applyTenant(id, &own)
		cfg.Logs.Tenants[id] = own
	}
	if err := strictyaml.Load(path, text, cfg); err != nil {
		return nil, err
	}
	return cfg, nil
}

// Ignored are the keys of native files that have no effect.
func (c *Config) Ignored() []IgnoredKey {
	if c.loki == nil {
		return nil
	}
	return c.loki.Ignored
}

package dashboards

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Config is the `dashboards` part of pharos.yml.
type Config struct {
	// Provisioning is a folder as Grafana's: dashboards/*.yaml and
	// datasources/*.yaml in it are read.
	Provisioning string `yaml:"provisioning"`
	// Paths says where folders that providers name are here, for a provisioning folder
	// that was written for a container: /var/lib/grafana/dashboards: dashboards.
	Paths map[string]string `yaml:"paths"`
	// Defaults adds the dashboards that come with Pharos.
	Defaults bool `yaml:"defaults"`
	// Proxy names data sources that stay on other servers.
	Proxy ProxyConfig `yaml:"proxy"`
}

// DefaultConfig shows the dashboards that come with Pharos and no others.
func DefaultConfig() Config { return Config{Defaults: true, Proxy: DefaultProxyConfig()} }

// Validate reports settings that cannot work. What the provisioning folder holds
// is read by New.
func (c *Config) Validate() error {
	if strings.ContainsRune(c.Provisioning, 0) {
		return errors.New("dashboards.provisioning: a path holds no NUL character")
	}
	return strictyaml.Prefix("proxy", c.Proxy.Validate())
}

// SetDirectory makes relative file names relative to dir, the folder of the file
// that c was read from.
func (c *Config) SetDirectory(dir string) {
	if c.Provisioning != "" && !filepath.IsAbs(c.Provisioning) {
		c.Provisioning = filepath.Join(dir, c.Provisioning)
	}
	for inside, here := range c.Paths {
		if !filepath.IsAbs(here) {
			c.Paths[inside] = filepath.Join(dir, here)
		}
	}
}

// folder is where a folder that a provider names is here: the longest of Paths that it
// lies in says so.
func (c *Config) folder(name string) string {
	best := ""
	for inside := range c.Paths {
		if (name == inside || strings.HasPrefix(name, strings.TrimSuffix(inside, "/")+"/")) && len(inside) > len(best) {
			best = inside
		}
	}
	if best == "" {
		return name
	}
	return filepath.Join(c.Paths[best], strings.TrimPrefix(name, best))
}

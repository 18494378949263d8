package dashboards

import (
	"errors"
	"path/filepath"
	"strings"
)

// Config is the `dashboards` part of pharos.yml.
type Config struct {
	// Provisioning is a folder as Grafana's: dashboards/*.yaml and
	// datasources/*.yaml in it are read.
	Provisioning string `yaml:"provisioning"`
	// Defaults adds the dashboards that come with Pharos.
	Defaults bool `yaml:"defaults"`
}

// DefaultConfig shows the dashboards that come with Pharos and no others.
func DefaultConfig() Config { return Config{Defaults: true} }

// Validate reports settings that cannot work. What the provisioning folder holds
// is read by New.
func (c *Config) Validate() error {
	if strings.ContainsRune(c.Provisioning, 0) {
		return errors.New("dashboards.provisioning: a path holds no NUL character")
	}
	return nil
}

// SetDirectory makes relative file names relative to dir, the folder of the file
// that c was read from.
func (c *Config) SetDirectory(dir string) {
	if c.Provisioning != "" && !filepath.IsAbs(c.Provisioning) {
		c.Provisioning = filepath.Join(dir, c.Provisioning)
	}
}

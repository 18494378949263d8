package config

import (
	"path/filepath"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/logstash"
)

// setPipelineDirectory makes the entries of pipelines relative to the file that has them.
func (c *Config) setPipelineDirectory(dir string) {
	for i, entry := range c.Pipelines {
		if entry != "" && !filepath.IsAbs(entry) {
			c.Pipelines[i] = filepath.Join(dir, entry)
		}
	}
}

// validatePipelines checks what is said of pipelines here; their own files are read by
// Check.
func (c *Config) validatePipelines() error {
	return strictyaml.Prefix("logstash", c.Logstash.Validate())
}

// checkPipelines reads the pipelines' files.
func (c *Config) checkPipelines(lookupEnv func(string) (string, bool)) error {
	if len(c.Pipelines) == 0 {
		return nil
	}
	return logstash.Check(c.Pipelines, c.Logstash, lookupEnv)
}

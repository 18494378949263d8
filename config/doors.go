package config

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/pharosd/pharos/alerting/actions"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs/objects"
	"github.com/pharosd/pharos/receiver/datadog"
	"github.com/pharosd/pharos/receiver/fluent"
	"github.com/pharosd/pharos/receiver/gelf"
	"github.com/pharosd/pharos/receiver/journald"
	"github.com/pharosd/pharos/receiver/lines"
	"github.com/pharosd/pharos/receiver/splunk"
	"github.com/pharosd/pharos/receiver/syslog"
)

// Receivers is the section `receivers:` of pharos.yml: further doors for log lines. The
// HTTP ones are on the main port; ports of their own are open when they are named.
type Receivers struct {
	// Syslog is RFC 3164, 5424 and 6587 over UDP, TCP and TLS.
	Syslog syslog.Config `yaml:"syslog"`
	// Fluent is Fluentd's and Fluent Bit's forward protocol.
	Fluent fluent.Config `yaml:"fluent"`
	// GELF is Graylog's format over UDP, TCP, TLS and POST /gelf.
	GELF gelf.Config `yaml:"gelf"`
	// Journald is what systemd-journal-upload sends.
	Journald journald.Config `yaml:"journald"`
	// Splunk is HTTP Event Collector.
	Splunk splunk.Config `yaml:"splunk"`
	// Datadog is the logs API of Datadog.
	Datadog datadog.Config `yaml:"datadog"`
	// Lines is plain text at /api/pharos/v1/lines.
	Lines lines.Config `yaml:"lines"`
	// Collector is where a web application and its pages post access lines.
	Collector Collector `yaml:"collector"`
}

// Collector is where a web application and its pages post access lines.
type Collector struct {
	lines.CollectorConfig `yaml:",inline"`
	// Objects are copies of the collector's lines in object storage.
	Objects Objects `yaml:"objects"`
}

// Objects are copies of lines in object storage, and who is told of them.
type Objects struct {
	objects.Config `yaml:",inline"`
	// Actions are told of each finished object: a list of webhook: {url, secret} or
	// lambda: {function, region, endpoint, access_key, secret_key}.
	Actions []actions.Config `yaml:"actions"`
}

// Validate says what is wrong with the section, all at once.
func (c *Collector) Validate() error {
	errs := []error{c.CollectorConfig.Validate(), strictyaml.Prefix("objects", c.Objects.Config.Validate())}
	for i, a := range c.Objects.Actions {
		errs = append(errs, strictyaml.Prefix(fmt.Sprintf("objects.actions[%d]", i), a.Validate()))
	}
	return errors.Join(errs...)
}

func defaultReceivers() Receivers {
	return Receivers{
		Syslog: syslog.DefaultConfig(), Fluent: fluent.DefaultConfig(), GELF: gelf.DefaultConfig(), Journald: journald.DefaultConfig(), Splunk: splunk.DefaultConfig(),
		Datadog: datadog.DefaultConfig(), Lines: lines.DefaultConfig(), Collector: Collector{lines.DefaultCollectorConfig(), Objects{Config: objects.DefaultConfig()}},
	}
}

// Validate says what is wrong with the section, all at once.
func (r *Receivers) Validate() error {
	return errors.Join(
		strictyaml.Prefix("syslog", r.Syslog.Validate()),
		strictyaml.Prefix("fluent", r.Fluent.Validate()),
		strictyaml.Prefix("gelf", r.GELF.Validate()),
		strictyaml.Prefix("journald", r.Journald.Validate()),
		strictyaml.Prefix("splunk", r.Splunk.Validate()),
		strictyaml.Prefix("datadog", r.Datadog.Validate()),
		strictyaml.Prefix("lines", r.Lines.Validate()),
		strictyaml.Prefix("collector", r.Collector.Validate()),
	)
}

func (r *Receivers) listeners() []string {
	var out []string
	for _, group := range [][]string{r.Syslog.Listeners(), r.Fluent.Listeners(), r.GELF.Listeners()} {
		for _, l := range group {
			if l != "" {
				out = append(out, l)
			}
		}
	}
	return out
}

// setDirectory makes relative names of files relative to the file that has them.
func (r *Receivers) setDirectory(dir string) {
	storage := &r.Collector.Objects.Storage
	for _, files := range [][]*string{{&storage.SecretKeyFile, &storage.KeyFile}, r.Syslog.TLSConfig.Files(), r.Fluent.TLSConfig.Files(), r.GELF.TLSConfig.Files()} {
		for _, name := range files {
			if *name != "" && !filepath.IsAbs(*name) {
				*name = filepath.Join(dir, *name)
			}
		}
	}
}

// validateObjects checks what the section says together with others.
func (c *Config) validateObjects() error {
	if c.Logs.Engine == VictoriaLogs && c.Receivers.Collector.Objects.Storage.Enabled() {
		return &strictyaml.KeyError{Key: "receivers.collector.objects.storage", Err: errors.New("does not work with logs.engine victorialogs"), Hint: "only lines of the local store are copied"}
	}
	return nil
}

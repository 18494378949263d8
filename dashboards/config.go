package dashboards

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"path/filepath"
	"strings"
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
	// Chromium is the browser that renders dashboards as PNG, PDF and CSV. Empty: the one
	// that is found in the usual places; off: none. A restart takes it.
	Chromium string `yaml:"chromium"`
	// Reports are dashboards that are sent by e-mail.
	Reports ReportsConfig `yaml:"reports"`
	// Proxy names data sources that stay on other servers.
	Proxy ProxyConfig `yaml:"proxy"`
}

// ReportsConfig is the section "dashboards.reports".
type ReportsConfig struct {
	// SMTP is the mail server. Without a smarthost it is the global one of the tenant's
	// alertmanager.yml.
	SMTP SMTPConfig `yaml:"smtp"`
}

// SMTPConfig is a mail server, in the words of Alertmanager's.
type SMTPConfig struct {
	// Smarthost is host:port of the mail server.
	Smarthost string `yaml:"smarthost"`
	// From is the sender's address.
	From string `yaml:"from"`
	// Hello is the name that this machine gives itself; empty: its host name.
	Hello string `yaml:"hello"`
	// Username and PasswordFile sign in; the password is the file's content.
	Username     string `yaml:"auth_username"`
	PasswordFile string `yaml:"auth_password_file"`
	// RequireTLS refuses to send in the clear.
	RequireTLS bool `yaml:"require_tls"`
	// ImplicitTLS speaks TLS from the beginning (port 465) instead of STARTTLS.
	ImplicitTLS bool `yaml:"implicit_tls"`
}

// DefaultConfig shows the dashboards that come with Pharos and no others.
func DefaultConfig() Config {
	return Config{Defaults: true, Reports: ReportsConfig{SMTP: SMTPConfig{RequireTLS: true}}, Proxy: DefaultProxyConfig()}
}

// Validate reports settings that cannot work. What the provisioning folder holds
// is read by New.
func (c *Config) Validate() error {
	if strings.ContainsRune(c.Provisioning, 0) {
		return errors.New("dashboards.provisioning: a path holds no NUL character")
	}
	return errors.Join(c.Reports.SMTP.validate(), c.Proxy.Validate())
}

func (c *SMTPConfig) validate() error {
	if c.Smarthost == "" {
		if c.From != "" || c.Username != "" {
			return errors.New("dashboards.reports.smtp: smarthost is missing")
		}
		return nil
	}
	var errs []error
	if _, port, err := net.SplitHostPort(c.Smarthost); err != nil {
		errs = append(errs, fmt.Errorf("dashboards.reports.smtp.smarthost: %w; want host:port, such as mail.example.org:587", err))
	} else if _, err := net.LookupPort("tcp", port); err != nil {
		errs = append(errs, fmt.Errorf("dashboards.reports.smtp.smarthost: %q is no port; want host:port, such as mail.example.org:587", port))
	}
	if c.From == "" {
		errs = append(errs, errors.New("dashboards.reports.smtp: from is missing, the sender's address, such as pharos@example.org"))
	} else if _, err := mail.ParseAddress(c.From); err != nil {
		errs = append(errs, fmt.Errorf("dashboards.reports.smtp.from: %q is no e-mail address, such as pharos@example.org", c.From))
	}
	if (c.Username == "") != (c.PasswordFile == "") {
		errs = append(errs, errors.New("dashboards.reports.smtp: auth_username and auth_password_file belong together"))
	}
	return errors.Join(errs...)
}

// SetDirectory makes relative file names relative to dir, the folder of the file
// that c was read from.
func (c *Config) SetDirectory(dir string) {
	if c.Provisioning != "" && !filepath.IsAbs(c.Provisioning) {
		c.Provisioning = filepath.Join(dir, c.Provisioning)
	}
	if f := &c.Reports.SMTP.PasswordFile; *f != "" && !filepath.IsAbs(*f) {
		*f = filepath.Join(dir, *f)
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

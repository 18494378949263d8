package alerting

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/tenant"
)

// Config is the section `alerting:` of pharos.yml.
type Config struct {
	// AlertmanagerConfig is the alertmanager.yml of the tenant "default". Without
	// one alerts are shown and nobody is notified.
	AlertmanagerConfig string `yaml:"alertmanager_config"`
	// Tenants holds what differs for other tenants, by tenant id.
	Tenants map[string]TenantConfig `yaml:"tenants"`
	// Retention is how long expired silences and entries of the notification log
	// are kept. Shorter than a repeat_interval means repeating early.
	Retention model.Duration `yaml:"retention"`
	// ExternalURL is where people reach this server; notifications link there.
	// Default: external_url of the file.
	ExternalURL string `yaml:"external_url"`
	// MaxAlerts bounds the alerts that a tenant holds, resolved ones included
	// until they are collected (every 30 minutes).
	MaxAlerts int `yaml:"max_alerts"`
	// MaxSilences bounds a tenant's silences, expired ones included.
	MaxSilences int `yaml:"max_silences"`
	// Cluster joins Alertmanager's gossip; off unless listen_address is set.
	Cluster ClusterConfig `yaml:"cluster"`
}

// TenantConfig is one entry of `alerting.tenants:`.
type TenantConfig struct {
	// AlertmanagerConfig is the tenant's alertmanager.yml.
	AlertmanagerConfig string `yaml:"alertmanager_config"`
}

// ClusterConfig says with whom silences and the notification log are shared, so
// that several replicas notify once. Names and meanings are Alertmanager's
// --cluster.* flags.
type ClusterConfig struct {
	// ListenAddress is host:port of gossip, TCP and UDP; empty: no cluster.
	// AdvertiseAddress is the one that others are told, if it differs.
	ListenAddress    string `yaml:"listen_address"`
	AdvertiseAddress string `yaml:"advertise_address"`
	// Peers are host:port of other replicas to join through.
	Peers []string `yaml:"peers"`
	// Label keeps clusters apart that could reach each other.
	Label string `yaml:"label"`
	// TLSConfig is a file as Alertmanager's --cluster.tls-config.
	TLSConfig string `yaml:"tls_config"`
	// PeerTimeout is how long the next replica waits for this one to notify.
	PeerTimeout model.Duration `yaml:"peer_timeout"`
}

// DefaultConfig returns Alertmanager's own defaults, with bounds where it has
// none.
func DefaultConfig() Config {
	return Config{
		Retention:   model.Duration(120 * time.Hour),
		MaxAlerts:   50_000,
		MaxSilences: 10_000,
		Cluster:     ClusterConfig{PeerTimeout: model.Duration(15 * time.Second)},
	}
}

// SetDirectory makes relative file names relative to dir, the folder of the file
// that c was read from.
func (c *Config) SetDirectory(dir string) {
	join := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}
	c.AlertmanagerConfig = join(c.AlertmanagerConfig)
	c.Cluster.TLSConfig = join(c.Cluster.TLSConfig)
	for id, t := range c.Tenants {
		t.AlertmanagerConfig = join(t.AlertmanagerConfig)
		c.Tenants[id] = t
	}
}

// Validate reports every setting that cannot work. It reads no file; Check does.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("alerting."+format, args...)) }
	if c.Retention <= 0 {
		bad("retention: must be above zero, is %s", c.Retention)
	}
	if c.MaxAlerts <= 0 {
		bad("max_alerts: must be above zero, is %d", c.MaxAlerts)
	}
	if c.MaxSilences <= 0 {
		bad("max_silences: must be above zero, is %d", c.MaxSilences)
	}
	if c.ExternalURL != "" {
		if _, err := parseExternalURL(c.ExternalURL); err != nil {
			bad("%w", err)
		}
	}
	for id, t := range c.Tenants {
		if _, err := tenant.Parse(id); err != nil {
			bad("tenants: %w", err)
		}
		if id == string(tenant.Default) {
			bad("tenants.%s: the tenant %s takes alerting.alertmanager_config", id, id)
		}
		if t.AlertmanagerConfig == "" {
			bad("tenants.%s.alertmanager_config: is missing; name a file or leave the tenant out", id)
		}
	}
	switch cl := c.Cluster; {
	case cl.ListenAddress == "" && (len(cl.Peers) > 0 || cl.AdvertiseAddress != "" || cl.Label != "" || cl.TLSConfig != ""):
		bad("cluster.listen_address: is missing; the cluster's other settings have no effect without it")
	case cl.ListenAddress != "" && cl.PeerTimeout <= 0:
		bad("cluster.peer_timeout: must be above zero, is %s", cl.PeerTimeout)
	}
	return errors.Join(errs...)
}

// parseExternalURL returns text as the base of links: absolute, http or https,
// without a slash at its end.
func parseExternalURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("external_url: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("external_url: %q is no http or https address, such as https://pharos.example.org", text)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

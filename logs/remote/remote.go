// Package remote keeps logs on VictoriaLogs servers, one or a cluster: it is what
// rowstore.Remote needs to reach them over HTTP. The schema, the language and the
// answers are those of the store of one machine.
package remote

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/storage/rowstore"
)

// Config is the section `logs.victorialogs:` of pharos.yml. The servers must run
// VictoriaLogs of the version that is named in docs/user/victorialogs.md, with
// -defaultMsgValue= (empty) and a -retentionPeriod that is not below logs.retention.
// URLs may hold a user and a password.
type Config struct {
	// InsertURL is the server that lines are sent to.
	InsertURL string `yaml:"insert_url"`
	// SelectURL is the server that answers queries: the same one, or one in front of a
	// cluster.
	SelectURL string `yaml:"select_url"`
	// NodeURLs are all storage nodes of a cluster, in place of insert_url: lines are
	// sent to them directly, since a server in front of them acknowledges lines that it
	// only holds in memory.
	NodeURLs []string `yaml:"node_urls"`
	// Hold is how long lines stay in the write-ahead log here after the servers took
	// them: several times the servers' -inmemoryDataFlushInterval.
	Hold strictyaml.Duration `yaml:"hold"`
	// MaxLog bounds the write-ahead log: when the servers are away until it is full,
	// lines are refused.
	MaxLog strictyaml.Bytes `yaml:"max_log"`
}

// DefaultConfig returns the settings for servers with theirs.
func DefaultConfig() Config {
	return Config{Hold: strictyaml.Duration(30 * time.Second), MaxLog: 1 << 30}
}

// minLog leaves room for one large batch.
const minLog = 16 << 20

// Validate says what is wrong with the settings, all at once.
func (c *Config) Validate() error {
	var errs []error
	check := func(key, text string) {
		if err := checkURL(text); err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: key, Err: err, Hint: "such as http://victorialogs:9428"})
		}
	}
	switch {
	case len(c.NodeURLs) == 0:
		check("insert_url", c.InsertURL)
	case c.InsertURL != "":
		errs = append(errs, &strictyaml.KeyError{Key: "insert_url", Err: errors.New("node_urls are given: lines go to these")})
	}
	check("select_url", c.SelectURL)
	for i, u := range c.NodeURLs {
		check(fmt.Sprintf("node_urls[%d]", i), u)
	}
	if c.Hold < strictyaml.Duration(5*time.Second) {
		errs = append(errs, &strictyaml.KeyError{Key: "hold", Err: fmt.Errorf("%s is less than 5s", c.Hold)})
	}
	if c.MaxLog < minLog {
		errs = append(errs, &strictyaml.KeyError{Key: "max_log", Err: fmt.Errorf("%s is less than %s", c.MaxLog, strictyaml.Bytes(minLog))})
	}
	return errors.Join(errs...)
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q is no URL of a server", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q has more than a path", u.Redacted())
	}
	return nil
}

// Open returns the store on the servers that c names; rows has the other settings.
func Open(c Config, rows rowstore.RemoteConfig, log *slog.Logger, reg prometheus.Registerer) (*rowstore.Remote, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("log servers: %w", err)
	}
	rows.Hold, rows.MaxLog = time.Duration(c.Hold), int64(c.MaxLog)
	return rowstore.OpenRemote(rows, newTransport(c), log, reg)
}

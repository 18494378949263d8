package config

import (
	"fmt"
	"net"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Tempo is where Grafana Tempo's API is served besides the main port, on which it is
// below /tempo.
type Tempo struct {
	// Listen is the host:port of a port of its own, such as 127.0.0.1:3200; empty for
	// none.
	Listen string `yaml:"listen"`
}

// Validate says what is wrong with the section.
func (t *Tempo) Validate() error {
	if t.Listen == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(t.Listen); err != nil {
		return &strictyaml.KeyError{Key: "listen", Err: fmt.Errorf("%q is no address: %w", t.Listen, err), Hint: "want host:port, such as 127.0.0.1:3200"}
	}
	return nil
}

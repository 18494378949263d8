// Package otlp receives traces, logs and metrics by OpenTelemetry's protocol: on
// Pharos' main port over HTTP (API), and on the protocol's own ports, gRPC and HTTP,
// through the OpenTelemetry Collector's receiver (Receiver).
//
// Success is answered only after the sink said that everything is on disk. What is
// refused for a limit is answered with RESOURCE_EXHAUSTED (429) and a RetryInfo
// (Retry-After), what is refused for good with INVALID_ARGUMENT (400).
package otlp

import (
	"errors"
	"fmt"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// HTTPConfig bounds bodies on the main port.
type HTTPConfig struct {
	// MaxBody and MaxUnpacked bound a body as it is sent and unpacked, in bytes.
	MaxBody     int64 `yaml:"max_body"`
	MaxUnpacked int64 `yaml:"max_unpacked"`
}

// DefaultHTTPConfig allows 20 MiB bodies that unpack to at most 64 MiB.
func DefaultHTTPConfig() HTTPConfig {
	return HTTPConfig{MaxBody: 20 << 20, MaxUnpacked: 64 << 20}
}

// Validate says what is wrong with the settings, all at once.
func (c HTTPConfig) Validate() error {
	var errs []error
	if c.MaxBody <= 0 {
		errs = append(errs, &strictyaml.KeyError{Key: "max_body", Err: fmt.Errorf("must be above 0, is %d", c.MaxBody)})
	}
	if c.MaxUnpacked < c.MaxBody {
		errs = append(errs, &strictyaml.KeyError{Key: "max_unpacked", Err: fmt.Errorf("must be at least max_body (%d), is %d", c.MaxBody, c.MaxUnpacked)})
	}
	return errors.Join(errs...)
}

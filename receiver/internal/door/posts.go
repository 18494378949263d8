package door

import (
	"errors"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Posts are settings of a protocol of another system's clients over HTTP.
type Posts struct {
	// MaxBody bounds a request as sent, MaxUnpacked what it may unpack to.
	MaxBody     strictyaml.Bytes `yaml:"max_body"`
	MaxUnpacked strictyaml.Bytes `yaml:"max_unpacked"`
	// Labels are added to every stream; they win over what clients say.
	Labels map[string]string `yaml:"labels"`
	// Job is the value of the label job.
	Job string `yaml:"job"`
}

// Validate says what is wrong with the settings, all at once.
func (p Posts) Validate() error {
	errs := []error{CheckLabels("labels", p.Labels)}
	if p.MaxBody < 1<<10 || p.MaxUnpacked < p.MaxBody {
		errs = append(errs, Bad("max_body", "such as 8MiB and 32MiB", "must be at least 1KiB, and max_unpacked not less"))
	}
	return errors.Join(errs...)
}

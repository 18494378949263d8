package ingest

import (
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Hard bounds of the store, which no setting may exceed.
const (
	maxStoredLine = 900 << 10
	maxStoredName = 120
)

// Limits bound what one tenant may push. Names and defaults are Loki's where it
// has them; a limit of 0 is no limit but the store's own.
type Limits struct {
	// MaxLineSize is in bytes.
	MaxLineSize int `yaml:"max_line_size"`
	// MaxLineSizeTruncate cuts longer lines instead of refusing them. An entry that was
	// cut has the size of its line in its structured metadata, as truncated_from.
	MaxLineSizeTruncate bool `yaml:"max_line_size_truncate"`
	// MaxLineSizeTruncateIdentifier is put at the end of a line that was cut, within
	// its size.
	MaxLineSizeTruncateIdentifier string `yaml:"max_line_size_truncate_identifier"`
	// MaxLabelNamesPerSeries bounds how many labels a stream has.
	MaxLabelNamesPerSeries int `yaml:"max_label_names_per_series"`
	// MaxLabelNameLength is in bytes. Whatever it says, names of more than 120 bytes
	// are refused: the store cannot hold them.
	MaxLabelNameLength int `yaml:"max_label_name_length"`
	// MaxLabelValueLength is in bytes.
	MaxLabelValueLength int `yaml:"max_label_value_length"`
	// AllowStructuredMetadata takes entries that come with structured metadata.
	AllowStructuredMetadata bool `yaml:"allow_structured_metadata"`
	// MaxStructuredMetadataSize is the sum of names and values of one entry in bytes.
	MaxStructuredMetadataSize int `yaml:"max_structured_metadata_size"`
	// MaxStructuredMetadataEntriesCount is how many pairs one entry may have.
	MaxStructuredMetadataEntriesCount int `yaml:"max_structured_metadata_entries_count"`
	// IngestionRate is in bytes a second over all of the tenant's logs and spans;
	// IngestionBurst is what one push may have, in bytes.
	IngestionRate  int `yaml:"ingestion_rate"`
	IngestionBurst int `yaml:"ingestion_burst"`
	// PerStreamRateLimit is in bytes a second of one stream; PerStreamRateLimitBurst is
	// what one push may have of it, in bytes.
	PerStreamRateLimit      int `yaml:"per_stream_rate_limit"`
	PerStreamRateLimitBurst int `yaml:"per_stream_rate_limit_burst"`
	// MaxStreams bounds the streams that got an entry within the last hour.
	MaxStreams int `yaml:"max_streams"`
	// MaxAge is how old an entry may be when it comes.
	MaxAge time.Duration `yaml:"reject_old_samples_max_age"`
	// CreationGracePeriod is how far ahead of our clock an entry may be.
	CreationGracePeriod time.Duration `yaml:"creation_grace_period"`
	// DiscoverServiceName lists labels; the first that a stream has becomes its
	// label service_name if it lacks one. An empty list turns this off.
	DiscoverServiceName []string `yaml:"discover_service_name"`
	// DiscoverLogLevels adds detected_level to each entry's structured metadata.
	DiscoverLogLevels bool `yaml:"discover_log_levels"`
	// MaxSpanSize is the size of one span with its attributes, events and links in
	// bytes.
	MaxSpanSize int `yaml:"max_span_size"`
}

// DefaultLimits returns Loki's limits, but for a rate that demonstrations and
// benchmarks pass under, no rate of a single stream, and an age that is the store's
// retention.
func DefaultLimits() Limits {
	return Limits{
		MaxLineSize:                       256 << 10,
		MaxLabelNamesPerSeries:            15,
		MaxLabelNameLength:                1024,
		MaxLabelValueLength:               2048,
		AllowStructuredMetadata:           true,
		MaxStructuredMetadataSize:         64 << 10,
		MaxStructuredMetadataEntriesCount: 128,
		IngestionRate:                     64 << 20,
		IngestionBurst:                    128 << 20,
		MaxStreams:                        5000,
		MaxAge:                            30 * 24 * time.Hour,
		CreationGracePeriod:               10 * time.Minute,
		DiscoverServiceName: []string{"service", "app", "application", "app_name", "name", "app_kubernetes_io_name",
			"container", "container_name", "k8s_container_name", "component", "workload", "job", "k8s_job_name"},
		DiscoverLogLevels: true,
		MaxSpanSize:       256 << 10,
	}
}

// Validate says what is wrong with the limits, all at once.
func (l Limits) Validate() error {
	var errs []error
	for _, v := range []struct {
		name string
		n    int
	}{
		{"max_line_size", l.MaxLineSize}, {"max_label_names_per_series", l.MaxLabelNamesPerSeries},
		{"max_label_name_length", l.MaxLabelNameLength}, {"max_label_value_length", l.MaxLabelValueLength},
		{"max_structured_metadata_size", l.MaxStructuredMetadataSize},
		{"max_structured_metadata_entries_count", l.MaxStructuredMetadataEntriesCount},
		{"ingestion_rate", l.IngestionRate}, {"ingestion_burst", l.IngestionBurst},
		{"per_stream_rate_limit", l.PerStreamRateLimit}, {"per_stream_rate_limit_burst", l.PerStreamRateLimitBurst},
		{"max_streams", l.MaxStreams}, {"max_span_size", l.MaxSpanSize},
	} {
		if v.n < 0 {
			errs = append(errs, fmt.Errorf("%s is %d, want 0 (no limit) or more", v.name, v.n))
		}
	}
	if l.MaxLineSize > maxStoredLine {
		errs = append(errs, fmt.Errorf("max_line_size is %d, the store takes at most %d", l.MaxLineSize, maxStoredLine))
	}
	if n := len(l.MaxLineSizeTruncateIdentifier); n > 0 && over(n, l.MaxLineSize) {
		errs = append(errs, fmt.Errorf("max_line_size_truncate_identifier has %d bytes, more than max_line_size %d", n, l.MaxLineSize))
	}
	if l.MaxAge <= 0 {
		errs = append(errs, fmt.Errorf("reject_old_samples_max_age is %s, want more than 0", l.MaxAge))
	}
	if l.CreationGracePeriod < 0 || l.CreationGracePeriod > 24*time.Hour {
		errs = append(errs, fmt.Errorf("creation_grace_period is %s, want 0 to 24h", l.CreationGracePeriod))
	}
	return errors.Join(errs...)
}

// Config is the ingest step's settings.
type Config struct {
	// Limits hold for every tenant that has none of its own.
	Limits Limits `yaml:"limits"`
	// Tenants have limits of their own, whole: nothing is taken from Limits.
	Tenants map[tenant.ID]Limits `yaml:"tenants"`
	// MaxInFlight bounds the bytes of all batches between receivers and stores.
	MaxInFlight int64 `yaml:"max_in_flight"`
}

// DefaultConfig returns the default limits for all tenants and 128 MiB in flight.
func DefaultConfig() Config { return Config{Limits: DefaultLimits(), MaxInFlight: 128 << 20} }

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	errs := []error{c.Limits.Validate()}
	for id, l := range c.Tenants {
		if _, err := tenant.Parse(string(id)); err != nil {
			errs = append(errs, err)
		}
		if err := l.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("tenants.%s: %w", id, err))
		}
	}
	if c.MaxInFlight <= 0 {
		errs = append(errs, fmt.Errorf("max_in_flight is %d, want more than 0 bytes", c.MaxInFlight))
	}
	return errors.Join(errs...)
}

// limits returns the limits of one tenant.
func (c Config) limits(t tenant.ID) *Limits {
	if l, ok := c.Tenants[t]; ok {
		return &l
	}
	return &c.Limits
}

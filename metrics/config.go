package metrics

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
)

// DefaultRetention is how long samples are kept unless pharos.yml or prometheus.yml
// say otherwise.
const DefaultRetention = 15 * 24 * time.Hour

// Config is the section `metrics:` of pharos.yml. Zero values of what
// prometheus.yml can also say mean "as prometheus.yml says".
type Config struct {
	// PrometheusConfig is the path of a prometheus.yml; empty: no scraping.
	PrometheusConfig string `yaml:"prometheus_config"`
	// Retention is how long samples are kept; 0: storage.tsdb.retention.time of
	// prometheus.yml, or 15d.
	Retention model.Duration `yaml:"retention"`
	// RetentionSize bounds the blocks of each tenant on disk; 0: as prometheus.yml
	// says, or no bound.
	RetentionSize units.Base2Bytes `yaml:"retention_size"`
	// OutOfOrderWindow is how late a sample may come after a newer one of its
	// series; 0: storage.tsdb.out_of_order_time_window of prometheus.yml.
	OutOfOrderWindow model.Duration `yaml:"out_of_order_window"`
	// MaxHeadSeries bounds the series in memory of all tenants together; 0: as many
	// as the memory given to metrics holds.
	MaxHeadSeries int64 `yaml:"max_head_series"`
	// MaxExemplars bounds the exemplars in memory of each tenant; 0:
	// storage.exemplars.max_exemplars of prometheus.yml, or 10,000;
	// negative: exemplars are not stored.
	MaxExemplars int64 `yaml:"max_exemplars"`
	// WALSyncInterval is how often the write-ahead logs are synced to disk: what a
	// power cut may cost. A crash of the process costs nothing.
	WALSyncInterval model.Duration `yaml:"wal_sync_interval"`
	// IdleClose is after how long without reads and writes a tenant's data is closed.
	IdleClose model.Duration `yaml:"idle_close"`
	// Limits bounds the labels of series.
	Limits LimitsConfig `yaml:"limits"`
	// Query bounds each PromQL query.
	Query QueryConfig `yaml:"query"`
}

// QueryConfig bounds PromQL queries.
type QueryConfig struct {
	// Timeout ends a query.
	Timeout model.Duration `yaml:"timeout"`
	// MaxSamples bounds the samples that a query may hold in memory at once; 0:
	// Prometheus' 50 million, or less when memory is small.
	MaxSamples int `yaml:"max_samples"`
	// Concurrency is how many queries run at once; the others wait.
	Concurrency int `yaml:"concurrency"`
	// LookbackDelta is for how long a sample stays the current one.
	LookbackDelta model.Duration `yaml:"lookback_delta"`
}

// DefaultMaxExemplars is a tenth of Prometheus' own default: the buffer is
// allocated for each tenant.
const DefaultMaxExemplars = 10_000

// DefaultConfig is what runs without a file.
func DefaultConfig() Config {
	return Config{
		WALSyncInterval: model.Duration(time.Second),
		IdleClose:       model.Duration(time.Hour),
		Limits: LimitsConfig{
			MaxLabelNames:       256,
			MaxLabelNameLength:  1024,
			MaxLabelValueLength: 16 << 10,
		},
		Query: QueryConfig{
			Timeout:       model.Duration(2 * time.Minute),
			Concurrency:   20,
			LookbackDelta: model.Duration(5 * time.Minute),
		},
	}
}

// Validate checks the section by itself; the file that it names is Load's business.
// All problems are reported at once.
func (c *Config) Validate() error {
	var errs []error
	atLeast := func(key string, value, least int64) {
		if value < least {
			errs = append(errs, fmt.Errorf("metrics.%s: %d is less than %d", key, value, least))
		}
	}
	durationAtLeast := func(key string, value model.Duration, least time.Duration) {
		if time.Duration(value) < least {
			errs = append(errs, fmt.Errorf("metrics.%s: %s is less than %s", key, value, model.Duration(least)))
		}
	}
	if c.Retention != 0 {
		durationAtLeast("retention", c.Retention, 2*time.Hour)
	}
	atLeast("retention_size", int64(c.RetentionSize), 0)
	atLeast("max_head_series", c.MaxHeadSeries, 0)
	durationAtLeast("wal_sync_interval", c.WALSyncInterval, 10*time.Millisecond)
	durationAtLeast("idle_close", c.IdleClose, time.Minute)
	atLeast("limits.max_label_names_per_series", int64(c.Limits.MaxLabelNames), 1)
	atLeast("limits.max_label_name_length", int64(c.Limits.MaxLabelNameLength), 1)
	atLeast("limits.max_label_value_length", int64(c.Limits.MaxLabelValueLength), 1)
	durationAtLeast("query.timeout", c.Query.Timeout, time.Millisecond)
	durationAtLeast("query.lookback_delta", c.Query.LookbackDelta, time.Second)
	atLeast("query.max_samples", int64(c.Query.MaxSamples), 0)
	atLeast("query.concurrency", int64(c.Query.Concurrency), 1)
	return errors.Join(errs...)
}

// Memory a series of the head takes, with its open chunk and its index entries, and
// memory a sample of a query takes. The first is Prometheus' own rule of thumb.
const (
	bytesPerHeadSeries  = 4 << 10
	bytesPerQuerySample = 16
)

// MaxHeadSeriesFor returns the budget of series: the configured one, or what memory
// bytes hold.
func (c *Config) MaxHeadSeriesFor(memory int64) int64 {
	if c.MaxHeadSeries > 0 {
		return c.MaxHeadSeries
	}
	return max(memory/bytesPerHeadSeries, 10_000)
}

// MaxQuerySamplesFor returns how many samples one query may hold: the configured
// number, or Prometheus' default unless that would take more than memory bytes.
func (c *Config) MaxQuerySamplesFor(memory int64) int {
	if c.Query.MaxSamples > 0 {
		return c.Query.MaxSamples
	}
	return int(min(max(memory/bytesPerQuerySample, 100_000), 50_000_000))
}

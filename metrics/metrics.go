// Package metrics is the contract of the metric store and the reader of
// Prometheus' configuration file. Samples, histograms and queries travel as
// Prometheus' own types, because Prometheus' own libraries produce and consume
// them. metrics/tsdb implements the store on one machine, metrics/remote adds the
// file's remote_write and remote_read sections to it.
package metrics

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/pharosd/pharos/tenant"
)

// Store keeps the samples of all tenants, each apart from the others.
type Store interface {
	// Tenant returns the view of one tenant's data. It is cheap and opens nothing:
	// the tenant's data is opened by the first read or write. A read of a tenant
	// that never wrote finds nothing and creates nothing.
	Tenant(t tenant.ID) Tenant
}

// Tenant is what may be done with the data of one tenant. All methods are safe for
// concurrent use. Queriers and appenders hold the data open until Close, Commit or
// Rollback, one of which MUST be called.
//
// A Commit that returned nil is an acknowledgement: the samples are in the
// write-ahead log and outlive the process. What a power cut may cost is
// Config.WALSyncInterval.
//
// An append past the budget of series fails with *SeriesLimitError, one with too many
// or too long labels with *LabelLimitError, one of a sample older than the retention
// with *TooOldError; the appender stays usable and the other samples of the batch
// are stored.
type Tenant interface {
	storage.SampleAndChunkQueryable
	storage.ExemplarQueryable
	storage.Appendable
	storage.AppendableV2
	// StartTime is the oldest time of the tenant's data in milliseconds since the
	// Unix epoch, now when there is none.
	StartTime() (int64, error)
	Admin
}

// Admin is what Prometheus' administration and status calls ask of the store.
type Admin interface {
	CleanTombstones() error
	Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error
	// Snapshot writes hard links of the tenant's blocks into dir.
	Snapshot(dir string, withHead bool) error
	Stats(statsByLabelName string, limit int) (*tsdb.Stats, error)
	WALReplayStatus() (tsdb.WALReplayStatus, error)
	BlockMetas() ([]tsdb.BlockMeta, error)
}

// ErrClosed says that the store was closed. Test with errors.Is.
var ErrClosed = errors.New("metric store is closed")

// SeriesLimitError says that a sample was refused because it would have begun a
// new series past the budget. It counts as storage.ErrOutOfOrderSample, the one error
// that all of Prometheus' own callers take for a refusal of one sample rather than
// of its batch: a scrape whose new series are refused goes on.
type SeriesLimitError struct {
	// Limit is the number of series that may be in memory at once.
	Limit int64
}

func (e *SeriesLimitError) Error() string {
	return fmt.Sprintf("the limit of %d series in memory is reached: the new series was not stored, existing ones are (metrics.max_head_series)", e.Limit)
}

// Is makes the error count as a refusal of one sample.
func (e *SeriesLimitError) Is(target error) bool { return target == storage.ErrOutOfOrderSample }

// Reason is the stable name of the refusal, as ingest counts it.
func (e *SeriesLimitError) Reason() string { return "series_limit" }

// LabelLimitError says that a sample was refused because its series would be new
// and its labels exceed a limit. It counts as storage.ErrOutOfOrderSample, for the
// reason that SeriesLimitError does.
type LabelLimitError struct {
	// Key is the limit's key in pharos.yml, Limit its value, Got what exceeded it,
	// Label the label it was, "" when it was their number.
	Key        string
	Label      string
	Limit, Got int
	reason     string
}

func (e *LabelLimitError) Error() string {
	if e.Label == "" {
		return fmt.Sprintf("series has %d labels, at most %d are allowed (metrics.limits.%s)", e.Got, e.Limit, e.Key)
	}
	return fmt.Sprintf("label %q: %d bytes, at most %d are allowed (metrics.limits.%s)", e.Label, e.Got, e.Limit, e.Key)
}

// Is makes the error count as a refusal of one sample.
func (e *LabelLimitError) Is(target error) bool { return target == storage.ErrOutOfOrderSample }

// Reason is the stable name of the refusal, as ingest counts it.
func (e *LabelLimitError) Reason() string { return e.reason }

// TooOldError says that a sample was refused because it is older than the
// retention. It counts as storage.ErrTooOldSample.
type TooOldError struct {
	// Time and Oldest are milliseconds since the Unix epoch: the sample's and the
	// oldest that is accepted.
	Time, Oldest int64
}

func (e *TooOldError) Error() string {
	return fmt.Sprintf("sample with timestamp %d is older than the retention, which reaches back to %d (metrics.retention)", e.Time, e.Oldest)
}

// Is makes the error count as a refusal of one sample.
func (e *TooOldError) Is(target error) bool { return target == storage.ErrTooOldSample }

// Reason is the stable name of the refusal, as ingest counts it.
func (e *TooOldError) Reason() string { return "greater_than_max_sample_age" }

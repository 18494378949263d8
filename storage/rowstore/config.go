package rowstore

import (
	"errors"
	"fmt"
	"time"
)

// Config is one store's settings.
type Config struct {
	// Path is the store's folder; it is created if it does not exist.
	Path string `yaml:"-"`
	// Retention is how long rows are kept. The engine drops whole UTC days.
	Retention time.Duration `yaml:"retention"`
	// MaxSize is what all rows may take on disk in bytes, compressed and with their
	// index; the write-ahead log and what is in memory do not count. The engine drops
	// whole days beyond it, the oldest first, but never the last two. 0: no bound.
	MaxSize int64 `yaml:"max_size"`
	// FutureLimit is how far ahead of now a row's time may be.
	FutureLimit time.Duration `yaml:"future_limit"`
	// MinFreeDisk is the free space in bytes below which the store refuses to write.
	MinFreeDisk int64 `yaml:"min_free_disk"`
	// MaxInFlight bounds the bytes of rows that wait for the disk.
	MaxInFlight int64 `yaml:"max_in_flight"`
	// MaxLog bounds the write-ahead log in bytes.
	MaxLog int64 `yaml:"max_log"`
	// Distinct keeps a row that equals a recent one in everything from being stored a
	// second time: a client that repeats a batch does not double it. Recent are the last
	// 786,000 rows at least, and after a crash those that the write-ahead log held, which
	// keeps the last sixteenth of MaxLog for that. See LateColumn.
	Distinct bool `yaml:"-"`
	// Derived is what names of fields begin with that follow from the message, so that
	// rows are equal without them; "": there are none.
	Derived string `yaml:"-"`
}

// MinLog is the smallest Config.MaxLog. It leaves room for a batch of the usual kind while another is written.
const MinLog = 16 << 20

// DefaultConfig returns the settings for 30 days of rows.
func DefaultConfig() Config {
	return Config{
		Retention:   30 * 24 * time.Hour,
		FutureLimit: 24 * time.Hour,
		MinFreeDisk: 256 << 20,
		MaxInFlight: 128 << 20,
		MaxLog:      256 << 20,
	}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.Path == "" {
		errs = append(errs, errors.New("path is missing"))
	}
	// The engine keeps whole days and raises less than one day to one day, which
	// would keep rows that Append's caller believes to be gone.
	if c.Retention < 24*time.Hour {
		errs = append(errs, fmt.Errorf("retention is %s, want at least 24h", c.Retention))
	}
	if c.FutureLimit < 0 || c.FutureLimit > 24*time.Hour {
		errs = append(errs, fmt.Errorf("future_limit is %s, want 0 to 24h", c.FutureLimit))
	}
	if c.MaxSize < 0 {
		errs = append(errs, fmt.Errorf("max_size is %d, want 0 or more bytes", c.MaxSize))
	}
	if c.MinFreeDisk < 0 {
		errs = append(errs, fmt.Errorf("min_free_disk is %d, want 0 or more bytes", c.MinFreeDisk))
	}
	if c.MaxInFlight < 2*MaxRowSize {
		errs = append(errs, fmt.Errorf("max_in_flight is %d, want at least %d bytes", c.MaxInFlight, 2*MaxRowSize))
	}
	if c.MaxLog < MinLog {
		errs = append(errs, fmt.Errorf("max_log is %d, want at least %d bytes", c.MaxLog, MinLog))
	}
	return errors.Join(errs...)
}

// Package archive keeps closed hours of the log store in object storage as Parquet,
// beside a manifest with the checksum of each file, readable by any engine. It writes
// them (Archiver), answers queries from them (Union) and brings ranges of them back
// to the local disk (Restored).
//
// # Exactly once
//
// Each entry of the local store has a number that is never used twice below the
// store's ID. A manifest says which numbers of which store its files have, so an hour
// is archived in generations: the first has every entry with a number below the
// moment's, a later one what arrived since. Files come first and are read back;
// the manifest is written last, and what it does not name does not exist.
//
// The format on disk is docs/format/archive.md.
package archive

import (
	"errors"
	"time"

	"github.com/pharosd/pharos/storage/objects"
)

// formatVersion is the version of manifests and files.
const formatVersion = 1

// ErrDamaged says that an object is not what its manifest says. Test with errors.Is.
var ErrDamaged = errors.New("archived object is damaged")

// When queries include the archive.
const (
	QueryNever     = "never"
	QueryOnRequest = "on-request"
	QueryAlways    = "always"
)

// Config is the section `archive:` of pharos.yml.
type Config struct {
	// Storage is where archived hours go. Without a type nothing is archived.
	Storage objects.Config `yaml:"storage"`
	// Grace is how long after its end an hour is archived; entries that arrive later
	// are archived too, see LateEvery.
	Grace time.Duration `yaml:"grace"`
	// LateEvery is how long an archived hour waits for more late entries before these
	// go into a further file.
	LateEvery time.Duration `yaml:"late_every"`
	// Interval is how often is looked for what is to be archived.
	Interval time.Duration `yaml:"interval"`
	// PartSize is about how large a Parquet file may become.
	PartSize int64 `yaml:"part_size"`
	// Query says when queries include the archive: never, on-request (parameter
	// archive=1 or header X-Pharos-Archive: include) or always.
	Query string `yaml:"query"`
	// RequiredForRetention keeps local data beyond logs.retention, by Margin at most,
	// until it is archived.
	RequiredForRetention bool `yaml:"required_for_retention"`
	// Margin is for how long archiving may fail without loss; it costs no disk while
	// archiving works but for whole days.
	Margin time.Duration `yaml:"margin"`
	// MaxRestored bounds what restored ranges take on the local disk, in bytes.
	MaxRestored int64 `yaml:"max_restored"`
}

// DefaultConfig returns the settings that hold without a file.
func DefaultConfig() Config {
	return Config{
		Grace: 2 * time.Hour, LateEvery: 6 * time.Hour, Interval: 5 * time.Minute, PartSize: 128 << 20,
		Query: QueryOnRequest, RequiredForRetention: true, Margin: 7 * 24 * time.Hour, MaxRestored: 50 << 30,
	}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	need := func(ok bool, text string) {
		if !ok {
			errs = append(errs, errors.New(text))
		}
	}
	if err := c.Storage.Validate(); err != nil {
		errs = append(errs, prefixed("storage", err))
	}
	need(c.Grace >= 0, "grace must not be negative")
	need(c.LateEvery >= time.Minute, "late_every must be at least 1m")
	need(c.Interval >= time.Second, "interval must be at least 1s")
	need(c.PartSize >= 1<<20 && c.PartSize <= 4<<30, "part_size must be 1MiB to 4GiB")
	need(c.Query == QueryNever || c.Query == QueryOnRequest || c.Query == QueryAlways, "query must be never, on-request or always")
	need(c.Margin >= 0 && c.Margin <= 365*24*time.Hour, "margin must be 0 to a year")
	need(c.MaxRestored >= 0, "max_restored must not be negative")
	return errors.Join(errs...)
}

func prefixed(key string, err error) error {
	var out []error
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			out = append(out, errors.New(key+"."+e.Error()))
		}
		return errors.Join(out...)
	}
	return errors.New(key + "." + err.Error())
}

package config

import (
	"errors"
	"fmt"

	"github.com/alecthomas/units"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/storage/rowstore"
)

// Disk is how a store of rows uses the disk.
type Disk struct {
	// WALMaxSize bounds the write-ahead log. Writing at full speed does not reach it;
	// beyond it clients wait and are then told to come again.
	WALMaxSize units.Base2Bytes `yaml:"wal_max_size"`
	// MinFreeDisk is the free space below which writing is refused (503). Reading goes
	// on.
	MinFreeDisk units.Base2Bytes `yaml:"min_free_disk"`
}

func defaultDisk() Disk {
	d := rowstore.DefaultConfig()
	return Disk{WALMaxSize: units.Base2Bytes(d.MaxLog), MinFreeDisk: units.Base2Bytes(d.MinFreeDisk)}
}

// Validate says what is wrong, all at once.
func (d Disk) Validate() error {
	var errs []error
	if d.WALMaxSize < rowstore.MinLog {
		errs = append(errs, &strictyaml.KeyError{Key: "wal_max_size", Err: fmt.Errorf("%s is less than 16MiB", d.WALMaxSize), Hint: "such as 256MiB"})
	}
	if d.MinFreeDisk < 0 {
		errs = append(errs, &strictyaml.KeyError{Key: "min_free_disk", Err: fmt.Errorf("%s is less than nothing", d.MinFreeDisk)})
	}
	return errors.Join(errs...)
}

// Apply sets what it says in a store's settings.
func (d Disk) Apply(to *rowstore.Config) {
	to.MaxLog, to.MinFreeDisk = int64(d.WALMaxSize), int64(d.MinFreeDisk)
}

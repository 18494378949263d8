// Package dashboards reads Grafana's dashboards and provisioning files. A
// dashboard stays the JSON document that Grafana wrote: what Pharos does not
// know is kept, and only a copy is migrated for rendering (see Document.Render).
//
// Dashboards come from three places: the defaults embedded in the binary, the
// folder that Grafana's provisioning YAML names (both read through the same
// provisioning code, see Provisioner) and what people imported or saved, which the
// metastore keeps with its versions. Library is the view over all of them, and the only
// way to them: it knows who may see and change what (see Actor).
package dashboards

import (
	"errors"
	"time"
)

// Errors of this package; test with errors.Is. metastore.ErrFull and metastore.ErrConflict
// come through as they are.
var (
	// ErrNotFound: no dashboard has this uid, or the actor may not see it.
	ErrNotFound = errors.New("dashboard not found")
	// ErrProvisioned: the dashboard belongs to a file and its provider does not
	// allow changes from the outside.
	ErrProvisioned = errors.New("dashboard is provisioned from a file")
	// ErrExists: an import would replace a dashboard and was not told to.
	ErrExists = errors.New("a dashboard with this uid exists")
	// ErrInvalid: the JSON is no dashboard that Pharos reads.
	ErrInvalid = errors.New("invalid dashboard")
	// ErrForbidden: the actor sees it and may not change it.
	ErrForbidden = errors.New("not allowed")
	// ErrBadInput: a folder, an annotation... that cannot be.
	ErrBadInput = errors.New("invalid")
	// ErrMissing: there is no such folder, annotation...
	ErrMissing = errors.New("not found")
	// ErrTaken: something of that name is there.
	ErrTaken = errors.New("exists already")
	// ErrInUse: something still needs it.
	ErrInUse = errors.New("in use")
	// ErrNotWritable: the dashboard's file cannot be written by this process.
	ErrNotWritable = errors.New("the file cannot be written")
)

// Folder groups dashboards. The zero Folder is Grafana's "General".
type Folder struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
}

// Origin is where the dashboard that holds comes from.
type Origin string

// The origins.
const (
	OriginStore    Origin = "store"    // imported or made here
	OriginFile     Origin = "file"     // provisioned, as the file has it
	OriginOverride Origin = "override" // provisioned, with saved changes in front
)

// Dashboard is one dashboard with where it came from.
type Dashboard struct {
	Document *Document
	Folder   Folder
	// Provider and Path name the provisioning provider and the file below its
	// path; both are empty for an import.
	Provider, Path string
	// Editable says that an import may stand in front of the provisioned file.
	Editable bool
	// Updated is the file's modification time, or when it was saved.
	Updated time.Time

	Origin Origin
	// Version counts saves; 0 for a file that was never saved here.
	Version   int64
	UpdatedBy string
	// FileChanged says that the file is not what the saved changes were made on.
	FileChanged bool
	// CanEdit says that who asked may save it.
	CanEdit bool

	above []Folder // that Folder is in, by the files' structure, from the top
	hash  string   // of the file's content
	file  string   // on disk, "" if it is embedded
}

// Provisioned reports whether the dashboard came from a file.
func (d *Dashboard) Provisioned() bool { return d.Provider != "" }

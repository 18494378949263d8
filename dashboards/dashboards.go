// Package dashboards reads Grafana's dashboards and provisioning files. A
// dashboard stays the JSON document that Grafana wrote: what Pharos does not
// know is kept, and only a copy is migrated for rendering (see Document.Render).
//
// Dashboards come from three places: the defaults embedded in the binary, the
// folder that Grafana's provisioning YAML names (both read through the same
// provisioning code, see Provisioner) and imports, which a Store keeps. Library
// is the view over all of them.
package dashboards

import (
	"context"
	"errors"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Errors of this package; test with errors.Is.
var (
	// ErrNotFound: no dashboard has this uid.
	ErrNotFound = errors.New("dashboard not found")
	// ErrProvisioned: the dashboard belongs to a file and its provider does not
	// allow changes from the outside.
	ErrProvisioned = errors.New("dashboard is provisioned from a file")
	// ErrExists: an import would replace a dashboard and was not told to.
	ErrExists = errors.New("a dashboard with this uid exists")
	// ErrInvalid: the JSON is no dashboard that Pharos reads.
	ErrInvalid = errors.New("invalid dashboard")
)

// Folder groups dashboards. The zero Folder is Grafana's "General".
type Folder struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
}

// Dashboard is one dashboard with where it came from.
type Dashboard struct {
	Document *Document
	Folder   Folder
	// Provider and Path name the provisioning provider and the file below its
	// path; both are empty for an import.
	Provider, Path string
	// Editable says that an import may stand in front of the provisioned file.
	Editable bool
	// Updated is the file's modification time, or when it was imported.
	Updated time.Time
}

// Provisioned reports whether the dashboard came from a file.
func (d *Dashboard) Provisioned() bool { return d.Provider != "" }

// Store keeps imported dashboards durably; *metastore.DB implements it. A missing
// dashboard is metastore.ErrNotFound. Safe for concurrent use.
type Store interface {
	Dashboards(ctx context.Context, t tenant.ID) ([]metastore.Dashboard, error)
	Dashboard(ctx context.Context, t tenant.ID, uid string) (metastore.Dashboard, error)
	PutDashboard(ctx context.Context, t tenant.ID, d metastore.Dashboard) error
	DeleteDashboard(ctx context.Context, t tenant.ID, uid string) error
}

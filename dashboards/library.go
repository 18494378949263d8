package dashboards

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Library is the view over provisioned and stored dashboards. Provisioned ones
// are the installation's and every tenant sees them; stored ones are a tenant's own.
// Each method answers for an Actor and keeps to what their role and the folders'
// permissions allow. It is safe for concurrent use.
type Library struct {
	provisioner *Provisioner
	store       *metastore.DB
	now         func() time.Time
}

// NewLibrary joins files and what the store keeps.
func NewLibrary(p *Provisioner, store *metastore.DB) *Library {
	return &Library{provisioner: p, store: store, now: time.Now}
}

// Summary is a dashboard's entry in a list.
type Summary struct {
	UID         string    `json:"uid"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Tags        []string  `json:"tags"`
	Folder      Folder    `json:"folder"`
	Provisioned bool      `json:"provisioned"`
	Updated     time.Time `json:"updated"`
	UpdatedBy   string    `json:"updated_by,omitempty"`
	Version     int64     `json:"version"`
	Origin      Origin    `json:"origin"`
	Starred     bool      `json:"starred"`
	CanEdit     bool      `json:"can_edit"`
}

// List returns every dashboard that the actor sees, sorted by folder (General
// first) and title.
func (l *Library) List(ctx context.Context, t tenant.ID, who Actor) ([]Summary, error) {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return nil, err
	}
	stored, err := l.store.Dashboards(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("list dashboards: %w", err)
	}
	stars, err := l.store.Stars(ctx, t, who.Owner)
	if err != nil {
		return nil, err
	}
	starred := map[string]bool{}
	for _, uid := range stars {
		starred[uid] = true
	}
	files, out, shadowed := l.provisioner.Snapshot().Dashboards, []Summary{}, map[string]*metastore.Dashboard{}
	for _, s := range stored {
		if file := files[s.UID]; file != nil && !storedHolds(&s, file) {
			shadowed[s.UID] = &s
			continue
		}
		shadowed[s.UID] = nil
		origin := OriginStore
		if files[s.UID] != nil {
			origin = OriginOverride
		}
		out = append(out, Summary{UID: s.UID, Title: s.Title, Description: s.Description, Tags: orEmpty(s.Tags), Folder: a.folder(s.FolderUID, s.Folder),
			Updated: s.UpdatedAt, UpdatedBy: s.UpdatedBy, Version: s.Version, Origin: origin})
	}
	for uid, d := range files {
		s, behind := shadowed[uid]
		if behind && s == nil {
			continue
		}
		d = fileDashboard(d, s)
		out = append(out, Summary{UID: uid, Title: d.Document.Title(), Description: d.Document.Description(), Tags: d.Document.Tags(),
			Folder: d.Folder, Provisioned: true, Updated: d.Updated, UpdatedBy: d.UpdatedBy, Version: d.Version, Origin: OriginFile})
	}
	out = slices.DeleteFunc(out, func(s Summary) bool { return a.level(s.Folder.UID) == None })
	for i, s := range out {
		file := files[s.UID]
		out[i].Starred = starred[s.UID]
		out[i].CanEdit = a.level(s.Folder.UID) == Edit && (file == nil || file.Editable)
	}
	slices.SortFunc(out, func(a, b Summary) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Folder.Title), strings.ToLower(b.Folder.Title)),
			strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), strings.Compare(a.UID, b.UID))
	})
	return out, nil
}

// storedHolds says whether what is stored stands in front of the file: not if the file's
// provider allows no changes (it came later), nor if it was written back to the file.
func storedHolds(s *metastore.Dashboard, file *Dashboard) bool { return file.Editable && !s.InFile }

// fileDashboard is the file's dashboard with what is known of its saves, if there are any.
func fileDashboard(file *Dashboard, s *metastore.Dashboard) *Dashboard {
	d := *file
	if s != nil && file.Editable {
		d.Version = s.Version
		if s.FileHash == file.hash {
			d.UpdatedBy, d.Updated = s.UpdatedBy, s.UpdatedAt
		}
	}
	return &d
}

// Get returns one dashboard, or an error that wraps ErrNotFound.
func (l *Library) Get(ctx context.Context, t tenant.ID, who Actor, uid string) (*Dashboard, error) {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return nil, err
	}
	return l.get(ctx, t, a, uid)
}

func (l *Library) get(ctx context.Context, t tenant.ID, a *access, uid string) (*Dashboard, error) {
	d, err := l.find(ctx, t, a, uid)
	if err != nil {
		return nil, err
	}
	level := a.level(d.Folder.UID)
	if level == None {
		return nil, fmt.Errorf("%w: uid %q", ErrNotFound, uid)
	}
	d.CanEdit = level == Edit && (!d.Provisioned() || d.Editable)
	return d, nil
}

// find returns a dashboard whatever the actor may see.
func (l *Library) find(ctx context.Context, t tenant.ID, a *access, uid string) (*Dashboard, error) {
	file := l.provisioner.Snapshot().Dashboards[uid]
	s, err := l.store.Dashboard(ctx, t, uid)
	switch {
	case errors.Is(err, metastore.ErrNotFound) && file == nil:
		return nil, fmt.Errorf("%w: uid %q", ErrNotFound, uid)
	case errors.Is(err, metastore.ErrNotFound):
		return fileDashboard(file, nil), nil
	case err != nil:
		return nil, fmt.Errorf("read dashboard: %w", err)
	case file != nil && !storedHolds(&s, file):
		return fileDashboard(file, &s), nil
	}
	doc, err := Parse(s.Document)
	if err != nil {
		return nil, fmt.Errorf("read dashboard %s: %w", uid, err)
	}
	d := &Dashboard{Document: doc, Folder: a.folder(s.FolderUID, s.Folder), Editable: true, Updated: s.UpdatedAt,
		Origin: OriginStore, Version: s.Version, UpdatedBy: s.UpdatedBy}
	if file != nil {
		d.Origin, d.FileChanged, d.file, d.hash = OriginOverride, s.FileHash != file.hash, file.file, file.hash
	}
	return d, nil
}

// Delete removes what is stored, with its versions, links and stars. The error wraps
// ErrNotFound, ErrForbidden, or ErrProvisioned when there is only a file.
func (l *Library) Delete(ctx context.Context, t tenant.ID, who Actor, uid string) error {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return err
	}
	d, err := l.get(ctx, t, a, uid)
	if err != nil {
		return err
	}
	if err := a.need(d.Folder.UID, Edit); err != nil {
		return err
	}
	if d.Origin == OriginFile {
		return fmt.Errorf("%w: uid %q is %s of provider %q; remove the file", ErrProvisioned, uid, d.Path, d.Provider)
	}
	if err := l.store.DeleteDashboard(ctx, t, uid); err != nil && !errors.Is(err, metastore.ErrNotFound) {
		return fmt.Errorf("delete dashboard: %w", err)
	}
	if d.Origin == OriginOverride {
		return nil // the file is still there, and so are links to it
	}
	return l.store.DeleteObjectsOf(ctx, t, kindShare, uid)
}

// Datasources returns the names under which dashboards find data.
func (l *Library) Datasources() []Datasource { return l.provisioner.Snapshot().Datasources }

// Problems returns what is wrong with the provisioned files.
func (l *Library) Problems() []Problem { return l.provisioner.Snapshot().Problems }

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

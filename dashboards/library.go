package dashboards

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Library is the view over provisioned and imported dashboards. Provisioned ones
// are the installation's and every tenant sees them; imports are a tenant's own.
type Library struct {
	provisioner *Provisioner
	store       Store
	now         func() time.Time
}

// NewLibrary joins files and imports. store may be nil: imports then answer that
// there is no place to keep them.
func NewLibrary(p *Provisioner, store Store) *Library {
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
}

// List returns every dashboard that the tenant sees, sorted by folder (General
// first) and title.
func (l *Library) List(ctx context.Context, t tenant.ID) ([]Summary, error) {
	snapshot := l.provisioner.Snapshot()
	out := []Summary{}
	shadowed := map[string]bool{}
	if l.store != nil {
		stored, err := l.store.Dashboards(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("list imported dashboards: %w", err)
		}
		for _, s := range stored {
			if p := snapshot.Dashboards[s.UID]; p != nil && !p.Editable {
				continue // a file with this uid came later: the file is what runs
			}
			shadowed[s.UID] = true
			out = append(out, Summary{UID: s.UID, Title: s.Title, Tags: orEmpty(s.Tags), Folder: folderOf(s.Folder), Updated: s.UpdatedAt})
		}
	}
	for uid, d := range snapshot.Dashboards {
		if !shadowed[uid] {
			out = append(out, Summary{UID: uid, Title: d.Document.Title(), Description: d.Document.Description(), Tags: d.Document.Tags(),
				Folder: d.Folder, Provisioned: true, Updated: d.Updated})
		}
	}
	slices.SortFunc(out, func(a, b Summary) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Folder.Title), strings.ToLower(b.Folder.Title)),
			strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), strings.Compare(a.UID, b.UID))
	})
	return out, nil
}

// Get returns one dashboard, or an error that wraps ErrNotFound.
func (l *Library) Get(ctx context.Context, t tenant.ID, uid string) (*Dashboard, error) {
	provisioned := l.provisioner.Snapshot().Dashboards[uid]
	if provisioned != nil && !provisioned.Editable {
		return provisioned, nil
	}
	if l.store != nil {
		s, err := l.store.Dashboard(ctx, t, uid)
		if err != nil && !errors.Is(err, metastore.ErrNotFound) {
			return nil, fmt.Errorf("read dashboard: %w", err)
		}
		if err == nil {
			doc, err := Parse(s.Document)
			if err != nil {
				return nil, fmt.Errorf("read dashboard %s: %w", uid, err)
			}
			return &Dashboard{Document: doc, Folder: folderOf(s.Folder), Editable: true, Updated: s.UpdatedAt}, nil
		}
	}
	if provisioned != nil {
		return provisioned, nil
	}
	return nil, fmt.Errorf("%w: uid %q", ErrNotFound, uid)
}

// Grafana's own rule for uids.
var validUID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,40}$`)

const maxFolderTitle = 200

// Import keeps a dashboard. One without a uid gets one. The error wraps
// ErrInvalid, ErrExists (overwrite is false and the tenant sees one with this
// uid) or ErrProvisioned.
func (l *Library) Import(ctx context.Context, t tenant.ID, source []byte, folder string, overwrite bool) (Summary, error) {
	if l.store == nil {
		return Summary{}, fmt.Errorf("%w: this process keeps no imports", ErrProvisioned)
	}
	doc, err := Parse(source)
	if err != nil {
		return Summary{}, err
	}
	uid := doc.UID()
	if uid == "" {
		uid = strings.ToLower(ulid.Make().String())
	}
	if !validUID.MatchString(uid) {
		return Summary{}, fmt.Errorf("%w: uid %q; it may hold 1 to 40 of a-z, A-Z, 0-9, '-' and '_'", ErrInvalid, uid)
	}
	folder = strings.TrimSpace(folder)
	if len(folder) > maxFolderTitle {
		return Summary{}, fmt.Errorf("%w: the folder's title is longer than %d bytes", ErrInvalid, maxFolderTitle)
	}
	existing, err := l.Get(ctx, t, uid)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return Summary{}, err
	case err == nil && existing.Provisioned() && !existing.Editable:
		return Summary{}, fmt.Errorf("%w: uid %q is %s of provider %q", ErrProvisioned, uid, existing.Path, existing.Provider)
	case err == nil && !overwrite:
		return Summary{}, fmt.Errorf("%w: %q is %q", ErrExists, uid, existing.Document.Title())
	}
	s := metastore.Dashboard{UID: uid, Title: doc.Title(), Tags: doc.Tags(), Folder: folder, Document: doc.Source(), UpdatedAt: l.now().Truncate(time.Millisecond).UTC()}
	if err := l.store.PutDashboard(ctx, t, s); err != nil {
		return Summary{}, fmt.Errorf("keep dashboard: %w", err)
	}
	return Summary{UID: uid, Title: s.Title, Tags: s.Tags, Folder: folderOf(folder), Updated: s.UpdatedAt}, nil
}

// Delete removes an import. The error wraps ErrNotFound, or ErrProvisioned when
// there is only a file.
func (l *Library) Delete(ctx context.Context, t tenant.ID, uid string) error {
	if l.store != nil {
		err := l.store.DeleteDashboard(ctx, t, uid)
		if err == nil {
			return nil
		}
		if !errors.Is(err, metastore.ErrNotFound) {
			return fmt.Errorf("delete dashboard: %w", err)
		}
	}
	if p := l.provisioner.Snapshot().Dashboards[uid]; p != nil {
		return fmt.Errorf("%w: uid %q is %s of provider %q; remove the file", ErrProvisioned, uid, p.Path, p.Provider)
	}
	return fmt.Errorf("%w: uid %q", ErrNotFound, uid)
}

// Datasources returns the names under which dashboards find data.
func (l *Library) Datasources() []Datasource { return l.provisioner.Snapshot().Datasources }

// Problems returns what is wrong with the provisioned files.
func (l *Library) Problems() []Problem { return l.provisioner.Snapshot().Problems }

func folderOf(title string) Folder {
	if title == "" {
		return Folder{}
	}
	return Folder{UID: slug(title), Title: title}
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

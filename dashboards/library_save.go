package dashboards

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Grafana's own rule for uids.
var validUID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,40}$`)

// Bounds of what is kept of a dashboard.
const (
	keptVersions     = 50
	keptVersionBytes = 64 << 20
	maxMessage       = 1000 // bytes
)

// Change is what saving a dashboard takes.
type Change struct {
	Source []byte
	// FolderUID, unless it is nil, is where it goes; "" is General. For an import,
	// FolderTitle names the folder by its title instead and makes it if there is none.
	FolderUID   *string
	FolderTitle string
	Message     string
	// Base is the version that the change was made on; 0 is a file that was never saved.
	Base int64
	// Overwrite saves whatever there is.
	Overwrite bool
}

// Import keeps a dashboard. One without a uid gets one. The error wraps
// ErrInvalid, ErrExists (c.Overwrite is false and there is one with this uid),
// ErrProvisioned, ErrForbidden or ErrMissing (the folder).
func (l *Library) Import(ctx context.Context, t tenant.ID, who Actor, c Change) (Summary, error) {
	doc, uid, err := readChange(&c, "")
	if err != nil {
		return Summary{}, err
	}
	a, err := l.access(ctx, t, who)
	if err != nil {
		return Summary{}, err
	}
	existing, err := l.find(ctx, t, a, uid)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return Summary{}, err
	case !c.Overwrite:
		return Summary{}, fmt.Errorf("%w: %q", ErrExists, uid)
	default:
		if err := mayReplace(a, uid, existing); err != nil {
			return Summary{}, err
		}
	}
	folder, err := l.target(ctx, t, a, c)
	if err != nil {
		return Summary{}, err
	}
	if err := a.need(folder.UID, Edit); err != nil {
		return Summary{}, err
	}
	return l.keep(ctx, t, a, uid, doc, folder, metastore.DashboardSave{Message: c.Message})
}

// Save makes a new version of the dashboard with that uid. The error wraps ErrNotFound,
// ErrInvalid, ErrProvisioned, ErrForbidden, ErrMissing (the folder), or
// metastore.ErrConflict when c.Base is not the newest version.
func (l *Library) Save(ctx context.Context, t tenant.ID, who Actor, uid string, c Change) (Summary, error) {
	doc, _, err := readChange(&c, uid)
	if err != nil {
		return Summary{}, err
	}
	a, err := l.access(ctx, t, who)
	if err != nil {
		return Summary{}, err
	}
	existing, err := l.get(ctx, t, a, uid)
	if err != nil {
		return Summary{}, err
	}
	if err := mayReplace(a, uid, existing); err != nil {
		return Summary{}, err
	}
	folder := existing.Folder
	if c.FolderUID != nil && *c.FolderUID != folder.UID {
		if folder, err = l.target(ctx, t, a, c); err != nil {
			return Summary{}, err
		}
		if err := a.need(folder.UID, Edit); err != nil {
			return Summary{}, err
		}
	}
	save := metastore.DashboardSave{Message: c.Message}
	if !c.Overwrite {
		save.Base = &c.Base
	}
	return l.keep(ctx, t, a, uid, doc, folder, save)
}

// Move puts dashboards into another folder, without a new version.
func (l *Library) Move(ctx context.Context, t tenant.ID, who Actor, uid, folderUID string) error {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return err
	}
	d, err := l.get(ctx, t, a, uid)
	if err != nil {
		return err
	}
	if err := mayReplace(a, uid, d); err != nil {
		return err
	}
	folder, err := l.target(ctx, t, a, Change{FolderUID: &folderUID})
	if err != nil {
		return err
	}
	if err := a.need(folder.UID, Edit); err != nil {
		return err
	}
	if d.Origin == OriginFile {
		return fmt.Errorf("%w: its place is where its file is", ErrProvisioned)
	}
	return l.store.MoveDashboard(ctx, t, uid, folder.UID, folder.Title)
}

// mayReplace says whether the actor may save over what is there.
func mayReplace(a *access, uid string, existing *Dashboard) error {
	if err := a.need(existing.Folder.UID, Edit); err != nil {
		return err
	}
	if existing.Provisioned() && !existing.Editable {
		return fmt.Errorf("%w: uid %q is %s of provider %q, which does not allow it (allowUiUpdates)", ErrProvisioned, uid, existing.Path, existing.Provider)
	}
	return nil
}

// keep writes a version.
func (l *Library) keep(ctx context.Context, t tenant.ID, a *access, uid string, doc *Document, folder Folder, save metastore.DashboardSave) (Summary, error) {
	s := metastore.Dashboard{UID: uid, Title: doc.Title(), Description: doc.Description(), Tags: doc.Tags(), FolderUID: folder.UID, Folder: folder.Title,
		Document: doc.Source(), UpdatedAt: l.now().Truncate(time.Millisecond).UTC(), UpdatedBy: a.who.Owner}
	origin := OriginStore
	if file := l.provisioner.Snapshot().Dashboards[uid]; file != nil {
		origin, s.FileHash = OriginOverride, file.hash
	}
	save.Keep, save.KeepBytes = keptVersions, keptVersionBytes
	version, err := l.store.SaveDashboard(ctx, t, s, save)
	if err != nil {
		return Summary{}, fmt.Errorf("keep dashboard: %w", err)
	}
	return Summary{UID: uid, Title: s.Title, Description: s.Description, Tags: s.Tags, Folder: folder, Updated: s.UpdatedAt, UpdatedBy: s.UpdatedBy,
		Version: version, Origin: origin, CanEdit: true}, nil
}

// readChange checks what is to be saved under uid, "" for the document's own or a new one.
func readChange(c *Change, uid string) (*Document, string, error) {
	doc, err := Parse(c.Source)
	if err != nil {
		return nil, "", err
	}
	own := doc.UID()
	switch {
	case uid == "" && own == "":
		uid = strings.ToLower(ulid.Make().String())
	case uid == "":
		uid = own
		if !validUID.MatchString(uid) {
			return nil, "", fmt.Errorf("%w: uid %q; it may hold 1 to 40 of a-z, A-Z, 0-9, '-' and '_'", ErrInvalid, uid)
		}
	case own != "" && own != uid:
		return nil, "", fmt.Errorf("%w: its uid is %q, it was to be saved as %q", ErrInvalid, own, uid)
	}
	if own == "" {
		if doc, err = doc.withUID(uid); err != nil {
			return nil, "", err
		}
	}
	if c.Message = strings.TrimSpace(c.Message); len(c.Message) > maxMessage {
		return nil, "", fmt.Errorf("%w: the message is longer than %d bytes", ErrBadInput, maxMessage)
	}
	return doc, uid, nil
}

// withUID returns the document with a uid, its text otherwise as it was if it had no such
// key.
func (d *Document) withUID(uid string) (*Document, error) {
	if _, present := d.tree["uid"]; !present && len(d.tree) > 0 {
		at := bytes.IndexByte(d.source, '{') + 1
		return Parse(append(append(bytes.Clone(d.source[:at]), `"uid":"`+uid+`",`...), d.source[at:]...))
	}
	tree := clone(d.tree).(object)
	tree["uid"] = uid
	return Parse(marshal(tree))
}

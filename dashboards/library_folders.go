package dashboards

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Bounds of folders.
const (
	maxFolderTitle = 200 // bytes
	maxFolders     = 2000
	maxGrants      = 200 // of one folder
)

// FolderInfo is a folder with what an actor may do with it.
type FolderInfo struct {
	UID       string `json:"uid"`
	Title     string `json:"title"`
	ParentUID string `json:"parent_uid,omitempty"`
	// Provisioned folders come from files: their name and place are fixed.
	Provisioned bool `json:"provisioned"`
	CanEdit     bool `json:"can_edit"`
	// Count is how many dashboards that the actor sees are in it, not in those below.
	Count int `json:"count"`
}

// Folders returns the folders that the actor sees, by title.
func (l *Library) Folders(ctx context.Context, t tenant.ID, who Actor) ([]FolderInfo, error) {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return nil, err
	}
	all, err := l.List(ctx, t, who)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, d := range all {
		counts[d.Folder.UID]++
	}
	out := []FolderInfo{}
	for uid, f := range a.folders {
		level := a.level(uid)
		if level == None && !a.seesBelow(uid) {
			continue
		}
		f.CanEdit, f.Count = level == Edit, counts[uid]
		out = append(out, f)
	}
	slices.SortFunc(out, func(x, y FolderInfo) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Title), strings.ToLower(y.Title)), strings.Compare(x.UID, y.UID))
	})
	return out, nil
}

// seesBelow says that a folder must be shown because one in it is.
func (a *access) seesBelow(uid string) bool {
	for below, f := range a.folders {
		if f.ParentUID == uid && below != uid && (a.level(below) != None || a.seesBelow(below)) {
			return true
		}
	}
	return false
}

// CreateFolder adds a folder. A uid that is empty is made of the title. The error wraps
// ErrBadInput, ErrTaken, ErrMissing (the parent), ErrForbidden or metastore.ErrFull.
func (l *Library) CreateFolder(ctx context.Context, t tenant.ID, who Actor, uid, title, parent string) (FolderInfo, error) {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return FolderInfo{}, err
	}
	return l.createFolder(ctx, t, a, uid, title, parent)
}

func (l *Library) createFolder(ctx context.Context, t tenant.ID, a *access, uid, title, parent string) (FolderInfo, error) {
	title, err := a.placed("", title, parent)
	if err != nil {
		return FolderInfo{}, err
	}
	if err := a.need(parent, Edit); err != nil {
		return FolderInfo{}, err
	}
	if uid == "" {
		uid = metastore.FolderUID(title)
		if _, taken := a.folders[uid]; taken || uid == "" || uid == general {
			uid = strings.ToLower(ulid.Make().String())
		}
	}
	if !validUID.MatchString(uid) || uid == general {
		return FolderInfo{}, fmt.Errorf("%w: a folder's uid %q; it may hold 1 to 40 of a-z, A-Z, 0-9, '-' and '_'", ErrBadInput, uid)
	}
	if _, taken := a.folders[uid]; taken {
		return FolderInfo{}, fmt.Errorf("a folder with uid %q: %w", uid, ErrTaken)
	}
	if err := l.store.CreateFolder(ctx, t, metastore.Folder{UID: uid, Title: title, ParentUID: parent, UpdatedAt: l.now()}, maxFolders); err != nil {
		if errors.Is(err, metastore.ErrExists) {
			err = fmt.Errorf("a folder with uid %q: %w", uid, ErrTaken)
		}
		return FolderInfo{}, err
	}
	f := FolderInfo{UID: uid, Title: title, ParentUID: parent, CanEdit: true}
	a.folders[uid] = f
	return f, nil
}

// UpdateFolder renames a folder and moves it below another parent.
func (l *Library) UpdateFolder(ctx context.Context, t tenant.ID, who Actor, uid, title, parent string) (FolderInfo, error) {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return FolderInfo{}, err
	}
	f, err := a.own(uid)
	if err != nil {
		return FolderInfo{}, err
	}
	if title, err = a.placed(uid, title, parent); err != nil {
		return FolderInfo{}, err
	}
	if parent != f.ParentUID {
		if err := a.need(parent, Edit); err != nil {
			return FolderInfo{}, err
		}
	}
	f.Title, f.ParentUID, f.CanEdit = title, parent, true
	return f, l.store.UpdateFolder(ctx, t, metastore.Folder{UID: uid, Title: title, ParentUID: parent, UpdatedAt: l.now()})
}

// DeleteFolder removes a folder. With all it takes the folders and dashboards in it along;
// without it the error wraps ErrInUse when there are any.
func (l *Library) DeleteFolder(ctx context.Context, t tenant.ID, who Actor, uid string, all bool) error {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return err
	}
	if _, err := a.own(uid); err != nil {
		return err
	}
	uids := a.subtree(uid)
	for _, below := range uids[1:] {
		if _, err := a.own(below); err != nil {
			return err
		}
	}
	stored, err := l.store.Dashboards(ctx, t)
	if err != nil {
		return err
	}
	var inside []string
	for _, d := range stored {
		if slices.Contains(uids, d.FolderUID) {
			inside = append(inside, d.UID)
		}
	}
	if (len(inside) > 0 || len(uids) > 1) && !all {
		return fmt.Errorf("folder %q holds %d dashboards and %d folders: %w", a.title(uid), len(inside), len(uids)-1, ErrInUse)
	}
	for _, d := range inside {
		if err := l.store.DeleteObjectsOf(ctx, t, kindShare, d); err != nil {
			return err
		}
	}
	return l.store.DeleteFolders(ctx, t, uids)
}

// own returns a folder that the actor may change and that no file names.
func (a *access) own(uid string) (FolderInfo, error) {
	f, ok := a.folders[uid]
	if !ok || a.level(uid) == None {
		return FolderInfo{}, fmt.Errorf("folder %q: %w", uid, ErrMissing)
	}
	if err := a.need(uid, Edit); err != nil {
		return FolderInfo{}, err
	}
	if f.Provisioned {
		return FolderInfo{}, fmt.Errorf("folder %q: %w", f.Title, ErrProvisioned)
	}
	return f, nil
}

// subtree is a folder and all below it.
func (a *access) subtree(uid string) []string {
	out := []string{uid}
	for i := 0; i < len(out); i++ {
		for below, f := range a.folders {
			if f.ParentUID == out[i] && !slices.Contains(out, below) {
				out = append(out, below)
			}
		}
	}
	return out
}

// placed checks the title and place that a folder, "" for a new one, is to have, and
// returns the title without space around it.
func (a *access) placed(uid, title, parent string) (string, error) {
	title = strings.TrimSpace(title)
	switch {
	case title == "":
		return "", fmt.Errorf("%w: a folder needs a title", ErrBadInput)
	case len(title) > maxFolderTitle:
		return "", fmt.Errorf("%w: the folder's title is longer than %d bytes", ErrBadInput, maxFolderTitle)
	}
	depth, height := 1, 1
	for at := parent; at != ""; at = a.folders[at].ParentUID {
		if _, ok := a.folders[at]; !ok || a.level(at) == None {
			return "", fmt.Errorf("folder %q: %w", at, ErrMissing)
		}
		if at == uid {
			return "", fmt.Errorf("%w: a folder cannot be inside itself", ErrBadInput)
		}
		depth++
	}
	if uid != "" {
		height = a.height(uid)
	}
	if depth+height-1 > maxFolderDepth {
		return "", fmt.Errorf("%w: folders are nested %d deep at most", ErrBadInput, maxFolderDepth)
	}
	for other, f := range a.folders {
		if other != uid && f.ParentUID == parent && f.Title == title {
			return "", fmt.Errorf("a folder %q there: %w", title, ErrTaken)
		}
	}
	return title, nil
}

// height counts the levels of folders from uid on down.
func (a *access) height(uid string) int {
	deepest := 0
	for below, f := range a.folders {
		if f.ParentUID == uid && below != uid {
			deepest = max(deepest, a.height(below))
		}
	}
	return deepest + 1
}

// target is the folder that a change names.
func (l *Library) target(ctx context.Context, t tenant.ID, a *access, c Change) (Folder, error) {
	if c.FolderUID != nil {
		uid := *c.FolderUID
		if uid == "" || uid == general {
			return Folder{}, nil
		}
		if f, ok := a.folders[uid]; ok && a.level(uid) != None {
			return Folder{UID: uid, Title: f.Title}, nil
		}
		return Folder{}, fmt.Errorf("folder %q: %w", uid, ErrMissing)
	}
	title := strings.TrimSpace(c.FolderTitle)
	if title == "" {
		return Folder{}, nil
	}
	for uid, f := range a.folders {
		if f.Title == title && f.ParentUID == "" {
			return Folder{UID: uid, Title: title}, nil
		}
	}
	made, err := l.createFolder(ctx, t, a, "", title, "")
	return Folder{UID: made.UID, Title: made.Title}, err
}

// Permissions are what is set for a folder, and what holds because of those above it.
type Permissions struct {
	Entries   []metastore.FolderGrant `json:"entries"`
	Inherited []Inherited             `json:"inherited"`
}

// Inherited are the entries of a folder further up.
type Inherited struct {
	Folder  Folder                  `json:"folder"`
	Entries []metastore.FolderGrant `json:"entries"`
}

// FolderPermissions returns what is set for a folder; uid "general" is the top. Who may
// change the folder may read it.
func (l *Library) FolderPermissions(ctx context.Context, t tenant.ID, who Actor, uid string) (Permissions, error) {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return Permissions{}, err
	}
	out := Permissions{Entries: []metastore.FolderGrant{}, Inherited: []Inherited{}}
	if uid == general {
		out.Entries = append(out.Entries, a.grants[general]...)
		return out, a.need("", Edit)
	}
	f, ok := a.folders[uid]
	if !ok || a.level(uid) == None {
		return Permissions{}, fmt.Errorf("folder %q: %w", uid, ErrMissing)
	}
	if err := a.need(uid, Edit); err != nil {
		return Permissions{}, err
	}
	out.Entries = append(out.Entries, a.grants[uid]...)
	for above := f.ParentUID; above != ""; above = a.folders[above].ParentUID {
		if entries := a.grants[above]; len(entries) > 0 {
			out.Inherited = append(out.Inherited, Inherited{a.folder(above, ""), entries})
		}
	}
	return out, nil
}

// SetFolderPermissions replaces what is set for a folder; administrators do.
func (l *Library) SetFolderPermissions(ctx context.Context, t tenant.ID, who Actor, uid string, entries []metastore.FolderGrant) error {
	if !who.admin() {
		return fmt.Errorf("%w: permissions are set by administrators", ErrForbidden)
	}
	a, err := l.access(ctx, t, who)
	if err != nil {
		return err
	}
	if _, ok := a.folders[uid]; !ok && uid != general {
		return fmt.Errorf("folder %q: %w", uid, ErrMissing)
	}
	if len(entries) > maxGrants {
		return fmt.Errorf("%w: %d entries are more than %d", ErrBadInput, len(entries), maxGrants)
	}
	seen := map[metastore.FolderGrant]bool{}
	for _, e := range entries {
		if err := l.checkGrant(ctx, t, e); err != nil {
			return err
		}
		key := metastore.FolderGrant{Role: e.Role, User: e.User}
		if seen[key] {
			return fmt.Errorf("%w: %s%s has two entries", ErrBadInput, e.Role, e.User)
		}
		seen[key] = true
	}
	return l.store.SetFolderGrants(ctx, t, uid, entries, l.now())
}

func (l *Library) checkGrant(ctx context.Context, t tenant.ID, e metastore.FolderGrant) error {
	switch {
	case e.Level != string(None) && e.Level != string(View) && e.Level != string(Edit):
		return fmt.Errorf("%w: level %q is none of none, view, edit", ErrBadInput, e.Level)
	case (e.Role == "") == (e.User == ""):
		return fmt.Errorf("%w: an entry names a role or a user", ErrBadInput)
	case e.Role == "admin":
		return fmt.Errorf("%w: administrators may always do everything", ErrBadInput)
	case e.Role != "" && e.Role != "viewer" && e.Role != "editor":
		return fmt.Errorf("%w: role %q is none of viewer, editor", ErrBadInput, e.Role)
	case e.Role != "":
		return nil
	}
	u, err := l.store.User(ctx, e.User)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && u.Tenant != t {
		return fmt.Errorf("%w: there is no user %q", ErrBadInput, e.User)
	}
	return err
}

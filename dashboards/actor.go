package dashboards

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Actor is who asks, as the gate found them.
type Actor struct {
	// Owner names them for what is theirs (stars, saved searches): a user's name, or a
	// token's after "token:", which no user can be called.
	Owner string
	// User is a user's name, "" for anybody else: grants to users hold for users only.
	User string
	// Role is viewer, editor or admin.
	Role string
	// Writes is false for tokens that may only read.
	Writes bool
}

// Process is the process itself, which may do everything.
func Process() Actor { return Actor{Owner: "pharos:", Role: "admin", Writes: true} }

func (a Actor) admin() bool { return a.Role == "admin" && a.Writes }

// editor says that the role alone allows changing what has no folder.
func (a Actor) editor() bool { return (a.Role == "editor" || a.Role == "admin") && a.Writes }

// Level is what an actor may do with what is in a folder.
type Level string

// The levels; each may do what the ones before it may.
const (
	None Level = "none"
	View Level = "view"
	Edit Level = "edit"
)

// general is the name of the top, which has no uid, where permissions need one.
const general = "general"

// maxFolderDepth bounds nesting of folders that people make: Grafana's own bound.
const maxFolderDepth = 4

// maxFolderWalk ends every walk upwards: folders of files may be in a folder somebody moved.
const maxFolderWalk = maxFilesDepth + maxFolderDepth

// access knows the folders of a tenant and what an actor may do in them.
type access struct {
	who     Actor
	folders map[string]FolderInfo
	grants  map[string][]metastore.FolderGrant
}

// access reads what is set now.
func (l *Library) access(ctx context.Context, t tenant.ID, who Actor) (*access, error) {
	a := &access{who: who, folders: map[string]FolderInfo{}}
	stored, err := l.store.Folders(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("read folders: %w", err)
	}
	for _, f := range stored {
		a.folders[f.UID] = FolderInfo{UID: f.UID, Title: f.Title, ParentUID: f.ParentUID}
	}
	for _, d := range l.provisioner.Snapshot().Dashboards {
		if d.Folder.UID != "" {
			a.provisioned(append(slices.Clone(d.above), d.Folder))
		}
	}
	a.breakCycles()
	if a.grants, err = l.store.FolderGrants(ctx, t); err != nil {
		return nil, fmt.Errorf("read permissions: %w", err)
	}
	return a, nil
}

// provisioned adds the folders that a file is in, each in the one before it.
func (a *access) provisioned(path []Folder) {
	for i, f := range path {
		parent := a.folders[f.UID].ParentUID
		if i > 0 {
			parent = path[i-1].UID
		}
		a.folders[f.UID] = FolderInfo{UID: f.UID, Title: f.Title, ParentUID: parent, Provisioned: true}
	}
}

// breakCycles puts folders that two changes at the same time have put into each other, or
// too deep, at the top, so that every walk ends.
func (a *access) breakCycles() {
	for uid, f := range a.folders {
		steps := 0
		for at := f.ParentUID; at != "" && steps <= maxFolderWalk; at = a.folders[at].ParentUID {
			steps++
		}
		if steps > maxFolderWalk {
			f.ParentUID = ""
			a.folders[uid] = f
		}
	}
}

// level is what the actor may do in a folder: the nearest folder on the way up that says
// something of the user, or else of the role, decides; without one viewers view and
// editors edit. Administrators may do everything, so that nothing gets lost.
func (a *access) level(folder string) Level {
	level := View
	switch {
	case a.who.Role == "admin":
		level = Edit
	case a.who.Role == "editor":
		level = Edit
		fallthrough
	default:
		level = cmp.Or(a.granted(folder), level)
	}
	if level == Edit && !a.who.Writes {
		return View
	}
	return level
}

func (a *access) granted(folder string) Level {
	if folder == "" {
		return a.grantedIn(general)
	}
	for depth := 0; folder != "" && depth <= maxFolderWalk; depth++ {
		if level := a.grantedIn(folder); level != "" {
			return level
		}
		folder = a.folders[folder].ParentUID
	}
	return ""
}

// grantedIn is what one folder's own entries say; "" if nothing.
func (a *access) grantedIn(folder string) (level Level) {
	for _, g := range a.grants[folder] {
		if g.User != "" && g.User == a.who.User {
			return Level(g.Level)
		}
		if g.Role != "" && g.Role == a.who.Role {
			level = Level(g.Level)
		}
	}
	return level
}

// need is nil if the actor has the level in the folder, else ErrForbidden.
func (a *access) need(folder string, want Level) error {
	have := a.level(folder)
	if have == Edit || have == want {
		return nil
	}
	where := "outside of folders"
	if folder != "" {
		where = fmt.Sprintf("in folder %q", a.title(folder))
	}
	return fmt.Errorf("%w: %s may not %s %s", ErrForbidden, a.who.Owner, want, where)
}

func (a *access) title(folder string) string { return cmp.Or(a.folders[folder].Title, folder) }

// folder is a folder by its uid, with the title that it had when it is gone.
func (a *access) folder(uid, former string) Folder {
	if uid == "" {
		return Folder{}
	}
	if f, ok := a.folders[uid]; ok {
		return Folder{UID: uid, Title: f.Title}
	}
	return Folder{UID: uid, Title: cmp.Or(former, uid)}
}

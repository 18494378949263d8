package dashboards

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// LibraryPanel is a panel that several dashboards show.
type LibraryPanel struct {
	UID   string          `json:"uid"`
	Name  string          `json:"name"`
	Type  string          `json:"type"`
	Model json.RawMessage `json:"model"` // Grafana's panel
	// UsedBy counts the dashboards that show it.
	UsedBy    int       `json:"used_by"`
	Updated   time.Time `json:"updated"`
	UpdatedBy string    `json:"updated_by"`
}

const (
	maxLibraryPanels     = 1000
	maxLibraryPanelBytes = 1 << 20
)

// LibraryPanels returns the tenant's library panels by name.
func (l *Library) LibraryPanels(ctx context.Context, t tenant.ID) ([]LibraryPanel, error) {
	stored, err := l.store.Objects(ctx, t, kindLibrary, true)
	if err != nil || len(stored) == 0 {
		return []LibraryPanel{}, err
	}
	uses, err := l.libraryUses(ctx, t)
	if err != nil {
		return nil, err
	}
	out := []LibraryPanel{}
	for _, o := range stored {
		p, err := libraryPanelOf(o)
		if err != nil {
			return nil, err
		}
		p.UsedBy = uses[p.UID]
		out = append(out, p)
	}
	return out, nil
}

func libraryPanelOf(o metastore.Object) (p LibraryPanel, err error) {
	err = decodeObject(o, &p)
	p.UID, p.Name, p.Updated = o.ID, o.Name, o.UpdatedAt
	return p, err
}

// LibraryPanel returns one; the error wraps ErrMissing.
func (l *Library) LibraryPanel(ctx context.Context, t tenant.ID, uid string) (LibraryPanel, error) {
	o, err := l.object(ctx, t, kindLibrary, uid, &LibraryPanel{})
	if err != nil {
		return LibraryPanel{}, err
	}
	p, err := libraryPanelOf(o)
	if err != nil {
		return p, err
	}
	uses, err := l.libraryUses(ctx, t)
	p.UsedBy = uses[uid]
	return p, err
}

// libraryUses counts for each library panel the dashboards that hold it.
func (l *Library) libraryUses(ctx context.Context, t tenant.ID) (map[string]int, error) {
	counts, stored := map[string]int{}, map[string]bool{}
	count := func(doc *Document) {
		for uid := range doc.libraryPanels() {
			counts[uid]++
		}
	}
	err := l.store.EachDashboardHolding(ctx, t, "libraryPanel", func(s metastore.Dashboard) error {
		doc, err := Parse(s.Document)
		if err != nil {
			return nil //nolint:nilerr // one that cannot be read shows nothing
		}
		stored[s.UID] = true
		count(doc)
		return nil
	})
	for uid, d := range l.provisioner.Snapshot().Dashboards {
		if !stored[uid] {
			count(d.Document)
		}
	}
	return counts, err
}

// libraryPanels are the uids of the library panels in a dashboard.
func (d *Document) libraryPanels() map[string]bool {
	out := map[string]bool{}
	for _, p := range allPanels(d.tree) {
		if uid := text(child(p, "libraryPanel"), "uid"); uid != "" {
			out[uid] = true
		}
	}
	return out
}

// PutLibraryPanel makes a library panel (create) or replaces one; editors do. The error
// wraps ErrTaken, ErrMissing, ErrBadInput or ErrForbidden.
func (l *Library) PutLibraryPanel(ctx context.Context, t tenant.ID, who Actor, p LibraryPanel, create bool) (LibraryPanel, error) {
	if !who.editor() {
		return p, fmt.Errorf("%w: library panels are made by editors", ErrForbidden)
	}
	if err := checkLibraryPanel(&p); err != nil {
		return p, err
	}
	o := metastore.Object{Kind: kindLibrary, ID: p.UID, Name: p.Name, Owner: who.Owner}
	if create && p.UID == "" {
		o.ID = newID()
	}
	if !validUID.MatchString(o.ID) {
		return p, fmt.Errorf("%w: uid %q; it may hold 1 to 40 of a-z, A-Z, 0-9, '-' and '_'", ErrBadInput, o.ID)
	}
	all, err := l.store.Objects(ctx, t, kindLibrary, false)
	if err != nil {
		return p, err
	}
	found := false
	for _, other := range all {
		switch {
		case other.ID == o.ID && create, other.ID != o.ID && other.Name == p.Name:
			return p, fmt.Errorf("library panel %q (%s): %w", other.Name, other.ID, ErrTaken)
		case other.ID == o.ID:
			found, o.Owner, o.CreatedAt = true, other.Owner, other.CreatedAt
		}
	}
	if !create && !found {
		return p, fmt.Errorf("library panel %q: %w", p.UID, ErrMissing)
	}
	p.UID, p.Updated, p.UpdatedBy = o.ID, l.stamp(), who.Owner
	return p, l.putObject(ctx, t, o, p, metastore.ObjectLimits{Count: maxLibraryPanels})
}

func checkLibraryPanel(p *LibraryPanel) (err error) {
	if p.Name, err = checkName("library panel", p.Name); err != nil {
		return err
	}
	if len(p.Model) > maxLibraryPanelBytes {
		return fmt.Errorf("%w: the model has %d bytes, limit %d", ErrBadInput, len(p.Model), maxLibraryPanelBytes)
	}
	model, err := decodePanel(p.Model)
	if err != nil {
		return err
	}
	if kind := text(model, "type"); kind != "" {
		p.Type = kind
	}
	if p.Type == "" {
		return fmt.Errorf("%w: the model has no \"type\"", ErrBadInput)
	}
	return nil
}

func decodePanel(source []byte) (object, error) {
	if err := checkDepth(source); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber()
	var model object
	if err := dec.Decode(&model); err != nil || model == nil {
		return nil, fmt.Errorf("%w: \"model\" is no panel", ErrBadInput)
	}
	return model, nil
}

// DeleteLibraryPanel removes one that no dashboard shows; else the error wraps ErrInUse.
func (l *Library) DeleteLibraryPanel(ctx context.Context, t tenant.ID, who Actor, uid string) error {
	if !who.editor() {
		return fmt.Errorf("%w: library panels are deleted by editors", ErrForbidden)
	}
	p, err := l.LibraryPanel(ctx, t, uid)
	if err != nil {
		return err
	}
	if p.UsedBy > 0 {
		return fmt.Errorf("library panel %q is shown by %d dashboards: %w", p.Name, p.UsedBy, ErrInUse)
	}
	return l.deleteObject(ctx, t, kindLibrary, uid)
}

// Inline returns the dashboard with the models of its library panels in place, as
// Grafana does when it loads one: everything of the model but its id and place. What the
// library has not got stays as the dashboard has it.
func (l *Library) Inline(ctx context.Context, t tenant.ID, d *Document) (*Document, error) {
	uses := d.libraryPanels()
	if len(uses) == 0 {
		return d, nil
	}
	tree := clone(d.tree).(object)
	models := map[string]object{}
	for uid := range uses {
		var p LibraryPanel
		o, err := l.object(ctx, t, kindLibrary, uid, &p)
		if errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if model, err := decodePanel(p.Model); err == nil {
			model["libraryPanel"] = object{"uid": uid, "name": o.Name}
			models[uid] = model
		}
	}
	for _, p := range allPanels(tree) {
		for key, v := range models[text(child(p, "libraryPanel"), "uid")] {
			if key != "id" && key != "gridPos" {
				p[key] = clone(v)
			}
		}
	}
	return &Document{source: d.source, tree: tree}, nil
}

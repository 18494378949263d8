package dashboards

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/pharosd/pharos/tenant"
)

// FileChange is what a provisioned dashboard's file is, and what it would be with changes
// written back.
type FileChange struct {
	Path     string // below the provider's folder
	Old, New []byte
}

// Patch is the change as a unified diff, "" if there is none.
func (c FileChange) Patch() string { return unifiedDiff(filepath.ToSlash(c.Path), c.Old, c.New) }

// WritableFile says that changes can be written back to the dashboard's file: its provider
// allows changes and the process may write there.
func (d *Dashboard) WritableFile() bool {
	if d.file == "" || !d.Editable {
		return false
	}
	real, err := filepath.EvalSymlinks(d.file)
	return err == nil && unix.Access(real, unix.W_OK) == nil && unix.Access(filepath.Dir(real), unix.W_OK) == nil
}

// FileChange returns what the saved changes, or the changes in source unless it is nil,
// make of the dashboard's file. The error wraps ErrNotFound, ErrInvalid, or ErrMissing
// when the dashboard is of no file.
func (l *Library) FileChange(ctx context.Context, t tenant.ID, who Actor, uid string, source []byte) (FileChange, error) {
	d, err := l.Get(ctx, t, who, uid)
	if err != nil {
		return FileChange{}, err
	}
	file := l.provisioner.Snapshot().Dashboards[uid]
	if file == nil {
		return FileChange{}, fmt.Errorf("dashboard %q comes from no file: %w", uid, ErrMissing)
	}
	changed := d.Document
	if source != nil {
		c := Change{Source: source}
		if changed, _, err = readChange(&c, uid); err != nil {
			return FileChange{}, err
		}
	}
	old, err := file.readFile()
	if err != nil {
		return FileChange{}, err
	}
	out := FileChange{Path: file.Path, Old: old, New: old}
	if changed != file.Document {
		out.New = writeBack(old, file, changed)
	}
	return out, nil
}

func (d *Dashboard) readFile() ([]byte, error) {
	if d.file == "" {
		return d.Document.Source(), nil
	}
	text, err := readBounded(os.DirFS(filepath.Dir(d.file)), filepath.Base(d.file), maxDocumentBytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.Path, err)
	}
	return text, nil
}

// WriteFile writes the saved changes to the dashboard's file, which then holds; the
// versions stay. The error wraps ErrNotWritable, ErrMissing, ErrForbidden or
// metastore.ErrConflict.
func (l *Library) WriteFile(ctx context.Context, t tenant.ID, who Actor, uid string) error {
	d, err := l.Get(ctx, t, who, uid)
	if err != nil {
		return err
	}
	switch {
	case !d.CanEdit:
		return fmt.Errorf("%w: %s may not edit this dashboard", ErrForbidden, who.Owner)
	case d.Origin != OriginOverride:
		return fmt.Errorf("dashboard %q has no saved changes in front of a file: %w", uid, ErrMissing)
	case !d.WritableFile():
		return fmt.Errorf("%w: the provider must say allowUiUpdates: true, and this process must be allowed to write there", ErrNotWritable)
	case d.FileChanged:
		return fmt.Errorf("%w: it has changed since version %d was saved; compare with version 0 and save again", ErrNotWritable, d.Version)
	}
	change, err := l.FileChange(ctx, t, who, uid, nil)
	if err != nil {
		return err
	}
	if hashOf(change.Old) != d.hash {
		return fmt.Errorf("%w: it is being changed right now; try again in some seconds", ErrNotWritable)
	}
	if err := replaceFile(d.file, change.New); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritable, err)
	}
	if err := l.store.SetDashboardFile(ctx, t, uid, d.Version, hashOf(change.New)); err != nil {
		return err
	}
	l.provisioner.Refresh()
	l.provisioner.log.Info("dashboard written back to its file", "audit", true, "tenant", t, "by", who.Owner, "uid", uid, "path", d.file)
	return nil
}

// replaceFile puts text in a file's place at once: nobody reads half of it.
func replaceFile(name string, text []byte) (err error) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	// A hidden name: a watcher of the folder passes it over.
	tmp, err := os.CreateTemp(filepath.Dir(real), ".pharos-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), real)
}

// writeBack is the file's text with the changed dashboard in it. An old dashboard was
// migrated when it was shown: as far as it is shown alike afterwards, the migration stays
// out of the file.
func writeBack(old []byte, file *Dashboard, changed *Document) []byte {
	tree := clone(changed.tree).(object)
	if file.Document.UID() == "" && text(tree, "uid") == uidOf(file) {
		delete(tree, "uid") // it was made of the file's place
	}
	old = bytes.TrimPrefix(old, []byte("\ufeff"))
	node, err := parseText(old)
	if err != nil || !sameJSON(node.value, file.Document.tree) {
		return pretty(tree) // an envelope, or a file that changed just now
	}
	want, _ := changed.Render()
	migrated, _ := file.Document.Render()
	for _, wholly := range []bool{false, true} {
		merged := mergeText(old, node, decode(migrated), tree, wholly)
		if doc, err := Parse(merged); err == nil {
			if got, _ := withoutUID(doc, file).Render(); sameJSON(decode(got), decode(renderedWithoutUID(want, file))) {
				return merged
			}
		}
	}
	return mergeText(old, node, nil, tree, false)
}

func withoutUID(d *Document, file *Dashboard) *Document {
	if file.Document.UID() != "" {
		return d
	}
	tree := clone(d.tree).(object)
	delete(tree, "uid")
	return &Document{source: d.source, tree: tree}
}

func renderedWithoutUID(rendered []byte, file *Dashboard) []byte {
	if file.Document.UID() != "" {
		return rendered
	}
	tree, ok := decode(rendered).(object)
	if !ok {
		return rendered
	}
	delete(tree, "uid")
	return marshal(tree)
}

func decode(source []byte) any {
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic("BUG: what was encoded just now cannot be decoded: " + err.Error())
	}
	return v
}

// pretty writes a dashboard as Grafana exports it.
func pretty(v any) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic("BUG: a decoded JSON tree cannot be encoded: " + err.Error())
	}
	return []byte(b.String())
}

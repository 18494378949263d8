package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// Widths of the time windows in which the local store is read.
const (
	firstWidth = hourLength / 60
	minWidth   = int64(1e6)
)

// archiveHour archives what an hour has and the archive lacks. Killed at any moment,
// it can be called again: nothing is lost or there twice.
func (a *Archiver) archiveHour(ctx context.Context, t tenant.ID, h Hour) error {
	m, _, err := readManifest(ctx, a.bucket, t, h)
	if err != nil {
		return err
	}
	j, err := a.openJournal(ctx, t, h, m)
	if err != nil {
		return err
	}
	w := &hourWriter{archiver: a, journal: j, next: m.nextPart() + len(j.Parts), window: newWindow(a.source)}
	if a.windowBytes > 0 {
		w.window.maxSize = a.windowBytes
	}
	if err := w.run(ctx); err != nil {
		return fmt.Errorf("archive hour %s of %s: %w", h, t, err)
	}
	if len(j.Parts) > 0 {
		m = m.with(t, h, j.Parts)
		if err := writeManifest(ctx, a.bucket, m); err != nil {
			return err
		}
		a.catalog.put(m)
		a.metrics.archived(t, j.Parts)
		if err := a.removeOrphans(ctx, t, h, m); err != nil {
			a.log.Warn("remove what an interrupted upload left", "tenant", t, "hour", h.String(), "error", err)
		}
	} else if m != nil {
		a.catalog.put(m)
	}
	if err := os.Remove(a.journalPath(t, h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	a.state.archived(t, h, j.Before)
	return nil
}

// removeOrphans deletes files of the hour that no manifest names: those of an upload
// whose journal was lost.
func (a *Archiver) removeOrphans(ctx context.Context, t tenant.ID, h Hour, m *Manifest) error {
	named := map[string]bool{}
	for i := range m.Parts {
		named[m.Parts[i].Name] = true
	}
	var orphans []string
	err := a.bucket.Iter(ctx, hourDir(t, h), func(name string) error {
		if _, ok := parsePartName(path.Base(name)); ok && !named[path.Base(name)] {
			orphans = append(orphans, name)
		}
		return nil
	})
	for _, name := range orphans {
		err = errors.Join(err, a.bucket.Delete(ctx, name))
	}
	return err
}

// hourWriter turns the entries of a journal's range into uploaded files.
type hourWriter struct {
	*journal
	archiver *Archiver
	window   *window
	next     int // number of the next file
	part     *partWriter
}

func (w *hourWriter) run(ctx context.Context) error {
	defer func() {
		if w.part != nil {
			w.part.discard()
		}
	}()
	width := firstWidth
	for at := w.Next; at < w.Hour.End(); {
		end := min(at+width, w.Hour.End())
		read := 0
		r := logs.NumberedRange{Start: at, End: end, First: w.First, Before: w.Before}
		if err := w.window.each(ctx, w.Tenant, r, func(es []entry) error {
			read += w.window.bytes
			return w.add(es)
		}); err != nil {
			return err
		}
		at = end
		if w.part != nil && w.part.written() >= int64(w.archiver.cfg.PartSize) {
			if err := w.finish(ctx, at); err != nil {
				return err
			}
		}
		width = nextWidth(width, read, w.window.maxSize)
	}
	return w.finish(ctx, w.Hour.End())
}

// nextWidth aims at windows that are half full.
func nextWidth(width int64, read, most int) int64 {
	factor := 4.0
	if read > 0 {
		factor = min(factor, float64(most)/2/float64(read))
	}
	return min(max(int64(float64(width)*factor), minWidth), hourLength)
}

func (w *hourWriter) add(es []entry) error {
	if w.part == nil {
		if err := os.MkdirAll(w.archiver.spool(), 0o750); err != nil {
			return err
		}
		var err error
		w.part, err = newPartWriter(filepath.Join(w.archiver.spool(), string(w.Tenant)+".parquet"), partName(w.next), w.Store, w.First, w.Before)
		if err != nil {
			return err
		}
	}
	return w.part.add(es)
}

// finish uploads the file, if there is one, and notes that everything before a time
// is uploaded.
func (w *hourWriter) finish(ctx context.Context, until int64) error {
	if w.part == nil {
		return nil
	}
	part, err := w.part.finish(w.archiver.now())
	if err != nil {
		return err
	}
	if err := upload(ctx, w.archiver.bucket, hourDir(w.Tenant, w.Hour), w.part.file.Name(), part); err != nil {
		return err
	}
	w.part.discard()
	w.part = nil
	w.next++
	w.Parts = append(w.Parts, part)
	w.Next = until
	return saveJSON(w.archiver.journalPath(w.Tenant, w.Hour), w.journal)
}

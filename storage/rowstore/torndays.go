package rowstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// The engine keeps a day's rows in a folder with a list of parts, and panics at start
// where a list or a part is missing. That happens without any damage: a process that is
// killed between making a day's folder and writing its list leaves one, and so does one
// that is killed while it removes a day. mendDays sets both right before the engine looks.

const (
	dayLayout = "20060102" // of a day's folder, as the engine names it
	partsList = "parts.json"
	// keptDays are the newest days, which the engine never drops for their size.
	keptDays = 2
)

// mendDays removes, from the engine's folder of days, those that never held a row, those
// whose removal was interrupted and those behind the retention. A day that lacks files
// for any other reason is an error: its rows are somebody's to save.
func mendDays(dir string, now time.Time, cfg Config, log *slog.Logger) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	oldest := now.Add(-engineRetention(cfg)).UTC().Truncate(24 * time.Hour)
	var failed []error
	for i, e := range entries {
		path := filepath.Join(dir, e.Name())
		day, err := time.Parse(dayLayout, e.Name())
		if err != nil {
			failed = append(failed, fmt.Errorf("%s is not a day of the row store: move it elsewhere", path))
			continue
		}
		torn := missingOfDay(path)
		reason := ""
		switch {
		case day.Before(oldest):
			reason = "it is older than the retention"
		case torn == nil:
			continue
		case !hasParts(filepath.Join(path, "datadb")):
			reason = "the process ended while it was made; it never held a row"
		case cfg.MaxSize > 0 && i < len(entries)-keptDays:
			reason = "the process ended while it was removed to keep within the maximum size"
		default:
			failed = append(failed, fmt.Errorf("day %s of the row store is damaged: %w; restore %s from a backup, or move it elsewhere to go on without that day's rows", day.Format(time.DateOnly), torn, path))
			continue
		}
		log.Info("a day of the row store is removed", "day", day.Format(time.DateOnly), "reason", reason)
		if err := os.RemoveAll(path); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// missingOfDay says what the engine would miss in a day's folder.
func missingOfDay(path string) error {
	if err := missingOfTable(filepath.Join(path, "datadb")); err != nil {
		return err
	}
	// The engine takes an index without a list for one of an older version.
	if err := missingOfTable(filepath.Join(path, "indexdb")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func missingOfTable(path string) error {
	list := filepath.Join(path, partsList)
	data, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	var parts []string
	if err := json.Unmarshal(data, &parts); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	for _, p := range parts {
		if _, err := os.Stat(filepath.Join(path, p)); err != nil {
			return fmt.Errorf("%s names a part that cannot be read: %s", list, err) // not ErrNotExist: the list is there
		}
	}
	return nil
}

// hasParts says whether a table has anything but its list.
func hasParts(path string) bool {
	entries, _ := os.ReadDir(path)
	for _, e := range entries {
		if e.IsDir() {
			return true
		}
	}
	return false
}

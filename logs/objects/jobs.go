package objects

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// job is an object that actions must be told of. Done are those that know.
type job struct {
	Object Object   `json:"object"`
	Done   []string `json:"done,omitempty"`
}

const (
	// patience is how long an action is tried for an object.
	patience   = 24 * time.Hour
	jobTick    = 200 * time.Millisecond
	actionTime = 30 * time.Second
)

func (w *Writer) jobFile(id string) string {
	return filepath.Join(w.spool.dir, "jobs", id+".json")
}

// runActions tells actions of objects until ctx is done.
func (w *Writer) runActions(ctx context.Context) {
	if len(w.deps.Actions) == 0 {
		return
	}
	wait := jobTick
	for ctx.Err() == nil {
		if w.tell(ctx) {
			wait = jobTick
		} else {
			wait = min(2*wait, 30*time.Second)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// tell goes through what is to be told, the oldest first; false: something failed.
func (w *Writer) tell(ctx context.Context) bool {
	files, err := filepath.Glob(filepath.Join(w.spool.dir, "jobs", "*.json"))
	if err != nil {
		return false
	}
	slices.Sort(files)
	all := true
	for _, file := range files {
		if err := w.tellOf(ctx, file); err != nil && ctx.Err() == nil {
			all = false
			w.metrics.failures.WithLabelValues("action").Inc()
			w.deps.Logger.Warn("action on an object failed, trying again", "job", filepath.Base(file), "error", err)
		}
	}
	return all
}

func (w *Writer) tellOf(ctx context.Context, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var j job
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	for _, a := range w.deps.Actions {
		if slices.Contains(j.Done, a.Name()) {
			continue
		}
		timed, cancel := context.WithTimeout(ctx, actionTime)
		err := a.Finished(timed, j.Object)
		cancel()
		if err != nil {
			if time.Since(j.Object.Time) > patience {
				w.metrics.failures.WithLabelValues("given_up").Inc()
				w.deps.Logger.Error("action on an object given up", "action", a.Name(), "object", j.Object.Key, "error", err)
			} else {
				return fmt.Errorf("%s: %w", a.Name(), err)
			}
		}
		j.Done = append(j.Done, a.Name())
		b, err := json.Marshal(j)
		if err != nil {
			return err
		}
		if err := writeFile(file, b); err != nil {
			return err
		}
	}
	return os.Remove(file)
}

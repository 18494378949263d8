package dashboards

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Kinds of objects in the metastore.
const (
	kindPlaylist = "playlist"
	kindSaved    = "saved"
	kindLibrary  = "library_panel"
	kindShare    = "share"
	kindSnapshot = "snapshot"
	kindReport   = "report"
)

const maxName = 200 // bytes

// newID returns an identifier that sorts by time.
func newID() string { return strings.ToLower(ulid.Make().String()) }

func checkName(what, name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxName {
		return "", fmt.Errorf("%w: a %s's name has 1 to %d bytes", ErrBadInput, what, maxName)
	}
	return name, nil
}

// object reads one object into v; the error wraps ErrMissing.
func (l *Library) object(ctx context.Context, t tenant.ID, kind, id string, v any) (metastore.Object, error) {
	o, err := l.store.Object(ctx, t, kind, id)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && l.expired(o) {
		return o, fmt.Errorf("%s %q: %w", strings.ReplaceAll(kind, "_", " "), id, ErrMissing)
	}
	if err != nil {
		return o, err
	}
	return o, decodeObject(o, v)
}

func decodeObject(o metastore.Object, v any) error {
	if err := json.Unmarshal(o.Document, v); err != nil {
		return fmt.Errorf("read %s %q: %w", o.Kind, o.ID, err)
	}
	return nil
}

func (l *Library) expired(o metastore.Object) bool {
	return !o.ExpiresAt.IsZero() && !l.now().Before(o.ExpiresAt)
}

// putObject writes v as the document of o.
func (l *Library) putObject(ctx context.Context, t tenant.ID, o metastore.Object, v any, limits metastore.ObjectLimits) error {
	document, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", o.Kind, err)
	}
	o.Document, o.UpdatedAt = document, l.stamp()
	if o.CreatedAt.IsZero() {
		o.CreatedAt = o.UpdatedAt
	}
	return l.store.PutObject(ctx, t, o, limits)
}

func (l *Library) stamp() time.Time { return l.now().Truncate(time.Millisecond).UTC() }

// mine is nil if the object is the actor's own, or the actor is an administrator.
func mine(who Actor, o metastore.Object) error {
	if who.Writes && o.Owner == who.Owner || who.admin() {
		return nil
	}
	return fmt.Errorf("%w: %s %q belongs to %s", ErrForbidden, o.Kind, o.Name, o.Owner)
}

// Sweep removes links and snapshots that have expired, now and every hour until ctx is
// done.
func (l *Library) Sweep(ctx context.Context) error {
	for {
		if n, err := l.store.DeleteExpiredObjects(ctx, l.now()); err != nil && ctx.Err() == nil {
			l.provisioner.log.Error("cannot remove expired links and snapshots", "error", err)
		} else if n > 0 {
			l.provisioner.log.Info("removed expired links and snapshots", "count", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Hour):
		}
	}
}

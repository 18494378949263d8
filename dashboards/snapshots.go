package dashboards

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// DataSnapshot is a dashboard with the data that it showed at one time.
type DataSnapshot struct {
	Key       string          `json:"key"`
	Path      string          `json:"path"` // of the page
	Name      string          `json:"name"`
	Dashboard json.RawMessage `json:"dashboard,omitempty"` // with panels[].snapshotData
	// Public ones are seen by who has the key, others by people of the tenant who have it.
	Public  bool      `json:"public"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Created time.Time `json:"created"`
	By      string    `json:"by"`
}

// Bounds of snapshots.
const (
	MaxSnapshotBytes  = 16 << 20
	maxSnapshots      = 500
	maxSnapshotsBytes = 512 << 20 // of a tenant
)

// TakeSnapshot keeps s.Dashboard, and is public only by an editor. The error wraps
// ErrInvalid, ErrBadInput, ErrForbidden or metastore.ErrFull.
func (l *Library) TakeSnapshot(ctx context.Context, t tenant.ID, who Actor, s DataSnapshot) (DataSnapshot, error) {
	if !who.Writes || s.Public && !who.editor() {
		return s, fmt.Errorf("%w: %s may not take this snapshot", ErrForbidden, who.Owner)
	}
	var err error
	if s.Name, err = checkName("snapshot", s.Name); err != nil {
		return s, err
	}
	if err := l.checkExpiry(s.Expires, false); err != nil {
		return s, err
	}
	source := bytes.TrimSpace(s.Dashboard)
	if len(source) > MaxSnapshotBytes {
		return s, fmt.Errorf("%w: the snapshot has %d bytes, limit %d: take it of a shorter time", ErrBadInput, len(source), MaxSnapshotBytes)
	}
	if err := checkDepth(source); err != nil {
		return s, err
	}
	if len(source) == 0 || source[0] != '{' || !json.Valid(source) {
		return s, fmt.Errorf("%w: \"dashboard\" is no object", ErrInvalid)
	}
	s.Key, s.Created, s.By = newKey(), l.stamp(), who.Owner
	s.Path = "/snapshot/" + s.Key
	o := metastore.Object{Kind: kindSnapshot, ID: s.Key, Name: s.Name, Owner: who.Owner, ExpiresAt: s.Expires.UTC().Truncate(time.Millisecond)}
	if err := l.putObject(ctx, t, o, s, metastore.ObjectLimits{Count: maxSnapshots, Bytes: maxSnapshotsBytes}); err != nil {
		return s, err
	}
	l.audit("snapshot taken", t, who, "name", s.Name, "public", s.Public)
	s.Dashboard = nil
	return s, nil
}

// Snapshots returns the actor's own, for an administrator everybody's, without what they
// show.
func (l *Library) Snapshots(ctx context.Context, t tenant.ID, who Actor) ([]DataSnapshot, error) {
	stored, err := l.store.Objects(ctx, t, kindSnapshot, false)
	out := []DataSnapshot{}
	for _, o := range stored {
		if !l.expired(o) && (o.Owner == who.Owner || who.admin()) {
			out = append(out, DataSnapshot{Key: o.ID, Path: "/snapshot/" + o.ID, Name: o.Name, Expires: o.ExpiresAt, Created: o.CreatedAt, By: o.Owner})
		}
	}
	return out, err
}

// Snapshot returns the snapshot of a key and whose it is; whether whoever asks may see it
// is for the caller to say. The error wraps ErrMissing.
func (l *Library) Snapshot(ctx context.Context, key string) (tenant.ID, DataSnapshot, error) {
	missing := fmt.Errorf("this snapshot is not there: %w", ErrMissing)
	if len(key) != base64.RawURLEncoding.EncodedLen(32) {
		return "", DataSnapshot{}, missing
	}
	t, o, err := l.store.ObjectByKey(ctx, kindSnapshot, key)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && l.expired(o) {
		return "", DataSnapshot{}, missing
	}
	if err != nil {
		return "", DataSnapshot{}, err
	}
	var s DataSnapshot
	return t, s, decodeObject(o, &s)
}

// DeleteSnapshot removes the actor's own, or for an administrator any.
func (l *Library) DeleteSnapshot(ctx context.Context, t tenant.ID, who Actor, key string) error {
	o, err := l.store.Object(ctx, t, kindSnapshot, key)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && mine(who, o) != nil {
		return fmt.Errorf("snapshot: %w", ErrMissing)
	}
	if err != nil {
		return err
	}
	return l.deleteObject(ctx, t, kindSnapshot, key)
}

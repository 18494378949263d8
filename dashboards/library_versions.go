package dashboards

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Version is one save of a dashboard.
type Version struct {
	Version int64     `json:"version"`
	Created time.Time `json:"created"`
	By      string    `json:"by"`
	Message string    `json:"message"`
}

// Versions returns what is kept of a dashboard's saves, the newest first.
func (l *Library) Versions(ctx context.Context, t tenant.ID, who Actor, uid string) ([]Version, error) {
	if _, err := l.Get(ctx, t, who, uid); err != nil {
		return nil, err
	}
	stored, err := l.store.DashboardVersions(ctx, t, uid)
	out := make([]Version, len(stored))
	for i, v := range stored {
		out[i] = versionOf(v)
	}
	return out, err
}

func versionOf(v metastore.DashboardVersion) Version {
	return Version{Version: v.Version, Created: v.CreatedAt, By: v.CreatedBy, Message: v.Message}
}

// Version returns one save with its document. Version 0 is the provisioned file as it is
// now. The error wraps ErrNotFound for a dashboard and ErrMissing for a version that is
// not there.
func (l *Library) Version(ctx context.Context, t tenant.ID, who Actor, uid string, version int64) (Version, *Document, error) {
	if _, err := l.Get(ctx, t, who, uid); err != nil {
		return Version{}, nil, err
	}
	if file := l.provisioner.Snapshot().Dashboards[uid]; file != nil && version == 0 {
		return Version{Created: file.Updated, Message: file.Path}, file.Document, nil
	}
	v, err := l.store.DashboardVersion(ctx, t, uid, version)
	if errors.Is(err, metastore.ErrNotFound) {
		return Version{}, nil, fmt.Errorf("version %d of dashboard %q: %w; the newest %d are kept", version, uid, ErrMissing, keptVersions)
	}
	if err != nil {
		return Version{}, nil, err
	}
	doc, err := Parse(v.Document)
	return versionOf(v), doc, err
}

// Restore saves a former version again, as a new one. Errors are as Version's and Save's.
func (l *Library) Restore(ctx context.Context, t tenant.ID, who Actor, uid string, version int64) (Summary, error) {
	_, doc, err := l.Version(ctx, t, who, uid, version)
	if err != nil {
		return Summary{}, err
	}
	message := fmt.Sprintf("restored version %d", version)
	if version == 0 {
		message = "restored the file"
	}
	return l.Save(ctx, t, who, uid, Change{Source: doc.Source(), Message: message, Overwrite: true})
}

// maxStars bounds what one person may star.
const maxStars = 1000

// Star marks a dashboard for the actor, or takes the mark away.
func (l *Library) Star(ctx context.Context, t tenant.ID, who Actor, uid string, on bool) error {
	if !on {
		return l.store.Unstar(ctx, t, who.Owner, uid)
	}
	if _, err := l.Get(ctx, t, who, uid); err != nil {
		return err
	}
	return l.store.Star(ctx, t, who.Owner, uid, maxStars)
}

// Starred says whether the actor marked the dashboard.
func (l *Library) Starred(ctx context.Context, t tenant.ID, who Actor, uid string) (bool, error) {
	stars, err := l.store.Stars(ctx, t, who.Owner)
	for _, s := range stars {
		if s == uid {
			return true, err
		}
	}
	return false, err
}

package dashboards

import (
	"context"
	"errors"
	"fmt"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Playlist shows dashboards one after the other.
type Playlist struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	IntervalS int            `json:"interval_s"` // seconds that each is shown
	Items     []PlaylistItem `json:"items"`
	Owner     string         `json:"owner"`
}

// PlaylistItem is one dashboard, or all that have a tag.
type PlaylistItem struct {
	UID string `json:"uid,omitempty"`
	Tag string `json:"tag,omitempty"`
}

const (
	maxPlaylists     = 500
	maxPlaylistItems = 200
)

// Playlists returns the tenant's playlists by name.
func (l *Library) Playlists(ctx context.Context, t tenant.ID) ([]Playlist, error) {
	stored, err := l.store.Objects(ctx, t, kindPlaylist, true)
	out := []Playlist{}
	for _, o := range stored {
		p := Playlist{}
		if err := decodeObject(o, &p); err != nil {
			return nil, err
		}
		p.ID, p.Owner = o.ID, o.Owner
		out = append(out, p)
	}
	return out, err
}

// Playlist returns one playlist; the error wraps ErrMissing.
func (l *Library) Playlist(ctx context.Context, t tenant.ID, id string) (p Playlist, err error) {
	o, err := l.object(ctx, t, kindPlaylist, id, &p)
	p.ID, p.Owner = o.ID, o.Owner
	return p, err
}

// PutPlaylist makes a playlist (p.ID is empty) or replaces one; editors do.
func (l *Library) PutPlaylist(ctx context.Context, t tenant.ID, who Actor, p Playlist) (Playlist, error) {
	if !who.editor() {
		return p, fmt.Errorf("%w: playlists are made by editors", ErrForbidden)
	}
	var err error
	if p.Name, err = checkName("playlist", p.Name); err != nil {
		return p, err
	}
	if p.IntervalS < 1 || p.IntervalS > 24*60*60 {
		return p, fmt.Errorf("%w: interval_s is %d, want 1 to 86400 seconds", ErrBadInput, p.IntervalS)
	}
	if len(p.Items) == 0 || len(p.Items) > maxPlaylistItems {
		return p, fmt.Errorf("%w: a playlist has 1 to %d items", ErrBadInput, maxPlaylistItems)
	}
	for _, i := range p.Items {
		if (i.UID == "") == (i.Tag == "") || len(i.UID) > 40 || len(i.Tag) > maxName {
			return p, fmt.Errorf("%w: an item is a dashboard's uid or a tag", ErrBadInput)
		}
	}
	o := metastore.Object{Kind: kindPlaylist, ID: p.ID, Name: p.Name, Owner: who.Owner}
	if p.ID == "" {
		o.ID = newID()
	} else if old, err := l.object(ctx, t, kindPlaylist, p.ID, &Playlist{}); err != nil {
		return p, err
	} else {
		o.Owner, o.CreatedAt = old.Owner, old.CreatedAt
	}
	p.ID, p.Owner = o.ID, o.Owner
	return p, l.putObject(ctx, t, o, p, metastore.ObjectLimits{Count: maxPlaylists})
}

// DeletePlaylist removes a playlist; editors do.
func (l *Library) DeletePlaylist(ctx context.Context, t tenant.ID, who Actor, id string) error {
	if !who.editor() {
		return fmt.Errorf("%w: playlists are deleted by editors", ErrForbidden)
	}
	return l.deleteObject(ctx, t, kindPlaylist, id)
}

func (l *Library) deleteObject(ctx context.Context, t tenant.ID, kind, id string) error {
	err := l.store.DeleteObject(ctx, t, kind, id)
	if errors.Is(err, metastore.ErrNotFound) {
		return fmt.Errorf("%s %q: %w", kind, id, ErrMissing)
	}
	return err
}

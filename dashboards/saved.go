package dashboards

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Saved is a search of Explore that somebody kept, or one of those that they made last.
type Saved struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"` // logs, metrics or traces
	Name   string          `json:"name"`
	Query  json.RawMessage `json:"query"` // an object, as Explore wrote it
	Shared bool            `json:"shared"`
	// History entries are their owner's alone; the oldest go by themselves.
	History bool      `json:"history"`
	Owner   string    `json:"owner"`
	Updated time.Time `json:"updated"`
}

const (
	maxSaved      = 5000 // of a tenant
	maxSavedOwn   = 500
	keptHistory   = 100 // of an owner and kind
	maxSavedBytes = 64 << 10
)

// Saved returns what the actor saved and what others share, by name; kind "" is all.
// With history it returns the actor's history, the newest first.
func (l *Library) Saved(ctx context.Context, t tenant.ID, who Actor, kind string, history bool) ([]Saved, error) {
	stored, err := l.store.Objects(ctx, t, kindSaved, true)
	if err != nil {
		return nil, err
	}
	out := []Saved{}
	for _, o := range stored {
		s, err := savedOf(o)
		if err != nil {
			return nil, err
		}
		if s.History == history && (s.Shared || s.Owner == who.Owner) && (kind == "" || s.Kind == kind) {
			out = append(out, s)
		}
	}
	if history {
		slices.SortStableFunc(out, func(a, b Saved) int { return b.Updated.Compare(a.Updated) })
	}
	return out, nil
}

func savedOf(o metastore.Object) (s Saved, err error) {
	err = decodeObject(o, &s)
	s.ID, s.Owner, s.Updated = o.ID, o.Owner, o.UpdatedAt
	return s, err
}

// SavedByID returns one that the actor may see; the error wraps ErrMissing.
func (l *Library) SavedByID(ctx context.Context, t tenant.ID, who Actor, id string) (Saved, error) {
	o, err := l.object(ctx, t, kindSaved, id, &Saved{})
	if err != nil {
		return Saved{}, err
	}
	s, err := savedOf(o)
	if err == nil && !s.Shared && s.Owner != who.Owner {
		return Saved{}, fmt.Errorf("saved search %q: %w", id, ErrMissing)
	}
	return s, err
}

// PutSaved makes one (s.ID is empty) or replaces the actor's own; an administrator may
// replace any that is shared.
func (l *Library) PutSaved(ctx context.Context, t tenant.ID, who Actor, s Saved) (Saved, error) {
	if !who.Writes {
		return s, fmt.Errorf("%w: this token may only read", ErrForbidden)
	}
	if err := checkSaved(&s); err != nil {
		return s, err
	}
	o := metastore.Object{Kind: kindSaved, ID: s.ID, Name: s.Name, Owner: who.Owner}
	if s.History {
		o.Parent = "history " + s.Kind
	}
	if s.ID == "" {
		o.ID = newID()
	} else {
		if _, err := l.SavedByID(ctx, t, who, s.ID); err != nil {
			return s, err
		}
		old, err := l.object(ctx, t, kindSaved, s.ID, &Saved{})
		if err != nil {
			return s, err
		}
		if err := mine(who, old); err != nil {
			return s, err
		}
		o.Owner, o.CreatedAt = old.Owner, old.CreatedAt
	}
	s.ID, s.Owner, s.Updated = o.ID, o.Owner, l.stamp()
	limits := metastore.ObjectLimits{Count: maxSaved, PerOwner: maxSavedOwn}
	if s.History {
		limits = metastore.ObjectLimits{} // they go by themselves
	}
	if err := l.putObject(ctx, t, o, s, limits); err != nil || !s.History {
		return s, err
	}
	return s, l.store.TrimObjects(ctx, t, kindSaved, o.Owner, o.Parent, keptHistory)
}

func checkSaved(s *Saved) (err error) {
	if !s.History {
		if s.Name, err = checkName("saved search", s.Name); err != nil {
			return err
		}
	}
	query := bytes.TrimSpace(s.Query)
	switch {
	case s.Kind != "logs" && s.Kind != "metrics" && s.Kind != "traces":
		return fmt.Errorf("%w: kind %q is none of logs, metrics, traces", ErrBadInput, s.Kind)
	case len(s.Name) > maxName:
		return fmt.Errorf("%w: the name is longer than %d bytes", ErrBadInput, maxName)
	case len(query) == 0 || query[0] != '{':
		return fmt.Errorf("%w: query is no object", ErrBadInput)
	case len(query) > maxSavedBytes:
		return fmt.Errorf("%w: the query has %d bytes, limit %d", ErrBadInput, len(query), maxSavedBytes)
	case s.History && s.Shared:
		return fmt.Errorf("%w: history is not shared; save it under a name", ErrBadInput)
	}
	return nil
}

// DeleteSaved removes the actor's own, or for an administrator any that is shared.
func (l *Library) DeleteSaved(ctx context.Context, t tenant.ID, who Actor, id string) error {
	if _, err := l.SavedByID(ctx, t, who, id); err != nil {
		return err
	}
	o, err := l.object(ctx, t, kindSaved, id, &Saved{})
	if err != nil {
		return err
	}
	if err := mine(who, o); err != nil {
		return err
	}
	return l.deleteObject(ctx, t, kindSaved, id)
}

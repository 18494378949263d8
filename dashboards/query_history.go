package dashboards

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// RanQuery is a query that somebody ran in Explore. Their history is nobody else's, not
// even an administrator's.
type RanQuery struct {
	Kind string `json:"kind"` // logs, metrics or traces
	Text string `json:"text"`
	// AtMs is the last run in milliseconds since the Unix epoch; 0 is now.
	AtMs    int64           `json:"at_ms"`
	Runs    int64           `json:"runs"` // at least 1
	Starred bool            `json:"starred"`
	Search  json.RawMessage `json:"search"` // an object: Explore's parameters that bring it back
}

const (
	keptQueries     = 300 // of an owner
	maxQueriesAdded = 500 // in one request
	maxQueryText    = 4000
	maxQuerySearch  = 16 << 10
)

// QueryHistory returns what the actor ran, the last first.
func (l *Library) QueryHistory(ctx context.Context, t tenant.ID, who Actor) ([]RanQuery, error) {
	stored, err := l.store.QueryHistory(ctx, t, who.Owner)
	if err != nil {
		return nil, err
	}
	out := make([]RanQuery, len(stored))
	for i, q := range stored {
		out[i] = RanQuery{Kind: q.Kind, Text: q.Text, AtMs: q.At.UnixMilli(), Runs: q.Runs, Starred: q.Starred, Search: q.Search}
	}
	return out, nil
}

// AddQueries adds runs to the actor's history; the oldest go by themselves.
func (l *Library) AddQueries(ctx context.Context, t tenant.ID, who Actor, queries []RanQuery) error {
	if !who.Writes {
		return fmt.Errorf("%w: this token may only read", ErrForbidden)
	}
	if len(queries) > maxQueriesAdded {
		return fmt.Errorf("%w: %d queries are more than %d", ErrBadInput, len(queries), maxQueriesAdded)
	}
	rows := make([]metastore.RanQuery, len(queries))
	for i, q := range queries {
		search := bytes.TrimSpace(q.Search)
		switch {
		case q.Kind != "logs" && q.Kind != "metrics" && q.Kind != "traces":
			return fmt.Errorf("%w: kind %q is none of logs, metrics, traces", ErrBadInput, q.Kind)
		case strings.TrimSpace(q.Text) == "" || len(q.Text) > maxQueryText:
			return fmt.Errorf("%w: a query has 1 to %d bytes", ErrBadInput, maxQueryText)
		case len(search) == 0 || search[0] != '{' || len(search) > maxQuerySearch:
			return fmt.Errorf("%w: search is an object of at most %d bytes", ErrBadInput, maxQuerySearch)
		}
		at, now := time.UnixMilli(q.AtMs), l.stamp()
		if q.AtMs <= 0 || at.After(now) {
			at = now
		}
		rows[i] = metastore.RanQuery{Kind: q.Kind, Text: q.Text, Search: search, At: at, Runs: min(max(1, q.Runs), 1_000_000), Starred: q.Starred}
	}
	return l.store.AddQueries(ctx, t, who.Owner, rows, keptQueries)
}

// StarQuery sets or takes the star of one of the actor's queries; the error wraps
// ErrMissing.
func (l *Library) StarQuery(ctx context.Context, t tenant.ID, who Actor, kind, text string, starred bool) error {
	if !who.Writes {
		return fmt.Errorf("%w: this token may only read", ErrForbidden)
	}
	err := l.store.StarQuery(ctx, t, who.Owner, kind, text, starred)
	if errors.Is(err, metastore.ErrNotFound) {
		return fmt.Errorf("query in the history: %w", ErrMissing)
	}
	return err
}

// ForgetQuery removes one of the actor's queries.
func (l *Library) ForgetQuery(ctx context.Context, t tenant.ID, who Actor, kind, text string) error {
	if !who.Writes {
		return fmt.Errorf("%w: this token may only read", ErrForbidden)
	}
	return l.store.ForgetQuery(ctx, t, who.Owner, kind, text)
}

// ForgetQueries removes the actor's history, those with a star too unless they are kept.
func (l *Library) ForgetQueries(ctx context.Context, t tenant.ID, who Actor, keepStarred bool) error {
	if !who.Writes {
		return fmt.Errorf("%w: this token may only read", ErrForbidden)
	}
	return l.store.ForgetQueries(ctx, t, who.Owner, keepStarred)
}

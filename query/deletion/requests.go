package deletion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Request is a request as it is listed.
type Request struct {
	ID         string
	Query      string
	Start, End time.Time // both inclusive
	Status     Status
	CreatedAt  time.Time
}

// Create hides what query selects between start and end, both inclusive in
// milliseconds, and returns the request's ID. When it returns, no answer shows the
// entries any more, also after a crash.
func (s *Service) Create(ctx context.Context, t tenant.ID, query string, start, end time.Time) (string, error) {
	cfg := s.config()
	if cfg.Mode == Disabled {
		return "", ErrDisabled
	}
	if len(query) > maxQuery {
		return "", fmt.Errorf("%w: it has %d bytes, at most %d are allowed", ErrQueryTooLong, len(query), maxQuery)
	}
	r, err := compile(metastore.LogDeletion{Tenant: t, ID: newID(), Query: query, CreatedAt: s.now().UTC().Truncate(time.Millisecond),
		Start: start.UTC().Truncate(time.Millisecond), End: end.UTC().Truncate(time.Millisecond)})
	if err != nil {
		return "", err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	rs, err := s.makeRoom(ctx, t, cfg.MaxRequests)
	if err != nil {
		return "", err
	}
	if err := s.store.CreateLogDeletion(ctx, r.LogDeletion); err != nil {
		return "", fmt.Errorf("keep delete request: %w", err)
	}
	s.set(t, append(slices.Clip(rs), r))
	return r.ID, nil
}

// makeRoom forgets the oldest requests whose entries are gone until there is room
// for one more, and returns those that remain.
func (s *Service) makeRoom(ctx context.Context, t tenant.ID, most int) ([]*request, error) {
	rs := s.of(t)
	for len(rs) >= most {
		i := slices.IndexFunc(rs, func(r *request) bool { return s.status(r) == Processed })
		if i < 0 {
			return nil, fmt.Errorf("%w: the limit is %d (logs.deletion.max_requests); one request with a regular expression can stand for many", ErrTooMany, most)
		}
		if err := s.store.RemoveLogDeletion(ctx, t, rs[i].ID); err != nil && !errors.Is(err, metastore.ErrNotFound) {
			return nil, fmt.Errorf("forget delete request: %w", err)
		}
		rs = slices.Concat(rs[:i], rs[i+1:])
		s.set(t, rs)
	}
	return rs, nil
}

// status says whether the entries are gone: a day is dropped as a whole.
func (s *Service) status(r *request) Status {
	if r.End.Before(s.now().Add(-s.kept - 24*time.Hour)) {
		return Processed
	}
	return Received
}

// List returns a tenant's requests, the oldest first.
func (s *Service) List(t tenant.ID) []Request {
	rs := s.of(t)
	out := make([]Request, len(rs))
	for i, r := range rs {
		out[i] = Request{ID: r.ID, Query: r.Query, Start: r.Start, End: r.End, Status: s.status(r), CreatedAt: r.CreatedAt}
	}
	slices.SortStableFunc(out, func(a, b Request) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

// Cancel takes a request back: its entries are shown again. After the cancel period
// that takes force.
func (s *Service) Cancel(ctx context.Context, t tenant.ID, id string, force bool) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	rs := s.of(t)
	i := slices.IndexFunc(rs, func(r *request) bool { return strings.EqualFold(r.ID, id) })
	if i < 0 {
		return ErrNotFound
	}
	period := s.config().CancelPeriod
	switch {
	case s.status(rs[i]) == Processed:
		return ErrGone
	case !force && rs[i].CreatedAt.Add(period).Before(s.now()):
		return fmt.Errorf("Cancellation of partially completed delete request or delete request %w of %s since its creation is not allowed. To force, use the ?force query parameter", ErrTooLate, period) //nolint:staticcheck // Loki's words
	}
	if err := s.store.RemoveLogDeletion(ctx, t, rs[i].ID); err != nil && !errors.Is(err, metastore.ErrNotFound) {
		return fmt.Errorf("remove delete request: %w", err)
	}
	s.set(t, slices.Concat(rs[:i], rs[i+1:]))
	return nil
}

package deletion

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

func openMeta(t *testing.T, dir string) *metastore.DB {
	t.Helper()
	db, err := metastore.Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newService(t *testing.T, cfg Config, db Store) *Service {
	t.Helper()
	s, err := New(t.Context(), cfg, db, 30*24*time.Hour)
	require.NoError(t, err)
	return s
}

// hides says whether a line of a stream is hidden.
func hides(t *testing.T, s *Service, id tenant.ID, at time.Time, app, line string) bool {
	t.Helper()
	h := s.Hidden(id, at.UnixNano(), at.UnixNano()+1)
	b := &logs.Block{Stream: model.Labels{{Name: "app", Value: app}}, Times: []int64{at.UnixNano()}, Lines: []string{line}}
	for _, f := range []logs.Filter{h.Streams, h.Entries} {
		if f == nil {
			continue
		}
		m, err := logs.NewMatcher(f)
		require.NoError(t, err)
		if m.Match(b, nil)[0] {
			return true
		}
	}
	return false
}

func TestRequestsHideAndSurviveAndAreTakenBack(t *testing.T) {
	dir := t.TempDir()
	db := openMeta(t, dir)
	s := newService(t, DefaultConfig(), db)
	var changed []tenant.ID
	s.OnChange(func(id tenant.ID) { changed = append(changed, id) })
	now := time.Now().UTC().Truncate(time.Millisecond)
	all, err := s.Create(t.Context(), "acme", `{app="web"}`, now.Add(-2*time.Hour), now.Add(-time.Hour))
	require.NoError(t, err)
	some, err := s.Create(t.Context(), "acme", `{app=~"web|api"} |= "card"`, now.Add(-time.Hour), now)
	require.NoError(t, err)
	require.Equal(t, []tenant.ID{"acme", "acme"}, changed)

	check := func(s *Service) {
		require.True(t, hides(t, s, "acme", now.Add(-90*time.Minute), "web", "x"))
		require.False(t, hides(t, s, "acme", now.Add(-90*time.Minute), "api", "x"))
		require.False(t, hides(t, s, "default", now.Add(-90*time.Minute), "web", "x"))
		require.True(t, hides(t, s, "acme", now.Add(-2*time.Hour), "web", "x"), "the start is inclusive")
		require.False(t, hides(t, s, "acme", now.Add(-2*time.Hour-1), "web", "x"))
		require.True(t, hides(t, s, "acme", now.Add(-time.Hour), "web", "x"), "the end is inclusive")
		require.False(t, hides(t, s, "acme", now.Add(-time.Hour+1), "web", "x"))
		require.True(t, hides(t, s, "acme", now.Add(-time.Minute), "api", "a card"))
	}
	check(s)
	require.NoError(t, db.Close())
	db = openMeta(t, dir)
	s = newService(t, DefaultConfig(), db)
	check(s)
	list := s.List("acme")
	require.Equal(t, []Request{
		{ID: all, Query: `{app="web"}`, Start: now.Add(-2 * time.Hour), End: now.Add(-time.Hour), Status: Received, CreatedAt: list[0].CreatedAt},
		{ID: some, Query: `{app=~"web|api"} |= "card"`, Start: now.Add(-time.Hour), End: now, Status: Received, CreatedAt: list[1].CreatedAt},
	}, list)
	require.Empty(t, s.List("default"))

	require.ErrorIs(t, s.Cancel(t.Context(), "default", all, true), ErrNotFound, "another tenant's")
	require.NoError(t, s.Cancel(t.Context(), "acme", all, false))
	require.ErrorIs(t, s.Cancel(t.Context(), "acme", all, false), ErrNotFound)
	require.False(t, hides(t, s, "acme", now.Add(-90*time.Minute), "web", "x"))

	s.now = func() time.Time { return now.Add(25 * time.Hour) }
	err = s.Cancel(t.Context(), "acme", some, false)
	require.ErrorIs(t, err, ErrTooLate)
	require.ErrorContains(t, err, "To force, use the ?force query parameter")
	s.now = func() time.Time { return now.Add(32 * 24 * time.Hour) }
	require.Equal(t, Processed, s.List("acme")[0].Status)
	require.ErrorIs(t, s.Cancel(t.Context(), "acme", some, true), ErrGone)
	s.now = func() time.Time { return now.Add(25 * time.Hour) }
	require.NoError(t, s.Cancel(t.Context(), "acme", some, true))
	require.NoError(t, db.Close())
	db = openMeta(t, dir)
	require.Empty(t, newService(t, DefaultConfig(), db).List("acme"))
}

func TestRequestsAreBounded(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxRequests = 2
	s := newService(t, cfg, openMeta(t, t.TempDir()))
	now := time.Now()
	old, recent := now.Add(-40*24*time.Hour), now.Add(-time.Hour)
	create := func(end time.Time) error {
		_, err := s.Create(t.Context(), "acme", `{app="web"}`, end.Add(-time.Hour), end)
		return err
	}
	require.NoError(t, create(old))
	require.NoError(t, create(recent))
	require.NoError(t, create(recent), "one whose entries are gone makes room")
	require.ErrorIs(t, create(recent), ErrTooMany)
	require.Len(t, s.List("acme"), 2)
	_, err := s.Create(t.Context(), "other", `{app="web"}`, now.Add(-time.Hour), now)
	require.NoError(t, err, "another tenant's are not counted")

	_, err = s.Create(t.Context(), "other", `{app="`+strings.Repeat("x", maxQuery)+`"}`, recent, now)
	require.ErrorIs(t, err, ErrQueryTooLong)
	_, err = s.Create(t.Context(), "other", `{app="web"} | json`, recent, now)
	require.ErrorIs(t, err, logql.ErrUnsupported)
	cfg.Mode = Disabled
	require.NoError(t, s.SetConfig(cfg))
	require.ErrorIs(t, create(recent), ErrDisabled)
}

// TestConcurrentRequestsAllHold makes requests while queries read them.
func TestConcurrentRequestsAllHold(t *testing.T) {
	db := openMeta(t, t.TempDir())
	s := newService(t, DefaultConfig(), db)
	now := time.Now()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 10 {
				_, err := s.Create(context.Background(), "acme", fmt.Sprintf(`{app="a%d-%d"}`, w, i), now.Add(-time.Hour), now)
				if err != nil {
					t.Error(err)
				}
				_ = s.Hidden("acme", 0, now.UnixNano())
			}
		})
	}
	wg.Wait()
	require.Len(t, s.List("acme"), 40)
	require.Len(t, newService(t, DefaultConfig(), db).List("acme"), 40)
}

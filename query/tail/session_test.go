package tail

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// rig is a hub behind a store on disk.
type rig struct {
	*Hub
	store *logstore.Store
	// unnumbered hides the store's numbers.
	unnumbered bool
}

func newRig(t testing.TB, dir string, unnumbered bool) (*rig, func()) {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = dir
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	r := &rig{Hub: New(DefaultConfig(), prometheus.NewRegistry()), store: logstore.New(rows, rows), unnumbered: unnumbered}
	if !unnumbered {
		last, ok := r.store.LastNumber()
		require.True(t, ok)
		r.Numbered(last)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	return r, func() { cancel(); require.NoError(t, <-done); require.NoError(t, rows.Close()) }
}

// push stores and publishes as ingest does.
func (r *rig) push(t testing.TB, at time.Time, app string, lines ...string) {
	t.Helper()
	s := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: app})}
	for i, l := range lines {
		s.Entries = append(s.Entries, model.LogEntry{Time: at.UnixNano() + int64(i), Line: l})
	}
	streams := []model.LogStream{s}
	mark := r.Begin()
	first, _, err := r.store.AppendNumbered(context.Background(), tenant.Default, streams)
	if err != nil {
		t.Error(err)
		r.Abort(mark)
		return
	}
	if r.unnumbered {
		first = 0
	}
	r.Publish(mark, tenant.Default, streams, first)
}

func (r *rig) follow(t testing.TB, req Request) *Session {
	t.Helper()
	var reader logs.Reader = logs.Scoped(r.store)
	if r.unnumbered {
		reader = plainReader{r.store}
	}
	s, err := r.Follow(context.Background(), tenant.Default, reader, req)
	require.NoError(t, err)
	return s
}

// plainReader is a reader without numbers.
type plainReader struct{ logs.Reader }

// read returns the lines up to n and the cursor behind them.
func read(t testing.TB, s *Session, n int) (lines []string, cursor string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for len(lines) < n {
		f, err := s.Next(ctx, time.Minute)
		require.NoError(t, err)
		require.Zero(t, f.Lost)
		lines = append(lines, texts(t, f.Lines)...)
		cursor = f.Position.Cursor()
	}
	require.Len(t, lines, n)
	return lines, cursor
}

// quiet requires that nothing comes.
func quiet(t testing.TB, s *Session) {
	t.Helper()
	f, err := s.Next(context.Background(), 100*time.Millisecond)
	require.NoError(t, err)
	if f != nil {
		t.Fatalf("unexpected lines %q", texts(t, f.Lines))
	}
}

// TestSession begins in the past, follows live, and resumes: with queries that the
// store applies whole and others, and with and without the store's numbers.
func TestSession(t *testing.T) {
	for name, unnumbered := range map[string]bool{"numbers": false, "times": true} {
		for i, query := range []string{`{app="web"} != "no"`, `{app="web"} | label_format x="y" != "no" | x="y"`} {
			t.Run(fmt.Sprint(name, i), func(t *testing.T) {
				r, stop := newRig(t, t.TempDir(), unnumbered)
				defer stop()
				now := time.Now()
				r.push(t, now.Add(-time.Minute), "web", "a", "b", "c no")
				r.push(t, now.Add(-time.Minute), "web", "a") // again: one line in the past
				r.push(t, now.Add(-time.Second), "db", "other")
				req := Request{Query: logQuery(t, query), Start: now.Add(-time.Hour).UnixNano(), Limit: 10}
				s := r.follow(t, req)
				defer s.Close()
				lines, cursor := read(t, s, 2)
				require.Equal(t, []string{"a", "b"}, lines)
				r.push(t, now, "web", "d", "e")
				lines, _ = read(t, s, 2)
				require.Equal(t, []string{"d", "e"}, lines)
				quiet(t, s)
				last := s.Position().Cursor()
				s.Close()

				req.Cursor = cursor
				s = r.follow(t, req)
				defer s.Close()
				lines, _ = read(t, s, 2)
				require.Equal(t, []string{"d", "e"}, lines)
				s.Close()

				req.Cursor = last
				s = r.follow(t, req)
				defer s.Close()
				quiet(t, s)

				req.Cursor, req.Limit = "", 2
				s = r.follow(t, req)
				defer s.Close()
				lines, _ = read(t, s, 2)
				require.Equal(t, []string{"d", "e"}, lines, "the newest two")
			})
		}
	}
}

// TestSessionOutlivesARestart goes on from a cursor of the process before.
func TestSessionOutlivesARestart(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	r, stop := newRig(t, dir, false)
	req := Request{Query: logQuery(t, `{app="web"}`), Start: now.Add(-time.Hour).UnixNano(), Limit: 10}
	s := r.follow(t, req)
	r.push(t, now, "web", "a")
	_, cursor := read(t, s, 1)
	s.Close()
	r.push(t, now.Add(-30*time.Minute), "web", "late")
	stop()

	r, stop = newRig(t, dir, false)
	defer stop()
	req.Cursor = cursor
	s = r.follow(t, req)
	defer s.Close()
	lines, _ := read(t, s, 1)
	require.Equal(t, []string{"late"}, lines)
	r.push(t, now, "web", "b")
	lines, _ = read(t, s, 1)
	require.Equal(t, []string{"b"}, lines)
}

// TestCatchUpInPages resumes far behind, over many pages of many sizes.
func TestCatchUpInPages(t *testing.T) {
	r, stop := newRig(t, t.TempDir(), false)
	defer stop()
	now := time.Now()
	req := Request{Query: logQuery(t, `{app="web"}`), Start: now.Add(-time.Hour).UnixNano(), Limit: 1}
	s := r.follow(t, req)
	r.push(t, now, "web", "first")
	_, cursor := read(t, s, 1)
	s.Close()
	const n = 3 * maxPage
	for i := 0; i < n; i += 500 {
		var lines []string
		for j := range 500 {
			lines = append(lines, fmt.Sprint(i+j))
		}
		r.push(t, now.Add(time.Duration(i)), "web", lines...)
		r.push(t, now.Add(time.Duration(i)), "db", lines...)
	}
	req.Cursor = cursor
	s = r.follow(t, req)
	s.catchUp.width = 777
	defer s.Close()
	lines, _ := read(t, s, n)
	for i, l := range lines {
		require.Equal(t, fmt.Sprint(i), l)
	}
	quiet(t, s)
}

// TestResumeUnderLoad reads what several pushers write at once, with times that go
// back and forth, and reconnects again and again: each line must come exactly once.
func TestResumeUnderLoad(t *testing.T) {
	r, stop := newRig(t, t.TempDir(), false)
	defer stop()
	const pushers, pushes, perPush = 6, 60, 20
	var done atomic.Bool
	var wg sync.WaitGroup
	for p := range pushers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(p), 2))
			for i := range pushes {
				var lines []string
				for j := range perPush {
					lines = append(lines, fmt.Sprintf("%d/%d/%d", p, i, j))
				}
				r.push(t, time.Now().Add(-time.Duration(rng.IntN(600))*time.Second), fmt.Sprint("web", p%2), lines...)
				time.Sleep(time.Duration(rng.IntN(4)) * time.Millisecond)
			}
		})
	}
	go func() { wg.Wait(); done.Store(true) }()

	var readers sync.WaitGroup
	for reader := range 4 {
		readers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(reader), 3))
			req := Request{Query: logQuery(t, `{app=~"web.*"}`), Start: time.Now().Add(-time.Hour).UnixNano(), Limit: 1_000_000}
			seen := map[string]int{}
			for reconnects := 0; ; reconnects++ {
				s, err := r.Follow(context.Background(), tenant.Default, r.store, req)
				if err != nil {
					t.Error(err)
					return
				}
				frames, ended := 0, false
				for frames < 1+rng.IntN(5) && !ended {
					f, err := s.Next(context.Background(), 300*time.Millisecond)
					if err != nil {
						t.Error(err)
						break
					}
					if f == nil { // a heartbeat
						ended = done.Load()
						req.Cursor = s.Position().Cursor()
						continue
					}
					frames++
					req.Cursor = f.Position.Cursor()
					for _, l := range f.Lines {
						var pair [2]string
						if err := json.Unmarshal(l.JSON, &pair); err != nil {
							t.Error(err)
						}
						seen[pair[1]]++
					}
				}
				s.Close()
				if !ended {
					continue
				}
				if len(seen) != pushers*pushes*perPush {
					t.Errorf("reader %d saw %d lines, want %d, after %d reconnects", reader, len(seen), pushers*pushes*perPush, reconnects)
				}
				for l, n := range seen {
					if n != 1 {
						t.Errorf("reader %d saw %s %d times", reader, l, n)
					}
				}
				t.Logf("reader %d reconnected %d times", reader, reconnects)
				return
			}
		})
	}
	readers.Wait()
	wg.Wait()
}

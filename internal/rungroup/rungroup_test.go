package rungroup

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// recorder notes what happens in which order.
type recorder struct {
	mu     sync.Mutex
	events []string
}

func (r *recorder) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, s)
}

func (r *recorder) part(name string, drain time.Duration) Part {
	return Part{
		Name: name,
		Run: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(drain)
			r.note("stop " + name)
			return nil
		},
		Close: func() error { r.note("close " + name); return nil },
	}
}

func TestStopsLastFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := Run(ctx, slog.New(slog.DiscardHandler), time.Minute, rec.part("store", time.Second), rec.part("http", 5*time.Second))
		require.NoError(t, err)
		require.Equal(t, []string{"stop http", "close http", "stop store", "close store"}, rec.events)
	})
}

func TestAPartThatEndsStopsTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		boom := errors.New("boom")
		err := Run(t.Context(), slog.New(slog.DiscardHandler), time.Minute,
			rec.part("store", 0),
			Part{Name: "http", Run: func(context.Context) error { return boom }})
		require.ErrorIs(t, err, boom)
		require.ErrorContains(t, err, "http")
		require.Equal(t, []string{"stop store", "close store"}, rec.events)
	})
}

func TestGraceIsABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		err := Run(ctx, slog.New(slog.DiscardHandler), 10*time.Second, rec.part("store", 0), rec.part("stuck", time.Hour))
		require.ErrorContains(t, err, "stuck: did not stop within 10s")
		require.Equal(t, 11*time.Second, time.Since(begin))
		time.Sleep(2 * time.Hour) // let the stuck part end inside the bubble
	})
}

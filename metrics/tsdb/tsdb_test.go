package tsdb

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newStore(t *testing.T, dir string, change func(*metrics.Config)) *Store {
	t.Helper()
	cfg := metrics.DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	log := promslog.NewNopLogger()
	loaded, err := cfg.Load(os.LookupEnv, log)
	require.NoError(t, err)
	s, err := New(cfg, loaded, Deps{Dir: dir, MaxSeries: 1000, Logger: log, Registry: prometheus.NewPedanticRegistry()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func add(t *testing.T, s *Store, id tenant.ID, name string, at time.Time, v float64) error {
	t.Helper()
	app := s.Tenant(id).AppenderV2(t.Context())
	_, err := app.Append(0, labels.FromStrings("__name__", name), 0, at.UnixMilli(), v, nil, nil, storage.AOptions{})
	if err != nil {
		require.NoError(t, app.Rollback())
		return err
	}
	return app.Commit()
}

func values(t *testing.T, s *Store, id tenant.ID, name string) []float64 {
	t.Helper()
	q, err := s.Tenant(id).Querier(math.MinInt64, math.MaxInt64)
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	var out []float64
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
			_, v := it.At()
			out = append(out, v)
		}
	}
	require.NoError(t, set.Err())
	return out
}

func TestTenantsAreApart(t *testing.T) {
	s := newStore(t, t.TempDir(), nil)
	now := time.Now()
	require.NoError(t, add(t, s, "a", "m", now, 1))
	require.NoError(t, add(t, s, "b", "m", now, 2))
	require.Equal(t, []float64{1}, values(t, s, "a", "m"))
	require.Equal(t, []float64{2}, values(t, s, "b", "m"))
	require.NoError(t, s.Tenant("a").Delete(t.Context(), 0, math.MaxInt64, labels.MustNewMatcher(labels.MatchEqual, "__name__", "m")))
	require.Empty(t, values(t, s, "a", "m"))
	require.Equal(t, []float64{2}, values(t, s, "b", "m"))

	require.Empty(t, values(t, s, "nobody", "m"))
	require.NoDirExists(t, s.Dir("nobody"), "reading creates nothing")
	require.NoError(t, s.Ready())
}

// What a commit acknowledged is there after the process is killed: the files as they
// are at that moment, without any Close, hold it.
func TestCommitOutlivesTheProcess(t *testing.T) {
	dir, killed := t.TempDir(), filepath.Join(t.TempDir(), "killed")
	s := newStore(t, dir, nil)
	now := time.Now()
	var want []float64
	for i := range 500 {
		require.NoError(t, add(t, s, "a", "m", now.Add(time.Duration(i-1000)*time.Millisecond), float64(i)))
		want = append(want, float64(i))
	}
	require.NoError(t, os.CopyFS(killed, os.DirFS(dir)))
	require.NoError(t, os.Remove(filepath.Join(killed, "a", "lock")))
	require.Equal(t, want, values(t, newStore(t, killed, nil), "a", "m"))
}

func TestIdleTenantsAreClosed(t *testing.T) {
	s := newStore(t, t.TempDir(), nil)
	now := time.Now()
	require.NoError(t, add(t, s, "a", "m", now, 1))
	held := s.Tenant("b").Appender(t.Context())
	require.EqualValues(t, 1, s.budget.used.Load())

	s.closeIdle(time.Now().Add(time.Second))
	require.Nil(t, s.instances["a"].db)
	require.NotNil(t, s.instances["b"].db, "in use")
	require.Zero(t, s.budget.used.Load(), "a closed tenant takes no memory")
	require.NoError(t, held.Rollback())

	require.Equal(t, []float64{1}, values(t, s, "a", "m"), "opened again")
	require.EqualValues(t, 1, s.budget.used.Load())
}

func TestOpeningAndClosingAtOnce(t *testing.T) {
	s := newStore(t, t.TempDir(), nil)
	start := time.Now()
	done, stop := context.WithCancel(t.Context())
	var closer, writers sync.WaitGroup
	closer.Go(func() {
		for done.Err() == nil {
			s.closeIdle(time.Now().Add(time.Second))
			s.syncLogs()
		}
	})
	for w := range 4 {
		writers.Go(func() {
			for i := range 30 {
				if err := add(t, s, "a", fmt.Sprintf("m%d", w), start.Add(time.Duration(i)*time.Millisecond), 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	stop()
	closer.Wait()
	for w := range 4 {
		require.Len(t, values(t, s, "a", fmt.Sprintf("m%d", w)), 30)
	}
}

func TestOlderThanRetentionIsRefused(t *testing.T) {
	s := newStore(t, t.TempDir(), func(c *metrics.Config) { c.Retention = model.Duration(24 * time.Hour) })
	err := add(t, s, "a", "m", time.Now().Add(-25*time.Hour), 1)
	var old *metrics.TooOldError
	require.ErrorAs(t, err, &old)
	require.ErrorIs(t, err, storage.ErrTooOldSample)
	require.NoError(t, add(t, s, "a", "m", time.Now().Add(-23*time.Hour), 1))
}

func TestReloadChangesTheWindow(t *testing.T) {
	s := newStore(t, t.TempDir(), nil)
	now := time.Now()
	require.NoError(t, add(t, s, "a", "m", now, 2))
	require.ErrorIs(t, add(t, s, "a", "m", now.Add(-time.Minute), 1), storage.ErrOutOfOrderSample)
	cfg := metrics.DefaultConfig()
	cfg.OutOfOrderWindow = model.Duration(time.Hour)
	loaded, err := cfg.Load(os.LookupEnv, promslog.NewNopLogger())
	require.NoError(t, err)
	require.NoError(t, s.Reload(loaded))
	require.NoError(t, add(t, s, "a", "m", now.Add(-time.Minute), 1))
	require.Equal(t, []float64{1, 2}, values(t, s, "a", "m"))
}

func TestBudgetIsSharedAndExistingSeriesGoOn(t *testing.T) {
	cfg := metrics.DefaultConfig()
	loaded, err := cfg.Load(os.LookupEnv, promslog.NewNopLogger())
	require.NoError(t, err)
	dir := t.TempDir()
	deps := Deps{Dir: dir, MaxSeries: 2, Logger: promslog.NewNopLogger(), Registry: prometheus.NewRegistry()}
	s, err := New(cfg, loaded, deps)
	require.NoError(t, err)
	now := time.Now()
	require.NoError(t, add(t, s, "a", "m", now, 1))
	require.NoError(t, add(t, s, "b", "m", now, 1))
	var limit *metrics.SeriesLimitError
	require.ErrorAs(t, add(t, s, "a", "n", now, 1), &limit)
	require.NoError(t, add(t, s, "a", "m", now.Add(time.Second), 2))
	require.NoError(t, s.Close())
	require.ErrorIs(t, add(t, s, "a", "m", now, 1), metrics.ErrClosed)
	require.ErrorIs(t, s.Ready(), metrics.ErrClosed)

	// With a smaller budget what was acknowledged is still replayed.
	deps.MaxSeries, deps.Registry = 0, prometheus.NewRegistry()
	s, err = New(cfg, loaded, deps)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.Equal(t, []float64{1, 2}, values(t, s, "a", "m"))
}

func TestRunSyncsAndCloses(t *testing.T) {
	s := newStore(t, t.TempDir(), func(c *metrics.Config) { c.WALSyncInterval = model.Duration(10 * time.Millisecond) })
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	require.NoError(t, add(t, s, "a", "m", time.Now(), 1))
	require.Eventually(t, func() bool { return !s.instances["a"].dirty.Load() }, 10*time.Second, time.Millisecond)
	stop()
	run.Wait()
	require.ErrorIs(t, s.Ready(), metrics.ErrClosed)
}

func TestBrokenDataIsNotReady(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir, nil)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("no folder"), 0o600))
	require.Error(t, add(t, s, "a", "m", time.Now(), 1))
	require.ErrorContains(t, s.Ready(), "open metrics of tenant a")
	require.NoError(t, os.Remove(filepath.Join(dir, "a")))
	require.NoError(t, add(t, s, "a", "m", time.Now(), 1))
	require.NoError(t, s.Ready())
}

// The retention holds for tenants too who use their data no more.
func TestClosedTenantsExpire(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir, nil)
	now := time.Now()
	require.NoError(t, add(t, s, "old", "m", now.Add(-3*time.Hour), 1))
	require.NoError(t, add(t, s, "young", "m", now.Add(-time.Hour), 1))
	require.NoError(t, s.Close())

	s = newStore(t, dir, func(c *metrics.Config) { c.Retention = model.Duration(2 * time.Hour) })
	s.expireClosed()
	require.NoDirExists(t, s.Dir("old"))
	require.False(t, s.isOpen("young"))
	require.Equal(t, []float64{1}, values(t, s, "young", "m"))
	require.Empty(t, values(t, s, "old", "m"))
	require.NoError(t, add(t, s, "old", "m", now, 2), "the tenant can begin anew")
}

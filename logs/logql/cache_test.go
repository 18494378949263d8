package logql

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// cachedEngines returns two engines over a store, of which the first has a cache,
// whose clock the returned function sets.
func cachedEngines(store *memStore) (cached, plain *Engine, cache *Cache, clock func(int64)) {
	cfg := DefaultConfig()
	cfg.MaxSeries = 5000
	cache = NewCache(1 << 20)
	now := scriptEpoch
	cache.now = func() time.Time { return time.Unix(0, now) }
	return NewEngine(store, cfg).WithCache(cache), NewEngine(store, cfg), cache, func(t int64) { now = t }
}

// TestCachedAnswers asks the same kinds of questions again and again while the clock
// goes on and entries arrive late: answers of an engine with a cache are those of
// one without, to the bit.
func TestCachedAnswers(t *testing.T) {
	hits, logHits := 0.0, 0
	for seed := range uint64(16) {
		g := planData{rand.New(rand.NewPCG(seed, 3))}
		store := &memStore{streams: alikeWhereEqual(g.streams())}
		logQueries := []string{g.pipeline(), g.pipeline(), g.pipeline()}
		cached, plain, cache, clock := cachedEngines(store)
		now := scriptEpoch + int64(4*time.Minute)
		var queries []string
		for range 6 {
			queries = append(queries, g.metric())
		}
		for n := range 60 {
			now += g.Int64N(20e9)
			clock(now)
			switch g.IntN(12) {
			case 0: // late entries, of which some are of a closed time
				late := g.streams()[:1]
				late[0].Entries = late[0].Entries[:2]
				require.NoError(t, cache.Appender(store).Append(context.Background(), tenant.Default, late))
			case 1:
				store.mu.Lock()
				store.streams = store.streams[1:]
				if len(store.streams) == 0 {
					store.streams = g.streams()
				}
				store.loaded = -1
				store.mu.Unlock()
				cache.Invalidate(tenant.Default)
			}
			text := queries[g.IntN(len(queries))]
			if g.IntN(3) == 0 {
				text = "(" + text + ") / (" + queries[g.IntN(len(queries))] + ")"
			}
			e, err := Parse(text)
			require.NoError(t, err)
			step := pickOne[int64](g, 10e9, 60e9)
			end := now / step * step
			p := Params{Start: end - 12*step, End: end, Step: step}
			if g.IntN(4) == 0 {
				p = Params{Start: end, End: end}
			}
			where := fmt.Sprintf("seed %d query %d: %s %+v", seed, n, e, p)
			want, wantErr := plain.Eval(context.Background(), tenant.Default, e, p)
			got, gotErr := cached.Eval(context.Background(), tenant.Default, e, p)
			if wantErr != nil {
				require.Error(t, gotErr, where)
				require.Equal(t, wantErr.Error(), gotErr.Error(), where)
				continue
			}
			require.NoError(t, gotErr, where)
			requireSame(t, want.Value, got.Value, where)
			logHits += compareLogs(t, g, cached, plain, logQueries[g.IntN(len(logQueries))], now)
		}
		hits += testutil.ToFloat64(cache.metrics.hits)
		require.LessOrEqual(t, cache.bytes, cache.max)
		require.Equal(t, testutil.ToFloat64(cache.metrics.bytes), float64(cache.bytes))
	}
	require.Greater(t, hits, 500.0, "the cache is not used")
	require.Greater(t, logHits, 30, "the cache is not used for logs")
}

// compareLogs asks both engines for entries of one of a few ranges and counts answers
// from the cache.
func compareLogs(t *testing.T, g planData, cached, plain *Engine, text string, now int64) int {
	e, err := Parse(text)
	require.NoError(t, err)
	end := (now - g.Int64N(2)*int64(2*time.Minute)) / 60e9 * 60e9
	p := Params{Start: end - int64(2*time.Minute), End: end, Limit: 1000, Categorize: g.IntN(2) == 0}
	want, err := plain.Eval(context.Background(), tenant.Default, e, p)
	require.NoError(t, err)
	got, err := cached.Eval(context.Background(), tenant.Default, e, p)
	require.NoError(t, err)
	w, _ := entryTexts(want.Value)
	x, _ := entryTexts(got.Value)
	require.Equal(t, w, x, "%s %+v", text, p)
	require.Equal(t, want.Stats.Returned, got.Stats.Returned)
	return got.Plan.Cached
}

// slowStore lets a test write while a query reads.
type slowStore struct {
	*memStore
	during func()
}

func (s *slowStore) Count(ctx context.Context, t tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	groups, err := s.memStore.Count(ctx, t, q, g)
	s.during()
	return groups, err
}

// TestCacheWritesMeanwhile keeps no result that was computed while an entry of its
// window arrived.
func TestCacheWritesMeanwhile(t *testing.T) {
	store := &slowStore{memStore: randomStore(rand.New(rand.NewPCG(1, 1)), 100), during: func() {}}
	cache := NewCache(1 << 20)
	cache.now = func() time.Time { return time.Unix(0, scriptEpoch+int64(time.Hour)) }
	engine := NewEngine(store, DefaultConfig()).WithCache(cache)
	e, err := Parse(`sum(count_over_time({app="web"}[5m]))`)
	require.NoError(t, err)
	at := scriptEpoch + int64(5*time.Minute)
	ask := func() float64 {
		res, err := engine.Eval(context.Background(), tenant.Default, e, Params{Start: at, End: at})
		require.NoError(t, err)
		return res.Value.(Vector)[0].Value
	}
	written := 0
	store.during = func() {
		written++
		line := model.LogEntry{Time: at - int64(written), Line: fmt.Sprint("late ", written)}
		stream := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: "web"}, model.Label{Name: "pod", Value: "new"}), Entries: []model.LogEntry{line}}
		require.NoError(t, cache.Appender(store).Append(context.Background(), tenant.Default, []model.LogStream{stream}))
	}
	before := ask()
	store.during = func() {}
	assert.Greater(t, ask(), before)
	counts := store.counts
	assert.Equal(t, ask(), ask(), "from the cache")
	assert.Equal(t, counts, store.counts)
}

// TestCacheKeys keeps apart what differs in tenant, scope, grouping, window or in a
// size whose text is rounded.
func TestCacheKeys(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{
		`count_over_time({app="web"}[5m])`, `count_over_time({app="web"}[6m])`, `count_over_time({app="web"}[5m] offset 1m)`,
		`count_over_time({app="web"} | json | size > 5001B [5m])`, `count_over_time({app="web"} | json | size > 5002B [5m])`,
		`sum by (a) (count_over_time({app="web"}[5m]))`, `sum without (a) (count_over_time({app="web"}[5m]))`,
		`sum by (a,b) (count_over_time({app="web"}[5m]))`,
	} {
		e, err := Parse(text)
		require.NoError(t, err)
		var outer *Grouping
		if v, ok := e.(*VectorAggregation); ok {
			outer, e = &v.Grouping, v.Expr
		}
		for _, id := range []tenant.ID{tenant.Default, "other"} {
			for name, ctx := range map[string]context.Context{"": context.Background(), "narrowed": tenant.WithScope(context.Background(),
				tenant.NewScope(labels.MustNewMatcher(labels.MatchEqual, "project", "x")))} {
				for _, step := range []int64{0, 60e9} {
					q := &query{tenant: id, params: Params{Start: scriptEpoch, Step: step}}
					key := rangeKey(ctx, q, e.(*RangeAggregation), outer)
					what := fmt.Sprint(text, id, name, step)
					require.Empty(t, seen[key], what)
					seen[key] = what
				}
			}
		}
	}
}

// TestSharedSubQueries computes what panels of a dashboard ask at the same time
// once.
func TestSharedSubQueries(t *testing.T) {
	store := &slowStore{memStore: randomStore(rand.New(rand.NewPCG(1, 1)), 100)}
	var once sync.Once
	inside, release := make(chan struct{}), make(chan struct{})
	store.during = func() {
		once.Do(func() { close(inside); <-release })
	}
	engine := NewEngine(store, DefaultConfig())
	e, err := Parse(`sum(count_over_time({app="web"}[5m])) / sum(count_over_time({app="web"}[5m]))`)
	require.NoError(t, err)
	p := Params{Start: scriptEpoch + 3e11, End: scriptEpoch + 3e11}
	var wg sync.WaitGroup
	var shared [3]bool
	ask := func(i int) {
		res, err := engine.Eval(context.Background(), tenant.Default, e, p)
		assert.NoError(t, err)
		assert.Equal(t, 1.0, res.Value.(Vector)[0].Value)
		shared[i] = res.Plan.Children[0].Shared
	}
	wg.Go(func() { ask(0) })
	<-inside
	wg.Go(func() { ask(1) })
	wg.Go(func() { ask(2) })
	for { // both wait for the first
		engine.flights.mu.Lock()
		n := len(engine.queue.slots)
		engine.flights.mu.Unlock()
		if n == 3 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	close(release)
	wg.Wait()
	assert.False(t, shared[0])
	assert.True(t, shared[1] && shared[2])
}

// TestQueue lets so many queries run, so many of a tenant wait, and refuses others.
func TestQueue(t *testing.T) {
	q := newQueue(1, 2)
	ctx := context.Background()
	require.NoError(t, q.enter(ctx, "a"))
	entered := make(chan struct{})
	for range 2 {
		go func() {
			if q.enter(ctx, "a") == nil {
				entered <- struct{}{}
			}
		}()
	}
	require.Eventually(t, func() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.waiting["a"] == 2 }, 5*time.Second, time.Millisecond)
	require.ErrorIs(t, q.enter(ctx, "a"), ErrBusy)
	done, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, q.enter(done, "b"), context.Canceled, "another tenant may wait")
	for range 2 {
		q.leave()
		<-entered
	}
	q.leave()
	require.NoError(t, q.enter(ctx, "a"))
	require.Empty(t, q.waiting)
}

// TestCacheLeavesAloneWhatIsNotSettled: what ages hide meanwhile, and what the archive
// adds, is never answered from the cache; nor do requests that want the archive share
// with those that do not.
func TestCacheLeavesAloneWhatIsNotSettled(t *testing.T) {
	store := randomStore(rand.New(rand.NewPCG(1, 1)), 100)
	cached, _, cache, clock := cachedEngines(store)
	clock(scriptEpoch + int64(time.Hour))
	at := scriptEpoch + int64(5*time.Minute)
	archive := logs.WithArchiveUse(context.Background(), logs.NewArchiveUse(true))
	for text, p := range map[string]Params{
		`sum(count_over_time({app="web"}[5m]))`: {Start: at, End: at},
		`{app="web"}`:                           {Start: scriptEpoch, End: at, Limit: 10},
	} {
		e, err := Parse(text)
		require.NoError(t, err)
		fromCache := func(ctx context.Context) bool {
			hits := testutil.ToFloat64(cache.metrics.hits)
			_, err := cached.Eval(ctx, tenant.Default, e, p)
			require.NoError(t, err)
			return testutil.ToFloat64(cache.metrics.hits) > hits
		}
		require.False(t, fromCache(context.Background()))
		require.True(t, fromCache(context.Background()), text)
		require.False(t, fromCache(archive), text)
		cache.SetSettled(func(tenant.ID, int64, int64) bool { return false })
		require.False(t, fromCache(context.Background()), text)
		cache.SetSettled(nil)
		q := cached.newQuery(tenant.Default, p)
		if r, ok := e.(*VectorAggregation); ok {
			inner := r.Expr.(*RangeAggregation)
			require.NotEqual(t, rangeKey(context.Background(), q, inner, nil), rangeKey(archive, q, inner, nil))
		}
	}
}

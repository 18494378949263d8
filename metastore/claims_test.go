package metastore_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metastore"
)

func TestAClaimHasOneHolderUntilItEnds(t *testing.T) {
	dir := t.TempDir()
	// Two replicas have a connection of their own each.
	one, two := open(t, dir), open(t, dir)
	ctx, now := t.Context(), time.Now()
	claim := func(db *metastore.DB, holder string, at time.Time) bool {
		got, err := db.Claim(ctx, "a", "report", "r", holder, at, at.Add(time.Minute))
		require.NoError(t, err)
		return got
	}
	require.True(t, claim(one, "one", now))
	require.False(t, claim(two, "two", now.Add(59*time.Second)))
	require.True(t, claim(one, "one", now.Add(30*time.Second)), "its own is prolonged")
	require.False(t, claim(two, "two", now.Add(89*time.Second)))
	require.True(t, claim(two, "two", now.Add(90*time.Second)), "the other one died")
	require.NoError(t, one.Unclaim(ctx, "a", "report", "r", "one"))
	require.False(t, claim(one, "one", now.Add(100*time.Second)), "nobody ends another's claim")
	require.NoError(t, two.Unclaim(ctx, "a", "report", "r", "two"))
	require.True(t, claim(one, "one", now.Add(100*time.Second)))
	got, err := two.Claim(ctx, "b", "report", "r", "two", now, now.Add(time.Minute))
	require.NoError(t, err)
	require.True(t, got, "tenants do not meet")
}

func TestOneOfManyGetsAClaim(t *testing.T) {
	dir := t.TempDir()
	dbs := []*metastore.DB{open(t, dir), open(t, dir)}
	var got atomic.Int64
	var all sync.WaitGroup
	now := time.Now()
	for i := range 20 {
		all.Go(func() {
			ok, err := dbs[i%2].Claim(t.Context(), "a", "report", "r", string(rune('a'+i)), now, now.Add(time.Minute))
			if err != nil {
				t.Error(err)
			}
			if ok {
				got.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, got.Load())
}

package archive

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// TestArchiveHasEveryEntryOnce archives three hours of two tenants and reads them back
// from the archive alone, byte for byte.
func TestArchiveHasEveryEntryOnce(t *testing.T) {
	f := newFixture(t)
	for n := 3; n <= 5; n++ {
		f.push("a", someStreams(hoursAgo(n), 500, "a")...)
	}
	f.push("b", someStreams(hoursAgo(4), 30, "b")...)
	f.push("a", someStreams(hoursAgo(1), 20, "open")...) // within the grace
	a := f.archiver(f.bucket)
	a.windowBytes = 8 << 10 // many windows
	require.NoError(t, a.RunOnce(t.Context()))

	q := everything()
	q.End = hoursAgo(2).End()
	u := f.union(a, f.restored(), q.End)
	for _, id := range []tenant.ID{"a", "b", "none"} {
		assert.Equal(t, texts(t.Context(), t, f.store, id, q), texts(including(t.Context()), t, u, id, q))
	}
	assert.Empty(t, texts(t.Context(), t, u, "a", q), "the archive answers without having been asked")

	assert.Equal(t, []tenant.ID{"a", "b"}, a.Catalog().Tenants())
	assert.Len(t, a.Catalog().Hours("a", 0, q.End), 3)
	assert.True(t, a.Archived("a", hoursAgo(4)))
	assert.False(t, a.Archived("a", hoursAgo(1)))
	assert.Equal(t, hoursAgo(1).Time(), a.SafeBefore("a"))
	assert.Equal(t, hoursAgo(0).Time(), a.SafeBefore("b"))
	assert.Zero(t, a.SafeBefore("none"))
	for _, h := range a.Catalog().Hours("a", 0, q.End) {
		m, err := Verify(t.Context(), f.bucket, t.TempDir(), "a", h)
		require.NoError(t, err)
		assert.EqualValues(t, 510, m.Rows)
	}

	// A second round finds nothing to do, with and without what it knows.
	before := snapshot(t, f)
	require.NoError(t, a.RunOnce(t.Context()))
	f.dir = t.TempDir()
	a = f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	assert.Equal(t, before, snapshot(t, f))
	assert.Equal(t, hoursAgo(1).Time(), a.SafeBefore("a"))
}

// snapshot lists the bucket with its manifests.
func snapshot(t *testing.T, f *fixture) map[string]string {
	out := map[string]string{}
	c := NewCatalog(f.bucket)
	require.NoError(t, c.Refresh(t.Context()))
	for _, id := range c.Tenants() {
		for _, h := range c.Hours(id, 0, 1<<62) {
			m, err := c.Manifest(t.Context(), id, h)
			require.NoError(t, err)
			text, err := m.encode()
			require.NoError(t, err)
			out[hourDir(id, h)] = string(text)
		}
	}
	return out
}

// Late entries make a further file of their hour, but not a file each.
func TestLateEntries(t *testing.T) {
	f := newFixture(t)
	clock := time.Now()
	f.now = func() time.Time { return clock }
	h := hoursAgo(5)
	f.push("a", someStreams(h, 100, "early")...)
	a := f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	require.True(t, a.Archived("a", h))

	f.push("a", someStreams(h, 10, "late")...)
	require.NoError(t, a.RunOnce(t.Context()))
	assert.False(t, a.Archived("a", h), "entries that came later are not archived yet")
	assert.Equal(t, h.Time(), a.SafeBefore("a"))
	f.push("a", someStreams(h, 10, "later")...)
	clock = clock.Add(f.cfg.LateEvery + time.Minute)
	require.NoError(t, a.RunOnce(t.Context()))
	assert.True(t, a.Archived("a", h))

	m, err := a.Catalog().Manifest(t.Context(), "a", h)
	require.NoError(t, err)
	require.Len(t, m.Parts, 2)
	assert.EqualValues(t, 102, m.Parts[0].Rows)
	assert.EqualValues(t, 22, m.Parts[1].Rows)
	assert.Equal(t, m.Parts[0].Before, m.Parts[1].First)
	u := f.union(a, f.restored(), h.End())
	assert.Equal(t, texts(t.Context(), t, f.store, "a", everything()), texts(including(t.Context()), t, u, "a", everything()))
}

// A store that was lost and begun anew counts from one again: its entries are not
// taken for archived, and those of the old one answer from the archive.
func TestLostStore(t *testing.T) {
	f := newFixture(t)
	h := hoursAgo(5)
	f.push("a", someStreams(h, 100, "old")...)
	require.NoError(t, f.archiver(f.bucket).RunOnce(t.Context()))
	want := texts(t.Context(), t, f.store, "a", everything())

	g := newFixture(t)
	g.bucket = f.bucket
	g.dir = f.dir // the archiver's folder survived, say
	g.push("a", someStreams(h, 60, "new")...)
	want = append(want, texts(t.Context(), t, g.store, "a", everything())...)
	a := g.archiver(g.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	m, err := a.Catalog().Manifest(t.Context(), "a", h)
	require.NoError(t, err)
	require.Len(t, m.Parts, 2)
	for _, boundary := range []int64{int64(h), h.End()} { // the new store's hour is local, or archived
		u := g.union(a, g.restored(), boundary)
		assert.ElementsMatch(t, want, texts(including(t.Context()), t, u, "a", everything()))
	}
}

// TestBoundary: local data may be left to the archive only when nothing can come to
// an hour any more.
func TestBoundary(t *testing.T) {
	f := newFixture(t)
	f.retention = 24 * time.Hour
	f.push("a", someStreams(hoursAgo(30), 20, "x")...)
	f.push("a", someStreams(hoursAgo(27), 20, "x")...)
	a := f.archiver(f.bucket)
	dropped := a.Boundary("a")
	assert.Less(t, dropped, time.Now().Add(-30*24*time.Hour).UnixNano(), "nothing is known: the local store answers")
	require.NoError(t, a.RunOnce(t.Context()))
	want := int64(HourOf(time.Now().Add(-f.retention - slack).UnixNano()))
	assert.Equal(t, want, a.Boundary("a"))

	// Storage fails: what is not archived stays the local store's.
	f.push("a", someStreams(hoursAgo(28), 20, "late")...)
	a.bucket = &faulty{Bucket: f.bucket, dead: true}
	require.Error(t, a.RunOnce(t.Context()))
	assert.Equal(t, int64(hoursAgo(28)), a.Boundary("a"))
	assert.Error(t, a.Err())
	oldest, ok := OldestUnarchived(f.dir)
	assert.True(t, ok)
	assert.Equal(t, hoursAgo(28).Time(), oldest)
}

// The window of one nanosecond is split by numbers.
func TestManyEntriesAtOneTime(t *testing.T) {
	f := newFixture(t)
	streams := someStreams(hoursAgo(5), 2000, "x")
	for i := range streams {
		for j := range streams[i].Entries {
			streams[i].Entries[j].Time = int64(hoursAgo(5)) + 12345
		}
	}
	f.push("a", streams...)
	a := f.archiver(f.bucket)
	a.windowBytes = 4 << 10
	require.NoError(t, a.RunOnce(t.Context()))
	u := f.union(a, f.restored(), hoursAgo(4).End())
	assert.Equal(t, texts(t.Context(), t, f.store, "a", everything()), texts(including(t.Context()), t, u, "a", everything()))
	_ = logs.Query{}
}

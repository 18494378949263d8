package archive

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/storage/objects"
)

// archived is a fixture with four archived hours, and a union that has none of them
// locally.
func archived(t *testing.T) (*fixture, *Archiver) {
	f := newFixture(t)
	for n := 3; n <= 6; n++ {
		f.push("a", someStreams(hoursAgo(n), 60, "x")...)
	}
	a := f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	return f, a
}

// wait runs jobs until all are done.
func wait(t *testing.T, j *Jobs) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- j.Run(ctx) }()
	require.Eventually(t, func() bool {
		for _, job := range j.List("a") {
			if job.Finished.IsZero() {
				return false
			}
		}
		return true
	}, 10*time.Second, 5*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}

// TestRestore restores a range, again, over an overlapping one and after damage:
// each entry is there once.
func TestRestore(t *testing.T) {
	f, a := archived(t)
	r := f.restored()
	j, err := OpenJobs(r, a.Catalog(), quiet)
	require.NoError(t, err)
	u := f.union(a, r, hoursAgo(2).End())
	q := everything()
	require.Empty(t, texts(t.Context(), t, u, "a", q))

	job, err := j.Start(t.Context(), "a", hoursAgo(5).Time().Add(time.Minute), hoursAgo(4).Time().Add(time.Minute), time.Hour, "why")
	require.NoError(t, err)
	assert.Equal(t, []any{JobQueued, 2, int64(124), "why"}, []any{job.State, job.Hours, job.Entries, job.Comment})
	_, err = j.Start(t.Context(), "a", hoursAgo(6).Time(), hoursAgo(4).Time(), 2*time.Hour, "")
	require.NoError(t, err)
	_, err = j.Start(t.Context(), "b", hoursAgo(6).Time(), hoursAgo(4).Time(), time.Hour, "")
	require.ErrorIs(t, err, ErrNothing, "another tenant's range")
	wait(t, j)
	for _, job := range j.List("a") {
		assert.Equal(t, JobDone, job.State, job.Error)
		assert.Equal(t, job.Hours, job.Done)
		assert.Equal(t, job.Bytes, job.DoneBytes)
	}
	assert.Empty(t, j.List("b"))

	q.Start, q.End = int64(hoursAgo(6)), hoursAgo(4).End()
	want := texts(t.Context(), t, f.store, "a", q)
	assert.Equal(t, want, texts(t.Context(), t, u, "a", q), "without having asked for the archive")
	assert.Equal(t, texts(t.Context(), t, f.store, "a", everything()), texts(including(t.Context()), t, u, "a", everything()))

	// The same after a restart, and from the local store as long as it has the hours.
	r = f.restored()
	assert.Equal(t, want, texts(t.Context(), t, f.union(a, r, hoursAgo(2).End()), "a", q))
	assert.Equal(t, want, texts(t.Context(), t, f.union(a, r, int64(hoursAgo(7))), "a", q))
	j, err = OpenJobs(r, a.Catalog(), quiet)
	require.NoError(t, err)
	assert.Len(t, j.List("a"), 2)
}

// An interrupted restore goes on, and does not show half an hour meanwhile.
func TestRestoreInterrupted(t *testing.T) {
	f, a := archived(t)
	h := hoursAgo(4)
	until := time.Now().Add(time.Hour)
	for at := 1; ; at++ {
		r, err := OpenRestored(t.Context(), t.TempDir(), 1<<30, quiet)
		require.NoError(t, err)
		inner := r.bucket
		r.bucket = &faulty{Bucket: inner, dieAt: at, how: halfway}
		err = r.restore(t.Context(), a.Catalog(), "a", h, until, func(int64) {})
		killed := err != nil
		r.bucket = inner
		seen, err := OpenRestored(t.Context(), r.dir, 1<<30, quiet)
		require.NoError(t, err)
		if n := len(texts(t.Context(), t, f.union(a, seen, hoursAgo(2).End()), "a", everything())); n != 0 && n != 62 {
			t.Fatalf("half an hour is seen: %d entries", n)
		}
		require.NoError(t, seen.restore(t.Context(), a.Catalog(), "a", h, until, func(int64) {}))
		assert.Len(t, texts(t.Context(), t, f.union(a, seen, hoursAgo(2).End()), "a", everything()), 62)
		if !killed {
			require.Greater(t, at, 3)
			return
		}
	}
}

// A damaged object is not restored, is found by Verify, and queries of it say so.
func TestDamage(t *testing.T) {
	f, a := archived(t)
	h := hoursAgo(4)
	m, err := a.Catalog().Manifest(t.Context(), "a", h)
	require.NoError(t, err)
	name := hourDir("a", h) + m.Parts[0].Name
	object, err := readObject(t.Context(), f.bucket, name, 1<<30)
	require.NoError(t, err)
	object[len(object)/2] ^= 1
	require.NoError(t, f.bucket.Upload(t.Context(), name, strings.NewReader(string(object))))
	_, err = Verify(t.Context(), f.bucket, t.TempDir(), "a", h)
	require.ErrorIs(t, err, ErrDamaged)
	r := f.restored()
	require.ErrorIs(t, r.restore(t.Context(), a.Catalog(), "a", h, time.Now().Add(time.Hour), func(int64) {}), ErrDamaged)
	assert.Empty(t, r.Hours("a", 0, 1<<62))

	require.NoError(t, f.bucket.Upload(t.Context(), name, strings.NewReader(string(object[:100]))))
	_, err = Verify(t.Context(), f.bucket, t.TempDir(), "a", h)
	require.ErrorIs(t, err, ErrDamaged)
	u := f.union(a, r, hoursAgo(2).End())
	err = u.Select(including(t.Context()), "a", everything(), func(*logs.Block) error { return nil })
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, name)
}

// What expired goes, from queries first and from the disk then.
func TestExpiry(t *testing.T) {
	f, a := archived(t)
	r := f.restored()
	clock := time.Now()
	r.now = func() time.Time { return clock }
	require.NoError(t, r.restore(t.Context(), a.Catalog(), "a", hoursAgo(4), clock.Add(time.Hour), func(int64) {}))
	require.NoError(t, r.restore(t.Context(), a.Catalog(), "a", hoursAgo(5), clock.Add(3*time.Hour), func(int64) {}))
	clock = clock.Add(2 * time.Hour)
	files := func() int {
		n := 0
		require.NoError(t, r.bucket.Iter(t.Context(), hourDir("a", hoursAgo(4)), func(string) error { n++; return nil }))
		return n
	}
	require.Equal(t, 2, files())
	require.NoError(t, r.expire(t.Context()))
	assert.Equal(t, []Hour{hoursAgo(5)}, r.Hours("a", 0, 1<<62))
	assert.Equal(t, 1, files(), "a query may still read it")
	require.NoError(t, r.expire(t.Context()))
	assert.Zero(t, files())
	assert.Equal(t, []Hour{hoursAgo(5)}, f.restored().Hours("a", 0, 1<<62))

	small, err := OpenRestored(t.Context(), t.TempDir(), 100, quiet)
	require.NoError(t, err)
	require.ErrorIs(t, small.restore(t.Context(), a.Catalog(), "a", hoursAgo(4), clock, func(int64) {}), ErrNoSpace)
	entries, err := os.ReadDir(small.dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// TestS3 runs the whole way over the S3 protocol: archive, query, verify, restore.
func TestS3(t *testing.T) {
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("logs"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	defer server.Close()
	f := newFixture(t)
	var err error
	f.bucket, err = objects.Open(objects.Config{
		Type: objects.S3, Bucket: "logs", Endpoint: strings.TrimPrefix(server.URL, "http://"), Region: "eu-central-1",
		AccessKey: "key", SecretKey: "secret", Insecure: true, PathStyle: true, Prefix: "pharos",
	})
	require.NoError(t, err)
	for n := 3; n <= 4; n++ {
		f.push("a", someStreams(hoursAgo(n), 3000, "x")...)
	}
	f.cfg.PartSize = 1
	a := f.archiver(f.bucket)
	a.windowBytes = 40 << 10
	require.NoError(t, a.RunOnce(t.Context()))
	m, err := Verify(t.Context(), f.bucket, t.TempDir(), "a", hoursAgo(4))
	require.NoError(t, err)
	require.Greater(t, len(m.Parts), 2)

	again := f.archiver(f.bucket) // knows only what the bucket says
	require.NoError(t, again.Catalog().Refresh(t.Context()))
	u := f.union(again, f.restored(), hoursAgo(2).End())
	assert.Equal(t, texts(t.Context(), t, f.store, "a", everything()), texts(including(t.Context()), t, u, "a", everything()))
	r := f.restoredHours(again, hoursAgo(3), hoursAgo(4))
	server.Close() // restored hours need no storage
	assert.Equal(t, texts(t.Context(), t, f.store, "a", everything()), texts(t.Context(), t, f.union(again, r, hoursAgo(2).End()), "a", everything()))
}

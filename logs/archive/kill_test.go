package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// faulty is a bucket that dies at an operation, as a process that is killed there
// sees it.
type faulty struct {
	objstore.Bucket
	// dieAt is the operation that dies, counted from 1; 0: none.
	dieAt int
	how   dying

	mu   sync.Mutex
	done int
	dead bool
}

type dying int

const (
	before  dying = iota // nothing of the operation happened
	halfway              // half of an upload is there: storage without atomic uploads
	after                // all of it happened, but nobody heard of it
)

var errKilled = errors.New("killed")

func (f *faulty) step() (dying, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return before, errKilled
	}
	if f.done++; f.done == f.dieAt {
		f.dead = true
		if f.how == before {
			return before, errKilled
		}
		return f.how, nil
	}
	return -1, nil
}

func (f *faulty) Upload(ctx context.Context, name string, r io.Reader, o ...objstore.ObjectUploadOption) error {
	how, err := f.step()
	if err != nil {
		return err
	}
	if how == halfway {
		all, _ := io.ReadAll(r)
		r = bytes.NewReader(all[:len(all)/2])
		if len(all) > 0 && all[0] == '{' {
			return errKilled // a manifest is replaced whole or not: S3 and our directories promise it
		}
	}
	err = f.Bucket.Upload(ctx, name, r, o...)
	if how >= before {
		return errors.Join(err, errKilled)
	}
	return err
}

func (f *faulty) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if how, err := f.step(); err != nil || how >= before {
		return nil, errors.Join(err, errKilled)
	}
	return f.Bucket.Get(ctx, name)
}

func (f *faulty) Iter(ctx context.Context, dir string, fn func(string) error, o ...objstore.IterOption) error {
	if how, err := f.step(); err != nil || how >= before {
		return errors.Join(err, errKilled)
	}
	return f.Bucket.Iter(ctx, dir, fn, o...)
}

func (f *faulty) Attributes(ctx context.Context, name string) (objstore.ObjectAttributes, error) {
	if how, err := f.step(); err != nil || how >= before {
		return objstore.ObjectAttributes{}, errors.Join(err, errKilled)
	}
	return f.Bucket.Attributes(ctx, name)
}

func (f *faulty) Delete(ctx context.Context, name string) error {
	how, err := f.step()
	if err != nil {
		return err
	}
	err = f.Bucket.Delete(ctx, name)
	if how >= before {
		return errors.Join(err, errKilled)
	}
	return err
}

// dyingSource is a local store whose reader is killed at a read.
type dyingSource struct {
	logs.NumberedReader
	f *faulty
}

func (s dyingSource) SelectNumbered(ctx context.Context, t tenant.ID, r logs.NumberedRange, emit func(*logs.Block, []uint64) error) error {
	if how, err := s.f.step(); err != nil || how >= before {
		return errors.Join(err, errKilled)
	}
	return s.NumberedReader.SelectNumbered(ctx, t, r, emit)
}

// TestKilledAtEveryStep kills the archiver at each step in three ways, once and at
// each following start again, while entries go on arriving, and ends with each entry
// in the archive exactly once. make torture leaves no step out.
func TestKilledAtEveryStep(t *testing.T) {
	steps := 0
	for _, how := range []dying{before, halfway, after} {
		for at := 1; ; at++ {
			if !testkit.Torture() && (at+int(how))%4 != 0 {
				continue
			}
			survived := killed(t, how, at)
			steps++
			if survived || t.Failed() {
				break
			}
		}
	}
	require.Greater(t, steps, 10, "the archiver takes more steps than that")
}

// killed reports whether the archiver was done before the step came.
func killed(t *testing.T, how dying, at int) bool {
	f := newFixture(t)
	f.cfg.PartSize = 1 // a file for each window
	h := hoursAgo(5)
	f.push("a", someStreams(h, 300, "early")...)
	survived := true
	for start := range 50 {
		bucket := &faulty{Bucket: f.bucket, how: how, dieAt: at}
		if start > 3 {
			bucket.dieAt = 0
		}
		a := f.archiver(bucket)
		a.source = dyingSource{a.source, bucket}
		a.windowBytes = 12 << 10
		err := a.RunOnce(t.Context())
		if err == nil {
			break
		}
		require.ErrorIs(t, err, errKilled, "step %d", at)
		survived = false
		if start == 0 { // arrives between two starts
			f.push("a", someStreams(h, 20, "between")...)
		}
	}
	a := f.archiver(f.bucket)
	a.cfg.LateEvery = 0
	require.NoError(t, a.RunOnce(t.Context()))
	u := f.union(a, f.restored(), h.End())
	name := fmt.Sprintf("%d at step %d", how, at)
	require.Equal(t, texts(t.Context(), t, f.store, "a", everything()), texts(including(t.Context()), t, u, "a", everything()), name)
	_, err := Verify(t.Context(), f.bucket, t.TempDir(), "a", h)
	require.NoError(t, err, name)
	// Nothing is left over but what the manifest names.
	m, err := a.Catalog().Manifest(t.Context(), "a", h)
	require.NoError(t, err)
	objectsLeft := 0
	require.NoError(t, f.bucket.Iter(t.Context(), hourDir("a", h), func(string) error { objectsLeft++; return nil }))
	if survived || how != after {
		require.LessOrEqual(t, len(m.Parts)+1, objectsLeft, name)
	}
	return survived
}

// counting counts uploads by name.
type counting struct {
	objstore.Bucket
	uploads map[string]int
}

func (c *counting) Upload(ctx context.Context, name string, r io.Reader, o ...objstore.ObjectUploadOption) error {
	c.uploads[name]++
	return c.Bucket.Upload(ctx, name, r, o...)
}

// TestInterruptedUploadResumes: what was uploaded before the process was killed is
// not uploaded again.
func TestInterruptedUploadResumes(t *testing.T) {
	f := newFixture(t)
	f.cfg.PartSize = 1
	h := hoursAgo(5)
	f.push("a", someStreams(h, 2000, "x")...)
	counter := &counting{f.bucket, map[string]int{}}
	run := func(dieAt int) error {
		bucket := &faulty{Bucket: counter, how: before, dieAt: dieAt}
		a := f.archiver(bucket)
		a.windowBytes = 12 << 10
		return a.RunOnce(t.Context())
	}
	starts := 0
	for run(7+2*starts) != nil { // a start asks first for what is there
		starts++
		require.Less(t, starts, 100, "each start gets further")
	}
	require.Greater(t, starts, 3)
	parts := 0
	for name, n := range counter.uploads {
		if strings.HasSuffix(name, ".parquet") {
			parts++
			// Once, or twice if it was killed before it was read back.
			require.LessOrEqual(t, n, 2, name)
		}
	}
	m, err := ReadManifest(t.Context(), f.bucket, "a", h)
	require.NoError(t, err)
	require.Len(t, m.Parts, parts)
	require.Greater(t, parts, 8)
	_, err = Verify(t.Context(), f.bucket, t.TempDir(), "a", h)
	require.NoError(t, err)
	require.EqualValues(t, 2040, m.Rows)
}

// TestStorageDoesNotHoldUpWriting pushes while the storage hangs.
func TestStorageDoesNotHoldUpWriting(t *testing.T) {
	f := newFixture(t)
	f.push("a", someStreams(hoursAgo(5), 100, "x")...)
	ctx, cancel := context.WithCancel(t.Context())
	bucket := &hanging{f.bucket, make(chan struct{})}
	a := f.archiver(bucket)
	done := make(chan error)
	go func() { done <- a.Run(ctx) }()
	<-bucket.hangs
	for i := range 20 {
		f.push("a", someStreams(hoursAgo(0), 10, fmt.Sprint(i))...)
	}
	require.Len(t, texts(t.Context(), t, f.store, "a", everything()), 102+20*11)
	cancel()
	require.NoError(t, <-done)
}

// hanging is a bucket whose uploads end with their context only.
type hanging struct {
	objstore.Bucket
	hangs chan struct{}
}

func (h *hanging) Upload(ctx context.Context, _ string, _ io.Reader, _ ...objstore.ObjectUploadOption) error {
	close(h.hangs)
	<-ctx.Done()
	return ctx.Err()
}

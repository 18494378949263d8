package ship

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/internal/durable"
)

// Deps are what a queue logs and counts with; Registry may be nil.
type Deps struct {
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Queue is an open queue. Its methods are safe for concurrent use.
type Queue struct {
	dir         string
	maxBytes    int64
	segmentSize int64
	log         *slog.Logger
	metrics     *metrics
	lock        *os.File
	agent       uuid.UUID
	clients     []*client
	now         func() time.Time

	mu     sync.Mutex // guards what follows
	enc    encoder
	states map[string][]byte
	// next is the smallest number that the next entry may have, end the number after
	// the last entry.
	next, end uint64
	segments  []segment // oldest first; the last one is being written
	file      *os.File  // of the last segment
	dirty     bool      // file has bytes that are not synced
	size      int64     // of all segments
	text      uint64    // bytes of text appended since Open
	closed    bool
	// arrived and room are closed, and replaced, when a record was written and when a
	// segment was removed.
	arrived, room chan struct{}

	// opened is end at Open: what is below was read by an earlier process.
	opened uint64
	// syncing lets one sync at a time run without mu.
	syncing sync.Mutex
}

// segmentShare is which share of the queue a segment takes, as segments are removed
// whole; maxSegment bounds it.
const (
	segmentShare = 8
	maxSegment   = 8 << 20
)

// Append keeps a batch and returns when its record is written: it outlives the process.
// It waits while the queue or the disk is full, until ctx is done. After an error
// nothing of the batch is kept.
func (q *Queue) Append(ctx context.Context, b Batch) error {
	if len(b.Entries) == 0 && len(b.State) == 0 {
		return nil
	}
	for {
		wait, err := q.tryAppend(b)
		if err != nil || wait == nil {
			return err
		}
		began := time.Now()
		select {
		case <-wait:
		case <-time.After(time.Second): // a full disk does not tell when it has room
		case <-ctx.Done():
			return ctx.Err()
		}
		q.metrics.blocked.Add(time.Since(began).Seconds())
	}
}

// tryAppend writes a record, or returns what to wait for.
func (q *Queue) tryAppend(b Batch) (wait <-chan struct{}, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, ErrClosed
	}
	h, record, err := q.enc.encode(b, false)
	defer q.enc.trim()
	if err != nil {
		return nil, err
	}
	if h.size() > q.maxBytes/4 {
		return nil, fmt.Errorf("%w: %d bytes packed, the queue's size is %d", ErrTooLarge, h.size(), q.maxBytes)
	}
	if q.size+h.size() > q.maxBytes {
		q.metrics.full.Set(1)
		return q.room, nil
	}
	// Numbers follow the clock, so that none is given out again by a process that runs
	// on an old copy of the folder. See docs/adr/0020-agent-queue.md.
	h.first = max(q.next, uint64(max(q.now().UnixMicro(), 0)))
	h.put(record)
	if err := q.write(record, h.first); err != nil {
		if !isDiskFull(err) {
			return nil, fmt.Errorf("write queue: %w", err)
		}
		q.metrics.diskFull.Inc()
		q.metrics.full.Set(1)
		return q.room, nil
	}
	q.metrics.full.Set(0)
	q.wrote(h, b.State)
	return nil, nil
}

// wrote takes note of a record.
func (q *Queue) wrote(h recordHeader, states []State) {
	q.next = max(h.end(), h.first+1) // each segment gets a name of its own
	if h.count > 0 {
		q.end = h.end()
	}
	q.text += uint64(h.text)
	q.metrics.appended.Add(float64(h.count))
	applyStates(q.states, states)
	close(q.arrived)
	q.arrived = make(chan struct{})
}

func applyStates(to map[string][]byte, states []State) {
	for _, s := range states {
		if len(s.Value) == 0 {
			delete(to, s.Key)
		} else {
			to[s.Key] = slices.Clone(s.Value)
		}
	}
}

// write appends a record to the active segment, or to a new one if it is full. After an
// error the segment ends where it ended before.
func (q *Queue) write(record []byte, first uint64) error {
	if s := q.active(); q.file == nil || s.Size > segmentHeaderSize && s.Size+int64(len(record)) > q.segmentSize {
		if err := q.roll(first); err != nil {
			return err
		}
	}
	s := q.active()
	if _, err := q.file.WriteAt(record, s.Size); err != nil {
		// The file is written by offset: what was written of the record is overwritten by
		// the next one. Cutting it off spares a reader after a crash from the rest.
		return errors.Join(err, q.file.Truncate(s.Size))
	}
	q.dirty = true
	q.grow(int64(len(record)))
	return nil
}

func (q *Queue) active() *segment { return &q.segments[len(q.segments)-1] }

func (q *Queue) grow(n int64) {
	q.active().Size += n
	q.size += n
	q.metrics.bytes.Set(float64(q.size))
}

// roll begins a segment with all states, so that older ones may be removed.
func (q *Queue) roll(first uint64) error {
	if q.file != nil {
		if err := q.file.Sync(); err != nil {
			q.log.Error("sync agent's queue", "error", err)
		}
	}
	path := durable.SegmentPath(q.dir, first, segmentSuffix)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	content := segmentHeader(q.agent)
	var enc encoder
	h, snapshot, err := enc.encode(Batch{State: q.snapshot()}, true)
	if err == nil {
		h.first = first
		h.put(snapshot)
		content = append(content, snapshot...)
		_, err = f.Write(content)
	}
	if err == nil {
		err = errors.Join(f.Sync(), durable.SyncDir(q.dir))
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	if q.file != nil {
		err = q.file.Close()
	}
	q.file, q.dirty = f, false
	q.segments = append(q.segments, segment{Path: path, First: first})
	q.grow(int64(len(content)))
	return err
}

// snapshot returns all states, by key.
func (q *Queue) snapshot() []State {
	out := make([]State, 0, len(q.states))
	for _, k := range slices.Sorted(maps.Keys(q.states)) {
		out = append(out, State{Key: k, Value: q.states[k]})
	}
	return out
}

func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// States returns the states as of the last record; the map is the caller's.
func (q *Queue) States() map[string][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.states)
}

// sync brings to disk what is written. What a client sends is synced before: after a
// power cut the queue must not know less than the server.
func (q *Queue) sync() error {
	q.syncing.Lock()
	defer q.syncing.Unlock()
	q.mu.Lock()
	f, dirty := q.file, q.dirty
	q.dirty = false
	q.mu.Unlock()
	if f == nil || !dirty {
		return nil
	}
	// roll may close the file meanwhile, after it has synced it.
	if err := f.Sync(); err != nil && !errors.Is(err, os.ErrClosed) {
		q.mu.Lock()
		q.dirty = true
		q.mu.Unlock()
		return fmt.Errorf("sync queue: %w", err)
	}
	return nil
}

// trim removes the segments that every client has sent.
func (q *Queue) trim() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	done := q.next
	for _, c := range q.clients {
		if acked := c.acked(); acked < q.end {
			done = min(done, acked)
		}
	}
	var errs []error
	n := 0
	for ; n+1 < len(q.segments) && q.segments[n+1].First <= done; n++ {
		if err := os.Remove(q.segments[n].Path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
			break
		}
		q.size -= q.segments[n].Size
	}
	if n > 0 {
		q.segments = slices.Delete(q.segments, 0, n)
		q.metrics.bytes.Set(float64(q.size))
		close(q.room)
		q.room = make(chan struct{})
	}
	return errors.Join(errs...)
}

// Run ships until ctx is done. Appends go on meanwhile, and before.
func (q *Queue) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, c := range q.clients {
		all.Go(func() { c.run(ctx) })
	}
	all.Go(func() { q.keepUp(ctx) })
	all.Wait()
	return q.settle()
}

// keepUp syncs, writes cursors and removes what is sent, once a second.
func (q *Queue) keepUp(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	said := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := q.settle()
		if err != nil && !said {
			q.log.Error("keep up the agent's queue", "error", err)
		}
		said = err != nil
	}
}

// settle brings everything to disk and removes what is sent.
func (q *Queue) settle() error {
	return errors.Join(q.sync(), q.writeCursors(), q.trim())
}

// Drain waits until everything that was appended before has arrived, at every client.
// Run must be running.
func (q *Queue) Drain(ctx context.Context) error {
	q.mu.Lock()
	end := q.end
	q.mu.Unlock()
	for {
		done := true
		for _, c := range q.clients {
			done = done && c.acked() >= end
		}
		if done {
			return nil
		}
		if !sleep(ctx, 10*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// Close syncs and closes the files. Call it after Run has returned.
func (q *Queue) Close() error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	q.closed = true
	q.mu.Unlock()
	err := q.settle()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.clients {
		err = errors.Join(err, c.close())
	}
	if q.file != nil {
		err = errors.Join(err, q.file.Close())
	}
	return errors.Join(err, q.lock.Close())
}

// lockDir keeps a second process from using the folder.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another process: %w", dir, err), f.Close())
	}
	return f, nil
}

package rowstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/wal"
)

// replayRows is how many rows are compared with the engine at a time.
const replayRows = 20_000

// replayBytes is the same in bytes of the log.
const replayBytes = 4 << 20

// replayCheckpoint is how often the log is shortened during a replay, after the first
// time, which is soon: a process that is killed again and again must get on.
const replayCheckpoint = 300 * time.Millisecond

// loggedRow is a row of the write-ahead log.
type loggedRow struct {
	Row
	tenant   logstorage.TenantID
	sequence uint64
	mark     mark
}

// replayer gives the engine the rows of the write-ahead log that it lost in a crash,
// and those that are appended meanwhile, in the order of the log.
type replayer struct {
	s      *Store
	window []loggedRow
	bytes  int  // in window, of records
	fresh  bool // the engine cannot have the rows
	// next is the number after the window's last row, logged the bytes up to there.
	next   uint64
	logged int64
	// size and passed are the log's bytes at start and those that were read since.
	size, passed int64
	checkpointed time.Time
	days         streamDays

	total, restored int
}

// replay ends when the store is live.
func (s *Store) replay(ctx context.Context) error {
	began := time.Now()
	r := &replayer{s: s, size: s.wal.Size(), days: streamDays{seen: map[streamDay]bool{}}}
	// Everything that is in the log was there when it was opened, or is fresh.
	fresh := s.firstFresh
	r.limit()
	if s.recent != nil {
		if err := s.learnNewest(ctx); err != nil {
			return err
		}
	}
	damage, err := s.wal.Replay(ctx, func(rec wal.Record) error { return r.record(ctx, rec) })
	if err == nil {
		err = r.flush(ctx)
	}
	r.fresh = true
	r.next = max(r.next, fresh)
	if err == nil {
		err = r.catchUp(ctx)
	}
	if err != nil {
		return fmt.Errorf("replay write-ahead log: %w", err)
	}
	if r.total > 0 || damage != (wal.Damage{}) {
		s.log.Info("replayed write-ahead log", "rows", r.total, "restored", r.restored,
			"damaged_records", damage.Records, "torn_tail", damage.TornTail, "took", time.Since(began))
	}
	return nil
}

// catchUp takes what was appended meanwhile, until the store is live.
func (r *replayer) catchUp(ctx context.Context) error {
	follow := func() (int64, error) {
		before := r.passed
		next, err := r.s.wal.Follow(ctx, r.next, func(rec wal.Record) error { return r.record(ctx, rec) })
		if err == nil {
			err = r.flush(ctx)
		}
		r.next = max(r.next, next)
		return r.passed - before, err
	}
	for {
		n, err := follow()
		if err != nil {
			return err
		}
		// Little is left, or as little as there will be: appends wait for the rest.
		if n < 1<<20 || r.allowed() < r.spare() {
			break
		}
	}
	s := r.s
	s.adding.Lock()
	defer s.adding.Unlock()
	if _, err := follow(); err != nil {
		return err
	}
	s.live = true
	s.wal.Limit(s.cfg.MaxLog - s.cfg.MaxLog/startShare)
	if r.total > 0 {
		s.press() // at once, so that the next start has nothing to replay
	}
	return nil
}

// limit lets the log grow by a share at first, and then by a quarter of what was read
// of it: so that the replay catches up however fast rows come in.
func (r *replayer) limit() { r.s.wal.Limit(max(r.allowed(), r.spare())) }

func (r *replayer) allowed() int64 { return r.size + r.spare() - r.passed/4*3 }

func (r *replayer) spare() int64 { return r.s.cfg.MaxLog / startShare }

func (r *replayer) record(ctx context.Context, rec wal.Record) error {
	size := len(rec.Payload)
	r.passed += int64(size)
	rows, shipped, err := decodeRecord(rec)
	if err != nil {
		// Its checksum is right: it was written so. Later records can still be read.
		r.s.log.Error("record of the write-ahead log cannot be decoded", "first", rec.First, "error", err)
		return nil
	}
	if shipped != nil && len(rows) > 0 {
		r.s.shipments.stored(uint64(rows[0].tenant.AccountID), *shipped)
	}
	if rec.Applied {
		r.learn(rows)
		return nil
	}
	r.window = append(r.window, rows...)
	r.bytes += size
	r.next = rec.First + uint64(rec.Count)
	if r.fresh {
		r.logged += int64(size)
	}
	if len(r.window) < replayRows && r.bytes < replayBytes {
		return nil
	}
	return r.flush(ctx)
}

// flush restores the rows of the window and, now and then, makes a checkpoint.
func (r *replayer) flush(ctx context.Context) error {
	n, err := r.restore(ctx, r.window)
	r.total, r.restored = r.total+len(r.window), r.restored+n
	r.window, r.bytes = r.window[:0], 0
	if err != nil {
		return err
	}
	r.limit()
	if time.Since(r.checkpointed) < replayCheckpoint || r.next == 0 {
		return nil
	}
	err = r.waitForDisk(ctx, func() error { return r.s.checkpointAt(ctx, r.next, r.logged) })
	r.checkpointed = time.Now()
	return err
}

// waitForDisk calls fn until the disk has room for what it does: what is not written
// would fill memory instead.
func (r *replayer) waitForDisk(ctx context.Context, fn func() error) error {
	said := false
	for {
		err := fn()
		if !errors.Is(err, ErrReadOnly) {
			return err
		}
		if !said {
			said = true
			r.s.log.Error("replay of the write-ahead log waits for space on the disk", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func decodeRecord(r wal.Record) ([]loggedRow, *model.Shipment, error) {
	b, err := decodeBatch(r.Payload)
	if err != nil {
		return nil, nil, err
	}
	if len(b.rows) != int(r.Count) {
		return nil, nil, fmt.Errorf("%d rows, want %d: %w", len(b.rows), r.Count, errBadBatch)
	}
	out := make([]loggedRow, len(b.rows))
	for i, row := range b.rows {
		out[i] = loggedRow{Row: row, tenant: logstorage.TenantID{AccountID: b.tenant}, sequence: r.First + uint64(i)}
		if b.marks != nil {
			out[i].mark = b.marks[i]
		}
	}
	return out, b.shipment, nil
}

// learn remembers rows that are stored.
func (r *replayer) learn(rows []loggedRow) {
	if r.s.recent == nil {
		return
	}
	var ids []identity
	for i := range rows {
		row := &rows[i]
		ids = r.s.recent.append(ids[:0], row.tenant.AccountID, []Row{row.Row})
		r.s.recent.learn(row.tenant.AccountID, ids[0], row.Time)
	}
}

// restore adds those rows that the engine does not hold and returns how many
// these were.
func (r *replayer) restore(ctx context.Context, rows []loggedRow) (int, error) {
	// The engine would drop what has become too old, with a warning for each.
	oldest := time.Now().Add(-r.s.cfg.Retention - time.Minute).UnixNano()
	rows = slices.DeleteFunc(rows, func(r loggedRow) bool { return r.Time < oldest })
	if len(rows) == 0 {
		return 0, nil
	}
	held := map[uint64]bool{}
	if !r.fresh {
		var err error
		if held, err = r.s.held(ctx, rows); err != nil {
			return 0, err
		}
	}
	if err := r.waitForDisk(ctx, func() error {
		if free, err := freeDisk(r.s.cfg.Path); err != nil || free < flushMargin {
			return errors.Join(err, ErrReadOnly)
		}
		return nil
	}); err != nil {
		return 0, err
	}
	kept, missing := r.decide(rows, held)
	if err := r.s.registerStreams(kept, &r.days); err != nil {
		return 0, err
	}
	for rest := missing; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].tenant == rest[0].tenant && rest[n].sequence == rest[n-1].sequence+1 {
			n++
		}
		batch, marks := make([]Row, n), make([]mark, n)
		for i := range batch {
			batch[i], marks[i] = rest[i].Row, rest[i].mark
		}
		if err := r.waitForDisk(ctx, func() error { return r.s.ensureDays(batch) }); err != nil {
			return 0, err
		}
		r.s.add(rest[0].tenant, batch, marks, rest[0].sequence)
		rest = rest[n:]
	}
	return len(missing), nil
}

// decide tells rows that the engine holds from those that it lacks, and of these
// leaves out duplicates that were logged before the store knew.
func (r *replayer) decide(rows []loggedRow, held map[uint64]bool) (kept, missing []loggedRow) {
	var ids []identity
	for i := range rows {
		row := rows[i]
		if r.s.recent != nil {
			account := row.tenant.AccountID
			ids = r.s.recent.append(ids[:0], account, []Row{row.Row})
			if row.mark == undecided && !held[row.sequence] {
				row.mark = r.s.recent.decideLogged(account, ids[0], row.Time)
			} else {
				r.s.recent.learn(account, ids[0], row.Time)
			}
		}
		switch {
		case held[row.sequence]:
			kept = append(kept, row)
		case row.mark == duplicate:
			r.s.metrics.duplicates.Inc()
		default:
			missing = append(missing, row)
		}
	}
	return kept, missing
}

// held asks the engine which of the rows' numbers it has.
func (s *Store) held(ctx context.Context, rows []loggedRow) (map[uint64]bool, error) {
	eq := engineQuery{start: math.MaxInt64, end: math.MinInt64}
	first, last := uint64(math.MaxUint64), uint64(0)
	ids := map[uint32]bool{}
	for i := range rows {
		r := &rows[i]
		eq.start, eq.end = min(eq.start, r.Time), max(eq.end, r.Time)
		first, last = min(first, r.sequence), max(last, r.sequence)
		ids[r.tenant.AccountID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		eq.tenants = append(eq.tenants, logstorage.TenantID{AccountID: id})
	}
	eq.condition = renderNumbered(Numbered{first, last + 1}).text
	eq.pipes = "| fields " + quoteList(sequenceFields...)
	s.engine.DebugFlush()

	var mu sync.Mutex
	var failed error
	out := make(map[uint64]bool, len(rows))
	err := s.run(ctx, eq, func(_ uint, db *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		numbers, err := numbersOf(db)
		if err != nil {
			failed = err
		}
		for _, n := range numbers {
			out[n] = true
		}
	})
	if err == nil {
		err = failed
	}
	return out, err
}

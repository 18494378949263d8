package rowstore

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset"

	"github.com/pharosd/pharos/storage/wal"
)

// sequenceField holds a row's number in the write-ahead log. The engine keeps it
// with the row; callers never see it.
const sequenceField = "~seq"

// replayRows is how many rows are compared with the engine at a time.
const replayRows = 50_000

// loggedRow is a row of the write-ahead log.
type loggedRow struct {
	Row
	tenant   logstorage.TenantID
	sequence uint64
}

// replay gives the engine the rows of the write-ahead log that it lost in a
// crash. Rows appended meanwhile have greater numbers and are not touched.
func (s *Store) replay(ctx context.Context) error {
	began := time.Now()
	var window []loggedRow
	var total, added int
	flush := func() error {
		n, err := s.restore(ctx, window)
		total, added = total+len(window), added+n
		window = window[:0]
		return err
	}
	damage, err := s.wal.Replay(ctx, func(r wal.Record) error {
		rows, err := decodeRecord(r)
		if err != nil {
			// Its checksum is right: it was written so. Later records can still be read.
			s.log.Error("record of the write-ahead log cannot be decoded", "first", r.First, "error", err)
			return nil
		}
		window = append(window, rows...)
		if len(window) < replayRows {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return fmt.Errorf("replay write-ahead log: %w", err)
	}
	if total > 0 || damage != (wal.Damage{}) {
		s.log.Info("replayed write-ahead log", "rows", total, "restored", added,
			"damaged_records", damage.Records, "torn_tail", damage.TornTail, "took", time.Since(began))
	}
	return nil
}

func decodeRecord(r wal.Record) ([]loggedRow, error) {
	number, rows, err := decodeBatch(r.Payload)
	if err != nil {
		return nil, err
	}
	if len(rows) != int(r.Count) {
		return nil, fmt.Errorf("%d rows, want %d: %w", len(rows), r.Count, errBadBatch)
	}
	out := make([]loggedRow, len(rows))
	for i, row := range rows {
		out[i] = loggedRow{Row: row, tenant: logstorage.TenantID{AccountID: number}, sequence: r.First + uint64(i)}
	}
	return out, nil
}

// restore adds those rows that the engine does not hold and returns how many
// these were.
func (s *Store) restore(ctx context.Context, rows []loggedRow) (int, error) {
	// The engine would drop what has become too old, with a warning for each.
	oldest := time.Now().Add(-s.cfg.Retention - time.Minute).UnixNano()
	rows = slices.DeleteFunc(rows, func(r loggedRow) bool { return r.Time < oldest })
	if len(rows) == 0 {
		return 0, nil
	}
	held, err := s.held(ctx, rows)
	if err != nil {
		return 0, err
	}
	var kept, missing []loggedRow
	for _, r := range rows {
		if held[r.sequence] {
			kept = append(kept, r)
		} else {
			missing = append(missing, r)
		}
	}
	if err := s.registerStreams(kept); err != nil {
		return 0, err
	}
	for len(missing) > 0 {
		n := 1
		for n < len(missing) && missing[n].tenant == missing[0].tenant && missing[n].sequence == missing[n-1].sequence+1 {
			n++
		}
		batch := make([]Row, n)
		for i := range batch {
			batch[i] = missing[i].Row
		}
		s.add(missing[0].tenant, batch, missing[0].sequence)
		missing = missing[n:]
	}
	return len(rows) - len(kept), nil
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
	col := strconv.Quote(sequenceField)
	eq.condition = fmt.Sprintf("%s:range[%d,%d]", col, first, last)
	eq.pipes = "| fields " + col
	s.engine.DebugFlush()

	var mu sync.Mutex
	var failed error
	out := make(map[uint64]bool, len(rows))
	err := s.run(ctx, eq, func(_ uint, db *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range db.Columns {
			for _, v := range c.Values {
				n, err := strconv.ParseUint(v, 10, 64)
				if err != nil {
					failed = fmt.Errorf("BUG: row number: %w", err)
				}
				out[n] = true
			}
		}
	})
	if err == nil {
		err = failed
	}
	return out, err
}

// registerStreams writes the streams of rows into the engine's index. The engine
// writes rows and its index of streams to disk independently: after a crash it
// may hold rows that no stream selector finds. It registers a stream only when a
// row is added, so a scratch engine is made to, and its index is copied.
func (s *Store) registerStreams(rows []loggedRow) error {
	if len(rows) == 0 {
		return nil
	}
	dir := filepath.Join(s.cfg.Path, "scratch")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("restore the index of streams: %w", err)
	}
	scratch := logstorage.MustOpenStorage(dir, &logstorage.StorageConfig{
		Retention: s.cfg.Retention + time.Hour, FutureRetention: 48 * time.Hour, FlushInterval: time.Hour})
	lr := logstorage.GetLogRows(nil, nil, nil, nil, "")
	type key struct {
		tenant uint32
		day    int64
		stream string
	}
	seen := map[key]bool{}
	for i := range rows {
		r := &rows[i]
		k := key{r.tenant.AccountID, r.Time / int64(24*time.Hour), fmt.Sprint(r.Stream)}
		if seen[k] {
			continue
		}
		seen[k] = true
		lr.MustAdd(r.tenant, r.Time, engineFields(r.Stream), streamFields(r.Stream))
	}
	scratch.MustAddRows(lr)
	logstorage.PutLogRows(lr)
	scratch.DebugFlush()
	live := map[int64]*mergeset.Table{}
	forEachDay(s.engine, func(p enginePart) { live[p.day] = p.index })
	forEachDay(scratch, func(p enginePart) {
		if to := live[p.day]; to != nil {
			copyIndex(to, p.index)
		}
	})
	scratch.MustClose()
	s.appended.Add(1) // the copies must be made visible, as rows are
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("restore the index of streams: %w", err)
	}
	return nil
}

func copyIndex(to, from *mergeset.Table) {
	var search mergeset.TableSearch
	search.Init(from, false)
	defer search.MustClose()
	search.Seek(nil)
	for search.NextItem() {
		to.AddItems([][]byte{search.Item})
	}
}

package rowstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset"
)

// registerStreams writes the streams of rows into the engine's index. The engine
// writes rows and its index of streams to disk independently: after a crash it
// may hold rows that no stream selector finds. It registers a stream only when a
// row is added, so a scratch engine is made to, and its index is copied.
func (s *Store) registerStreams(rows []loggedRow, seen *streamDays) error {
	lr := logstorage.GetLogRows(nil, nil, nil, nil, "")
	defer logstorage.PutLogRows(lr)
	n := 0
	for i := range rows {
		if r := &rows[i]; seen.first(r) {
			lr.MustAdd(r.tenant, r.Time, engineFields(r.Stream), streamFields(r.Stream))
			n++
		}
	}
	if n == 0 {
		return nil
	}
	if err := s.copyStreams(lr); err != nil {
		return fmt.Errorf("restore the index of streams: %w", err)
	}
	s.appended.Add(1) // the copies must be made visible, as rows are
	return nil
}

func (s *Store) copyStreams(lr *logstorage.LogRows) error {
	dir := filepath.Join(s.cfg.Path, "scratch")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	var scratch *logstorage.Storage
	if err := onFullDisk(func() error {
		scratch = logstorage.MustOpenStorage(dir, &logstorage.StorageConfig{
			Retention: s.cfg.Retention + time.Hour, FutureRetention: 48 * time.Hour, FlushInterval: engineInterval})
		scratch.MustAddRows(lr)
		scratch.DebugFlush()
		return nil
	}); err != nil {
		return err
	}
	live := holdDays(s.engine)
	defer releaseDays(live)
	from := holdDays(scratch)
	var err error
	for _, d := range from {
		for _, to := range live {
			if to.day == d.day {
				copyIndex(to.indexTable, d.indexTable)
			}
		}
		err = errors.Join(err, d.data.flush(context.Background(), time.Now().Add(engineInterval)),
			d.index.flush(context.Background(), time.Now().Add(engineInterval)))
	}
	releaseDays(from)
	// Closing writes what is in memory, which on a full disk would end the process.
	if err == nil {
		scratch.MustClose()
	}
	return os.RemoveAll(dir)
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

// streamDays remembers which streams were seen on which days.
type streamDays struct {
	seen map[streamDay]bool
	last loggedRow // most rows repeat it
}

type streamDay struct {
	tenant uint32
	day    int64
	stream string
}

func (d *streamDays) first(r *loggedRow) bool {
	day := r.Time / int64(24*time.Hour)
	if d.last.tenant == r.tenant && d.last.Time/int64(24*time.Hour) == day && len(d.last.Stream) == len(r.Stream) &&
		unsafe.SliceData(d.last.Stream) == unsafe.SliceData(r.Stream) {
		return false
	}
	d.last = *r
	k := streamDay{r.tenant.AccountID, day, fmt.Sprint(r.Stream)}
	if d.seen[k] {
		return false
	}
	d.seen[k] = true
	return true
}

package rowstore

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// At start a store asks the engine for the newest row of each stream: of all rows if
// they are no more than newestRows, otherwise of those of the last newestAge.
const (
	newestRows = 20_000_000
	newestAge  = 2 * time.Hour
)

// learnNewest tells s.recent what the engine holds.
func (s *Store) learnNewest(ctx context.Context) error {
	var stats logstorage.StorageStats
	s.engine.UpdateStats(&stats)
	if stats.RowsCount() == 0 {
		return nil
	}
	eq := engineQuery{condition: "*", start: minTime, end: maxTime, tenants: s.tenants.all()}
	if stats.RowsCount() > newestRows {
		eq.start = time.Now().Add(-newestAge).UnixNano()
		s.recent.floor = eq.start - 1
	}
	// Of _stream_id the first eight digits are the tenant.
	eq.pipes = fmt.Sprintf("| stats by (%s, %s) max(%s) newest", streamIDColumn, streamColumn, timeColumn)
	var mu sync.Mutex
	var failed error
	err := s.run(ctx, eq, func(_ uint, db *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		var ids, streams, times []string
		for _, c := range db.Columns {
			switch c.Name {
			case streamIDColumn:
				ids = c.Values
			case streamColumn:
				streams = c.Values
			case "newest":
				times = c.Values
			}
		}
		for i := range times {
			if err := s.learnNewestOf(ids[i], streams[i], times[i]); err != nil && failed == nil {
				failed = err
			}
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("newest rows of streams: %w", err)
	}
	return nil
}

func (s *Store) learnNewestOf(id, stream, newest string) error {
	if len(id) < 8 {
		return fmt.Errorf("BUG: engine's stream id %q", id)
	}
	tenant, err := strconv.ParseUint(id[:8], 16, 32)
	if err != nil {
		return fmt.Errorf("BUG: engine's stream id %q: %w", id, err)
	}
	fields, err := ParseStream(stream)
	if err != nil {
		return err
	}
	var p timeParser
	t, err := p.parse(newest)
	if err != nil {
		return err
	}
	s.recent.learnTime(uint32(tenant), s.recent.streamHash(uint32(tenant), fields), min(t, math.MaxInt64-1))
	return nil
}

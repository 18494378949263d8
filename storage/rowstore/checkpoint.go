package rowstore

import (
	"context"
	"time"
)

// checkpointInterval is how often the write-ahead log is shortened.
const checkpointInterval = 5 * time.Second

// checkpointer remembers one point of the write-ahead log until the engine has
// written everything before it to disk.
type checkpointer struct {
	number uint64    // rows below
	due    time.Time // are written when nothing due at this time or before is left
}

func (s *Store) checkpointLoop(ctx context.Context) {
	tick := time.NewTicker(checkpointInterval)
	defer tick.Stop()
	var c checkpointer
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.checkpoint(&c)
		}
	}
}

func (s *Store) checkpoint(c *checkpointer) {
	if c.number != 0 {
		if due, ok := oldestInMemory(s.engine); ok && !due.After(c.due) {
			return
		}
		if err := s.wal.DropBefore(c.number); err != nil {
			s.log.Error("shorten write-ahead log", "error", err)
			return
		}
		s.dropped = c.number
		c.number = 0
	}
	// No append is between the log and the engine at this moment.
	s.adding.Lock()
	number := s.wal.Next()
	s.adding.Unlock()
	if number == s.dropped {
		return
	}
	s.engine.DebugFlush()
	*c = checkpointer{number: number, due: time.Now().Add(flushInterval)}
}

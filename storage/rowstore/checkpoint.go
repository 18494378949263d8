package rowstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"
)

// checkpointInterval is how often the engine writes to disk and the write-ahead log
// is shortened, at least.
const checkpointInterval = 5 * time.Second

// Shares of Config.MaxLog. A checkpoint is due when the log has grown by the first
// since the last one. The second is kept after a checkpoint for Config.Distinct. The
// third is left free, so that after a crash there is room for what comes in while the
// rest is replayed. The fourth is the most that a file takes, as files are removed
// whole.
const (
	flushShare   = 4
	keepShare    = 16
	startShare   = 8
	segmentShare = 32
)

// press asks for a checkpoint.
func (s *Store) press() {
	select {
	case s.pressed <- struct{}{}:
	default:
	}
}

func (s *Store) checkpointLoop(ctx context.Context) {
	tick := time.NewTicker(checkpointInterval)
	defer tick.Stop()
	var failed error
	var tried time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.pressed:
			if failed != nil && time.Since(tried) < time.Second {
				continue
			}
		}
		tried = time.Now()
		err := s.checkpoint(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && failed == nil:
			s.log.Error("shorten write-ahead log", "error", err)
		case err == nil && failed != nil:
			s.log.Info("the write-ahead log is shortened again")
		}
		failed = err
	}
}

// checkpoint brings everything that was appended before to disk and shortens the log.
func (s *Store) checkpoint(ctx context.Context) error {
	// No append is between the log and the engine at this moment.
	s.adding.Lock()
	number, logged := s.wal.Next(), s.logged.Load()
	s.adding.Unlock()
	if number == s.dropped {
		return nil
	}
	return s.checkpointAt(ctx, number, logged)
}

// checkpointAt does it for what has smaller numbers, all of which the engine has.
func (s *Store) checkpointAt(ctx context.Context, number uint64, logged int64) error {
	if err := s.flushEngine(ctx); err != nil {
		return err
	}
	if err := s.shipments.save(); err != nil {
		return diskError(err)
	}
	if err := s.wal.DropBefore(number); err != nil {
		return err
	}
	s.dropped = number
	s.flushed.Store(logged)
	return nil
}

// closeEngine writes what is in memory and closes the engine. If it cannot be
// written, the engine, which would end the process, is left as it is: the write-ahead
// log has what it holds.
func (s *Store) closeEngine() error {
	if err := s.flushEngine(context.Background()); err != nil {
		lock := *unexported[*os.File](reflect.ValueOf(s.engine).Elem(), "flockF")
		return errors.Join(fmt.Errorf("rows stay in the write-ahead log: %w", err), lock.Close())
	}
	s.engine.MustClose()
	s.faults.unwatch()
	return nil
}

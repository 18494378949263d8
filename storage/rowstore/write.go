package rowstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/wal"
	"github.com/pharosd/pharos/tenant"
)

// roomWait is how long an Append waits for room in the write-ahead log.
const roomWait = 10 * time.Second

// Append implements Writer.
func (s *Store) Append(ctx context.Context, t tenant.ID, rows []Row) error {
	_, _, err := s.AppendNumbered(ctx, t, rows)
	return err
}

// AppendNumbered is Append. first is the number, see SequenceColumn, of the first row
// that is not among the repeated ones; the others of these follow in order without a
// gap. repeated are the places, ascending, of rows that were there already.
func (s *Store) AppendNumbered(ctx context.Context, t tenant.ID, rows []Row) (first uint64, repeated []int, err error) {
	if len(rows) == 0 {
		return 0, nil, nil
	}
	if err := s.enter(); err != nil {
		return 0, nil, err
	}
	defer s.leave()
	a := appending{rows: rows}
	if sh, ok := model.ShipmentFrom(ctx); ok {
		a.shipment = &sh
	}
	if err := s.append(ctx, t, &a); err != nil {
		s.metrics.refused.WithLabelValues(refusalName(err)).Add(float64(len(rows)))
		return 0, nil, err
	}
	return a.first, a.repeated(), nil
}

// LastNumber returns the highest number that a row may have by now.
func (s *Store) LastNumber() uint64 { return s.wal.Next() - 1 }

func (s *Store) append(ctx context.Context, t tenant.ID, a *appending) error {
	if a.shipment != nil {
		// What was shipped before a crash is known when it is replayed.
		if err := s.waitReplayed(ctx); err != nil {
			return err
		}
	}
	size, err := s.check(a.rows)
	if err != nil {
		return err
	}
	defer s.inFlight.Add(-size)
	if s.inFlight.Add(size) > s.cfg.MaxInFlight {
		return fmt.Errorf("%w: more than %d MiB of rows wait for the disk (max_in_flight)", ErrOverloaded, s.cfg.MaxInFlight>>20)
	}
	if err := s.readOnly(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.id, err = s.tenants.number(t); err != nil {
		return diskError(err)
	}
	if a.shipment != nil {
		store, err := s.shipments.begin(ctx, uint64(a.id.AccountID), *a.shipment)
		if err != nil {
			return err
		}
		if !store {
			a.known = true
			return nil
		}
		defer s.shipments.end(uint64(a.id.AccountID), *a.shipment) // what it is now: it may become nil
	}
	if err = s.logAndAdd(ctx, a); err != nil {
		err = diskError(err)
	}
	return s.endWrite(ctx, a, err)
}

// appending is what an Append gathers.
type appending struct {
	id   logstorage.TenantID
	rows []Row
	// decided is what s.recent says; nil if the store does not ask, or not yet.
	decided *write
	first   uint64 // number of the first row that is logged
	// shipment is nil if the rows are not numbered by an agent; known says that the store
	// has it.
	shipment *model.Shipment
	known    bool
}

// repeated returns the places of rows that are not logged.
func (a *appending) repeated() (places []int) {
	if a.known {
		for i := range a.rows {
			places = append(places, i)
		}
		return places
	}
	if a.decided == nil || a.decided.kept == len(a.rows) {
		return nil
	}
	for i, m := range a.decided.marks {
		if m == duplicate {
			places = append(places, i)
		}
	}
	return places
}

// logAndAdd writes rows to the log, waiting for room if need be, and gives them to
// the engine.
func (s *Store) logAndAdd(ctx context.Context, a *appending) error {
	var deadline time.Time
	for {
		size, err := s.tryLogAndAdd(ctx, a)
		if !errors.Is(err, wal.ErrFull) {
			return err
		}
		s.press()
		if deadline.IsZero() {
			deadline = time.Now().Add(roomWait)
		}
		left := time.Until(deadline)
		if left <= 0 {
			return err
		}
		if err := s.wal.WaitRoom(ctx, size, left); err != nil {
			return err
		}
	}
}

// tryLogAndAdd does it unless the log is full; size is the record's.
func (s *Store) tryLogAndAdd(ctx context.Context, a *appending) (size int, err error) {
	s.adding.RLock()
	defer s.adding.RUnlock()
	marks := []mark(nil)
	switch {
	case s.recent == nil:
	case !s.live:
		marks = undecidedMarks(len(a.rows))
	default:
		if a.decided == nil {
			a.decided = s.recent.decide(a.id.AccountID, a.rows)
			if len(a.decided.repeats) > 0 {
				// It is stored only if other writes succeed: then a repeat of it consists of
				// rows that are known, by which it is told.
				a.shipment = nil
			}
		}
		marks = a.decided.marks
		if a.decided.kept == 0 {
			return 0, nil
		}
	}
	err = encodeBatch(a.id.AccountID, a.shipment, a.rows, marks, func(b []byte, count int) (err error) {
		size = len(b)
		a.first, err = s.wal.Append(ctx, b, uint32(count))
		return err
	})
	if err != nil {
		return size, err
	}
	if a.shipment != nil { // before a checkpoint can give up the record
		s.shipments.stored(uint64(a.id.AccountID), *a.shipment)
	}
	if s.logged.Add(int64(size))-s.flushed.Load() > s.cfg.MaxLog/flushShare {
		s.press()
	}
	// What is logged before the store is live is added in its turn by the replay.
	if s.live {
		s.add(a.id, a.rows, marks, a.first)
	}
	return size, nil
}

func undecidedMarks(n int) []mark {
	marks := make([]mark, n)
	for i := range marks {
		marks[i] = undecided
	}
	return marks
}

// endWrite settles what was decided. What this write repeats must be stored before it
// is acknowledged.
func (s *Store) endWrite(ctx context.Context, a *appending, err error) error {
	kept := len(a.rows)
	if w := a.decided; w != nil {
		s.recent.end(w, err == nil)
		for _, other := range w.repeats {
			if err != nil {
				break
			}
			select {
			case <-other.done:
				if other.failed {
					err = fmt.Errorf("%w: writing the rows that this repeats has failed", ErrOverloaded)
				}
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		kept = w.kept
		if err == nil {
			s.metrics.duplicates.Add(float64(len(a.rows) - kept))
		}
	}
	if err == nil {
		s.metrics.rows.Add(float64(kept))
	}
	return err
}

// diskError makes refusals of errors about the disk and the log.
func diskError(err error) error {
	switch {
	case errors.Is(err, wal.ErrDiskFull), isDiskFull(err.Error()):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case errors.Is(err, wal.ErrFull), errors.Is(err, wal.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrOverloaded, err)
	}
	return err
}

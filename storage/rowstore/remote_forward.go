package rowstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/storage/wal"
)

const (
	// maxSend is how many bytes of rows go in one request. Servers take 64 MiB.
	maxSend = 4 << 20
	// maxCheck and maxCheckSize are how many rows, and bytes of them, are compared with
	// the servers at a time.
	maxCheck     = 20_000
	maxCheckSize = 16 << 20
	// sendInterval is how often rows are sent at most, retryInterval how often when
	// the servers are away.
	sendInterval  = 10 * time.Millisecond
	retryInterval = time.Second
	// releaseInterval is how often the write-ahead log is shortened.
	releaseInterval = 5 * time.Second
)

// forwarder sends rows of the write-ahead log. It belongs to one goroutine.
type forwarder struct {
	*Remote
	next     uint64 // the first row that was not sent
	released uint64 // the log begins here
	// started identifies the run of the servers that have the rows from released to
	// next; unsure says that some of them may be lacking.
	started string
	unsure  bool
	marks   []sentMark
	looked  time.Time
}

// sentMark says that rows below number were sent at a time.
type sentMark struct {
	number uint64
	at     time.Time
}

// forward sends rows until ctx is done.
func (r *Remote) forward(ctx context.Context) {
	f := &forwarder{Remote: r, unsure: true}
	for ctx.Err() == nil {
		err := f.step(ctx)
		r.report(f.next, err)
		pause := sendInterval
		if err != nil {
			pause = retryInterval
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		if err != nil {
			continue
		}
		select {
		case <-r.wake:
		case <-time.After(releaseInterval):
		case <-ctx.Done():
		}
	}
}

// report tells those who wait how far the servers are.
func (r *Remote) report(next uint64, err error) {
	r.state.Lock()
	defer r.state.Unlock()
	if err != nil && !errors.Is(err, context.Canceled) {
		if r.failure == nil {
			r.log.Warn("log server takes no rows; they stay in the write-ahead log", "error", err)
		}
		r.failure = err
	}
	if err == nil {
		if r.failure != nil {
			r.log.Info("log server takes rows again")
		}
		r.failure, r.ready, r.sent = nil, true, next
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// step sends what there is. After an error, and after a server was started again,
// nobody knows which rows the servers have: they are asked.
func (f *forwarder) step(ctx context.Context) error {
	if f.unsure {
		started, err := f.server.started(ctx)
		if err != nil {
			return err
		}
		if err := f.sendMissing(ctx); err != nil {
			return err
		}
		f.started, f.unsure = started, false
		f.marks = []sentMark{{f.next, time.Now()}}
	}
	if err := f.send(ctx); err != nil {
		f.unsure = true
		return err
	}
	if time.Since(f.looked) < releaseInterval {
		return nil
	}
	f.looked = time.Now()
	return f.release(ctx)
}

// send sends the rows from next on.
func (f *forwarder) send(ctx context.Context) error {
	var body []byte
	before := f.next
	flush := func() error {
		if len(body) == 0 {
			return nil
		}
		err := f.server.insert(ctx, body)
		body = body[:0]
		return err
	}
	next, err := f.wal.Follow(ctx, f.next, func(r wal.Record) error {
		return f.each(r, func(row *logstorage.InsertRow, number uint64) error {
			body = appendNumbered(body, row, number, f.writer)
			if len(body) < maxSend {
				return nil
			}
			return flush()
		})
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	if f.next = next; next > before {
		f.mark()
	}
	return nil
}

// mark remembers how far the rows were sent by now, once a second.
func (f *forwarder) mark() {
	now := time.Now()
	if n := len(f.marks); n > 1 && now.Sub(f.marks[n-2].at) < time.Second {
		f.marks = f.marks[:n-1]
	}
	f.marks = append(f.marks, sentMark{f.next, now})
}

// each calls fn for the rows of a record, without those that have become too old. A
// record that cannot be read was written so, and costs only itself.
func (f *forwarder) each(r wal.Record, fn func(*logstorage.InsertRow, uint64) error) error {
	oldest := time.Now().Add(-f.cfg.Retention - time.Minute).UnixNano()
	err := eachRemoteRow(r, func(row *logstorage.InsertRow, number uint64) error {
		if row.Timestamp < oldest {
			return nil
		}
		return fn(row, number)
	})
	if errors.Is(err, errBadBatch) {
		f.log.Error("record of the write-ahead log cannot be decoded", "first", r.First, "error", err)
		return nil
	}
	return err
}

// numberedRow is a row in the servers' format.
type numberedRow struct {
	tenant logstorage.TenantID
	time   int64
	number uint64
	body   []byte
}

// sendMissing compares the whole log with the servers and sends what they lack.
func (f *forwarder) sendMissing(ctx context.Context) error {
	began := time.Now()
	if err := f.server.flush(ctx); err != nil {
		return err
	}
	var rows []numberedRow
	size, total, lacking := 0, 0, 0
	compare := func() error {
		n, err := f.restore(ctx, rows)
		total, lacking = total+len(rows), lacking+n
		rows, size = rows[:0], 0
		return err
	}
	next, err := f.wal.Follow(ctx, f.released, func(r wal.Record) error {
		return f.each(r, func(row *logstorage.InsertRow, number uint64) error {
			body := appendNumbered(nil, row, number, f.writer)
			rows = append(rows, numberedRow{row.TenantID, row.Timestamp, number, body})
			if size += len(body); len(rows) < maxCheck && size < maxCheckSize {
				return nil
			}
			return compare()
		})
	})
	if err == nil {
		err = compare()
	}
	if err != nil {
		return err
	}
	f.next = next
	if total > 0 {
		f.log.Info("compared write-ahead log with log server", "rows", total, "sent", lacking, "took", time.Since(began))
	}
	return nil
}

// restore sends those rows that the servers do not hold and returns how many these
// were.
func (f *forwarder) restore(ctx context.Context, rows []numberedRow) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	held, err := f.held(ctx, rows)
	if err != nil {
		return 0, err
	}
	var body []byte
	n := 0
	for _, row := range rows {
		if held[row.number] {
			continue
		}
		n++
		if body = append(body, row.body...); len(body) >= maxSend {
			if err := f.server.insert(ctx, body); err != nil {
				return n, err
			}
			body = body[:0]
		}
	}
	if len(body) == 0 {
		return n, nil
	}
	return n, f.server.insert(ctx, body)
}

// held asks the servers which of the rows' numbers they have.
func (f *forwarder) held(ctx context.Context, rows []numberedRow) (map[uint64]bool, error) {
	eq := engineQuery{start: math.MaxInt64, end: math.MinInt64}
	ids := map[logstorage.TenantID]bool{}
	for i := range rows {
		eq.start, eq.end = min(eq.start, rows[i].time), max(eq.end, rows[i].time)
		ids[rows[i].tenant] = true
	}
	eq.tenants = slices.Collect(maps.Keys(ids))
	slices.SortFunc(eq.tenants, func(a, b logstorage.TenantID) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.ProjectID, b.ProjectID))
	})
	col := strconv.Quote(sequenceField)
	eq.condition = fmt.Sprintf("%s:range[%d,%d] %s=%s", col, rows[0].number, rows[len(rows)-1].number, column(writerField), strconv.Quote(f.writer))
	eq.pipes = "| fields " + col
	var mu sync.Mutex
	var failed error
	out := make(map[uint64]bool, len(rows))
	err := f.run(ctx, eq, func(_ uint, db *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range db.Columns {
			for _, v := range c.Values {
				n, err := strconv.ParseUint(v, 10, 64)
				if err != nil {
					failed = fmt.Errorf("row number of log server: %w", err)
				}
				out[n] = true
			}
		}
	})
	return out, errors.Join(err, failed)
}

// release gives up rows that the servers took long enough ago to have written them,
// unless one of them was started again meanwhile.
func (f *forwarder) release(ctx context.Context) error {
	started, err := f.server.started(ctx)
	if err != nil {
		f.unsure = true
		return err
	}
	if started != f.started {
		f.log.Warn("log server was started again: rows that it did not write are sent again")
		f.unsure = true
		return f.step(ctx)
	}
	old := time.Now().Add(-f.cfg.Hold)
	n := 0
	for n < len(f.marks) && f.marks[n].at.Before(old) {
		n++
	}
	if n == 0 || f.marks[n-1].number <= f.released {
		return nil
	}
	number := f.marks[n-1].number
	if err := f.shipments.save(); err != nil {
		return err
	}
	if err := f.wal.DropBefore(number); err != nil {
		return fmt.Errorf("shorten write-ahead log: %w", err)
	}
	f.released, f.marks = number, f.marks[n:]
	return nil
}

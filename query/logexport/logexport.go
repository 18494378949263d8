// Package logexport hands out all lines of a log query in the order of time, page by
// page: memory is bounded by a page whatever the number of lines, and a reader that
// is slow makes the query wait.
package logexport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Engine evaluates a log query; *logql.Engine is one.
type Engine interface {
	Eval(ctx context.Context, t tenant.ID, x logql.Expr, p logql.Params) (logql.Result, error)
}

// Request says what is exported. Times are nanoseconds since the Unix epoch, Start
// inclusive, End exclusive.
type Request struct {
	Query      *logql.LogExpr
	Start, End int64
	// Limit is how many lines there are at most, above zero.
	Limit int
	// Forward begins with the oldest line.
	Forward bool
}

// Row is one line. Labels are the stream's, Metadata its structured metadata, Parsed
// what the query extracted.
type Row struct {
	Time                     int64
	Line                     string
	Labels, Metadata, Parsed model.Labels
}

// Result says how an export ended without an error.
type Result struct {
	Rows int
	// Cut says that there are more lines than the limit.
	Cut bool
	// Next is where an export of what was left out begins (Forward) or ends, if Cut.
	Next int64
}

const (
	// pageRows is how many lines are asked for at once, pageFloor how few when a page of
	// long lines takes too much memory.
	pageRows  = 10_000
	pageFloor = 16
	// maxMoment is how many lines one nanosecond may have.
	maxMoment = 1 << 20
	// firstWindows is into how many windows the range is cut at first. Windows grow
	// while they hold few lines.
	firstWindows = 64
	minWindow    = int64(time.Millisecond)
	growth       = 4
)

// Each calls emit with the rows of one page after the other, oldest or newest first
// and each row once; emit must not keep them. An error of emit ends the export and is
// returned as it is. Rows that were emitted before an error are right, and Result.Rows
// counts them.
func Each(ctx context.Context, e Engine, t tenant.ID, req Request, emit func([]Row) error) (Result, error) {
	w := &walk{engine: e, tenant: t, req: req, emit: emit, start: req.Start, end: req.End, page: pageRows}
	w.width = max((req.End-req.Start)/firstWindows, minWindow)
	for w.start < w.end {
		if err := w.step(ctx); err != nil {
			return w.result, err
		}
		if w.result.Cut {
			return w.result, nil
		}
	}
	return w.result, nil
}

// walk is an export under way: [start, end) is what is left.
type walk struct {
	engine     Engine
	tenant     tenant.ID
	req        Request
	emit       func([]Row) error
	start, end int64
	width      int64 // of the next window
	page       int
	result     Result
}

// step exports one page: a window whole, or as far as the page reaches.
func (w *walk) step(ctx context.Context) error {
	start, end := w.window()
	rows, err := w.read(ctx, start, end, w.page)
	if errors.Is(err, logql.ErrLimit) && w.narrow(end-start) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read lines of %s to %s: %w", stamp(start), stamp(end), err)
	}
	if len(rows) < w.page {
		w.advance(start, end)
		if len(rows) < w.page/growth && w.width < w.end-w.start {
			w.width *= growth
		}
		return w.send(rows)
	}
	return w.partial(ctx, rows)
}

// partial sends a full page without the lines of its last moment, of which it may
// lack some: the next page begins there.
func (w *walk) partial(ctx context.Context, rows []Row) error {
	edge := rows[len(rows)-1].Time
	whole := slices.IndexFunc(rows, func(r Row) bool { return r.Time == edge })
	if whole == 0 {
		var err error
		if rows, err = w.moment(ctx, edge); err != nil {
			return err
		}
		w.advance(edge, edge+1)
		return w.send(rows)
	}
	first := rows[0].Time
	w.width = max(max(first-edge, edge-first), minWindow)
	if w.req.Forward {
		w.start = edge
	} else {
		w.end = edge + 1
	}
	return w.send(rows[:whole])
}

// moment reads all lines of one nanosecond.
func (w *walk) moment(ctx context.Context, at int64) ([]Row, error) {
	for limit := w.page * growth; ; limit *= growth {
		rows, err := w.read(ctx, at, at+1, limit)
		if err != nil {
			return nil, fmt.Errorf("read lines of %s: %w", stamp(at), err)
		}
		if len(rows) < limit {
			return rows, nil
		}
		if limit > maxMoment {
			return nil, fmt.Errorf("more than %d lines have the time %s: narrow the query", maxMoment, stamp(at))
		}
	}
}

// narrow makes pages smaller after one that took too much; it says whether trying
// again makes sense.
func (w *walk) narrow(width int64) bool {
	if w.page <= pageFloor && width <= minWindow {
		return false
	}
	w.page = max(w.page/growth, pageFloor)
	w.width = max(width/growth, minWindow)
	return true
}

func (w *walk) window() (start, end int64) {
	if w.req.Forward {
		return w.start, min(w.end, w.start+w.width)
	}
	return max(w.start, w.end-w.width), w.end
}

func (w *walk) advance(start, end int64) {
	if w.req.Forward {
		w.start = end
	} else {
		w.end = start
	}
}

// send emits rows as far as the limit allows.
func (w *walk) send(rows []Row) error {
	if left := w.req.Limit - w.result.Rows; len(rows) > left {
		w.result.Cut = true
		w.result.Next = rows[left].Time
		if !w.req.Forward {
			w.result.Next++
		}
		rows = rows[:left]
	}
	if len(rows) == 0 {
		return nil
	}
	if err := w.emit(rows); err != nil {
		return err
	}
	w.result.Rows += len(rows)
	return nil
}

func (w *walk) read(ctx context.Context, start, end int64, limit int) ([]Row, error) {
	p := logql.Params{Start: start, End: end, Limit: limit, Forward: w.req.Forward, Categorize: true}
	res, err := w.engine.Eval(ctx, w.tenant, w.req.Query, p)
	if err != nil {
		return nil, err
	}
	streams, ok := res.Value.(logql.Streams)
	if !ok {
		panic(fmt.Sprintf("BUG: a log query answers with %T", res.Value))
	}
	return rowsOf(streams, w.req.Forward), nil
}

// rowsOf is streams' entries in the order of time; those of one moment in the order of
// their streams.
func rowsOf(streams logql.Streams, forward bool) []Row {
	n := 0
	for _, s := range streams {
		n += len(s.Entries)
	}
	rows := make([]Row, 0, n)
	for _, s := range streams {
		for _, e := range s.Entries {
			rows = append(rows, Row{e.Time, e.Line, s.Labels, e.Metadata, e.Parsed})
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if forward {
			return cmp.Compare(a.Time, b.Time)
		}
		return cmp.Compare(b.Time, a.Time)
	})
	return rows
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

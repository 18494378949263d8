package rowstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/tenant"
)

// Names of the columns that hold Count's results.
const (
	rowsResult  = "~rows"
	bytesResult = "~bytes"
)

// maxStep is the widest bucket that the engine computes exactly (it keeps the
// width in a float64): 104 days.
const maxStep = 1 << 53

// Count implements Reader. Rows are ordered by time, then by group.
func (s *reads) Count(ctx context.Context, t tenant.ID, q Query, g Grouping) ([]CountRow, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if g.Step < 0 || g.Step > maxStep {
		return nil, fmt.Errorf("step of %d ns: want 0 to %d", g.Step, int64(maxStep))
	}
	out, err := s.countBy(ctx, t, q, g)
	if err != nil {
		return nil, memoryError(err)
	}
	slices.SortFunc(out, func(a, b CountRow) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), slices.Compare(a.By, b.By))
	})
	return out, nil
}

// countBy lets the engine count if it can.
func (s *reads) countBy(ctx context.Context, t tenant.ID, q Query, g Grouping) ([]CountRow, error) {
	// The engine's answers lack a field that is named twice.
	here := q.Keep != nil || q.Restore != nil || g.Number != "" || len(slices.Compact(slices.Sorted(slices.Values(g.By)))) < len(g.By)
	pipe := ""
	if here {
		columns := groupColumns(g)
		if q.Keep != nil || q.Restore != nil {
			columns = append(columns, q.Columns...)
		}
		slices.Sort(columns)
		columns = slices.Compact(columns)
		pipe = blocksPipe(Query{Columns: columns, Late: q.Late})
	}
	eq, err := s.prepare(t, q, pipe)
	switch {
	case err != nil:
		return nil, err
	case eq.empty:
		return nil, ctx.Err()
	case here:
		return s.countColumns(ctx, eq, q, g)
	}
	return s.countNative(ctx, t, q, g)
}

// countNative lets the engine count. It sums lengths of messages without the messages,
// where rows have them.
func (s *reads) countNative(ctx context.Context, t tenant.ID, q Query, g Grouping) ([]CountRow, error) {
	marked, since := s.marked()
	switch {
	case !g.SumLength || !marked:
		return s.countSpelled(ctx, t, q, g, false)
	case since == 0:
		return s.countSpelled(ctx, t, q, g, true)
	}
	old, fresh := q, q
	old.Filter, fresh.Filter = And{below(since), q.Filter}, And{Not{below(since)}, q.Filter}
	out, err := s.countSpelled(ctx, t, fresh, g, true)
	if err != nil {
		return nil, err
	}
	others, err := s.countSpelled(ctx, t, old, g, false)
	return mergeCounts(out, others), err
}

// countSpelled lets the engine count the rows whose groups it spells as they are, and
// counts the few others here. With lengths, rows have a lengthColumn.
func (s *reads) countSpelled(ctx context.Context, t tenant.ID, q Query, g Grouping, lengths bool) ([]CountRow, error) {
	spelled := g
	spelled.SumLength = g.SumLength && !lengths
	apart := keptApart(groupColumns(spelled))
	main := q
	main.Filter = And{noneApart(apart), q.Filter}
	eq, err := s.prepare(t, main, countPipe(g, lengths))
	if err != nil {
		return nil, err
	}
	out, err := s.count(ctx, eq, g)
	if err != nil || len(apart) == 0 {
		return out, err
	}
	q.Filter = And{apart, q.Filter}
	eq, err = s.prepare(t, q, blocksPipe(Query{Columns: groupColumns(g)}))
	if err != nil {
		return nil, err
	}
	others, err := s.countColumns(ctx, eq, q, g)
	return mergeCounts(out, others), err
}

// mergeCounts joins counts of different rows.
func mergeCounts(a, b []CountRow) []CountRow {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...)
	}
	same := func(a, b CountRow) int { return cmp.Or(cmp.Compare(a.Time, b.Time), slices.Compare(a.By, b.By)) }
	a = append(a, b...)
	slices.SortFunc(a, same)
	out := a[:1]
	for _, row := range a[1:] {
		if last := &out[len(out)-1]; same(*last, row) == 0 {
			last.merge(&row)
		} else {
			out = append(out, row)
		}
	}
	return out
}

// count runs a query that ends in a countPipe of g.
func (s *reads) count(ctx context.Context, eq engineQuery, g Grouping) ([]CountRow, error) {
	var mu sync.Mutex
	var out []CountRow
	var failed error
	err := s.run(ctx, eq, func(_ uint, db *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			out, failed = appendCounts(out, db, g)
		}
	})
	if err == nil {
		err = failed
	}
	return out, err
}

func countPipe(g Grouping, lengths bool) string {
	var by []string
	if g.Step > 0 {
		offset := ((g.Offset % g.Step) + g.Step) % g.Step
		by = append(by, fmt.Sprintf("%s:%d offset %d", timeColumn, g.Step, offset))
	}
	for _, name := range g.By {
		by = append(by, strconv.Quote(name))
	}
	pipe := "| stats "
	if len(by) > 0 {
		pipe += "by (" + strings.Join(by, ", ") + ") "
	}
	pipe += "count() " + strconv.Quote(rowsResult)
	switch {
	case g.SumLength && lengths:
		pipe += ", sum(" + strconv.Quote(lengthColumn) + ") " + strconv.Quote(bytesResult)
	case g.SumLength:
		pipe += ", sum_len(" + strconv.Quote(MessageField) + ") " + strconv.Quote(bytesResult)
	}
	return pipe
}

func appendCounts(out []CountRow, db *logstorage.DataBlock, g Grouping) ([]CountRow, error) {
	cols := map[string][]string{}
	for _, c := range db.Columns {
		cols[c.Name] = c.Values
	}
	var times timeParser
	for i := range db.RowsCount() {
		var row CountRow
		var err error
		if row.Rows, err = resultNumber(cols[rowsResult], i); err != nil {
			return out, err
		}
		if row.Rows == 0 {
			continue // the engine's answer to "no rows" when there are no groups
		}
		if g.SumLength {
			if row.Bytes, err = resultNumber(cols[bytesResult], i); err != nil {
				return out, err
			}
		}
		if g.Step > 0 {
			if row.Time, err = times.parse(cols[timeColumn][i]); err != nil {
				return out, err
			}
		}
		for _, name := range g.By {
			if name == MessageField && cols[name] == nil {
				name = ""
			}
			row.By = append(row.By, strings.Clone(cols[name][i]))
		}
		out = append(out, row)
	}
	return out, nil
}

func resultNumber(values []string, i int) (uint64, error) {
	if i >= len(values) {
		return 0, fmt.Errorf("BUG: the row engine left out a result")
	}
	if values[i] == "NaN" { // the engine's sum of nothing
		return 0, nil
	}
	n, err := strconv.ParseUint(values[i], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("BUG: row engine's count: %w", err)
	}
	return n, nil
}

// memoryError makes ErrMemory of the engine's refusal, which has no type.
func memoryError(err error) error {
	if strings.Contains(err.Error(), "since it requires more than") {
		return fmt.Errorf("%w: %w", ErrMemory, err)
	}
	return err
}

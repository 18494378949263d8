package rowstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/tenant"
)

// The engine's own columns.
const (
	timeColumn     = "_time"
	streamColumn   = "_stream"
	streamIDColumn = "_stream_id"
)

// Times of rows lie between 1896 and 2116. Ranges are cut to that, so that the
// width of one is never too large for an int64.
const (
	minTime = -(1 << 61)
	maxTime = 1 << 62
)

// engineQuery is a query ready to run.
type engineQuery struct {
	tenants []logstorage.TenantID
	// condition and pipes ("| fields ...") are in the engine's language.
	condition, pipes string
	// start and end are inclusive, in nanoseconds.
	start, end int64
	// empty means that nothing can match.
	empty bool
}

// prepare compiles q's conditions.
func (s *reads) prepare(t tenant.ID, q Query, pipes string) (engineQuery, error) {
	eq := engineQuery{pipes: pipes, start: max(q.Start, minTime), end: min(q.End, maxTime) - 1}
	id, ok := s.find(t)
	if !ok || q.Start >= q.End || eq.start > eq.end {
		eq.empty = true
	}
	eq.tenants = []logstorage.TenantID{id}
	streams, err := renderStreams(q.Streams, s.created())
	if err != nil {
		return eq, fmt.Errorf("stream selector: %w", err)
	}
	distinct, since := s.distinct()
	r := renderer{created: s.created()}
	r.marked, r.markedSince = s.marked()
	c, err := r.filter(resolveMaybeEqual(q.Filter, distinct, since))
	switch {
	case err != nil:
		return eq, fmt.Errorf("filter: %w", err)
	case c.never:
		eq.empty = true
	case c.always:
		c.text = "*"
	}
	eq.condition = strings.TrimSpace(streams + " " + c.text)
	return eq, nil
}

func (eq engineQuery) parse() (*logstorage.Query, error) {
	// The time is spelled here, because other servers get the query as text, and the
	// engine's own text leaves out zeros that count.
	text := renderWithin(Within{eq.start, eq.end + 1}).text + " " + eq.condition + " " + eq.pipes
	q, err := logstorage.ParseQueryAtTimestamp(text, time.Now().UnixNano())
	if err != nil {
		return nil, fmt.Errorf("row engine's query %s: %w", text, err)
	}
	return q, nil
}

// run calls write, from several goroutines, for what the engine returns.
func (s *reads) run(ctx context.Context, eq engineQuery, write logstorage.WriteDataBlockFunc) error {
	if eq.empty {
		return ctx.Err()
	}
	q, err := eq.parse()
	if err != nil {
		return err
	}
	if err := s.source.RunQuery(ctx, eq.tenants, q, write); err != nil {
		return err
	}
	return ctx.Err()
}

// blocksPipe makes the engine read the wanted columns only.
func blocksPipe(q Query) string {
	hidden := append([]string{streamIDColumn, lengthColumn, longColumn}, withApart(q.Without)...)
	names := append([]string{timeColumn, streamColumn}, withApart(q.Columns)...)
	for _, own := range []struct {
		names  []string
		wanted bool
	}{{sequenceFields, q.Sequence || q.Late}, {[]string{LateColumn}, q.Late}} {
		if own.wanted {
			names = append(names, own.names...)
		} else {
			hidden = append(hidden, own.names...)
		}
	}
	if q.Columns == nil {
		return "| delete " + quoteList(hidden...)
	}
	return "| fields " + quoteList(names...)
}

func quoteList(names ...string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// Query implements Reader.
func (s *reads) Query(ctx context.Context, t tenant.ID, q Query, emit func(*Block) error) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	pipes := blocksPipe(q)
	if q.Limit > 0 { // numbers decide between rows of one time
		numbered := q
		numbered.Sequence = true
		pipes = blocksPipe(numbered)
	}
	eq, err := s.prepare(t, q, pipes)
	if err != nil {
		return err
	}
	if eq.empty {
		return ctx.Err()
	}
	if q.Limit > 0 {
		return s.queryLimited(ctx, eq, q, emit)
	}
	return s.scan(ctx, eq, q, emit)
}

// scan emits every block of the query, one at a time unless q.Parallel.
func (s *reads) scan(ctx context.Context, eq engineQuery, q Query, emit func(*Block) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if !q.Parallel {
		emit = serially(ctx, emit)
	}
	blocks := s.builders(q)
	err := s.runBlocks(ctx, eq, func(worker uint, eb engineBlock) {
		if ctx.Err() != nil {
			return
		}
		b, err := blocks.of(worker).build(eb)
		if err == nil && b != nil {
			b.Worker = int(worker)
			err = emit(b)
		}
		if err != nil {
			stop(err) // the first one counts
		}
	})
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, ErrStop):
		return nil
	case cause != nil:
		return cause
	}
	return err
}

// serially returns an emit whose calls do not overlap; after an error there are no
// more.
func serially(ctx context.Context, emit func(*Block) error) func(*Block) error {
	var mu sync.Mutex
	failed := false
	return func(b *Block) error {
		mu.Lock()
		defer mu.Unlock()
		if failed || ctx.Err() != nil {
			return nil
		}
		err := emit(b)
		failed = err != nil
		return err
	}
}

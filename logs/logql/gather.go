package logql

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// point is a line as a number, or several lines of one cell. fold is equal for
// lines that count once.
type point struct {
	time  int64 // nanoseconds
	value float64
	fold  uint64
}

// pointSize is what a point takes in memory.
const pointSize = 24

// rangeSeries are the points of one series, in the order of time, and the part
// of them that lies in the current window.
type rangeSeries struct {
	labels model.Labels
	key    string
	failed bool // has the error label, and nobody asked for it
	points []point
	open   accumulator // of the window that is not over, if windows accumulate
	lo, hi int
	fresh  []point // of the current slice, in no order
}

// The time range of a range aggregation is read in slices, so that the lines of
// a slice, not of the range, must fit into memory. Equal entries have equal
// times: they are in one slice and folded there. Then points that every window
// has both or neither of become one, where the aggregation allows it. The first
// slice is narrow, because nobody knows how many lines there are.
const (
	firstSlice  = 256 // part of the range
	sliceGrowth = 4
	// maxSlicePoints is how many points a slice may have; it is read again in
	// narrower ones if it has more.
	maxSlicePoints = 1 << 20
	minSlice       = int64(1e6) // nanoseconds
	// maxKept is the capacity that a series keeps for the next slice.
	maxKept = 1 << 14
)

var errSliceTooWide = errors.New("slice has too many points")

// pass is one of the ways in which the entries of a range aggregation are read.
// Passes select different entries.
type pass struct {
	query logs.Query
	// extractor returns a new extractor for a worker.
	extractor func() (*extractor, error)
	// lineless says that lines are read only to tell whether entries are equal.
	lineless bool
	node     *PlanNode
	workers  []*gatherWorker
}

// gatherer turns lines into the points of series, with a worker for each goroutine
// of the store.
type gatherer struct {
	q      *query
	cells  cells
	series map[string]*rangeSeries
	seed   maphash.Seed

	mu    sync.Mutex
	fresh atomic.Int64
	// byLine tells entries of one stream and time apart; without, they may be equal.
	byLine bool
	// suspects are the parts of the range where entries may be equal.
	suspects []logs.Within
}

func newGatherer(q *query, e *RangeAggregation, p Params) *gatherer {
	return &gatherer{q: q, cells: newCells(e, p, accumulates(e, p) && !q.engine.rowsOnly), series: map[string]*rangeSeries{}, seed: maphash.MakeSeed()}
}

// run reads the points of all series from start to end, exclusive.
func (g *gatherer) run(ctx context.Context, first, last int64, passes []pass) error {
	width := max((last-first)/firstSlice, minSlice)
	for start, end := first, last; start < end; {
		sliceEnd := min(end, start+width)
		err := g.slice(ctx, start, sliceEnd, passes)
		if errors.Is(err, errSliceTooWide) && width > minSlice {
			width = max(width/sliceGrowth, minSlice)
			continue
		}
		if err != nil {
			return err
		}
		start = sliceEnd
		if g.fresh.Load() < int64(g.q.engine.slicePoints/(2*sliceGrowth)) && width < end-start { // else it covers the rest
			width *= sliceGrowth
		}
	}
	return ctx.Err()
}

// slice reads one slice. Lines are not read where only their number counts,
// unless entries of a stream that may be equal share a time: then only their lines
// tell whether they are.
func (g *gatherer) slice(ctx context.Context, start, end int64, passes []pass) error {
	lineless := slices.ContainsFunc(passes, func(p pass) bool { return p.lineless })
	for g.byLine = !lineless; ; g.byLine = true {
		g.fresh.Store(0)
		for _, s := range g.series {
			s.fresh = s.fresh[:0]
		}
		for i := range passes {
			if err := g.read(ctx, start, end, &passes[i]); err != nil {
				return err
			}
		}
		if !g.foldSlice(start, end) || g.byLine {
			break
		}
	}
	var grown atomic.Int64
	g.each(func(s *rangeSeries) {
		points, values := cap(s.points), cap(s.open.values)
		if g.cells.accumulates {
			g.cells.accumulate(s, s.fresh)
		} else {
			s.points = g.cells.merge(s.points, s.fresh)
		}
		grown.Add(int64(pointSize*(cap(s.points)-points) + 8*(cap(s.open.values)-values)))
		if cap(s.fresh) > maxKept { // the next slice may be another series'
			s.fresh = nil
		}
	})
	return g.q.keep(int(grown.Load()))
}

// each calls f for every series, in parallel if that is worth it.
func (g *gatherer) each(f func(*rangeSeries)) {
	points := 0
	for _, s := range g.series {
		points += len(s.fresh) + len(s.open.values)
	}
	workers := min(runtime.GOMAXPROCS(0), len(g.series))
	if points < minParallel || workers < 2 {
		for _, s := range g.series {
			f(s)
		}
		return
	}
	work := make(chan *rangeSeries, len(g.series))
	for _, s := range g.series {
		work <- s
	}
	close(work)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for s := range work {
				f(s)
			}
		})
	}
	wg.Wait()
}

// minParallel is from how many points on series are worked on in parallel.
const minParallel = 10_000

// foldSlice sorts the points of the slice and drops all but one of equal ones, if
// there can be any. It says whether there were.
func (g *gatherer) foldSlice(start, end int64) (folded bool) {
	suspect := slices.ContainsFunc(g.suspects, func(w logs.Within) bool { return w.Start < end && start < w.End })
	var any atomic.Bool
	g.each(func(s *rangeSeries) {
		s.sortFresh()
		if suspect && s.foldFresh() {
			any.Store(true)
		}
	})
	return any.Load()
}

// read adds what a pass finds in a slice.
func (g *gatherer) read(ctx context.Context, start, end int64, p *pass) error {
	lq := p.query
	lq.Start, lq.End, lq.Parallel = start, end, true
	lq.NoLines = p.lineless && !g.byLine
	for _, w := range p.workers {
		w.reset()
	}
	defer p.node.timed()()
	err := g.q.engine.reader.Select(ctx, g.q.tenant, lq, func(b *logs.Block) error {
		w, err := g.worker(b.Worker, p)
		if err != nil {
			return err
		}
		return w.add(b)
	})
	for _, w := range p.workers {
		p.node.Entries, p.node.Bytes, p.node.Returned = p.node.Entries+w.entries, p.node.Bytes+w.bytes, p.node.Returned+w.matched
	}
	if err != nil {
		return err
	}
	for _, w := range p.workers {
		g.q.addMatched(w.matched)
		for _, f := range w.series {
			if len(f.points) == 0 {
				continue
			}
			s, err := g.of(f.labels, f.key)
			if err != nil {
				return err
			}
			s.fresh = append(s.fresh, f.points...)
		}
	}
	return nil
}

func (g *gatherer) worker(n int, p *pass) (*gatherWorker, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(p.workers) <= n {
		x, err := p.extractor()
		if err != nil {
			return nil, err
		}
		p.workers = append(p.workers, &gatherWorker{g: g, x: x, series: map[string]*freshSeries{}})
	}
	return p.workers[n], nil
}

// of returns the series with these labels.
func (g *gatherer) of(ls model.Labels, key string) (*rangeSeries, error) {
	if s := g.series[key]; s != nil {
		return s, nil
	}
	if err := g.q.keep(seriesSize + 3*len(key)); err != nil {
		return nil, err
	}
	s := &rangeSeries{labels: ls, key: key}
	s.failed = has(s.labels, errorLabel) && s.labels.Get(preserveErrorLabel) != "true"
	g.series[key] = s
	return s, nil
}

// seriesSize is what a series takes in memory besides its labels.
const seriesSize = 300

// comparePoints orders by value second, so that answers do not depend on the order
// of arrival.
func comparePoints(a, b point) int {
	if a.time != b.time { // which is nearly always so
		return cmp.Compare(a.time, b.time)
	}
	return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.fold, b.fold))
}

// sortFresh sorts the points by time. A store mostly returns them so.
func (s *rangeSeries) sortFresh() {
	if !slices.IsSortedFunc(s.fresh, comparePoints) {
		slices.SortFunc(s.fresh, comparePoints)
	}
}

// foldFresh drops all but one of equal points and says whether there were any.
func (s *rangeSeries) foldFresh() bool {
	n := len(s.fresh)
	s.fresh = slices.CompactFunc(s.fresh, func(a, b point) bool { return a.time == b.time && a.fold == b.fold })
	return len(s.fresh) < n
}

func (g *gatherer) sorted() []*rangeSeries {
	out := make([]*rangeSeries, 0, len(g.series))
	g.each(func(s *rangeSeries) {
		s.fresh = nil
		g.cells.closeWindow(s)
		s.open = accumulator{}
	})
	for _, s := range g.series {
		if len(s.points) > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *rangeSeries) int { return cmp.Compare(a.key, b.key) })
	return out
}

// gatherWorker adds the blocks that one goroutine gets.
type gatherWorker struct {
	g      *gatherer
	x      *extractor
	series map[string]*freshSeries
	key    []byte
	buf    []model.Label
	// What the slice had.
	entries, bytes, matched int64
}

// freshSeries are a worker's points of a series.
type freshSeries struct {
	labels model.Labels
	key    string
	points []point
}

// reset forgets the points of the slice before.
func (w *gatherWorker) reset() {
	w.entries, w.bytes, w.matched = 0, 0, 0
	for _, s := range w.series {
		if s.points = s.points[:0]; cap(s.points) > maxKept {
			s.points = nil
		}
	}
}

func (w *gatherWorker) add(b *logs.Block) error {
	g := w.g
	bytes, err := g.q.read(b)
	w.entries, w.bytes = w.entries+int64(len(b.Times)), w.bytes+bytes
	if err != nil {
		return err
	}
	if w.x.values != nil && w.x.values.open(b) {
		added, err := w.addValues(b)
		return w.count(added, err)
	}
	spellIntegers(b)
	added, err := w.addRows(b)
	return w.count(added, err)
}

// count counts the points of a slice.
func (w *gatherWorker) count(added int, err error) error {
	if err == nil && w.g.fresh.Add(int64(added)) > int64(w.g.q.engine.slicePoints) {
		err = errSliceTooWide
	}
	return err
}

// addRows sends the entries of a block through the pipeline.
func (w *gatherWorker) addRows(b *logs.Block) (added int, err error) {
	stream := streamHash(w.g.seed, b.Stream)
	var plain *freshSeries // of lines whose labels are the stream's
	for i, t := range b.Times {
		if !w.x.p.runRow(b, i) {
			continue
		}
		v, ok := w.x.number()
		if !ok {
			continue
		}
		w.matched++
		s := plain
		unchanged := w.x.p.entry.labels.unchanged()
		if s == nil || !unchanged {
			if s, err = w.of(); err != nil {
				return added, err
			}
			if unchanged {
				plain = s
			}
		}
		added++
		fold := stream
		if w.g.byLine {
			fold ^= maphash.String(w.g.seed, b.Lines[i])
		}
		s.points = append(s.points, point{t, v, fold})
	}
	return added, nil
}

// of returns the series of the entry that the pipeline let through.
func (w *gatherWorker) of() (*freshSeries, error) {
	if w.x.partial && w.x.p.entry.labels.err != "" {
		return nil, errNeedsLines
	}
	return w.seriesOf(w.x.labels())
}

func (w *gatherWorker) seriesOf(ls []model.Label) (*freshSeries, error) {
	w.key = appendKey(w.key[:0], ls)
	if s := w.series[string(w.key)]; s != nil {
		return s, nil
	}
	if err := w.g.q.keep(seriesSize + len(w.key)); err != nil {
		return nil, err
	}
	s := &freshSeries{labels: cloneLabels(ls), key: string(w.key)}
	w.series[s.key] = s
	return s, nil
}

// cells divide time at the begins and ends of windows: every window has all of a
// cell or nothing of it.
type cells struct {
	e *RangeAggregation
	// accumulates says that every cell is a window, whose number is made at once.
	accumulates bool

	end, begin int64 // of the first window
	step       int64 // between windows, 0 if there is one only
	combine    func(a, b float64) float64
}

func newCells(e *RangeAggregation, p Params, accumulates bool) cells {
	end := p.Start - e.Range.Offset
	c := cells{e: e, accumulates: accumulates, end: end, begin: end - e.Range.Interval, step: p.Step}
	switch e.Op {
	case opCountOverTime, opRate, opBytesOverTime, opBytesRate, opSumOverTime, opAbsentOverTime:
		c.combine = func(a, b float64) float64 { return a + b }
	case opMaxOverTime:
		c.combine = func(a, b float64) float64 { return extreme([]point{{value: a}, {value: b}}, greater) }
	case opMinOverTime:
		c.combine = func(a, b float64) float64 { return extreme([]point{{value: a}, {value: b}}, less) }
	case opFirstOverTime:
		c.combine = func(a, _ float64) float64 { return a }
	case opLastOverTime:
		c.combine = func(_, b float64) float64 { return b }
	}
	return c
}

// of returns the cell of a time: how many begins and ends lie before it.
func (c cells) of(t int64) (begins, ends int64) {
	if c.step == 0 {
		return 0, 0
	}
	return ceilDiv(t-c.begin, c.step), ceilDiv(t-c.end, c.step)
}

// ceilDiv divides by a positive number, rounding up.
func ceilDiv(a, b int64) int64 {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}

// merge appends sorted points to those that are there.
func (c cells) merge(points, fresh []point) []point {
	if c.combine == nil {
		return append(points, fresh...)
	}
	for _, p := range fresh {
		if n := len(points); n > 0 {
			last := &points[n-1]
			b1, e1 := c.of(last.time)
			if b2, e2 := c.of(p.time); b1 == b2 && e1 == e2 {
				last.value = c.combine(last.value, p.value)
				continue
			}
		}
		points = append(points, p)
	}
	return points
}

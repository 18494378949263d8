package logql

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"slices"

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

// gatherer turns lines into the points of series.
type gatherer struct {
	q      *query
	x      *extractor
	cells  cells
	series map[string]*rangeSeries
	seed   maphash.Seed
	key    []byte
	fresh  int
}

func newGatherer(q *query, x *extractor, e *RangeAggregation) *gatherer {
	return &gatherer{q: q, x: x, cells: newCells(e, q.params), series: map[string]*rangeSeries{}, seed: maphash.MakeSeed()}
}

// run reads the points of all series.
func (g *gatherer) run(ctx context.Context, lq logs.Query) error {
	width := max((lq.End-lq.Start)/firstSlice, minSlice)
	for start, end := lq.Start, lq.End; start < end; {
		lq.Start, lq.End = start, min(end, start+width)
		err := g.slice(ctx, lq)
		if errors.Is(err, errSliceTooWide) && width > minSlice {
			width = max(width/sliceGrowth, minSlice)
			continue
		}
		if err != nil {
			return err
		}
		start = lq.End
		if g.fresh < g.q.engine.slicePoints/(2*sliceGrowth) && width < end-start { // else it covers the rest
			width *= sliceGrowth
		}
	}
	return ctx.Err()
}

// slice reads one slice. Lines are not read where only their number counts,
// unless entries of a stream share a time: then only their lines tell whether
// they are equal.
func (g *gatherer) slice(ctx context.Context, lq logs.Query) error {
	lq.NoLines = g.x.countsOnly()
	for {
		g.fresh = 0
		for _, s := range g.series {
			s.fresh = s.fresh[:0]
		}
		if err := g.q.engine.reader.Select(ctx, g.q.tenant, lq, g.add); err != nil {
			return err
		}
		folded := false
		for _, s := range g.series {
			folded = s.foldFresh() || folded
		}
		if !folded || !lq.NoLines {
			break
		}
		lq.NoLines = false
	}
	for _, s := range g.series {
		before := cap(s.points)
		s.points = g.cells.merge(s.points, s.fresh)
		if err := g.q.keep(pointSize * (cap(s.points) - before)); err != nil {
			return err
		}
		if cap(s.fresh) > maxKept { // the next slice may be another series'
			s.fresh = nil
		}
	}
	return nil
}

// foldFresh sorts the points by time, drops all but one of equal ones, and says
// whether there were any.
func (s *rangeSeries) foldFresh() bool {
	slices.SortFunc(s.fresh, func(a, b point) int {
		// By value second, so that answers do not depend on the order of arrival.
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.value, b.value), cmp.Compare(a.fold, b.fold))
	})
	n := len(s.fresh)
	s.fresh = slices.CompactFunc(s.fresh, func(a, b point) bool { return a.time == b.time && a.fold == b.fold })
	return len(s.fresh) < n
}

func (g *gatherer) sorted() []*rangeSeries {
	out := make([]*rangeSeries, 0, len(g.series))
	for _, s := range g.series {
		s.fresh = nil
		if len(s.points) > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *rangeSeries) int { return cmp.Compare(a.key, b.key) })
	return out
}

func (g *gatherer) add(b *logs.Block) error {
	if err := g.q.read(b); err != nil {
		return err
	}
	stream := streamHash(g.seed, b.Stream)
	var plain *rangeSeries // of lines whose labels are the stream's
	for i, t := range b.Times {
		if !g.x.p.runRow(b, i) {
			continue
		}
		v, ok := g.x.number()
		if !ok {
			continue
		}
		g.q.stats.Matched++
		s := plain
		unchanged := g.x.p.entry.labels.unchanged()
		if s == nil || !unchanged {
			var err error
			if s, err = g.of(g.x.labels()); err != nil {
				return err
			}
			if unchanged {
				plain = s
			}
		}
		if g.fresh++; g.fresh > g.q.engine.slicePoints {
			return errSliceTooWide
		}
		fold := stream
		if b.Lines != nil {
			fold ^= maphash.String(g.seed, b.Lines[i])
		}
		s.fresh = append(s.fresh, point{t, v, fold})
	}
	return nil
}

// of returns the series with these labels.
func (g *gatherer) of(ls []model.Label) (*rangeSeries, error) {
	g.key = appendKey(g.key[:0], ls)
	if s := g.series[string(g.key)]; s != nil {
		return s, nil
	}
	if err := g.q.keep(300 + 3*len(g.key)); err != nil {
		return nil, err
	}
	s := &rangeSeries{labels: cloneLabels(ls), key: string(g.key)}
	s.failed = has(s.labels, errorLabel) && s.labels.Get(preserveErrorLabel) != "true"
	g.series[s.key] = s
	return s, nil
}

// cells divide time at the begins and ends of windows: every window has all of a
// cell or nothing of it.
type cells struct {
	end, begin int64 // of the first window
	step       int64 // between windows, 0 if there is one only
	combine    func(a, b float64) float64
}

func newCells(e *RangeAggregation, p Params) cells {
	end := p.Start - e.Range.Offset
	c := cells{end: end, begin: end - e.Range.Interval, step: p.Step}
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

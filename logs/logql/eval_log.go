package logql

import (
	"cmp"
	"container/heap"
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// evalLog returns the first entries of a log query. Where the store's conditions
// are the whole choice it is asked for a limit; else the range is searched window
// by window from its newest end (or oldest, forward), so that a query that finds
// enough reads no further.
func (q *query) evalLog(ctx context.Context, x *LogExpr) (Value, error) {
	p, err := q.planLog(x)
	if err != nil {
		return nil, err
	}
	return q.cachedLog(ctx, x, func() (Streams, error) { return q.findEntries(ctx, p) })
}

func (q *query) findEntries(ctx context.Context, p *logPlan) (Streams, error) {
	var err error
	c := newCollector(q, p.rest)
	if p.limited && q.params.Interval == 0 {
		err = q.firstEntries(ctx, p, c)
	} else {
		err = q.searchWindows(ctx, p, c)
	}
	if err != nil {
		return nil, err
	}
	return c.streams(), nil
}

// maxTries is how often the store is asked for more entries before the range is
// searched in windows.
const maxTries = 3

// firstEntries asks the store for a few entries more than wanted, because equal
// ones are folded, and for more again if that was not enough.
func (q *query) firstEntries(ctx context.Context, p *logPlan, c *collector) error {
	lq := p.query
	lq.Start, lq.End, lq.Forward = q.params.Start, q.params.End, q.params.Forward
	lq.Limit = q.params.Limit + q.params.Limit/8 + 8
	for range maxTries {
		c.reset()
		n := 0
		err := c.read(ctx, lq, p.node.child("read the first entries"), func(b *logs.Block) { n += len(b.Times) })
		if err != nil || n < lq.Limit || c.full() {
			return err
		}
		lq.Limit *= 4
	}
	c.reset()
	return q.searchWindows(ctx, p, c)
}

// The first window is a small part of the range; the next ones grow as long as
// little is found.
const (
	firstWindow  = 128 // part of the range
	windowGrowth = 4
	minWindow    = int64(time.Second)
)

func (q *query) searchWindows(ctx context.Context, p *logPlan, c *collector) error {
	lq := p.query
	lq.Parallel = true
	start, end := q.params.Start, q.params.End
	width := max((end-start)/firstWindow, minWindow)
	node := p.node.child("read windows of time")
	for start < end && !c.full() {
		lq.Start, lq.End = max(start, end-width), end
		if q.params.Forward {
			lq.Start, lq.End = start, min(end, start+width)
		}
		if err := c.read(ctx, lq, node, nil); err != nil {
			return err
		}
		c.closeWindow()
		if q.params.Forward {
			start = lq.End
		} else {
			end = lq.Start
		}
		if width < end-start { // else it covers the rest; no overflow
			width *= windowGrowth
		}
	}
	return ctx.Err()
}

// found is an entry that passed the pipeline.
type found struct {
	Entry
	labels model.Labels
	fold   foldKey
	order  int // of arrival
}

// foldKey identifies entries that count once: same stream, time and line.
type foldKey struct {
	time int64
	hash uint64
}

// collector runs the pipeline, in several goroutines, and keeps the first entries
// in a heap with the last of them on top.
type collector struct {
	q     *query
	rest  []StageExpr
	seed  maphash.Seed
	bytes atomic.Int64 // read
	count atomic.Int64

	mu        sync.Mutex
	pipelines []*pipeline
	entries   []found // a heap, or everything of a window with an Interval
	seen      map[foldKey]bool
	arrived   int
	kept      []found // with an Interval: what was chosen so far
	last      int64   // time of the last of kept
}

func newCollector(q *query, rest []StageExpr) *collector {
	c := &collector{q: q, rest: rest, seed: maphash.MakeSeed()}
	c.reset()
	return c
}

// pipeline returns the pipeline of a goroutine of the store.
func (c *collector) pipeline(worker int) (*pipeline, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pipelines) <= worker {
		p, err := newLogPipeline(c.rest)
		if err != nil {
			return nil, err
		}
		c.pipelines = append(c.pipelines, p)
	}
	return c.pipelines[worker], nil
}

// read adds what the store selects.
func (c *collector) read(ctx context.Context, lq logs.Query, node *PlanNode, see func(*logs.Block)) error {
	defer node.timed()()
	defer func(entries, bytes, matched int64) {
		node.Entries += c.count.Load() - entries
		node.Bytes += c.bytes.Load() - bytes
		node.Returned += c.q.stats.Matched - matched
	}(c.count.Load(), c.bytes.Load(), c.q.stats.Matched)
	return c.q.engine.reader.Select(ctx, c.q.tenant, lq, func(b *logs.Block) error {
		if see != nil {
			see(b)
		}
		return c.add(b)
	})
}

func (c *collector) reset() {
	c.entries = c.entries[:0]
	c.seen = make(map[foldKey]bool)
	c.q.memory.Store(0)
}

// before says whether time a comes first in the direction of the query.
func (c *collector) before(a, b int64) bool {
	if c.q.params.Forward {
		return a < b
	}
	return a > b
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (c *collector) Len() int           { return len(c.entries) }
func (c *collector) Less(i, j int) bool { return c.order(c.entries[j], c.entries[i]) < 0 }
func (c *collector) Swap(i, j int)      { c.entries[i], c.entries[j] = c.entries[j], c.entries[i] }
func (c *collector) Push(x any)         { c.entries = append(c.entries, x.(found)) }
func (c *collector) Pop() any {
	n := len(c.entries) - 1
	x := c.entries[n]
	c.entries[n] = found{}
	c.entries = c.entries[:n]
	return x
}

// full says whether no entry of a later window can be wanted.
func (c *collector) full() bool {
	if c.q.params.Interval > 0 {
		return len(c.kept) >= c.q.params.Limit
	}
	return len(c.entries) >= c.q.params.Limit
}

// addRows and addBytes are after how many entries that passed, and how many bytes of
// their lines, these are put into the heap, so that the next ones can be compared
// with its top and little is held outside of it.
const (
	addRows  = 256
	addBytes = 1 << 20
)

// add sends a block through the pipeline.
func (c *collector) add(b *logs.Block) error {
	bytes, err := c.q.read(b)
	c.bytes.Add(bytes)
	c.count.Add(int64(len(b.Times)))
	if err != nil {
		return err
	}
	p, err := c.pipeline(b.Worker)
	if err != nil {
		return err
	}
	stream := streamHash(c.seed, b.Stream)
	var passed []found
	size := 0
	bound, bounded := c.bound()
	for i, t := range b.Times {
		if bounded && c.before(bound, t) || !p.runRow(b, i) {
			continue
		}
		passed = append(passed, c.found(p, t, c.key(stream, t, b.Lines[i])))
		if size += len(p.entry.line); len(passed) < addRows && size < addBytes {
			continue
		}
		if err := c.push(passed); err != nil {
			return err
		}
		passed, size = passed[:0], 0
		bound, bounded = c.bound()
	}
	return c.push(passed)
}

// bound is the time behind which no entry is wanted any more.
func (c *collector) bound() (t int64, bounded bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.q.params.Interval == 0 && c.full() {
		return c.entries[0].Time, true
	}
	return 0, false
}

// push puts entries that passed into the heap.
func (c *collector) push(passed []found) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	heaped := c.q.params.Interval == 0
	for _, f := range passed {
		if c.seen[f.fold] {
			continue
		}
		if heaped && c.full() && c.before(c.entries[0].Time, f.Time) {
			continue
		}
		c.q.addMatched(1)
		f.order = c.arrived
		c.arrived++
		if err := c.q.keep(len(f.Line) + 256); err != nil {
			return err
		}
		c.seen[f.fold] = true
		if !heaped {
			c.entries = append(c.entries, f)
			continue
		}
		heap.Push(c, f)
		if len(c.entries) > c.q.params.Limit {
			out := heap.Pop(c).(found)
			delete(c.seen, out.fold)
			c.q.memory.Add(-int64(len(out.Line) + 256))
		}
	}
	return nil
}

func (c *collector) key(stream uint64, t int64, line string) foldKey {
	return foldKey{t, maphash.String(c.seed, line) ^ stream}
}

func streamHash(seed maphash.Seed, ls model.Labels) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, l := range ls {
		h.WriteString(l.Name)
		h.WriteByte(0)
		h.WriteString(l.Value)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// runRow loads row i of a block and runs the pipeline.
func (p *pipeline) runRow(b *logs.Block, i int) bool {
	e := &p.entry
	e.time = b.Times[i]
	e.columns, e.row = b.Parsed, i
	e.line = ""
	if b.Lines != nil {
		e.line = b.Lines[i]
	}
	e.labels.reset(b.Stream)
	for _, c := range b.Metadata {
		if v := c.Values[i]; v != "" {
			e.labels.addMetadata(c.Name, v)
		}
	}
	return p.run()
}

// found copies the entry of the pipeline out of the block's memory.
func (c *collector) found(p *pipeline, t int64, fold foldKey) found {
	e := &p.entry
	f := found{Entry: Entry{Time: t, Line: strings.Clone(e.line)}, fold: fold}
	if !c.q.params.Categorize {
		f.labels = cloneLabels(e.labels.sorted())
		return f
	}
	f.labels = cloneLabels(e.labels.streamRest(nil))
	f.Metadata = cloneLabels(e.labels.meta)
	f.Parsed = cloneLabels(e.labels.errors(slices.Clone(e.labels.parsed)))
	sortLabels(f.Metadata)
	sortLabels(f.Parsed)
	return f
}

func cloneLabels(ls []model.Label) model.Labels {
	out := make(model.Labels, len(ls))
	for i, l := range ls {
		out[i] = model.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)}
	}
	return out
}

// closeWindow chooses, with an Interval, from the entries of a window: each is
// an Interval or more away from the one chosen before, of whatever stream.
func (c *collector) closeWindow() {
	if c.q.params.Interval == 0 {
		return
	}
	slices.SortStableFunc(c.entries, c.order)
	for _, f := range c.entries {
		if len(c.kept) >= c.q.params.Limit {
			break
		}
		if len(c.kept) > 0 && max(f.Time-c.last, c.last-f.Time) < c.q.params.Interval {
			continue
		}
		c.kept = append(c.kept, f)
		c.last = f.Time
	}
	c.reset()
}

// order compares in the direction of the query. Entries of one time keep the
// order in which they were stored, where the store tells it.
func (c *collector) order(a, b found) int {
	if !c.q.params.Forward {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.order, b.order))
}

// streams groups what was kept by labels.
func (c *collector) streams() Streams {
	entries := c.entries
	if c.q.params.Interval > 0 {
		entries = c.kept
	}
	slices.SortStableFunc(entries, c.order)
	c.q.stats.Returned = int64(len(entries))
	out := Streams{}
	index := map[string]int{}
	for _, f := range entries {
		key := labelsKey(f.labels)
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, Stream{Labels: f.labels})
		}
		out[i].Entries = append(out[i].Entries, f.Entry)
	}
	slices.SortFunc(out, func(a, b Stream) int { return compareLabels(a.Labels, b.Labels) })
	return out
}

// labelsKey identifies sorted labels.
func labelsKey(ls []model.Label) string {
	var b []byte
	return string(appendKey(b, ls))
}

func appendKey(b []byte, ls []model.Label) []byte {
	for _, l := range ls {
		b = append(b, l.Name...)
		b = append(b, 0xff)
		b = append(b, l.Value...)
		b = append(b, 0xff)
	}
	return b
}

func compareLabels(a, b model.Labels) int {
	return slices.CompareFunc(a, b, func(x, y model.Label) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.Value, y.Value))
	})
}

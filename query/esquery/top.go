package esquery

import (
	"container/heap"
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// hit is a document that was kept.
type hit struct {
	keys []sortValue
	doc  savedDocument
}

// savedDocument is a copy of an entry.
type savedDocument struct {
	time     int64
	line     string
	stream   model.Labels
	metadata []logs.Column
}

func save(d *document, stream model.Labels) savedDocument {
	out := savedDocument{time: d.time, line: strings.Clone(d.line), stream: stream}
	for _, c := range d.block.Metadata {
		if v := c.Values[d.i]; v != "" {
			out.metadata = append(out.metadata, logs.Column{Name: strings.Clone(c.Name), Values: []string{strings.Clone(v)}})
		}
	}
	return out
}

// size is about what the copy takes.
func (s *savedDocument) size() int {
	n := 200 + len(s.line)
	for _, c := range s.metadata {
		n += 60 + len(c.Name) + len(c.Values[0])
	}
	return n
}

// open decodes the copy again; the document is valid until r reads another.
func (s *savedDocument) open(r *reader) *document {
	r.begin(&logs.Block{Stream: s.stream, Times: []int64{s.time}, Lines: []string{s.line}, Metadata: s.metadata})
	return r.read(0)
}

// top keeps the first documents of an order.
type top struct {
	run  *run
	keys []sortKey
	size int
	// after: only what comes behind it counts; it has a value for each key, or for the
	// first ones.
	after []sortValue
	// collapse keeps one document for each value of a field.
	collapse *path

	hits    []*hit // a heap, the last of the order first
	byValue map[string]*hit
	scratch []sortValue
	buf     []value
	stream  model.Labels // copy of the last block's
	block   *logs.Block
}

func (t *top) Len() int           { return len(t.hits) }
func (t *top) Less(i, j int) bool { return t.compare(t.hits[i].keys, t.hits[j].keys) > 0 }
func (t *top) Swap(i, j int)      { t.hits[i], t.hits[j] = t.hits[j], t.hits[i] }
func (t *top) Push(x any)         { t.hits = append(t.hits, x.(*hit)) }
func (t *top) Pop() any {
	last := t.hits[len(t.hits)-1]
	t.hits = t.hits[:len(t.hits)-1]
	return last
}

func (t *top) compare(a, b []sortValue) int {
	for i := range t.keys {
		if c := t.keys[i].compare(&a[i], &b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// full says that a document before all that come could not enter.
func (t *top) full() bool { return len(t.hits) >= t.size }

// offer takes a document if it is among the first.
func (t *top) offer(d *document) error {
	if t.size == 0 {
		return nil
	}
	if t.scratch == nil {
		t.scratch, t.buf = make([]sortValue, len(t.keys)), make([]value, 0, 8)
	}
	// Most documents are behind the last by their first key.
	for i := range t.keys {
		t.scratch[i] = t.keys[i].of(d, t.buf)
		if i == 0 && t.collapse == nil && t.full() && t.keys[0].compare(&t.scratch[0], &t.hits[0].keys[0]) > 0 {
			return nil
		}
	}
	if !t.behindAfter() || t.collapse == nil && t.full() && t.compare(t.scratch, t.hits[0].keys) >= 0 {
		return nil
	}
	if t.collapse != nil {
		return t.offerGroup(d)
	}
	h, err := t.newHit(d)
	if err != nil {
		return err
	}
	if t.full() {
		t.run.memory.Add(-int64(t.hits[0].doc.size()))
		t.hits[0] = h
		heap.Fix(t, 0)
		return nil
	}
	heap.Push(t, h)
	return nil
}

func (t *top) newHit(d *document) (*hit, error) {
	if t.block != d.block || !slices.Equal(t.stream, d.block.Stream) {
		t.block, t.stream = d.block, cloneLabels(d.block.Stream)
	}
	h := &hit{keys: slices.Clone(t.scratch), doc: save(d, t.stream)}
	for i := range h.keys {
		h.keys[i].text = strings.Clone(h.keys[i].text)
	}
	return h, t.run.keep(h.doc.size())
}

func cloneLabels(ls model.Labels) model.Labels {
	out := make(model.Labels, len(ls))
	for i, l := range ls {
		out[i] = model.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)}
	}
	return out
}

// offerGroup keeps the first document of each value; there may be more values than
// hits are wanted, as a better document of a value may come.
func (t *top) offerGroup(d *document) error {
	key := ""
	if vs := d.values(t.buf[:0], t.collapse); len(vs) > 0 {
		key = "v" + vs[0].string()
	}
	old := t.byValue[key]
	if old != nil && t.compare(t.scratch, old.keys) >= 0 {
		return nil
	}
	h, err := t.newHit(d)
	if err != nil {
		return err
	}
	if t.byValue == nil {
		t.byValue = map[string]*hit{}
	}
	t.byValue[strings.Clone(key)] = h
	return t.run.keep(len(key) + 64)
}

func (t *top) behindAfter() bool {
	for i := range t.after {
		after := adaptAfter(&t.after[i], &t.scratch[i])
		if c := t.keys[i].compare(&t.scratch[i], after); c != 0 {
			return c > 0
		}
	}
	return len(t.after) == 0
}

// merged returns the hits of several tops in order.
func merged(tops []*top) []*hit {
	var all []*hit
	if len(tops) == 0 {
		return nil
	}
	first := tops[0]
	if first.collapse != nil {
		best := map[string]*hit{}
		for _, t := range tops {
			for key, h := range t.byValue {
				if old := best[key]; old == nil || first.compare(h.keys, old.keys) < 0 {
					best[key] = h
				}
			}
		}
		for _, h := range best {
			all = append(all, h)
		}
	}
	for _, t := range tops {
		all = append(all, t.hits...)
	}
	slices.SortStableFunc(all, func(a, b *hit) int { return first.compare(a.keys, b.keys) })
	return all[:min(len(all), first.size)]
}

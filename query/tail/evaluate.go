package tail

import (
	"time"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
)

// evaluator matches batches. It belongs to the worker.
type evaluator struct {
	plain   *logql.Matcher // a query without a pipeline
	shared  []*Line        // of the run, for queries that change nothing
	touched map[*Subscription]struct{}

	// Work is counted in windows. While the worker falls behind, groups that had their
	// fair part of one get no more: readers with costly queries lose lines for
	// themselves only.
	window  uint64
	began   time.Time
	pressed bool
	fair    time.Duration
}

// windowLength is a window of work, whose largest part all groups share.
const windowLength = time.Second

// begin precedes each batch; groups is how many share the worker.
func (e *evaluator) begin(pressed bool, groups int) {
	if now := time.Now(); now.Sub(e.began) > windowLength {
		e.began = now
		e.window++
	}
	e.pressed, e.fair = pressed, windowLength*9/10/time.Duration(max(groups, 1))
}

// mayWork says whether the group may be evaluated now.
func (e *evaluator) mayWork(g *group) bool {
	if g.window != e.window {
		g.window, g.spent = e.window, 0
	}
	return !g.broken && (!e.pressed || g.spent < e.fair)
}

// runLength bounds how many entries are encoded before they are handed on.
const runLength = 512

// run offers a batch to the readers of its tenant.
func (e *evaluator) run(ix *index, b batch) {
	if e.touched == nil {
		e.touched = map[*Subscription]struct{}{}
	}
	for i := range b.streams {
		s := &b.streams[i]
		groups := ix.route(s.Labels)
		if len(groups) == 0 {
			continue
		}
		if b.missed != nil {
			e.miss(ix, b, groups, s.Labels, b.missed[i])
			continue
		}
		for from := 0; from < len(s.Entries); from += runLength {
			part := s.Entries[from:min(from+runLength, len(s.Entries))]
			e.part(ix, b, groups, s.Labels, part)
		}
	}
	for s := range e.touched {
		s.commit(b.position)
	}
	clear(e.touched)
}

// part offers entries of one stream.
func (e *evaluator) part(ix *index, b batch, groups []*group, stream model.Labels, entries []model.LogEntry) {
	e.shared = append(e.shared[:0], make([]*Line, len(entries))...)
	for _, g := range groups {
		readers := e.readers(g, b)
		if len(readers) == 0 {
			continue
		}
		begin := time.Now()
		done := 0
		if e.mayWork(g) {
			done = e.offer(ix, g, readers, stream, entries)
		}
		for _, s := range readers {
			if done < len(entries) {
				s.miss(ix.sets.get(stream), entries[done].Time, len(entries)-done)
			}
			s.unlock()
		}
		g.spent += time.Since(begin)
	}
	clear(e.shared)
}

// offer shows entries to the group's readers and returns how many it came through: a
// query that makes the evaluation panic is not evaluated again.
func (e *evaluator) offer(ix *index, g *group, readers []*Subscription, stream model.Labels, entries []model.LogEntry) (done int) {
	defer func() {
		if recover() != nil {
			g.broken = true
			readers[0].hub.metrics.broken.Inc()
		}
	}()
	for i := range entries {
		if line := e.line(ix, g, stream, entries, i); line != nil {
			for _, s := range readers {
				s.offer(line)
			}
		}
		done = i + 1
	}
	return done
}

// line returns what the group shows of an entry, nil if it is filtered out.
func (e *evaluator) line(ix *index, g *group, stream model.Labels, entries []model.LogEntry, i int) *Line {
	if g.matcher.LineOnly() {
		if !g.matcher.KeepsLine(entries[i].Line) {
			return nil
		}
		if e.shared[i] == nil {
			e.shared[i] = e.encode(ix, e.plainMatcher(), stream, &entries[i])
		}
		return e.shared[i]
	}
	return e.encode(ix, g.matcher, stream, &entries[i])
}

func (e *evaluator) encode(ix *index, m *logql.Matcher, stream model.Labels, entry *model.LogEntry) *Line {
	ls, text, ok := m.Entry(stream, entry)
	if !ok {
		return nil
	}
	return newLine(ix.sets.get(ls), entry.Time, text)
}

func (e *evaluator) plainMatcher() *logql.Matcher {
	if e.plain == nil {
		var err error
		if e.plain, err = logql.NewMatcher(&logql.LogExpr{}); err != nil {
			panic("BUG: a query without stages does not compile: " + err.Error())
		}
	}
	return e.plain
}

// readers locks and returns the group's readers that began before the batch.
func (e *evaluator) readers(g *group, b batch) []*Subscription {
	out := make([]*Subscription, 0, len(g.readers))
	for _, s := range g.readers {
		if b.number > s.after && s.lock() {
			out = append(out, s)
			e.touched[s] = struct{}{}
		}
	}
	return out
}

// miss tells readers of entries that found no room in the queue. How many of them
// their queries would have kept nobody knows.
func (e *evaluator) miss(ix *index, b batch, groups []*group, stream model.Labels, n int) {
	set := ix.sets.get(stream)
	for _, g := range groups {
		for _, s := range e.readers(g, b) {
			s.miss(set, now(), n)
			s.unlock()
		}
	}
}

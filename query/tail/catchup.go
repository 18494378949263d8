package tail

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/pharosd/pharos/logs"
)

const (
	// lateness is how much older than its arrival an entry may be to be found by a
	// reader that resumes.
	lateness = time.Hour
	// nearBy is how many numbers may be left when a reader subscribes: what is pushed
	// while it reads these waits in its ring.
	nearBy = 50_000
	// Pages are read in ranges of numbers, wider while little is found in them.
	firstWidth, maxWidth = 100_000, 50_000_000
	// maxPage bounds a page in lines.
	maxPage = 5000
)

// catchUp reads what was published between a cursor and now, page by page, in the
// order of arrival. Its memory is that of a page.
type catchUp struct {
	at, target *Position
	width      uint64
	whole      bool // the target was reached
}

func newCatchUp(from *Position) *catchUp { return &catchUp{at: from, width: firstWidth} }

func (c *catchUp) near(target *Position) bool { return target.top() <= c.at.Low+nearBy }

// page reads the next page on the way to c.target and moves c.at behind it.
func (c *catchUp) page(ctx context.Context, s *source) ([]*Line, error) {
	for {
		low, upTo := c.at.Low, c.target.Low
		left := upTo - min(upTo, low)
		last := left <= c.width
		if last {
			upTo = c.target.top()
		} else {
			upTo = low + c.width
		}
		most := s.hub.pageBytes()
		if left <= 1 {
			most = math.MaxInt64 // cannot be made smaller: one entry, and pushes under way
		}
		lines, full, err := c.read(ctx, s, low, upTo, most)
		if err != nil {
			return nil, err
		}
		if full {
			c.width = max(1, min(c.width, left)/4)
			continue
		}
		if c.whole = last; last {
			c.at = c.target
		} else {
			c.at = c.at.upTo(upTo)
		}
		if len(lines) < maxPage/8 {
			c.width = min(4*c.width, maxWidth)
		}
		return lines, nil
	}
}

type numberedLine struct {
	*Line
	number uint64
}

// read returns the lines in (low, upTo] that the target has and c.at has not; full
// says that they are more than a page.
func (c *catchUp) read(ctx context.Context, s *source, low, upTo uint64, most int64) (out []*Line, full bool, err error) {
	q := s.query
	q.Start, q.End = c.at.time-int64(lateness), now()+int64(ahead)
	var found []numberedLine
	held := int64(0)
	err = s.between(ctx, q, low, upTo, func(l *Line, n uint64) error {
		if c.at.has(n) || !c.target.has(n) {
			return nil
		}
		held += l.charge()
		if most != math.MaxInt64 && (held > most || len(found) == maxPage) {
			full = true
			return logs.ErrStop
		}
		found = append(found, numberedLine{l, n})
		return nil
	})
	if err != nil || full {
		return nil, full, err
	}
	slices.SortFunc(found, func(a, b numberedLine) int { return cmp.Compare(a.number, b.number) })
	out = make([]*Line, len(found))
	for i, l := range found {
		out[i] = l.Line
	}
	return out, false, nil
}

// upTo returns the position of a reader that was at p and has had everything up to n.
func (p *Position) upTo(n uint64) *Position {
	out := &Position{Low: n, time: p.time}
	for _, s := range p.ahead {
		if s.last > n {
			out.ahead = append(out.ahead, span{max(s.first, n+1), s.last})
		}
	}
	return out
}

// pageBytes bounds a page: readers that catch up hold one each.
func (h *Hub) pageBytes() int64 {
	share := h.cfg.MaxMemory / 4 / max(h.rings.Load(), 1)
	return max(32<<10, min(share, maxTaken))
}

package tail

import (
	"context"
	"slices"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/tenant"
)

// Request is what a reader asks for.
type Request struct {
	Query *logql.LogExpr
	// Cursor, unless it is empty, is where to go on. Without one the reader gets the
	// newest Limit entries since Start, nanoseconds, first.
	Cursor string
	Start  int64
	Limit  int
	// Gather is how long lines are collected before they are handed out while they
	// come fast; the first after a pause does not wait.
	Gather time.Duration
	// Delay is how long lines wait in any case, as Loki's delay_for.
	Delay time.Duration
}

// Session is a reader that begins in the past or at a cursor and follows live. It
// belongs to one goroutine.
type Session struct {
	hub    *Hub
	tenant tenant.ID
	req    Request
	source source

	position *Position
	sub      *Subscription // once it is live
	ready    []Frame       // of the past, before live ones
	catchUp  *catchUp
	overlap  *overlap
	last     time.Time // of the last frame with lines
}

// Follow begins a session; Close ends it. Errors wrap ErrTooMany or ErrBadCursor or
// are those of the query and the store. A session whose cursor is far behind
// subscribes when it has come near.
func (h *Hub) Follow(ctx context.Context, t tenant.ID, reader logs.Reader, req Request) (*Session, error) {
	s := &Session{hub: h, tenant: t, req: req}
	var err error
	if s.source, err = newSource(h, t, reader, narrowed(ctx, req.Query)); err != nil {
		return nil, err
	}
	if req.Cursor != "" {
		from, err := ParseCursor(req.Cursor)
		if err != nil {
			return nil, err
		}
		h.metrics.resume.Inc()
		here := h.here()
		if s.source.numbered && !from.unnumbered && !here.unnumbered && from.Low <= here.top() {
			s.position, s.catchUp = from, newCatchUp(from)
			return s, h.mayFollow(ctx, t) // which would be refused after catching up
		}
		// Another store's cursor, or a store without numbers: only the time is left.
		s.req.Start, s.req.Limit = from.time+1, maxByTime
	}
	if s.sub, err = h.Subscribe(ctx, t, req.Query); err != nil {
		return nil, err
	}
	if err := s.past(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// maxByTime bounds what a reader gets that resumes by time alone.
const maxByTime = 5000

// past reads the newest entries from before the subscription.
func (s *Session) past(ctx context.Context) error {
	begin := *s.sub.begin
	begin.unnumbered = begin.unnumbered || !s.source.numbered
	s.position = &begin
	lines, err := s.source.newest(ctx, s.position, s.req.Start, s.req.Limit)
	if err != nil {
		return err
	}
	if s.position.unnumbered {
		s.overlap = newOverlap(lines, s.hub.here())
		s.position = &Position{unnumbered: true, time: max(s.req.Start-1, newestTime(lines))}
	}
	if len(lines) > 0 {
		s.ready = append(s.ready, Frame{Lines: lines, Position: s.position})
	}
	return nil
}

func newestTime(lines []*Line) int64 {
	var t int64
	for _, l := range lines {
		t = max(t, l.Time)
	}
	return t
}

// Live reports that the session has caught up.
func (s *Session) Live() bool { return s.catchUp == nil && len(s.ready) == 0 }

// Position is where the reader is that had all frames: a session that has been quiet
// moves on too.
func (s *Session) Position() *Position {
	if s.Live() && !s.position.unnumbered {
		if p := s.hub.settled(); p != nil && p.top() >= s.position.top() && s.sub.empty() {
			s.position = p
		}
	}
	return s.position
}

// Next waits for the next frame. After quiet without one it returns nil.
func (s *Session) Next(ctx context.Context, quiet time.Duration) (*Frame, error) {
	for len(s.ready) == 0 && s.catchUp != nil {
		if err := s.approach(ctx); err != nil {
			return nil, err
		}
	}
	if len(s.ready) > 0 {
		f := s.ready[0]
		s.ready = s.ready[1:]
		s.position = f.Position
		return &f, nil
	}
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, nil
		case <-s.sub.Wake():
		}
		if err := s.gather(ctx); err != nil {
			return nil, err
		}
		if f := s.take(); f != nil {
			return f, nil
		}
	}
}

// gather waits until Gather has passed since the last frame, and for Delay.
func (s *Session) gather(ctx context.Context) error {
	wait := max(time.Until(s.last.Add(s.req.Gather)), s.req.Delay)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// take returns what waits in the ring, nil if that is nothing.
func (s *Session) take() *Frame {
	b := s.sub.Take()
	lines := b.Lines
	if s.overlap != nil {
		lines = s.overlap.without(lines, b.Position)
	}
	if len(lines) == 0 && b.Lost == 0 {
		return nil
	}
	s.last = time.Now()
	switch {
	case s.position.unnumbered:
		s.position = &Position{unnumbered: true, time: max(s.position.time, newestTime(lines))}
	case b.Position != nil:
		s.position = b.Position
	}
	return &Frame{Lines: lines, Lost: b.Lost, Dropped: b.Dropped, Position: s.position}
}

// approach reads the next page between the cursor and now. It subscribes when it is
// near: then what remains is what was published before.
func (s *Session) approach(ctx context.Context) error {
	c := s.catchUp
	if s.sub == nil {
		c.target = s.hub.here()
		if c.near(c.target) {
			var err error
			if s.sub, err = s.hub.Subscribe(ctx, s.tenant, s.req.Query); err != nil {
				return err
			}
			c.target = s.sub.begin
		}
	}
	lines, err := c.page(ctx, &s.source)
	if err != nil {
		return err
	}
	if len(lines) > 0 {
		s.ready = append(s.ready, Frame{Lines: lines, Position: c.at})
	}
	if s.sub != nil && c.whole {
		s.catchUp = nil
		if len(lines) == 0 {
			s.position = c.at
		}
	}
	return nil
}

// Close ends the session. It may be called more than once.
func (s *Session) Close() {
	if s.sub != nil {
		s.sub.Close()
	}
	s.ready = slices.Delete(s.ready, 0, len(s.ready))
}

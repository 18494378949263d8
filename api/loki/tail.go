package loki

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/tenant"
)

const (
	maxDelay     = 5 // seconds
	pingInterval = 15 * time.Second
	writeTimeout = 10 * time.Second
	// gather is how long entries are collected before they are sent, so that a busy
	// tail has few frames.
	gather = 50 * time.Millisecond
)

type tailRequest struct {
	query *logql.LogExpr
	start int64 // nanoseconds
	limit int   // of the entries from the past
	delay time.Duration
}

func (a *API) tailRequest(r *http.Request) (tailRequest, error) {
	var t tailRequest
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return t, err
	}
	var ok bool
	if t.query, ok = x.(*logql.LogExpr); !ok {
		return t, badRequest(errors.New("only log selector is supported"))
	}
	if t.limit, err = positiveInt(r.Form.Get("limit"), defaultLimit); err != nil {
		return t, err
	}
	if err := a.checkLimit(r, t.limit); err != nil {
		return t, err
	}
	start, err := parseTime(r.Form.Get("start"), time.Now().Add(-defaultSince))
	if err != nil {
		return t, badRequest(fmt.Errorf("could not parse 'start' parameter: %w", err))
	}
	t.start = start.UnixNano()
	if s := r.Form.Get("delay_for"); s != "" {
		n, err := strconv.Atoi(s)
		switch {
		case err != nil:
			return t, badRequest(err)
		case n < 0:
			return t, badRequest(fmt.Errorf("delay_for value %d is out of range [0, 4294967295]", n))
		case n > maxDelay:
			return t, badRequest(fmt.Errorf("delay_for can't be greater than %d", maxDelay))
		}
		t.delay = time.Duration(n) * time.Second
	}
	return t, nil
}

// tail sends entries over a WebSocket as they are pushed, after the last ones of
// the past, in frames of Loki's shape:
//
//	{"streams":[{"stream":{...},"values":[["<ns>","line"]]}],"dropped_entries":[{"timestamp":"<ns>","labels":{...}}]}
func (a *API) tail(w http.ResponseWriter, r *http.Request) error {
	req, err := a.tailRequest(r)
	if err != nil {
		return err
	}
	t := tenant.FromContext(r.Context())
	// Subscribe first: what is pushed while the past is read is not lost.
	sub, err := a.hub.Subscribe(t, req.query)
	if err != nil {
		return badRequest(err)
	}
	defer sub.Close()
	now := time.Now()
	past, err := a.engine.Eval(r.Context(), t, req.query, logql.Params{Start: min(req.start, now.UnixNano()), End: now.UnixNano() + 1, Limit: req.limit})
	if err != nil {
		return err
	}
	// Any page of this origin may connect; the gate has checked the credentials.
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil //nolint:nilerr // Accept has answered
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(conn.CloseRead(r.Context())) // done when the client goes away
	defer cancel()
	defer httpx.OnShutdown(r.Context(), cancel)()
	s := &tailSender{conn: conn, sub: sub, delay: req.delay}
	if err := s.run(ctx, past.Value.(logql.Streams)); err != nil && ctx.Err() == nil {
		a.log.Debug("tail ended", "error", err)
	}
	_ = conn.Close(websocket.StatusGoingAway, "")
	return nil
}

// tailSender writes the frames of one tail.
type tailSender struct {
	conn  *websocket.Conn
	sub   *tail.Subscription
	delay time.Duration

	// sent holds the entries of the past at their latest times: an entry that was
	// pushed while the past was read arrives twice.
	sent map[string]bool
}

func (s *tailSender) run(ctx context.Context, past logql.Streams) error {
	s.sent = map[string]bool{}
	if len(past) > 0 {
		for _, st := range past {
			slices.Reverse(st.Entries) // oldest first
			for _, e := range st.Entries {
				s.sent[entryKey(st.Labels.String(), e.Time, e.Line)] = true
			}
		}
		if err := s.write(ctx, past, nil); err != nil {
			return err
		}
	}
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ping.C:
			s.sent = nil // the past was minutes ago
			pctx, cancel := context.WithTimeout(ctx, writeTimeout)
			err := s.conn.Ping(pctx)
			cancel()
			if err != nil {
				return err
			}
		case <-s.sub.Wake():
			if err := s.live(ctx); err != nil {
				return err
			}
		}
	}
}

// live waits a moment for more and sends what has arrived.
func (s *tailSender) live(ctx context.Context) error {
	wait := time.NewTimer(max(gather, s.delay))
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
	}
	entries, dropped, _ := s.sub.Take()
	streams := s.group(entries)
	if len(streams) == 0 && len(dropped) == 0 {
		return nil
	}
	return s.write(ctx, streams, dropped)
}

func entryKey(labels string, t int64, line string) string {
	return labels + "\xff" + strconv.FormatInt(t, 10) + "\xff" + line
}

// group sorts entries by time and puts those with the same labels together.
func (s *tailSender) group(entries []tail.Entry) logql.Streams {
	slices.SortStableFunc(entries, func(a, b tail.Entry) int { return cmp.Compare(a.Time, b.Time) })
	var out logql.Streams
	index := map[string]int{}
	for _, e := range entries {
		key := e.Labels.String()
		if s.sent[entryKey(key, e.Time, e.Line)] {
			continue
		}
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, logql.Stream{Labels: e.Labels})
		}
		out[i].Entries = append(out[i].Entries, logql.Entry{Time: e.Time, Line: e.Line})
	}
	return out
}

func (s *tailSender) write(ctx context.Context, streams logql.Streams, dropped []tail.Dropped) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, tailFrame(streams, dropped))
}

// tailFrame encodes one message.
func tailFrame(streams logql.Streams, dropped []tail.Dropped) []byte {
	b := encoder{}
	b.raw(`{"streams":`)
	list(&b, streams, func(s logql.Stream) { b.stream(s, false) })
	if len(dropped) > 0 {
		b.raw(`,"dropped_entries":`)
		list(&b, dropped, func(d tail.Dropped) {
			b.raw(`{"timestamp":"` + strconv.FormatInt(d.Time, 10) + `","labels":`)
			b.labels(d.Labels)
			b.raw(`}`)
		})
	}
	b.raw(`}`)
	return b.Bytes()
}

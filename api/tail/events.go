package tail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/tenant"
)

const (
	heartbeat    = 15 * time.Second
	writeTimeout = 30 * time.Second
	// gather is how long lines are collected while they come fast.
	gather       = 100 * time.Millisecond
	defaultLimit = 100
	maxLimit     = 5000
	defaultSince = time.Hour
	// retryMillis is what browsers wait before they connect again.
	retryMillis = 2000
)

func bad(code, message, hint string) error {
	return &httpx.Error{Status: http.StatusBadRequest, Code: code, Message: message, Hint: hint}
}

// request reads the parameters. A browser that connects again says in a header where
// it was, and repeats the cursor of its first time.
func request(r *http.Request) (tail.Request, error) {
	q := r.URL.Query()
	t := tail.Request{Cursor: q.Get("cursor"), Limit: defaultLimit, Start: time.Now().Add(-defaultSince).UnixNano(), Gather: gather}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		t.Cursor = last
	}
	text := q.Get("query")
	if text == "" { // everything that the token is narrowed to
		text = tenant.ScopeFrom(r.Context()).String()
	}
	x, err := logql.Parse(text)
	if err != nil {
		return t, bad("bad_query", err.Error(), `give query a log selector such as {app="web"} |= "error"`)
	}
	var ok bool
	if t.Query, ok = x.(*logql.LogExpr); !ok {
		return t, bad("bad_query", "a metric query gives numbers, not lines", `give query a log selector such as {app="web"} |= "error"`)
	}
	if s := q.Get("limit"); s != "" {
		if t.Limit, err = strconv.Atoi(s); err != nil || t.Limit < 0 || t.Limit > maxLimit {
			return t, bad("bad_limit", fmt.Sprintf("limit must be a number from 0 to %d", maxLimit), "")
		}
	}
	if s := q.Get("start"); s != "" {
		if t.Start, err = strconv.ParseInt(s, 10, 64); err != nil || t.Start < 0 {
			return t, bad("bad_start", "start must be nanoseconds since the Unix epoch", "")
		}
	}
	return t, nil
}

// events sends entries as server-sent events: "lines" in the shape of Loki's tail,
// with the cursor as their id, and "dropped" when the reader was too slow. A quiet
// stream's heartbeats move the cursor on.
func (a *API) events(w http.ResponseWriter, r *http.Request) {
	a.allowOrigin(w, r)
	session, err := a.follow(r)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	defer session.Close()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not wait for more
	w.WriteHeader(http.StatusOK)
	s := &sender{w: w, control: http.NewResponseController(w)}
	if err := s.run(r.Context(), session); err != nil && r.Context().Err() == nil {
		a.log.Debug("tail ended", "error", err)
	}
}

func (a *API) follow(r *http.Request) (*tail.Session, error) {
	req, err := request(r)
	if err != nil {
		return nil, err
	}
	session, err := a.hub.Follow(r.Context(), tenant.FromContext(r.Context()), a.reader, req)
	switch {
	case errors.Is(err, tail.ErrTooMany):
		return nil, &httpx.Error{Status: http.StatusTooManyRequests, Code: "too_many_tails", Message: err.Error(),
			Hint: "close others, or raise logs.tail.max_concurrent_tail_requests"}
	case errors.Is(err, tail.ErrBadCursor):
		return nil, bad("bad_cursor", err.Error(), "leave it out to begin with the newest lines")
	case err != nil:
		a.log.Error("tail cannot begin", "error", err)
	}
	return session, err
}

// allowOrigin lets pages of the configured sites read the answer.
func (a *API) allowOrigin(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); a.hub.MayEmbed(origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}

// sender writes events.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
	cursor  string // the last that was sent
}

func (s *sender) run(ctx context.Context, session *tail.Session) error {
	if err := s.event(func() error {
		_, err := fmt.Fprintf(s.w, "retry: %d\n\n", retryMillis)
		return err
	}); err != nil {
		return err
	}
	for {
		f, err := session.Next(ctx, heartbeat)
		if err != nil {
			return err
		}
		if f == nil {
			err = s.event(func() error { return s.beat(session.Position().Cursor()) })
		} else {
			err = s.event(func() error { return s.frame(f) })
		}
		if err != nil {
			return err
		}
	}
}

// event writes and flushes within the time that a reader may take.
func (s *sender) event(write func() error) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // not supported by test recorders
	if err := write(); err != nil {
		return err
	}
	return s.control.Flush()
}

func (s *sender) frame(f *tail.Frame) error {
	if f.Lost > 0 {
		dropped := tail.Frame{Lost: f.Lost, Dropped: f.Dropped}
		if err := s.write("dropped", &dropped); err != nil {
			return err
		}
	}
	if len(f.Lines) == 0 {
		return nil
	}
	lines := tail.Frame{Lines: f.Lines, Position: f.Position}
	s.cursor = f.Position.Cursor()
	if _, err := io.WriteString(s.w, "id: "+s.cursor+"\n"); err != nil {
		return err
	}
	return s.write("lines", &lines)
}

func (s *sender) write(event string, f *tail.Frame) error {
	if _, err := io.WriteString(s.w, "event: "+event+"\ndata: "); err != nil {
		return err
	}
	if _, err := f.WriteTo(s.w); err != nil { // JSON has no line breaks
		return err
	}
	_, err := io.WriteString(s.w, "\n\n")
	return err
}

// beat keeps proxies from closing a quiet connection. An event without data is not
// handed to the page, but its id is remembered.
func (s *sender) beat(cursor string) error {
	text := ": quiet\n"
	if cursor != s.cursor {
		s.cursor = cursor
		text += "id: " + cursor + "\n"
	}
	_, err := io.WriteString(s.w, text+"\n")
	return err
}

package loki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	gather = 100 * time.Millisecond
)

func (a *API) tailRequest(r *http.Request) (tail.Request, error) {
	t := tail.Request{Cursor: r.Form.Get("cursor"), Gather: gather}
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return t, err
	}
	var ok bool
	if t.Query, ok = x.(*logql.LogExpr); !ok {
		return t, badRequest(errors.New("only log selector is supported"))
	}
	if t.Limit, err = positiveInt(r.Form.Get("limit"), defaultLimit); err != nil {
		return t, err
	}
	if err := a.checkLimit(r, t.Limit); err != nil {
		return t, err
	}
	start, err := parseTime(r.Form.Get("start"), time.Now().Add(-defaultSince))
	if err != nil {
		return t, badRequest(fmt.Errorf("could not parse 'start' parameter: %w", err))
	}
	t.Start = start.UnixNano()
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
		t.Delay = time.Duration(n) * time.Second
	}
	return t, nil
}

// tail sends entries over a WebSocket as they are pushed, after the last ones of
// the past, in frames of Loki's shape with a cursor (see tail.Frame). cursor= goes
// on from one.
func (a *API) tail(w http.ResponseWriter, r *http.Request) error {
	req, err := a.tailRequest(r)
	if err != nil {
		return err
	}
	session, err := a.hub.Follow(r.Context(), tenant.FromContext(r.Context()), a.reader, req)
	if err != nil {
		if errors.Is(err, tail.ErrTooMany) || errors.Is(err, tail.ErrBadCursor) {
			err = badRequest(err)
		}
		return err
	}
	defer session.Close()
	// The gate has checked the credentials. Of other sites' pages only those may
	// connect that the configuration names; they need a token of their own.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: a.hub.EmbedOrigins()})
	if err != nil {
		return nil //nolint:nilerr // Accept has answered
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(conn.CloseRead(r.Context())) // done when the client goes away
	defer cancel()
	defer httpx.OnShutdown(r.Context(), cancel)()
	if err := sendTail(ctx, conn, session); err != nil && ctx.Err() == nil {
		a.log.Debug("tail ended", "error", err)
	}
	_ = conn.Close(websocket.StatusGoingAway, "")
	return nil
}

// sendTail writes the session's frames until ctx is done.
func sendTail(ctx context.Context, conn *websocket.Conn, session *tail.Session) error {
	for {
		f, err := session.Next(ctx, pingInterval)
		if err != nil {
			return err
		}
		sending, cancel := context.WithTimeout(ctx, writeTimeout)
		if f == nil {
			err = conn.Ping(sending)
		} else {
			err = writeFrame(sending, conn, f)
		}
		cancel()
		if err != nil {
			return err
		}
	}
}

func writeFrame(ctx context.Context, conn *websocket.Conn, f *tail.Frame) error {
	w, err := conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	if _, err := f.WriteTo(w); err != nil {
		return err
	}
	return w.Close()
}

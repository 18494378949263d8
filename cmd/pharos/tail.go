package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type tailCmd struct {
	clientFlags

	Query  string `arg:"" help:"A LogQL log query." default:""`
	Past   int    `help:"Lines of the past that come first." default:"10"`
	Output string `short:"o" help:"text, raw (lines alone) or json." enum:"text,raw,json" default:"text"`
	Color  string `help:"auto, always or never." enum:"auto,always,never" default:"auto"`
}

// Run follows until it is interrupted.
func (c *tailCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

// Distances of attempts to connect again.
const firstPause, longestPause = 250 * time.Millisecond, 10 * time.Second

// run connects again where it was, so that nothing is lost or repeated while the server
// restarts. It ends with ctx, or when the server refuses the query or the credentials.
func (c *tailCmd) run(ctx context.Context, out io.Writer) error {
	cursor, pause, connected := "", firstPause, false
	for ctx.Err() == nil {
		before := cursor
		err := c.follow(ctx, out, &cursor)
		var refused *answerError
		if errors.As(err, &refused) && refused.final() || err != nil && !connected && cursor == "" {
			return err
		}
		if cursor != before {
			connected, pause = true, firstPause
		}
		if ctx.Err() == nil && err != nil {
			fmt.Fprintf(os.Stderr, "pharos: %v; connecting again in %s\n", err, pause)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
	return nil
}

// follow reads one connection's events.
func (c *tailCmd) follow(ctx context.Context, out io.Writer, cursor *string) error {
	q := url.Values{"limit": {strconv.Itoa(c.Past)}}
	if c.Query != "" {
		q.Set("query", c.Query)
	}
	if *cursor != "" {
		q.Set("cursor", *cursor)
	}
	body, err := c.open(ctx, "/api/pharos/v1/tail", q, "text/event-stream")
	if err != nil {
		return err
	}
	defer body.Close()
	return readEvents(body, func(e event) error {
		if e.name == "dropped" {
			fmt.Fprintln(os.Stderr, "pharos: lines were dropped, this reader was too slow:", e.data)
			return nil
		}
		if e.name == "lines" {
			if err := c.show(out, e.data); err != nil {
				return err
			}
		}
		if e.id != "" {
			*cursor = e.id
		}
		return nil
	})
}

func (c *tailCmd) show(out io.Writer, data string) error {
	if c.Output == "json" {
		_, err := fmt.Fprintln(out, data)
		return err
	}
	var lines struct {
		Streams []result `json:"streams"`
	}
	if err := json.Unmarshal([]byte(data), &lines); err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	if c.Output == "text" {
		return writeLines(out, lines.Streams, useColor(c.Color, out))
	}
	for _, s := range lines.Streams {
		for _, p := range s.Values {
			if _, err := fmt.Fprintln(out, p.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// event is one server-sent event.
type event struct{ name, id, data string }

// maxEvent bounds an event in bytes.
const maxEvent = 64 << 20

// readEvents reads events (WHATWG HTML, server-sent events) until the stream ends.
func readEvents(r io.Reader, each func(event) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxEvent)
	var e event
	for s.Scan() {
		field, value, _ := strings.Cut(s.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "":
			if s.Text() != "" {
				continue // a comment
			}
			if e.data != "" {
				e.data = strings.TrimSuffix(e.data, "\n")
				if err := each(e); err != nil {
					return err
				}
			}
			e = event{}
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data += value + "\n"
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	return errors.New("the server closed the connection")
}

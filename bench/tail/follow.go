package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// filters are what readers of one project ask for.
var filters = []string{``, ` |= "status=500"`, ` != "method=POST"`, ` |~ "duration=9[0-9]ms" or "status=404"`}

type group struct {
	acks acks
	wg   sync.WaitGroup
	mu   sync.Mutex
	seen seen
}

// seen is what readers got together.
type seen struct {
	latencies []time.Duration
	lines     int
	dropped   int
}

func (g *group) wait() seen {
	g.wg.Wait()
	return g.seen
}

// follow connects all readers.
func follow(ctx context.Context, o options, acks acks) (*group, error) {
	g := &group{acks: acks}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	for i := range o.readers + o.slow {
		query := fmt.Sprintf(`{project="p%d"}%s`, i%projects, filters[i/projects%len(filters)])
		slow := i >= o.readers
		if slow {
			query = `{project=~".+"}`
		}
		open := g.webSocket
		if i%2 == 1 {
			open = g.events
		}
		frames, err := open(ctx, client, o, "limit=1&query="+url.QueryEscape(query))
		if err != nil {
			return nil, fmt.Errorf("reader %d: %w", i, err)
		}
		g.wg.Go(func() {
			if slow {
				<-ctx.Done()
				return
			}
			g.read(frames)
		})
	}
	return g, nil
}

// next returns the next frame, or an error at the end.
type next func() ([]byte, error)

func (g *group) webSocket(ctx context.Context, client *http.Client, o options, query string) (next, error) {
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(o.url, "http")+"/loki/api/v1/tail?"+query, &websocket.DialOptions{HTTPClient: client, HTTPHeader: header(o)})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(-1)
	return func() ([]byte, error) {
		_, frame, err := conn.Read(ctx)
		return frame, err
	}, nil
}

func (g *group) events(ctx context.Context, client *http.Client, o options, query string) (next, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url+"/api/pharos/v1/tail?"+query, nil)
	if err != nil {
		return nil, err
	}
	req.Header = header(o)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return nil, fmt.Errorf("%s: %s", resp.Status, text)
	}
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	return func() ([]byte, error) { return lines.ReadBytes('\n') }, nil
}

func header(o options) http.Header {
	h := http.Header{}
	if o.token != "" {
		h.Set("Authorization", "Bearer "+o.token)
	}
	return h
}

var dropped = regexp.MustCompile(`"dropped":(\d+)`)

// read notes when the pushes that frames name were read. It does not parse JSON, to
// leave the processors to the server.
func (g *group) read(frames next) {
	var own seen
	for {
		frame, err := frames()
		if err != nil {
			break
		}
		now := time.Now().UnixNano()
		own.lines += bytes.Count(frame, []byte(`level=info`))
		if bytes.Contains(frame, []byte(`"dropped":`)) {
			if m := dropped.FindSubmatch(frame); m != nil {
				n, _ := strconv.Atoi(string(m[1]))
				own.dropped += n
			}
		}
		own.latencies = g.latencies(own.latencies, frame, now)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen.lines += own.lines
	g.seen.dropped += own.dropped
	g.seen.latencies = append(g.seen.latencies, own.latencies...)
}

// latencies adds, for each push that the frame names, the time since it was
// acknowledged; 0 if the reader had it before the pusher had its answer.
func (g *group) latencies(out []time.Duration, frame []byte, now int64) []time.Duration {
	for {
		_, rest, found := bytes.Cut(frame, []byte(" #"))
		if !found {
			return out
		}
		number, after, _ := bytes.Cut(rest, []byte("#"))
		n, err := strconv.Atoi(string(number))
		if err != nil {
			return out
		}
		acknowledged := g.acks[n%len(g.acks)].Load()
		late := time.Duration(0)
		if acknowledged > 0 {
			late = time.Duration(max(0, now-acknowledged))
		}
		out = append(out, late)
		frame = after
	}
}

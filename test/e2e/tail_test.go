package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// tailReader reads a live tail as a browser does: it connects again whenever the
// connection ends, with the last cursor that it got.
type tailReader struct {
	open   func(ctx context.Context, cursor string) (next func() (tailFrame, error), done func(), err error)
	cursor string

	mu    sync.Mutex
	seen  map[string]int
	times int // that it connected
}

type tailFrame struct {
	Streams []struct{ Values [][2]string }
	Dropped int
	Cursor  string
}

func (r *tailReader) run(ctx context.Context) {
	for ctx.Err() == nil {
		next, done, err := r.open(ctx, r.cursor)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		r.mu.Lock()
		r.times++
		r.mu.Unlock()
		for frames := 0; frames < 3; frames++ { // and goes away by itself now and then
			f, err := next()
			if err != nil {
				break
			}
			r.mu.Lock()
			for _, s := range f.Streams {
				for _, v := range s.Values {
					r.seen[v[1]]++
				}
			}
			r.seen["dropped"] += f.Dropped
			r.mu.Unlock()
			if f.Cursor != "" {
				r.cursor = f.Cursor
			}
		}
		done()
	}
}

func webSocketTail(s *testkit.Server, query string) func(context.Context, string) (func() (tailFrame, error), func(), error) {
	return func(ctx context.Context, cursor string) (func() (tailFrame, error), func(), error) {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.URL, "http")+"/loki/api/v1/tail?query="+url.QueryEscape(query)+"&cursor="+cursor, nil)
		if err != nil {
			return nil, nil, err
		}
		conn.SetReadLimit(-1)
		return func() (f tailFrame, err error) {
			_, b, err := conn.Read(ctx)
			if err == nil {
				err = json.Unmarshal(b, &f)
			}
			return f, err
		}, func() { _ = conn.CloseNow() }, nil
	}
}

// eventTail repeats its first address and says in a header where it was, as
// EventSource does.
func eventTail(s *testkit.Server, query string) func(context.Context, string) (func() (tailFrame, error), func(), error) {
	return func(ctx context.Context, cursor string) (func() (tailFrame, error), func(), error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/pharos/v1/tail?query="+url.QueryEscape(query), nil)
		if err != nil {
			return nil, nil, err
		}
		if cursor != "" {
			req.Header.Set("Last-Event-ID", cursor)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, nil, fmt.Errorf("status %s", resp.Status)
		}
		lines := bufio.NewReader(resp.Body)
		return func() (f tailFrame, err error) {
			id := ""
			for {
				line, err := lines.ReadBytes('\n')
				if err != nil {
					return f, err
				}
				if rest, ok := bytes.CutPrefix(line, []byte("id: ")); ok {
					id = string(bytes.TrimSpace(rest))
				}
				if rest, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
					err = json.Unmarshal(rest, &f)
					f.Cursor = id // which a broken frame's must not be taken for
					return f, err
				}
			}
		}, func() { _ = resp.Body.Close() }, nil
	}
}

// TestTailsResumeOverKills pushes from several clients while the process is killed
// hard: readers over both protocols get each acknowledged line exactly once.
func TestTailsResumeOverKills(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, "", "--auth=off")
	readers := []*tailReader{
		{open: webSocketTail(s, `{app="torture", instance=~"web.+"}`)}, {open: eventTail(s, `{app="torture", instance=~"web.+"}`)},
		{open: eventTail(s, `{app="torture", instance=~"web.+"} | logfmt | client=~".+"`)},
	}
	ctx, stop := context.WithCancel(t.Context())
	var reading, pushing sync.WaitGroup
	for _, r := range readers {
		r.seen = map[string]int{}
		reading.Go(func() { r.run(ctx) })
	}
	require.Eventually(t, func() bool { // all are there before the first line
		for _, r := range readers {
			r.mu.Lock()
			n := r.times
			r.mu.Unlock()
			if n == 0 {
				return false
			}
		}
		return true
	}, 10*time.Second, 10*time.Millisecond)

	var mu sync.Mutex
	acknowledged := map[string]bool{}
	ended := make(chan struct{})
	for c := range 3 {
		pushing.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-ended:
					return
				default:
				}
				var lines []string
				for i := range 20 {
					lines = append(lines, fmt.Sprintf("client=%d batch=%d line=%d", c, n, i))
				}
				if status, _ := s.Do(http.MethodPost, "/loki/api/v1/push", push(fmt.Sprint("web-", c), lines), "Content-Type: application/json"); status == http.StatusNoContent {
					mu.Lock()
					for _, l := range lines {
						acknowledged[l] = true
					}
					mu.Unlock()
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for range testkit.Times(3, 3, 50) {
		time.Sleep(700 * time.Millisecond)
		s.Kill()
		s.Run()
	}
	time.Sleep(500 * time.Millisecond)
	close(ended)
	pushing.Wait()
	missing := func(r *tailReader) (n int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for l := range acknowledged {
			if r.seen[l] == 0 {
				n++
			}
		}
		return n
	}
	for i, r := range readers {
		assert.Eventually(t, func() bool { return missing(r) == 0 }, 20*time.Second, 50*time.Millisecond)
		t.Logf("reader %d connected %d times, misses %d of %d", i, r.times, missing(r), len(acknowledged))
	}
	stop()
	reading.Wait()
	for i, r := range readers {
		require.Zero(t, r.seen["dropped"])
		for l, n := range r.seen {
			if l != "dropped" && n != 1 {
				t.Errorf("reader %d got %q %d times", i, l, n)
			}
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// corpus is JSON lines of 50 streams over an hour, with names and values of which
// many are different: identifiers, traces, users.
type corpus struct {
	lines int
	end   time.Time
}

const (
	span    = time.Hour
	streams = 50
	batch   = 2000
)

func (c corpus) begin() time.Time { return c.end.Add(-span) }

// push stores all lines.
func (c corpus) push(s *server) error {
	step := span / time.Duration(c.lines)
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < c.lines; n += batch {
		values := make([][2]string, 0, batch)
		for i := n; i < min(n+batch, c.lines); i++ {
			values = append(values, [2]string{fmt.Sprint(c.begin().Add(time.Duration(i) * step).UnixNano()), text(rng, i)})
		}
		stream := map[string]string{"app": fmt.Sprint("app-", n/batch%streams), "env": "prod"}
		body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": stream, "values": values}}})
		if err != nil {
			return err
		}
		if err := pushOne(s, body); err != nil {
			return err
		}
	}
	return nil
}

func pushOne(s *server, body []byte) error {
	for {
		resp, err := http.Post(s.url+"/loki/api/v1/push", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusNoContent:
			return nil
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			time.Sleep(200 * time.Millisecond)
		default:
			return fmt.Errorf("push answers %d: %s", resp.StatusCode, text)
		}
	}
}

func text(rng *rand.Rand, i int) string {
	extra := ""
	if i%5000 == 0 {
		extra = strings.Repeat("x", 100_000) // a stack trace
	}
	return fmt.Sprintf(`{"id":"evt-%d","trace":"%016x%016x","user":"user-%d","path":"/api/v1/items/%d","status":%d,"took":%d,"size":"%dKB","message":"request done%s"}`,
		i, rng.Uint64(), rng.Uint64(), rng.IntN(20_000), rng.IntN(50_000), 200+rng.IntN(4)*100, rng.IntN(5000), rng.IntN(900), extra)
}

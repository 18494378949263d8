package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pharosd/pharos/internal/testkit"
)

// sender is a protocol that takes log lines.
type sender interface {
	// request is the whole request for lines of one client, the same each time.
	request(client int, at time.Time, lines []string) (path, contentType string, body []byte)
	// acknowledged says whether an answer takes responsibility for all lines.
	acknowledged(status int, body string) bool
	// selector finds the lines again, in LogQL; text makes of an answer's line what was
	// sent.
	selector() string
	text(line string) string
}

type lokiSender struct{}

func (lokiSender) request(client int, at time.Time, lines []string) (string, string, []byte) {
	return "/loki/api/v1/push", "application/json", pushAt(at, fmt.Sprintf("client-%d", client), lines)
}
func (lokiSender) acknowledged(status int, _ string) bool { return status == http.StatusNoContent }
func (lokiSender) selector() string                       { return `{app="torture"}` }
func (lokiSender) text(line string) string                { return line }

type otlpSender struct{}

func (otlpSender) request(client int, at time.Time, lines []string) (string, string, []byte) {
	records := make([]any, len(lines))
	for i, l := range lines {
		records[i] = map[string]any{"timeUnixNano": fmt.Sprint(at.UnixNano() + int64(i)), "body": map[string]any{"stringValue": l}}
	}
	name := map[string]any{"key": "service.name", "value": map[string]any{"stringValue": fmt.Sprintf("torture-otlp-%d", client)}}
	b, err := json.Marshal(map[string]any{"resourceLogs": []any{map[string]any{
		"resource": map[string]any{"attributes": []any{name}}, "scopeLogs": []any{map[string]any{"logRecords": records}}}}})
	if err != nil {
		panic(err)
	}
	return "/v1/logs", "application/json", b
}
func (otlpSender) acknowledged(status int, body string) bool {
	return status == http.StatusOK && !strings.Contains(body, "rejectedLogRecords")
}
func (otlpSender) selector() string        { return `{service_name=~"torture-otlp-.*"}` }
func (otlpSender) text(line string) string { return line }

// bulkSender gives its documents ids, as clients do that repeat.
type bulkSender struct{}

const bulkPath = "/elastic/_bulk"

func (bulkSender) request(client int, at time.Time, lines []string) (string, string, []byte) {
	var b strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&b, "{\"create\":{\"_index\":\"logs-torture-bulk\",\"_id\":\"%d-%d-%d\"}}\n", client, at.UnixNano(), i)
		doc, err := json.Marshal(map[string]any{"@timestamp": at.Add(time.Duration(i) * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z"), "message": l})
		if err != nil {
			panic(err)
		}
		b.Write(append(doc, '\n'))
	}
	return bulkPath, "application/x-ndjson", []byte(b.String())
}
func (bulkSender) acknowledged(status int, body string) bool {
	if status != http.StatusOK {
		return false
	}
	var answer struct {
		Items []map[string]struct{ Status int }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return false
	}
	for _, item := range answer.Items {
		for _, r := range item {
			// 409: an earlier attempt created it.
			if r.Status/100 != 2 && r.Status != http.StatusConflict {
				return false
			}
		}
	}
	return len(answer.Items) > 0
}
func (bulkSender) selector() string { return `{index="logs-torture-bulk"}` }
func (bulkSender) text(line string) string {
	var doc struct{ Message string }
	_ = json.Unmarshal([]byte(line), &doc)
	return doc.Message
}

// storm is clients that send as fast as they are answered.
type storm struct {
	server  *testkit.Server
	clients sync.WaitGroup
	quit    chan struct{}
	repeats atomic.Int64
	acks    atomic.Int64

	mu    sync.Mutex
	acked map[string]int
}

// newStorm starts two clients of each protocol.
func newStorm(s *testkit.Server, senders []sender) *storm {
	st := &storm{server: s, quit: make(chan struct{}), acked: map[string]int{}}
	for i := range 2 * len(senders) {
		st.clients.Go(func() { st.client(i, senders[i%len(senders)]) })
	}
	return st
}

// maxLines are the most lines of a request.
const maxLines = 100

func (st *storm) client(id int, k sender) {
	for batch := 0; ; batch++ {
		select {
		case <-st.quit:
			return
		default:
		}
		lines := make([]string, 1+rand.IntN(maxLines))
		for i := range lines {
			lines[i] = fmt.Sprintf("client=%d batch=%d line=%d level=info msg=%q", id, batch, i, strings.Repeat("what happened ", 1+i%20))
		}
		path, contentType, body := k.request(id, time.Now(), lines)
		// The client cannot know whether a batch is stored whose answer it did not get: it
		// repeats it until it is told.
		for {
			status, answer := st.server.Do(http.MethodPost, path, body, "Content-Type: "+contentType)
			if k.acknowledged(status, answer) {
				break
			}
			st.repeats.Add(1)
			time.Sleep(20 * time.Millisecond)
		}
		st.acks.Add(1)
		st.mu.Lock()
		for _, l := range lines {
			st.acked[l] = 1
		}
		st.mu.Unlock()
	}
}

// firstAcknowledgement waits for the next one.
func (st *storm) firstAcknowledgement(t *testing.T) time.Duration {
	t.Helper()
	began, before := time.Now(), st.acks.Load()
	for st.acks.Load() == before {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("no write is accepted %s after a start", time.Since(began))
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

// stop returns the lines, all of which were acknowledged.
func (st *storm) stop() map[string]int {
	close(st.quit)
	st.clients.Wait()
	return st.acked
}

package e2e

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/alerting/actions"
	"github.com/pharosd/pharos/internal/testkit"
)

// hook is a webhook that counts objects.
type hook struct {
	*httptest.Server
	mu   sync.Mutex
	keys map[string]int
	bad  atomic.Int64
}

func newHook(t *testing.T, secret string) *hook {
	h := &hook{keys: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var event struct {
			Records []struct {
				S3 struct{ Object struct{ Key string } }
			}
		}
		if json.Unmarshal(body, &event) != nil || len(event.Records) != 1 ||
			r.Header.Get("X-Pharos-Signature") != "sha256="+actions.Sign(secret, r.Header.Get("X-Pharos-Timestamp"), body) {
			h.bad.Add(1)
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.keys[event.Records[0].S3.Object.Key]++
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.keys)
}

// objectLines counts the lines of all objects in a folder.
func objectLines(t *testing.T, dir string) (lines map[string]int, objects int) {
	t.Helper()
	lines = map[string]int{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".log.gz") {
			return nil //nolint:nilerr // a file that got its name just now
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(z)
		for line := range strings.Lines(string(b)) {
			lines[strings.TrimSuffix(line, "\n")]++
		}
		objects++
		return err
	}))
	return lines, objects
}

// poster posts access lines to the collector, each request again until it is stored.
type poster struct {
	s    *testkit.Server
	n    atomic.Int64 // of the next line
	sent atomic.Int64
}

func (p *poster) post(lines int) {
	methods := []string{"POST", "GET", "GET", "GET", "PUT", "DELETE"}
	var body strings.Builder
	key := ""
	for range lines {
		n := p.n.Add(1)
		key = strconv.FormatInt(n, 10)
		fmt.Fprintf(&body, "203.0.113.%d - user-%d [%s] \"%s /items/%d HTTP/1.1\" 200 %d\n", n%256, n%1000, time.Now().Format("02/Jan/2006:15:04:05 -0700"), methods[n%6], n, n%5000)
	}
	for {
		status, answer := p.s.Do(http.MethodPost, "/collector", []byte(body.String()), "Content-Type: text/plain", "Idempotency-Key: "+key)
		if status == http.StatusOK && strings.Contains(answer, fmt.Sprintf(`"stored":%d`, lines)) {
			p.sent.Add(int64(lines))
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// run posts so many lines a second from several clients.
func (p *poster) run(perSecond int, d time.Duration) {
	const batch, clients = 100, 8
	tickets := make(chan struct{}, 1000)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range tickets {
				p.post(batch)
			}
		})
	}
	begin := time.Now()
	for i := 0; time.Since(begin) < d; i++ {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Second * batch / time.Duration(perSecond))))
		tickets <- struct{}{}
	}
	close(tickets)
	wg.Wait()
}

// sampleOf is the value of a metric, as PromQL has it now.
func sampleOf(t *testing.T, s *testkit.Server, query string) float64 {
	t.Helper()
	status, body := s.Get("/api/v1/query?query=" + url.QueryEscape(query))
	require.Equal(t, http.StatusOK, status, body)
	var ans struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &ans))
	if len(ans.Data.Result) == 0 {
		return 0
	}
	v, err := strconv.ParseFloat(ans.Data.Result[0].Value[1].(string), 64)
	require.NoError(t, err)
	return v
}

func startCollector(t *testing.T, h *hook, bucket string) *testkit.Server {
	rules, err := os.ReadFile("../../deploy/log-rules/operations.yml")
	require.NoError(t, err)
	s := testkit.New(t, fmt.Sprintf("logs:\n  rules: {files: [rules.yml]}\nreceivers:\n  collector:\n    objects:\n      storage: {type: directory, directory: %q}\n"+
		"      every: 1s\n      actions:\n        - webhook: {url: %q, secret: s3cret}\n", bucket, h.URL), "--auth=off")
	s.Write("rules.yml", string(rules))
	s.Run()
	return s
}

// TestCollectorChain is the whole way of a web application's access lines: 5,000 a second
// are in the store and in the objects, each once; each object is told of; operations move
// a metric within a second or two.
func TestCollectorChain(t *testing.T) {
	seconds := 10 * time.Second
	if testing.Short() {
		seconds = 3 * time.Second
	}
	h, bucket := newHook(t, "s3cret"), filepath.Join(t.TempDir(), "bucket")
	s := startCollector(t, h, bucket)
	p := &poster{s: s}

	// The metric moves: from the answer of the first post until PromQL sees the rule.
	require.Eventually(t, func() bool { status, _ := s.Get("/loki/api/v1/rules"); return status == http.StatusOK }, 10*time.Second, 50*time.Millisecond)
	p.post(6)
	posted := time.Now()
	require.Eventually(t, func() bool { return sampleOf(t, s, `web:operations:count1m{operation="create"}`) > 0 }, 10*time.Second, 20*time.Millisecond)
	took := time.Since(posted)
	t.Logf("a post moves the metric after %s", took)
	require.Less(t, took, 3*time.Second)

	p.run(5000, seconds)
	sent := int(p.sent.Load())
	require.GreaterOrEqual(t, sent, int(seconds.Seconds()*5000*0.9), "the rate was held")
	require.Equal(t, sent, countOf(t, s), "the store has each line once")
	var lines map[string]int
	objects := 0
	require.Eventually(t, func() bool {
		lines, objects = objectLines(t, bucket)
		return len(lines) >= sent
	}, 20*time.Second, 200*time.Millisecond)
	require.Len(t, lines, sent)
	for line, n := range lines {
		require.Equal(t, 1, n, line)
	}
	require.Eventually(t, func() bool { return h.count() == objects }, 20*time.Second, 100*time.Millisecond, "each object is told of")
	require.Zero(t, h.bad.Load())
	t.Logf("%d lines in %d objects", sent, objects)
}

// countOf is how many lines the store has of the collector.
func countOf(t *testing.T, s *testkit.Server, header ...string) int {
	t.Helper()
	status, body := s.Get("/loki/api/v1/query?query="+url.QueryEscape(`sum(count_over_time({job="web"}[10m]))`)+"&time="+strconv.FormatInt(time.Now().Add(time.Minute).UnixNano(), 10), header...)
	require.Equal(t, http.StatusOK, status, body)
	var ans struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &ans))
	require.Len(t, ans.Data.Result, 1, body)
	n, err := strconv.Atoi(ans.Data.Result[0].Value[1].(string))
	require.NoError(t, err)
	return n
}

// TestCollectorOutlivesKills kills the process hard under load: what was acknowledged is
// in the store and in the objects.
func TestCollectorOutlivesKills(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(1, 3, 50)
	h, bucket := newHook(t, "s3cret"), filepath.Join(t.TempDir(), "bucket")
	s := startCollector(t, h, bucket)
	p := &poster{s: s}
	var wg sync.WaitGroup
	wg.Go(func() { p.run(2000, time.Duration(kills)*1500*time.Millisecond) })
	for range kills {
		time.Sleep(900 * time.Millisecond)
		s.Kill()
		s.Run()
	}
	wg.Wait()
	sent := int(p.sent.Load())
	require.Equal(t, sent, countOf(t, s), "the store has each line once")
	require.Eventually(t, func() bool {
		lines, _ := objectLines(t, bucket)
		return len(lines) >= sent
	}, 20*time.Second, 200*time.Millisecond, "no line is lost to the objects")
}

// TestSimulatorTraffic lets the demonstration's web application send 5,000 lines a
// second: what the page says is stored is in the store and in the objects.
func TestSimulatorTraffic(t *testing.T) {
	seconds := 10 * time.Second
	if testing.Short() {
		seconds = 3 * time.Second
	}
	s := testkit.New(t, "")
	s.LaunchDemo()
	s.WaitReady()
	auth := "Authorization: Basic YWRtaW46bGlnaHRob3VzZQ==" // admin:lighthouse, as the demonstration prints
	set := func(rate int) {
		status, body := s.Do(http.MethodPut, "/api/pharos/v1/simulator/traffic", fmt.Appendf(nil, `{"per_second":%d}`, rate), auth, "Content-Type: application/json")
		require.Equal(t, http.StatusOK, status, body)
	}
	var state struct {
		Traffic struct{ Made, Stored, Failed int }
	}
	read := func() {
		status, body := s.Get("/api/pharos/v1/simulator", auth)
		require.Equal(t, http.StatusOK, status, body)
		require.NoError(t, json.Unmarshal([]byte(body), &state))
	}
	set(5000)
	time.Sleep(seconds)
	set(0)
	require.Eventually(t, func() bool { read(); return state.Traffic.Stored == state.Traffic.Made }, 20*time.Second, 100*time.Millisecond)
	require.Zero(t, state.Traffic.Failed)
	require.Greater(t, state.Traffic.Stored, int(seconds.Seconds()*5000*0.7))
	require.Equal(t, state.Traffic.Stored, countOf(t, s, auth))
	require.Eventually(t, func() bool {
		lines, _ := objectLines(t, filepath.Join(s.Dir, "data", "collected"))
		n := 0
		for _, times := range lines {
			n += times
		}
		return n == state.Traffic.Stored
	}, 30*time.Second, 500*time.Millisecond, "as many lines in the objects")
	t.Logf("%d lines", state.Traffic.Stored)
}

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/isolation"
)

var shellBlock = regexp.MustCompile("(?s)```\n([^`]*curl [^`]*)```")

// TestDoorsExamples runs each example of the page for people that calls curl, against a
// server that demands credentials.
func TestDoorsExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/user/doors.md")
	require.NoError(t, err)
	s := testkit.Start(t, "")
	m := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(s.Output())
	require.NotNil(t, m)
	token := isolation.NewToken(t, s.URL, m[1], isolation.TokenSpec{Tenant: "default", Role: "viewer", Read: true, Write: true})
	examples := shellBlock.FindAllStringSubmatch(string(page), -1)
	require.GreaterOrEqual(t, len(examples), 7)
	for _, e := range examples {
		cmd := exec.Command("bash", "-euo", "pipefail", "-c", strings.ReplaceAll(e[1], "http://pharos:8400", s.URL))
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "TOKEN="+token)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", e[1], out)
	}
	for selector, want := range map[string]string{
		`{job="gelf",host="web-1"}`: "hello from gelf", `{job="splunk",source="shop"}`: "hello from splunk", `{job="splunk",sourcetype="access"}`: "hello from raw",
		`{job="datadog",service="shop",env="prod"}`: "hello from datadog", `{app="shop",env="prod",job="lines"}`: "hello from lines",
		`{app="nginx",filename="access.log"}|status=200|user="ann"`: "GET /cart", `{job="web"}|operation="create"`: "hello-from-collector",
	} {
		require.Eventually(t, func() bool {
			for line := range allLines(t, s, selector, "Authorization: Bearer "+token) {
				if strings.Contains(line, want) {
					return true
				}
			}
			return false
		}, 10*time.Second, 100*time.Millisecond, "%s has %q", selector, want)
	}
	for _, c := range []struct {
		path, header, body string
		status             int
	}{
		{"/services/collector", "X-None: x", `"code":2`, 401},
		{"/services/collector", "Authorization: Splunk wrong", `"code":4`, 403},
		{"/api/v2/logs", "DD-API-KEY: wrong", `"errors"`, 401},
		{"/collector?key=wrong", "X-None: x", `unknown token`, 401},
	} {
		status, body := s.Do(http.MethodPost, c.path, []byte(`{"event":"x"}`), c.header)
		require.Equal(t, c.status, status, body)
		require.Contains(t, body, c.body)
	}
}

// TestCollectorOfAnotherSite lets pages of a configured origin post with a narrowed key,
// and nobody else's.
func TestCollectorOfAnotherSite(t *testing.T) {
	s := testkit.Start(t, "receivers:\n  collector: {origins: [\"https://shop.example\"]}\n")
	m := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(s.Output())
	require.NotNil(t, m)
	key := isolation.NewToken(t, s.URL, m[1], isolation.TokenSpec{Tenant: "default", Role: "viewer", Write: true, Selector: `{job="web"}`})
	status, _ := s.Do(http.MethodPost, "/collector?key="+key, []byte("from a page"), "Origin: https://shop.example", "Content-Type: text/plain")
	require.Equal(t, http.StatusOK, status)
	status, _ = s.Do(http.MethodPost, "/collector", []byte("from a page"), "Origin: https://evil.example", "Content-Type: text/plain")
	require.Equal(t, http.StatusForbidden, status)
	status, _ = s.Do(http.MethodPost, "/api/pharos/v1/lines?job=other", []byte("x"), "Authorization: Bearer "+key)
	require.Equal(t, http.StatusBadRequest, status, "the key is narrowed to the collector's stream")
	require.NotContains(t, s.Output(), key)
}

func TestDoorsPorts(t *testing.T) {
	syslog, gelf := testkit.FreeAddress(t), testkit.FreeAddress(t)
	s := testkit.Start(t, fmt.Sprintf("receivers:\n  syslog: {udp: %q, tcp: %q}\n  gelf: {udp: %q, tcp: %q}\n", syslog, syslog, gelf, gelf), "--auth=off")
	for i, c := range []struct{ network, address, message string }{
		{"udp", syslog, "<14>1 - box app - - - hello %d"}, {"tcp", syslog, "<14>Nov  1 10:00:00 box app: hello %d\n"},
		{"udp", gelf, `{"host":"box","short_message":"hello %d"}`}, {"tcp", gelf, "{\"host\":\"box\",\"short_message\":\"hello %d\"}\x00"},
	} {
		conn, err := net.Dial(c.network, c.address)
		require.NoError(t, err)
		message := strings.Replace(c.message, "Nov  1 10:00:00", time.Now().Format(time.Stamp), 1)
		_, err = fmt.Fprintf(conn, message, i)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
	require.Eventually(t, func() bool { return len(allLines(t, s, `{host="box"}`)) == 4 }, 10*time.Second, 100*time.Millisecond)
	code, _ := s.Stop()
	require.Zero(t, code)
}

// TestFluentOutlivesKills kills the process hard under clients that send each chunk
// again until it is acknowledged: every event is there once.
func TestFluentOutlivesKills(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(1, 3, 50)
	address := testkit.FreeAddress(t)
	s := testkit.Start(t, fmt.Sprintf("receivers:\n  fluent: {tcp: %q}\n", address), "--auth=off")
	const clients, events = 3, 20
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var sent [clients]int
	for c := range clients {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				var entries []any
				for i := range events {
					entries = append(entries, []any{time.Now().Unix(), map[string]any{"log": fmt.Sprintf("%d %d %d", c, n, i)}})
				}
				chunk := fmt.Sprintf("chunk-%d-%d", c, n)
				message, err := msgpack.Marshal([]any{"torture", entries, map[string]any{"chunk": chunk}})
				if err != nil {
					t.Error(err)
					return
				}
				for !acknowledged(address, message, chunk) {
					time.Sleep(20 * time.Millisecond)
				}
				sent[c] = n + 1
			}
		})
	}
	for range kills {
		time.Sleep(700 * time.Millisecond)
		s.Kill()
		s.Run()
	}
	time.Sleep(300 * time.Millisecond)
	close(stop)
	wg.Wait()
	total := 0
	for _, n := range sent {
		require.Positive(t, n)
		total += n * events
	}
	found := allLines(t, s, `{tag="torture"}`)
	for event, n := range found {
		require.Equal(t, 1, n, event)
	}
	require.Len(t, found, total)
}

func acknowledged(address string, message []byte, chunk string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Write(message); err != nil {
		return false
	}
	var ack map[string]string
	return msgpack.NewDecoder(conn).Decode(&ack) == nil && ack["ack"] == chunk
}

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// pushAged pushes one line of an age to a stream and returns the answer.
func pushAged(s *testkit.Server, labels string, age time.Duration, line string) (int, string) {
	body := fmt.Sprintf(`{"streams":[{"stream":%s,"values":[["%d",%q]]}]}`, labels, time.Now().Add(-age).UnixNano(), line)
	return s.Do(http.MethodPost, "/loki/api/v1/push", []byte(body), "Content-Type: application/json")
}

// agedLines asks for everything of the last 20 days.
func agedLines(t *testing.T, s *testkit.Server) (lines []string) {
	t.Helper()
	q := url.Values{"query": {`{app=~".+"}`}, "start": {fmt.Sprint(time.Now().Add(-20 * 24 * time.Hour).Unix())}, "end": {fmt.Sprint(time.Now().Add(time.Minute).Unix())}}
	status, body := s.Get("/loki/api/v1/query_range?" + q.Encode())
	require.Equal(t, http.StatusOK, status, body)
	for _, line := range []string{"young", "debug", "old", "card=4111"} {
		if strings.Contains(body, `"`+line+`"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// Lines of a stream with a shorter retention are refused when they come too late and
// disappear when a reload shortens it.
func TestRetentionByStreamHoldsAtOnce(t *testing.T) {
	const rule = "logs:\n  retention: 15d\n  retention_stream: [{selector: '{level=\"debug\"}', period: %s}]\n"
	s := testkit.New(t, fmt.Sprintf(rule, "2d"), "--auth=off")
	s.Run()
	const debug = `{"app":"web","level":"debug"}`
	for _, c := range []struct {
		labels, line string
		age          time.Duration
		status       int
	}{
		{`{"app":"web"}`, "young", time.Minute, 204}, {`{"app":"web"}`, "old", 10 * 24 * time.Hour, 204},
		{`{"app":"web"}`, "too old", 16 * 24 * time.Hour, 400},
		{debug, "debug", 30 * time.Hour, 204}, {debug, "late", 50 * time.Hour, 400},
	} {
		status, body := pushAged(s, c.labels, c.age, c.line)
		require.Equal(t, c.status, status, "%s: %s", c.line, body)
		if status == 400 {
			require.Contains(t, body, "has timestamp too old")
		}
	}
	_, metrics := s.Get("/metrics")
	require.Contains(t, metrics, `pharos_ingest_refused_total{reason="greater_than_max_sample_age",signal="logs",tenant="default"} 2`)
	require.Equal(t, []string{"young", "debug", "old"}, agedLines(t, s))

	s.Write("pharos.yml", s.Ports.Config()+fmt.Sprintf(rule, "24h")+"  tenants: {default: {max_line_size: 10}}\n")
	s.Signal(syscall.SIGHUP)
	require.Eventually(t, func() bool { return len(agedLines(t, s)) == 2 }, 10*time.Second, 50*time.Millisecond)
	require.Equal(t, []string{"young", "old"}, agedLines(t, s))
	status, body := pushAged(s, debug, 30*time.Hour, "late")
	require.Equal(t, 400, status, body)
	status, body = pushAged(s, debug, time.Minute, "longer than ten")
	require.Equal(t, 400, status, body)
	require.Contains(t, body, "max entry size '10' bytes exceeded")
}

// A deletion that was answered holds after a crash, and can be taken back.
func TestDeletionSurvivesACrash(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	for _, line := range []string{"young", "card=4111"} {
		status, body := pushAged(s, `{"app":"web"}`, time.Minute, line)
		require.Equal(t, 204, status, body)
	}
	q := url.Values{"query": {`{app="web"} |= "card"`}, "start": {fmt.Sprint(time.Now().Add(-time.Hour).Unix())}}
	status, body := s.Do(http.MethodPost, "/loki/api/v1/delete?"+q.Encode(), nil)
	require.Equal(t, 204, status, body)
	s.Kill()
	s.Run()
	require.Equal(t, []string{"young"}, agedLines(t, s))
	status, body = s.Get("/loki/api/v1/delete")
	require.Equal(t, 200, status)
	_, rest, _ := strings.Cut(body, `"request_id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	status, body = s.Do(http.MethodDelete, "/loki/api/v1/delete?request_id="+id, nil)
	require.Equal(t, 204, status, body)
	require.Equal(t, []string{"young", "card=4111"}, agedLines(t, s))
}

// The heaviest queries within 512 MiB, over few lines; make bench-heavy has more.
func TestHeavyQueriesStayWithinMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "-ldflags=-w", "github.com/pharosd/pharos/bench/heavy", "-pharos", testkit.Binary(t), "-lines", "10000")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "peak of resident memory")
}

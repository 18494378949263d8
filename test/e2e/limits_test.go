package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// respond makes a push and returns the whole answer.
func respond(t *testing.T, s *testkit.Server, path string, body []byte, contentType string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

// A push over the rate is told which limit it met and when to come again; what was
// refused is counted, and what came before is there.
func TestRateLimitSaysWhichAndWhen(t *testing.T) {
	s := testkit.Start(t, "logs:\n  ingestion_rate: 4096\n  ingestion_burst: 4096\n", "--auth=off")
	line := strings.Repeat("x", 3000)
	resp, body := respond(t, s, "/loki/api/v1/push", push("a", []string{"first " + line}), "application/json")
	require.Equal(t, http.StatusNoContent, resp.StatusCode, body)
	resp, body = respond(t, s, "/loki/api/v1/push", push("a", []string{"second " + line}), "application/json")
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode, body)
	require.Contains(t, body, "ingestion rate limit exceeded for user default (limit: 4096 bytes/sec)")
	require.Equal(t, "1", resp.Header.Get("Retry-After"))
	_, metrics := s.Get("/metrics")
	require.Contains(t, metrics, `pharos_ingest_refused_total{reason="rate_limited",signal="logs",tenant="default"} 1`)
	require.Equal(t, map[string]int{"first " + line: 1}, readAll(t, s, `{app="torture"}`))
}

// A new series past the budget is refused and counted; known ones go on.
func TestSeriesLimitSparesKnownSeries(t *testing.T) {
	s := testkit.New(t, "metrics:\n  max_head_series: 200\n  prometheus_config: prometheus.yml\n", "--auth=off")
	s.Write("prometheus.yml", "global: {scrape_interval: 1m}\n")
	s.Run()
	gauge := func(n, from int) []byte {
		points := make([]string, n)
		for i := range points {
			points[i] = fmt.Sprintf(`{"timeUnixNano":"%d","asDouble":1,"attributes":[{"key":"n","value":{"stringValue":"%d"}}]}`, time.Now().UnixNano(), from+i)
		}
		return []byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"limited","gauge":{"dataPoints":[` + strings.Join(points, ",") + `]}}]}]}]}`)
	}
	resp, body := respond(t, s, "/v1/metrics", gauge(100, 0), "application/json")
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	resp, body = respond(t, s, "/v1/metrics", gauge(300, 0), "application/json")
	require.Contains(t, body, "200", "the limit's value is named: %d", resp.StatusCode)
	_, metrics := s.Get("/metrics")
	require.Contains(t, metrics, `pharos_ingest_refused_total{reason="series_limit",signal="metrics",tenant="default"}`)
	resp, body = respond(t, s, "/v1/metrics", gauge(100, 0), "application/json")
	require.Equal(t, http.StatusOK, resp.StatusCode, "known series go on: %s", body)
	require.NotContains(t, body, "rejectedDataPoints", body)
}

// A full disk refuses writes and says so, answers reads, and takes writes again
// without a restart when there is room. Nothing that was acknowledged is lost. The disk
// stays full for longer than the engine keeps rows in memory.
func TestFullDiskRefusesWritesAndRecovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=400m"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s := testkit.New(t, "", "--auth=off", "--data", dir)
	s.Run()
	acked := map[string]int{}
	send := func(text string) (*http.Response, string) {
		resp, body := respond(t, s, "/loki/api/v1/push", push("a", []string{text}), "application/json")
		if resp.StatusCode == http.StatusNoContent {
			acked[text] = 1
		}
		return resp, body
	}
	for i := range 50 {
		resp, body := send(fmt.Sprintf("before %d %s", i, strings.Repeat("x", 10<<10)))
		require.Equal(t, http.StatusNoContent, resp.StatusCode, body)
	}

	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	var resp *http.Response
	var body string
	for i := 0; i < 200; i++ {
		if resp, body = send(fmt.Sprintf("full %d %s", i, strings.Repeat("y", 100<<10))); resp.StatusCode != http.StatusNoContent {
			break
		}
	}
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, body)
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	require.Contains(t, body, "disk is full")
	path, contentType, otlp := otlpSender{}.request(0, time.Now(), []string{"over OTLP"})
	for end := time.Now().Add(12 * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		resp, body = respond(t, s, path, otlp, contentType)
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, body)
		require.NotEmpty(t, resp.Header.Get("Retry-After"))
		require.Contains(t, body, "disk is full")
		status, body := s.Get("/loki/api/v1/labels")
		require.Equal(t, http.StatusOK, status, body)
	}
	require.Equal(t, acked, readAll(t, s, `{app="torture"}`), "reads go on")
	status, health := s.Get("/health/ready")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, health, "disk is full")

	require.NoError(t, os.Remove(ballast))
	require.Eventually(t, func() bool {
		resp, _ := send("after")
		return resp.StatusCode == http.StatusNoContent
	}, 30*time.Second, 500*time.Millisecond)
	resp, body = respond(t, s, path, otlp, contentType)
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	require.Equal(t, acked, readAll(t, s, `{app="torture"}`))
	require.Len(t, readAll(t, s, otlpSender{}.selector()), 1)
	s.Kill()
	s.Run()
	require.Equal(t, acked, readAll(t, s, `{app="torture"}`))
	require.Len(t, readAll(t, s, otlpSender{}.selector()), 1)
}

// The disk fills up again and again under load, too suddenly for any minimum of free
// space to help: the process lives on, and every line is there exactly once.
func TestTortureDiskFillsUpUnderLoad(t *testing.T) {
	t.Parallel()
	times := testkit.Times(4, 4, 15)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1g"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s := testkit.New(t, "logs: {min_free_disk: 0B}\n", "--auth=off", "--data", dir)
	s.Run()
	process := s.PID()
	senders := []sender{lokiSender{}, otlpSender{}}
	storm := newStorm(s, senders)
	ballast := filepath.Join(dir, "ballast")
	for i := range times {
		time.Sleep(time.Duration(500+i*377%1500) * time.Millisecond)
		fill(t, ballast)
		time.Sleep(time.Duration(i*499%6000) * time.Millisecond) // the engine's turn comes each five seconds
		status, body := s.Get("/loki/api/v1/labels")
		require.Equal(t, http.StatusOK, status, "reads go on: %s", body)
		require.NoError(t, os.Remove(ballast))
		storm.firstAcknowledgement(t)
	}
	sent := storm.stop()
	t.Logf("%d lines acknowledged, %d requests repeated", len(sent), storm.repeats.Load())
	require.Equal(t, process, s.PID())
	for _, k := range senders {
		for line, n := range readAll(t, s, k.selector()) {
			require.Equal(t, 1, n, line)
			sent[k.text(line)]++
		}
	}
	for line, n := range sent {
		require.Equal(t, 2, n, "acknowledged line %q is answered once", line)
	}
	_, _ = s.Stop()
	require.Equal(t, len(sent), storedRows(t, filepath.Join(dir, "logs"), len(sent)/100))
}

// fill writes until there is no room.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	block := make([]byte, 64<<10)
	for {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

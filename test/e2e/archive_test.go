package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestArchive archives lines while the process is killed, lets the local store's
// retention pass over them, and finds each line once: with archive=1, and after
// `pharos archive restore` without it.
func TestArchive(t *testing.T) {
	const lines = 3000
	bucket := t.TempDir()
	s := testkit.New(t, fmt.Sprintf("archive:\n  interval: 1s\n  grace: 0s\n  storage: {type: directory, directory: %q}\n", bucket), "--auth=off")
	s.Run()
	// Five days ago, over three hours.
	begin := time.Now().UTC().Add(-5 * 24 * time.Hour).Truncate(time.Hour)
	for batch := range 3 {
		at := begin.Add(time.Duration(batch) * time.Hour)
		values := make([][2]string, lines/3)
		for i := range values {
			values[i] = [2]string{fmt.Sprint(at.UnixNano() + int64(i)*1e9), fmt.Sprintf("batch=%d line=%d", batch, i)}
		}
		body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": map[string]string{"app": "old"}, "values": values}}})
		require.NoError(t, err)
		status, answer := s.Do(http.MethodPost, "/loki/api/v1/push", body, "Content-Type: application/json")
		require.Equal(t, http.StatusNoContent, status, answer)
		s.Kill() // whatever the archiver is doing
		s.Run()
	}
	status, answer := s.Do(http.MethodPost, "/api/pharos/v1/archive/run", nil)
	require.Equal(t, http.StatusOK, status, answer)
	status, answer = s.Get("/api/pharos/v1/archive")
	require.Equal(t, http.StatusOK, status)
	var list struct {
		Hours []struct {
			Hour    time.Time
			Entries int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &list))
	require.Len(t, list.Hours, 3)
	for i, h := range list.Hours {
		require.Equal(t, lines/3, h.Entries, "hour %s", h.Hour)
		require.True(t, h.Hour.Equal(begin.Add(time.Duration(2-i)*time.Hour)))
	}
	config := filepath.Join(s.Dir, "pharos.yml")
	require.Contains(t, command(t, "archive", "list", "--config", config), "1000 entries")
	require.Contains(t, command(t, "archive", "verify", "--config", config, "--from", "6d"), "good, 1000 entries")
	require.Contains(t, command(t, "archive", "run-once", "--config", config), "archived")

	// The retention passes over them.
	_, took := s.Stop()
	require.Less(t, took, 20*time.Second)
	s.Write("pharos.yml", s.Ports.Config()+fmt.Sprintf("logs: {retention: 2d}\narchive:\n  storage: {type: directory, directory: %q}\n", bucket))
	s.Run()
	status, answer = s.Do(http.MethodPost, "/api/pharos/v1/archive/run", nil)
	require.Equal(t, http.StatusOK, status, answer)
	found, header, warning := askArchived(t, s, "")
	require.Empty(t, found)
	require.Equal(t, "available; hours=3", header)
	require.Contains(t, warning, "3 archived hours that the answer lacks")
	found, header, warning = askArchived(t, s, "&archive=1")
	require.Len(t, found, lines)
	require.Equal(t, "included; hours=3", header)
	require.Contains(t, warning, "includes 3 archived hours")

	require.Contains(t, command(t, "archive", "restore", "--config", config, "--from", begin.Format(time.RFC3339), "--to", begin.Add(2*time.Hour).Format(time.RFC3339)),
		"done: 2 of 2 hours")
	found, header, _ = askArchived(t, s, "")
	require.Len(t, found, lines/3*2)
	require.Equal(t, "available; hours=1", header)
	found, _, _ = askArchived(t, s, "&archive=1")
	require.Len(t, found, lines)
	for line, n := range found {
		require.Equal(t, 1, n, line)
	}
}

// command runs the binary and returns what it prints.
func command(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(testkit.Binary(t), args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// askArchived queries all lines and returns how often each is there, the header that
// marks the answer, and its warnings.
func askArchived(t *testing.T, s *testkit.Server, param string) (found map[string]int, header, warnings string) {
	t.Helper()
	q := url.Values{"query": {`{app="old"}`}, "limit": {"5000"}, "start": {fmt.Sprint(time.Now().Add(-6 * 24 * time.Hour).UnixNano())}}
	resp, err := http.Get(s.URL + "/loki/api/v1/query_range?" + q.Encode() + param)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var answer struct {
		Data struct {
			Result []struct{ Values [][2]string }
		}
		Warnings []string
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	found = map[string]int{}
	for _, st := range answer.Data.Result {
		for _, v := range st.Values {
			found[v[1]]++
		}
	}
	return found, resp.Header.Get("X-Pharos-Archive"), fmt.Sprint(answer.Warnings)
}

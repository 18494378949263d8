package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// written is what a process printed so far.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

func TestQueryInATerminal(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	status, body := pushAged(s, `{"app":"web","level":"error"}`, time.Second, "it broke")
	require.Equal(t, http.StatusNoContent, status, body)
	query := func(args ...string) string {
		out, err := exec.Command(testkit.Binary(t), append([]string{"query", "--server", s.URL}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	require.Contains(t, query(`{app="web"}`), `level="error"`)
	require.Contains(t, query(`sum(count_over_time({app="web"}[5m]))`), "1  {}")
	require.Contains(t, query("-o", "csv", `{app="web"} |= "broke"`), "it broke")
	require.Contains(t, query("-o", "json", "vector(1)"), `"resultType":"vector"`)
	out, err := exec.Command(testkit.Binary(t), "query", "--server", s.URL, "sum(").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "the server answered 400: ")
}

// A tail goes on over a restart of the server: every line once.
func TestTailInATerminal(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	var out written
	tail := exec.Command(testkit.Binary(t), "tail", "--server", s.URL, "-o", "raw", `{app="web"}`)
	tail.Stdout = &out
	require.NoError(t, tail.Start())
	defer func() { _ = tail.Wait() }()
	defer func() { _ = tail.Process.Kill() }()
	push := func(i int) {
		status, body := pushAged(s, `{"app":"web"}`, 0, fmt.Sprintf("line %d.", i))
		require.Equal(t, http.StatusNoContent, status, body)
	}
	came := func(i int) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(out.String(), fmt.Sprintf("line %d.", i)) }, 30*time.Second, 20*time.Millisecond, "line %d", i)
	}
	push(0)
	came(0)
	s.Kill()
	s.Run()
	for i := 1; i < 4; i++ {
		push(i)
		came(i)
	}
	for i := range 4 {
		require.Equal(t, 1, strings.Count(out.String(), fmt.Sprintf("line %d.", i)), out.String())
	}
	require.NoError(t, tail.Process.Signal(syscall.SIGINT))
	require.NoError(t, tail.Wait())
}

// Package testkit starts the built binary for tests that prove it by use.
package testkit

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Binary returns the pharos binary under test: $PHAROS_BIN, or one that it builds
// once for the test process.
func Binary(t testing.TB) string {
	t.Helper()
	if b := os.Getenv("PHAROS_BIN"); b != "" {
		return b
	}
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pharos-bin")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "pharos")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", out, "github.com/pharosd/pharos/cmd/pharos")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build pharos: %w\n%s", err, b)
	}
	return out, nil
})

// Server is a running `pharos serve`.
type Server struct {
	URL   string // http://127.0.0.1:port
	OTLP  string // base URL of OTLP/HTTP
	Ports Ports
	Dir   string // holds pharos.yml and data/

	t    testing.TB
	args []string
	cmd  *exec.Cmd
	out  *syncBuffer
	done chan error
}

// Start runs `pharos serve` on free ports with the given extra top-level YAML
// (sections other than listen and traces) and arguments, waits until it is ready
// and stops it when the test ends.
func Start(t testing.TB, yaml string, args ...string) *Server {
	t.Helper()
	s := New(t, yaml, args...)
	s.Run()
	return s
}

// New prepares a server without starting it.
func New(t testing.TB, yaml string, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, Dir: t.TempDir(), Ports: FreePorts(t), args: args}
	s.URL = fmt.Sprintf("http://127.0.0.1:%d", s.Ports.HTTP)
	s.OTLP = fmt.Sprintf("http://127.0.0.1:%d", s.Ports.OTLPHTTP)
	s.Write("pharos.yml", s.Ports.Config()+yaml)
	t.Cleanup(func() {
		if s.cmd != nil {
			s.Kill()
		}
		if t.Failed() {
			t.Logf("output of pharos:\n%s", tail(s.Output(), 6000))
		}
	})
	return s
}

func tail(s string, n int) string {
	if len(s) > n {
		return "..." + s[len(s)-n:]
	}
	return s
}

// Write puts a file beside pharos.yml.
func (s *Server) Write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

const readyTimeout = time.Minute

// Launch starts the process (again) and does not wait.
func (s *Server) Launch() {
	s.t.Helper()
	s.launch("serve", "--config", filepath.Join(s.Dir, "pharos.yml"))
}

// LaunchDemo starts `pharos demo` instead.
func (s *Server) LaunchDemo() {
	s.t.Helper()
	s.launch("demo", "--config", filepath.Join(s.Dir, "pharos.yml"), "--listen", fmt.Sprintf("127.0.0.1:%d", s.Ports.HTTP))
}

func (s *Server) launch(command ...string) {
	s.t.Helper()
	args := append(append(command, "--data", filepath.Join(s.Dir, "data")), s.args...)
	s.cmd = exec.Command(Binary(s.t), args...)
	if s.out == nil {
		s.out = &syncBuffer{}
	}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) { done <- cmd.Wait() }(s.cmd, s.done)
}

// Run starts the process (again) and waits until it is ready.
func (s *Server) Run() {
	s.t.Helper()
	s.Launch()
	s.WaitReady()
}

// WaitReady waits until the launched process is ready.
func (s *Server) WaitReady() {
	s.t.Helper()
	deadline := time.Now().Add(readyTimeout)
	for {
		resp, err := http.Get(s.URL + "/health/ready")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-s.done:
			s.cmd = nil
			s.t.Fatalf("pharos ended before it was ready: %v\n%s", err, s.Output())
		default:
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("pharos is not ready after %s (%v)\n%s", readyTimeout, err, s.Output())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Kill ends the process hard, as a crash does.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
	s.cmd = nil
}

// Stop ends the process with SIGTERM and returns its exit code and how long the
// drain took.
func (s *Server) Stop() (code int, took time.Duration) {
	s.t.Helper()
	begin := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.done:
	case <-time.After(40 * time.Second):
		s.t.Fatalf("pharos did not stop in 40 s\n%s", s.Output())
	}
	code = s.cmd.ProcessState.ExitCode()
	s.cmd = nil
	return code, time.Since(begin)
}

// Signal sends a signal.
func (s *Server) Signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// PID is the process' number.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Output is what the process wrote so far, over all starts.
func (s *Server) Output() string {
	if s.out == nil {
		return ""
	}
	return s.out.String()
}

// Do makes a request and returns the status and the body. Headers are "Name: value".
func (s *Server) Do(method, path string, body []byte, headers ...string) (int, string) {
	s.t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = s.URL + path
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// Get is Do without a body.
func (s *Server) Get(path string, headers ...string) (int, string) {
	s.t.Helper()
	return s.Do(http.MethodGet, path, nil, headers...)
}

// syncBuffer collects output of a process that still writes.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// server is the binary, with so much memory.
type server struct {
	url string
	cmd *exec.Cmd
	// bound says how its memory is bounded.
	bound string
	group *group
	out   *os.File
	// gone is closed when the process ends.
	gone chan struct{}
}

const config = `listen: %s
logs:
  ingestion_rate: 1000000000
  ingestion_burst: 1000000000
traces:
  otlp: {grpc: "", http: ""}
  jaeger: {grpc: "", thrift_http: "", thrift_compact: "", thrift_binary: ""}
  zipkin: {http: ""}
`

// newServer starts the binary in dir and waits until it is ready.
func newServer(o options, dir string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "pharos.yml")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, address), 0o600); err != nil {
		return nil, err
	}
	s := &server{url: "http://" + address, gone: make(chan struct{})}
	args := []string{o.binary, "serve", "--config", file, "--data", filepath.Join(dir, "data"), "--auth=off", fmt.Sprintf("--memory=%dMiB", o.memory>>20)}
	if s.group = newGroup(o.memory); s.group != nil {
		s.bound = "in a cgroup"
		args = append([]string{"sh", "-c", `echo $$ > "$0" && exec "$@"`, s.group.procs()}, args...)
	} else {
		s.bound = "without a cgroup: measured only"
	}
	s.cmd = exec.Command(args[0], args[1:]...)
	if s.out, err = os.Create(filepath.Join(dir, "output")); err != nil {
		return nil, err
	}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	for range 300 {
		if s.alive() == nil {
			return s, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, errors.Join(fmt.Errorf("the server is not ready: %s", s.output()), s.stop())
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// output is the end of what the server wrote.
func (s *server) output() string {
	b, _ := os.ReadFile(s.out.Name())
	return string(b[max(0, len(b)-2000):])
}

func (s *server) alive() error {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(s.url + "/health/ready")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("/health/ready answers %d", resp.StatusCode)
	}
	return nil
}

func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(40 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.gone
		return errors.New("the server does not stop")
	}
	s.group.remove()
	return s.out.Close()
}

// answer is what a query got.
type answer struct {
	query  query
	status int
	bytes  int64
	head   string
	took   time.Duration
	err    error
}

func (a answer) String() string {
	if a.err != nil {
		return a.err.Error()
	}
	if a.status == http.StatusOK {
		return fmt.Sprintf("%d KiB", a.bytes>>10)
	}
	head := a.head
	if len(head) > 110 {
		head = head[:107] + "..."
	}
	return fmt.Sprintf("%d %s", a.status, strings.ReplaceAll(head, "|", "\\|"))
}

// ask asks and throws the answer away, but for its begin.
func (s *server) ask(q query, c corpus) answer {
	a := answer{query: q}
	path := q.path
	if path == "" {
		path = "query_range"
	}
	begin := time.Now()
	client := http.Client{Timeout: 3 * time.Minute}
	resp, err := client.PostForm(s.url+"/loki/api/v1/"+path, q.params(c))
	if err != nil {
		a.err = err
		return a
	}
	defer resp.Body.Close()
	a.status = resp.StatusCode
	var head bytes.Buffer
	a.bytes, a.err = io.Copy(&head, io.LimitReader(resp.Body, 1<<10))
	if a.err == nil {
		var rest int64
		rest, a.err = io.Copy(io.Discard, resp.Body)
		a.bytes += rest
	}
	a.head, a.took = strings.TrimSpace(head.String()), time.Since(begin)
	return a
}

// check says what is wrong with an answer: a query is answered, or refused with a
// reason, and the server goes on.
func (s *server) check(a answer) error {
	select {
	case <-s.gone:
		return fmt.Errorf("the server is gone: %s", s.output())
	default:
	}
	switch {
	case a.err != nil:
		return a.err
	case a.status == http.StatusOK && a.bytes > 0:
		return s.alive()
	case a.status == http.StatusInternalServerError:
		return fmt.Errorf("500: %s", a.head)
	case len(a.head) < 20:
		return fmt.Errorf("%d without a reason: %q", a.status, a.head)
	}
	return s.alive()
}

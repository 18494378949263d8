package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/cli"
)

// asProgram makes the test's binary act as amserver or as amtool, so that tests
// drive processes without building any.
const asProgram = "PHAROS_TEST_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "amserver":
		main()
	case "amtool":
		cli.Execute()
	default:
		os.Exit(m.Run())
	}
}

func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(self(t), args...)
	cmd.Env = append(os.Environ(), asProgram+"="+name)
	return cmd
}

func self(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// server is amserver as a process.
type server struct {
	cmd *exec.Cmd
	url string
}

func startServer(t *testing.T, config, data string) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	s := &server{program(t, "amserver", "--config.file="+config, "--storage.path="+data, "--web.listen-address="+addr), "http://" + addr}
	var log bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &log, &log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("server's log:\n%s", log.String())
		}
	})
	deadline := time.Now().Add(20 * time.Second)
	for {
		resp, err := http.Get(s.url + "/-/ready")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return s
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("server is not ready")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// kill ends the process as a crash would.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *server) post(t *testing.T, path, body string) string {
	t.Helper()
	resp, err := http.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %d %s %v", path, resp.StatusCode, answer, err)
	}
	return string(answer)
}

func (s *server) get(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %s %v", path, resp.StatusCode, answer, err)
	}
	return string(answer)
}

// TestCrash kills the process right after each answer: a silence that was
// answered is there again, an expired one stays expired, and what was notified
// more than a second before the crash is not notified again.
func TestCrash(t *testing.T) {
	var notified atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { notified.Add(1) }))
	defer hook.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "am.yml")
	text := "route: {receiver: hook, group_wait: 100ms, group_interval: 200ms, repeat_interval: 1h}\nreceivers: [{name: hook, webhook_configs: [{url: '" + hook.URL + "'}]}]\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	silence := func(value string) string {
		return fmt.Sprintf(`{"matchers":[{"name":"instance","value":%q,"isRegex":false}],"startsAt":%q,"endsAt":%q,"createdBy":"me","comment":%q}`,
			value, time.Now().Format(time.RFC3339), time.Now().Add(time.Hour).Format(time.RFC3339), value)
	}
	const alert = `[{"labels":{"alertname":"Down","instance":"loud"}}]`

	var ids []string
	for i := range 4 {
		s := startServer(t, config, dir)
		var answer struct{ SilenceID string }
		if err := json.Unmarshal([]byte(s.post(t, "/api/v2/silences", silence(fmt.Sprint("quiet-", i)))), &answer); err != nil {
			t.Fatal(err)
		}
		s.kill()
		ids = append(ids, answer.SilenceID)
	}

	s := startServer(t, config, dir)
	r, err := http.NewRequest(http.MethodDelete, s.url+"/api/v2/silence/"+ids[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	s.kill()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("delete: %d", resp.StatusCode)
	}

	s = startServer(t, config, dir)
	for i, id := range ids {
		want := `"state":"active"`
		if i == 0 {
			want = `"state":"expired"`
		}
		if got := s.get(t, "/api/v2/silence/"+id); !strings.Contains(got, want) {
			t.Errorf("silence %d after a crash: %s", i, got)
		}
	}
	s.post(t, "/api/v2/alerts", alert)
	for deadline := time.Now().Add(10 * time.Second); notified.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(1500 * time.Millisecond) // the notification log is written within a second
	s.kill()

	s = startServer(t, config, dir)
	s.post(t, "/api/v2/alerts", alert)
	time.Sleep(time.Second)
	if n := notified.Load(); n != 1 {
		t.Errorf("notified %d times, want once", n)
	}
	// A restart that is asked for ends in order.
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("exit after interrupt: %v", err)
	}
}

// TestAmtool drives the API with Alertmanager's own command.
func TestAmtool(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "am.yml")
	if err := os.WriteFile(config, []byte("route: {receiver: nobody, group_by: [alertname]}\nreceivers: [{name: nobody}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, config, dir)
	amtool := func(args ...string) string {
		t.Helper()
		cmd := program(t, "amtool", append(args, "--alertmanager.url="+s.url)...)
		cmd.Env = append(cmd.Env, "HOME="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("amtool %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	expect := func(out string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("amtool said %q; want %q in it", out, w)
			}
		}
	}

	amtool("alert", "add", "Down", "instance=a", "severity=critical", "--annotation=summary=a is down")
	amtool("alert", "add", "Down", "instance=b", "severity=warning")
	expect(amtool("alert", "query", "-o", "extended"), `instance="a"`, `instance="b"`, "a is down")
	if out := amtool("alert", "query", "severity=critical"); strings.Count(out, "Down") != 1 {
		t.Errorf("query by severity: %s", out)
	}
	id := strings.TrimSpace(amtool("silence", "add", "instance=a", "--comment=maintenance", "--author=me", "--duration=1h"))
	expect(amtool("silence", "query"), id, `instance="a"`, "maintenance")
	expect(amtool("alert", "query", "--silenced"), "Down")
	if out := amtool("alert", "query"); strings.Count(out, "Down") != 1 {
		t.Errorf("query without silenced: %s", out)
	}
	amtool("silence", "update", id, "--comment=longer", "--duration=2h")
	expect(amtool("silence", "query"), "longer")
	amtool("silence", "expire", strings.TrimSpace(amtool("silence", "query", "-q")))
	if out := amtool("silence", "query", "-q"); strings.TrimSpace(out) != "" {
		t.Errorf("silences after expire: %s", out)
	}
	expect(amtool("silence", "query", "--expired"), "longer")
	expect(amtool("config", "show"), "receiver: nobody")
	expect(amtool("config", "routes", "test", "severity=critical"), "nobody")
	expect(amtool("cluster", "show"), "disabled")

	cmd := program(t, "amtool", "check-config", config)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "SUCCESS") {
		t.Errorf("check-config: %v %s", err, out)
	}
}

package testkit

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const victoriaModule = "github.com/VictoriaMetrics/VictoriaMetrics"

// VictoriaLogs is a real VictoriaLogs server. Its folder outlives its process.
type VictoriaLogs struct {
	// URL is its base.
	URL string

	t    testing.TB
	args []string
	cmd  *exec.Cmd
	out  *bytes.Buffer
}

// StartVictoriaLogs starts a server on a free port and stops it when the test ends. It skips the
// test if the server cannot be built here.
func StartVictoriaLogs(t testing.TB, args ...string) *VictoriaLogs {
	t.Helper()
	if _, err := victoriaBinary(); err != nil {
		t.Skipf("VictoriaLogs cannot be built here: %s", err)
	}
	host := FreeAddress(t)
	s := &VictoriaLogs{URL: "http://" + host, t: t, args: append([]string{
		"-httpListenAddr=" + host, "-storageDataPath=" + t.TempDir(), "-retentionPeriod=100y", "-futureRetention=1y",
		"-defaultMsgValue=", "-loggerLevel=WARN"}, args...)}
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// Host is its address and port.
func (s *VictoriaLogs) Host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return u.Host
}

// Kill ends the server hard.
func (s *VictoriaLogs) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Restart starts the server again on its folder, after Kill.
func (s *VictoriaLogs) Restart() {
	s.t.Helper()
	path, err := victoriaBinary()
	if err != nil {
		s.t.Fatal(err)
	}
	s.out = &bytes.Buffer{}
	s.cmd = exec.Command(path, s.args...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		c, err := net.DialTimeout("tcp", s.Host(), time.Second)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			s.Kill()
			s.t.Fatalf("VictoriaLogs does not start: %s", s.out)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// victoriaBinary builds the server from the module cache, once for a version: the file lies
// in the user's cache.
var victoriaBinary = sync.OnceValues(func() (string, error) {
	version, dir, err := victoriaSource()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	path := filepath.Join(cache, "pharos-test", "victoria-logs-"+version)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", err
	}
	// Packages are tested at the same time: each builds its own, the last one stays.
	tmp := fmt.Sprintf("%s.%d", path, os.Getpid())
	cmd := exec.Command("go", "build", "-o", tmp, "./app/victoria-logs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly -trimpath -buildvcs=false", "GOWORK=off")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s %s: %w\n%s", victoriaModule, version, err, b)
	}
	return path, os.Rename(tmp, path)
})

// victoriaSource is where the module is of which the engine in this process is.
func victoriaSource() (version, dir string, err error) {
	b, err := exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", victoriaModule).Output()
	if err != nil {
		return "", "", fmt.Errorf("find %s: %w", victoriaModule, err)
	}
	version, dir, ok := strings.Cut(strings.TrimSpace(string(b)), " ")
	if !ok || dir == "" {
		return "", "", fmt.Errorf("%s is not in the module cache", victoriaModule)
	}
	return version, dir, nil
}

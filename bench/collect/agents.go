package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pharosd/pharos/bench/process"
)

// agent is one of the programs that are compared; both read Promtail's configuration.
type agent struct {
	name string
	args func(config, dir string) []string
	bin  string
}

func agents(pharos, promtail string) []agent {
	var out []agent
	if pharos != "" {
		out = append(out, agent{name: "pharos agent", bin: pharos, args: func(config, dir string) []string {
			return []string{"agent", "--config", config, "--queue-dir", filepath.Join(dir, "queue")}
		}})
	}
	if promtail != "" {
		out = append(out, agent{name: "Promtail 3.6.4", bin: promtail, args: func(config, _ string) []string {
			return []string{"-config.file=" + config}
		}})
	}
	return out
}

const promtailConfig = `server: {http_listen_address: 127.0.0.1, http_listen_port: 0, grpc_listen_address: 127.0.0.1, grpc_listen_port: 0, log_level: error}
positions: {filename: %[1]s/positions.yml}
clients: [{url: "%[2]s/loki/api/v1/push"}]
scrape_configs:
  - job_name: bench
    static_configs: [{targets: [localhost], labels: {job: bench, __path__: %[1]s/*.log}}]
%[3]s`

// running is an agent at work.
type running struct {
	cmd      *exec.Cmd
	started  time.Time
	resident int64 // greatest seen
}

// start runs the agent on the files of dir.
func (a agent) start(k kind, dir, url string) (*running, error) {
	config := filepath.Join(dir, "promtail.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, promtailConfig, dir, url, k.stages), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(a.bin, a.args(config, dir)...)
	log, err := os.Create(filepath.Join(dir, "agent.out"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	r := &running{cmd: cmd, started: time.Now()}
	return r, cmd.Start()
}

func (r *running) look() { r.resident = max(r.resident, process.Resident(r.cmd.Process.Pid)) }

// stop ends the agent and says what it took.
func (r *running) stop(lines int) (measured, error) {
	m := measured{lines: lines, wall: time.Since(r.started)}
	r.look()
	m.resident = r.resident
	var err error
	if m.cpu, err = process.CPU(r.cmd.Process.Pid); err != nil {
		return m, err
	}
	r.kill()
	return m, nil
}

func (r *running) kill() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	done := time.AfterFunc(10*time.Second, func() { _ = r.cmd.Process.Kill() })
	defer done.Stop()
	_ = r.cmd.Wait()
}

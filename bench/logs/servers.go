package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// server is one of the systems that are compared.
type server struct {
	name     string
	binary   string
	url      string
	pushPath string
	// readyPath answers 200 when the server takes requests.
	readyPath string
	// flushPath, if it is set, is asked after the last push, so that disk use can
	// be read.
	flushPath string
	// logsql says that it is asked in LogsQL, not LogQL.
	logsql bool
	// log is the part of paths that are its write-ahead log, "" if it has none.
	log string

	dir string
	cmd *exec.Cmd
}

// The ports are fixed: the servers run one after the other.
const port = "18410"

// newServer prepares a server in dir without starting it.
func newServer(name, binary, dir string) (*server, error) {
	s := &server{name: name, binary: binary, dir: filepath.Join(dir, name), url: "http://127.0.0.1:" + port, pushPath: "/loki/api/v1/push"}
	if err := os.MkdirAll(s.dir, 0o750); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, name+".yml")
	args := []string{"-config.file=" + config}
	text := ""
	switch name {
	case "pharos":
		s.readyPath, s.log = "/health/ready", "wal"
		text = fmt.Sprintf(pharosConfig, resultsCache)
		args = []string{"serve", "--config", config, "--data", s.dir, "--auth=off"}
	case "loki":
		s.readyPath, s.flushPath, s.log = "/ready", "/flush", "wal"
		text = fmt.Sprintf(lokiConfig, s.dir)
	case "victorialogs":
		s.pushPath, s.readyPath, s.flushPath, s.logsql = "/insert/loki/api/v1/push?_msg_field=message", "/health", "/internal/force_flush", true
		args = []string{"-storageDataPath=" + s.dir, "-httpListenAddr=127.0.0.1:" + port, "-retentionPeriod=30d", "-loggerLevel=ERROR"}
	default:
		return nil, fmt.Errorf("there is no server %q", name)
	}
	if text != "" {
		if err := os.WriteFile(config, []byte(text), 0o640); err != nil {
			return nil, err
		}
	}
	s.cmd = exec.Command(binary, args...)
	return s, nil
}

// pharosConfig is a Pharos whose cache of results is off, unless it is asked for, so
// that a query that is asked again is answered again, as by the others.
const pharosConfig = `listen: 127.0.0.1:` + port + `
logs:
  ingestion_rate: 1000000000
  ingestion_burst: 1000000000
  retention: 720h
  discover_service_name: []
  discover_log_levels: false
  query: {results_cache_size: %d}
traces:
  otlp: {grpc: "", http: ""}
  jaeger: {grpc: "", thrift_http: "", thrift_compact: "", thrift_binary: ""}
  zipkin: {http: ""}
`

// lokiConfig is a Loki of one process on files. Its cache of results is off, so
// that a query that is asked again is answered again.
const lokiConfig = `auth_enabled: false
server: {http_listen_address: 127.0.0.1, http_listen_port: ` + port + `, grpc_listen_address: 127.0.0.1, grpc_listen_port: 18411, log_level: error, grpc_server_max_recv_msg_size: 104857600, grpc_server_max_send_msg_size: 104857600}
common:
  path_prefix: %[1]s
  replication_factor: 1
  instance_addr: 127.0.0.1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %[1]s/chunks, rules_directory: %[1]s/rules}}
schema_config:
  configs: [{from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
limits_config:
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  max_query_series: 100000
  reject_old_samples: false
  discover_service_name: []
  discover_log_levels: false
query_range: {cache_results: false}
analytics: {reporting_enabled: false}
`

// start runs the server and waits until it takes requests.
func (s *server) start() error {
	log, err := os.Create(s.dir + ".log")
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for range 600 {
		resp, err := http.Get(s.url + s.readyPath)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("%s does not become ready, see %s", s.name, log.Name())
}

// settle waits until what the server put off is done.
func (s *server) settle() error {
	if s.flushPath != "" {
		resp, err := http.Post(s.url+s.flushPath, "", nil)
		if err != nil {
			return err
		}
		resp.Body.Close()
	}
	time.Sleep(15 * time.Second)
	return nil
}

func (s *server) stop() error {
	if s.cmd.Process == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_ = s.cmd.Wait() // its exit code says nothing about the figures
	return nil
}

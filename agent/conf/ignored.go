package conf

import (
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// IgnoredServer are keys of Promtail's server block that have no counterpart: there is
// no gRPC server, and the HTTP server's bounds are fixed.
type IgnoredServer struct {
	HTTPConnLimit      yaml.Node `yaml:"http_listen_conn_limit"`
	GRPCNetwork        yaml.Node `yaml:"grpc_listen_network"`
	GRPCAddress        yaml.Node `yaml:"grpc_listen_address"`
	GRPCPort           yaml.Node `yaml:"grpc_listen_port"`
	GRPCConnLimit      yaml.Node `yaml:"grpc_listen_conn_limit"`
	ProxyProtocol      yaml.Node `yaml:"proxy_protocol_enabled"`
	CipherSuites       yaml.Node `yaml:"tls_cipher_suites"`
	TLSMinVersion      yaml.Node `yaml:"tls_min_version"`
	HTTPTLS            yaml.Node `yaml:"http_tls_config"`
	GRPCTLS            yaml.Node `yaml:"grpc_tls_config"`
	Instrumentation    yaml.Node `yaml:"register_instrumentation"`
	GRPCCodes          yaml.Node `yaml:"report_grpc_codes_in_instrumentation_label_enabled"`
	GracefulShutdown   yaml.Node `yaml:"graceful_shutdown_timeout"`
	ReadTimeout        yaml.Node `yaml:"http_server_read_timeout"`
	ReadHeaderTimeout  yaml.Node `yaml:"http_server_read_header_timeout"`
	WriteTimeout       yaml.Node `yaml:"http_server_write_timeout"`
	IdleTimeout        yaml.Node `yaml:"http_server_idle_timeout"`
	LogClosed          yaml.Node `yaml:"http_log_closed_connections_without_response_enabled"`
	GRPCMaxRecv        yaml.Node `yaml:"grpc_server_max_recv_msg_size"`
	GRPCMaxSend        yaml.Node `yaml:"grpc_server_max_send_msg_size"`
	GRPCMaxStreams     yaml.Node `yaml:"grpc_server_max_concurrent_streams"`
	GRPCMaxIdle        yaml.Node `yaml:"grpc_server_max_connection_idle"`
	GRPCMaxAge         yaml.Node `yaml:"grpc_server_max_connection_age"`
	GRPCMaxAgeGrace    yaml.Node `yaml:"grpc_server_max_connection_age_grace"`
	GRPCKeepalive      yaml.Node `yaml:"grpc_server_keepalive_time"`
	GRPCKeepaliveWait  yaml.Node `yaml:"grpc_server_keepalive_timeout"`
	GRPCPings          yaml.Node `yaml:"grpc_server_min_time_between_pings"`
	GRPCPingsNoStream  yaml.Node `yaml:"grpc_server_ping_without_stream_allowed"`
	GRPCWorkers        yaml.Node `yaml:"grpc_server_num_workers"`
	GRPCStats          yaml.Node `yaml:"grpc_server_stats_tracking_enabled"`
	GRPCPools          yaml.Node `yaml:"grpc_server_recv_buffer_pools_enabled"`
	LogSourceIPs       yaml.Node `yaml:"log_source_ips_enabled"`
	LogSourceIPsFull   yaml.Node `yaml:"log_source_ips_full"`
	LogSourceIPsHeader yaml.Node `yaml:"log_source_ips_header"`
	LogSourceIPsRegex  yaml.Node `yaml:"log_source_ips_regex"`
	LogRequestHeaders  yaml.Node `yaml:"log_request_headers"`
	LogRequestAtInfo   yaml.Node `yaml:"log_request_at_info_level_enabled"`
	LogRequestExclude  yaml.Node `yaml:"log_request_exclude_headers_list"`
	ClusterValidation  yaml.Node `yaml:"cluster_validation"`
	Profiling          yaml.Node `yaml:"profiling_enabled"`
}

// harmless are ignored keys that nobody misses: they come with Promtail's own examples.
var harmless = map[string]bool{
	"grpc_listen_port": true, "grpc_listen_address": true, "register_instrumentation": true, "graceful_shutdown_timeout": true,
}

// named is a key of a file with its value.
type named struct {
	key  string
	node yaml.Node
}

// set returns the keys that a file names among ignored ones.
func (s *IgnoredServer) set() []named {
	var out []named
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		n := v.Field(i).Interface().(yaml.Node)
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if n.Kind != 0 && !harmless[name] {
			out = append(out, named{name, n})
		}
	}
	return out
}

// note adds a note of something that has no effect.
func (cfg *Config) note(n *yaml.Node, key, message, hint string) {
	cfg.Notes = append(cfg.Notes, strictyaml.Problem{
		File: cfg.File, Line: max(n.Line, 1), Column: max(n.Column, 1), Key: key, Message: message, Hint: hint,
	})
}

// notes names what of the file outside its jobs has no effect.
func (r *reader) notes(f *form) {
	for _, n := range f.Server.set() {
		r.cfg.note(&n.node, "server."+n.key, "has no effect in the agent", "")
	}
	if f.Limits.MaxStreams > 0 {
		line, column := r.doc.Place("limits_config.max_streams")
		r.cfg.note(&yaml.Node{Line: line, Column: column}, "limits_config.max_streams", "has no effect in the agent", "the server's limits hold for streams")
	}
	if f.Tracing.Kind != 0 {
		r.cfg.note(&f.Tracing, "tracing", "the agent does not trace itself", "")
	}
	if f.WAL.Kind != 0 {
		r.cfg.note(&f.WAL, "wal", "the agent always has a queue on disk instead", "its folder and size are --queue-dir and --queue-size")
	}
	if n := f.Options.StreamLagLabels; n.Kind != 0 {
		r.cfg.note(&n, "options.stream_lag_labels", "Promtail's stream lag metric does not exist any more", "")
	}
	for i, c := range f.Clients {
		if n := c.StreamLagLabels; n.Kind != 0 {
			r.cfg.note(&n, fmt.Sprintf("clients[%d].stream_lag_labels", i), "Promtail's stream lag metric does not exist any more", "")
		}
	}
	r.cfg.Notes = sorted(r.cfg.Notes)
}

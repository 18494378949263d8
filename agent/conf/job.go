package conf

import (
	"time"

	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/moby"
	"github.com/prometheus/prometheus/model/relabel"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/pipeline/promtail"
)

// Kind is where a job reads from.
type Kind string

// Kinds of jobs, named as Promtail's configuration names them.
const (
	Files   Kind = "files" // static_configs and every discovery but Docker's
	Docker  Kind = "docker_sd_configs"
	Journal Kind = "journal"
	Syslog  Kind = "syslog"
	Push    Kind = "loki_push_api"
	Gelf    Kind = "gelf"
	Kafka   Kind = "kafka"
)

// Job is one element of scrape_configs.
type Job struct {
	Name   string    `yaml:"job_name"`
	Stages yaml.Node `yaml:"pipeline_stages"`

	Journal *JournalConfig `yaml:"journal"`
	Syslog  *SyslogConfig  `yaml:"syslog"`
	Push    *PushConfig    `yaml:"loki_push_api"`
	Gelf    *GelfConfig    `yaml:"gelf"`
	Kafka   *KafkaConfig   `yaml:"kafka"`

	Encoding      string         `yaml:"encoding"`
	Decompression *Decompression `yaml:"decompression"`

	RelabelNodes []yaml.Node `yaml:"relabel_configs"`
	Discoveries  `yaml:",inline"`
	Foreign      `yaml:",inline"`

	// What follows is not in the file but made of it.

	Kind Kind `yaml:"-"`
	// Index is the job's place in scrape_configs.
	Index int `yaml:"-"`
	// Relabel are the rules, compiled.
	Relabel []*relabel.Config `yaml:"-"`
	// Static are the groups of static_configs.
	Static discovery.StaticConfig `yaml:"-"`
	// Discovery are the other discoveries of a job of files.
	Discovery discovery.Configs `yaml:"-"`
	// Docker are the daemons of a Docker job.
	Docker []*moby.DockerSDConfig `yaml:"-"`
}

// Discoveries are the ways to find targets that this build has.
type Discoveries struct {
	StaticNodes []yaml.Node `yaml:"static_configs"`
	FileNodes   []yaml.Node `yaml:"file_sd_configs"`
	DNSNodes    []yaml.Node `yaml:"dns_sd_configs"`
	HTTPNodes   []yaml.Node `yaml:"http_sd_configs"`
	ConsulNodes []yaml.Node `yaml:"consul_sd_configs"`
	KubeNodes   []yaml.Node `yaml:"kubernetes_sd_configs"`
	EC2Nodes    []yaml.Node `yaml:"ec2_sd_configs"`
	SwarmNodes  []yaml.Node `yaml:"dockerswarm_sd_configs"`
	DockerNodes []yaml.Node `yaml:"docker_sd_configs"`
}

// Foreign are keys of Promtail that nothing here can do.
type Foreign struct {
	Gcplog       yaml.Node `yaml:"gcplog"`
	Windows      yaml.Node `yaml:"windows_events"`
	EventHubs    yaml.Node `yaml:"azure_event_hubs"`
	Cloudflare   yaml.Node `yaml:"cloudflare"`
	Heroku       yaml.Node `yaml:"heroku_drain"`
	ConsulAgent  yaml.Node `yaml:"consulagent_sd_configs"`
	DigitalOcean yaml.Node `yaml:"digitalocean_sd_configs"`
	Serverset    yaml.Node `yaml:"serverset_sd_configs"`
	Nerve        yaml.Node `yaml:"nerve_sd_configs"`
	Marathon     yaml.Node `yaml:"marathon_sd_configs"`
	GCE          yaml.Node `yaml:"gce_sd_configs"`
	OpenStack    yaml.Node `yaml:"openstack_sd_configs"`
	Azure        yaml.Node `yaml:"azure_sd_configs"`
	Triton       yaml.Node `yaml:"triton_sd_configs"`
}

// JournalConfig is the systemd journal.
type JournalConfig struct {
	// MaxAge is how old entries may be, from the start on; a position that is older does
	// not count.
	MaxAge  string            `yaml:"max_age"`
	JSON    bool              `yaml:"json"`
	Labels  map[string]string `yaml:"labels"`
	Path    string            `yaml:"path"`
	Matches string            `yaml:"matches"`
}

// SyslogConfig is a port for syslog.
type SyslogConfig struct {
	ListenAddress        string            `yaml:"listen_address"`
	ListenProtocol       string            `yaml:"listen_protocol"`
	IdleTimeout          time.Duration     `yaml:"idle_timeout"`
	LabelStructuredData  bool              `yaml:"label_structured_data"`
	Labels               map[string]string `yaml:"labels"`
	UseIncomingTimestamp bool              `yaml:"use_incoming_timestamp"`
	UseRFC5424Message    bool              `yaml:"use_rfc5424_message"`
	Format               string            `yaml:"syslog_format"`
	Raw                  SyslogRaw         `yaml:"raw_format_options"`
	MaxMessageLength     int               `yaml:"max_message_length"`
	TLS                  TLS               `yaml:"tls_config"`
}

// SyslogRaw is how messages of the format raw, which are not parsed, are told apart.
type SyslogRaw struct {
	NullTerminated bool `yaml:"use_null_terminator_delimiter"`
}

// TLS is a TLS end: certificates by file, or as they are.
type TLS struct {
	CA                 string `yaml:"ca"`
	Cert               string `yaml:"cert"`
	Key                string `yaml:"key"`
	CAFile             string `yaml:"ca_file"`
	CertFile           string `yaml:"cert_file"`
	KeyFile            string `yaml:"key_file"`
	ServerName         string `yaml:"server_name"`
	InsecureSkipVerify bool   `yaml:"insecure_skip_verify"`
	MinVersion         string `yaml:"min_version"`
	MaxVersion         string `yaml:"max_version"`
}

// PushConfig is a port that takes what Loki takes.
type PushConfig struct {
	Server        PushServer        `yaml:"server"`
	Labels        map[string]string `yaml:"labels"`
	KeepTimestamp bool              `yaml:"use_incoming_timestamp"`
}

// PushServer is where a push API listens.
type PushServer struct {
	ListenNetwork string `yaml:"http_listen_network"`
	ListenAddress string `yaml:"http_listen_address"`
	ListenPort    int    `yaml:"http_listen_port"`
	PathPrefix    string `yaml:"http_path_prefix"`
	LogLevel      string `yaml:"log_level"`
	LogFormat     string `yaml:"log_format"`
	IgnoredServer `yaml:",inline"`
}

// GelfConfig is a UDP port for GELF.
type GelfConfig struct {
	ListenAddress        string            `yaml:"listen_address"`
	Labels               map[string]string `yaml:"labels"`
	UseIncomingTimestamp bool              `yaml:"use_incoming_timestamp"`
}

// KafkaConfig is a consumer group.
type KafkaConfig struct {
	Labels               map[string]string `yaml:"labels"`
	UseIncomingTimestamp bool              `yaml:"use_incoming_timestamp"`
	Brokers              []string          `yaml:"brokers"`
	GroupID              string            `yaml:"group_id"`
	// Topics are names, or expressions when they begin with ^.
	Topics         []string            `yaml:"topics"`
	Version        string              `yaml:"version"`
	Assignor       string              `yaml:"assignor"`
	Authentication KafkaAuthentication `yaml:"authentication"`
}

// KafkaAuthentication is how a consumer proves who it is.
type KafkaAuthentication struct {
	Type string    `yaml:"type"`
	TLS  TLS       `yaml:"tls_config"`
	SASL KafkaSASL `yaml:"sasl_config"`
}

// KafkaSASL is a user of Kafka.
type KafkaSASL struct {
	Mechanism string `yaml:"mechanism"`
	User      string `yaml:"user"`
	Password  string `yaml:"password"`
	UseTLS    bool   `yaml:"use_tls"`
	TLS       `yaml:",inline"`
}

// Decompression is for targets that are compressed files.
type Decompression struct {
	Enabled      bool          `yaml:"enabled"`
	InitialDelay time.Duration `yaml:"initial_delay"`
	// Format is gz, z or bz2.
	Format string `yaml:"format"`
}

// StagesEnv adds to env what Compile says about the stages in the file.
func (c *Config) StagesEnv(j *Job, env promtail.Env) promtail.Env {
	env.File, env.Key = c.File, stagesKey(j.Index)
	return env
}

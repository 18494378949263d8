package conf

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"golang.org/x/text/encoding/ianaindex"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// reader turns the decoded file into a Config.
type reader struct {
	cfg *Config
	doc *strictyaml.Document
	// problems are those that are placed already.
	problems []strictyaml.Problem
}

// jobs checks and sorts the jobs, and leaves out those that cannot run here.
func (r *reader) jobs(jobs []Job) error {
	var errs []error
	first := map[string]int{}
	for i := range jobs {
		j := &jobs[i]
		j.Index = i
		key := fmt.Sprintf("scrape_configs[%d]", i)
		bad := func(sub, format string, args ...any) {
			errs = append(errs, &strictyaml.KeyError{Key: key + sub, Err: fmt.Errorf(format, args...)})
		}
		if j.Name == "" {
			bad("", "job_name is empty")
		} else if at, ok := first[j.Name]; ok {
			bad(".job_name", "%q is also the name of scrape_configs[%d]", j.Name, at)
		}
		first[j.Name] = i
		r.foreign(key, j)
		switch {
		case r.classify(key, j):
		case r.cfg.Target.Stdin && !r.hasForeign(j): // its stages are for what is piped in
			j.Kind = Files
		default:
			if !r.hasForeign(j) {
				bad("", "names nothing to read from: no static_configs, no discovery, no journal, syslog, loki_push_api, gelf or kafka")
			}
			r.cfg.LeftOut++
			continue
		}
		errs = append(errs, r.native(key, j), strictyaml.Prefix(key, j.check()))
		r.stages(j)
		r.cfg.Jobs = append(r.cfg.Jobs, j)
	}
	return errors.Join(errs...)
}

func stagesKey(job int) string { return fmt.Sprintf("scrape_configs[%d].pipeline_stages", job) }

// stages compiles the stages for what is wrong with them.
func (r *reader) stages(j *Job) {
	_, err := promtail.Compile(&j.Stages, r.cfg.StagesEnv(j, promtail.Env{Warn: func(p strictyaml.Problem) {
		r.cfg.Notes = append(r.cfg.Notes, p)
	}}))
	var list *strictyaml.Error
	if errors.As(err, &list) {
		r.problems = append(r.problems, list.Problems...)
	}
}

// classify sets the job's kind, by Promtail's precedence, and notes what it hides.
func (r *reader) classify(key string, j *Job) bool {
	var kinds []Kind
	has := func(k Kind, yes bool) {
		if yes {
			kinds = append(kinds, k)
		}
	}
	d := &j.Discoveries
	has(Files, len(d.StaticNodes)+len(d.FileNodes)+len(d.DNSNodes)+len(d.HTTPNodes)+len(d.ConsulNodes)+len(d.KubeNodes)+len(d.EC2Nodes)+len(d.SwarmNodes) > 0)
	has(Journal, j.Journal != nil)
	has(Syslog, j.Syslog != nil)
	has(Push, j.Push != nil)
	has(Kafka, j.Kafka != nil)
	has(Gelf, j.Gelf != nil)
	has(Docker, len(d.DockerNodes) > 0)
	if len(kinds) == 0 {
		return false
	}
	j.Kind = kinds[0]
	for _, k := range kinds[1:] {
		r.cfg.note(r.node(j, k), key+"."+string(k), fmt.Sprintf("is not read: the job reads %s", j.Kind), "give it a job of its own, as Promtail needs too")
	}
	return true
}

// node is where a job names a kind; its place is good enough for a note.
func (r *reader) node(j *Job, k Kind) *yaml.Node {
	if k == Docker {
		return &j.DockerNodes[0]
	}
	line, column := r.doc.Place(fmt.Sprintf("scrape_configs[%d].%s", j.Index, k))
	return &yaml.Node{Line: line, Column: column}
}

var foreignReasons = []struct {
	key, why, instead string
	node              func(*Job) *yaml.Node
}{
	{"gcplog", "Google Cloud's Pub/Sub is not supported", "send it to the server's push endpoints from a Cloud Function, or run a collector with OTLP", func(j *Job) *yaml.Node { return &j.Gcplog }},
	{"windows_events", "Windows' event log is not supported: the agent is for Linux", "", func(j *Job) *yaml.Node { return &j.Windows }},
	{"azure_event_hubs", "Azure Event Hubs are not supported by this name", "they speak Kafka: use a kafka job with SASL PLAIN, user $ConnectionString", func(j *Job) *yaml.Node { return &j.EventHubs }},
	{"cloudflare", "Cloudflare's log API is not supported", "Logpush can send to the server's HTTP endpoints", func(j *Job) *yaml.Node { return &j.Cloudflare }},
	{"heroku_drain", "Heroku's drain is not supported", "", func(j *Job) *yaml.Node { return &j.Heroku }},
	{"consulagent_sd_configs", "a Consul agent's own discovery is not supported", "use consul_sd_configs with a filter on the node", func(j *Job) *yaml.Node { return &j.ConsulAgent }},
	{"digitalocean_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.DigitalOcean }},
	{"serverset_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.Serverset }},
	{"nerve_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.Nerve }},
	{"marathon_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.Marathon }},
	{"gce_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.GCE }},
	{"openstack_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.OpenStack }},
	{"azure_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.Azure }},
	{"triton_sd_configs", noDiscovery, fileInstead, func(j *Job) *yaml.Node { return &j.Triton }},
}

const (
	noDiscovery = "this discovery is not in this build"
	fileInstead = "write targets with file_sd_configs or http_sd_configs"
)

// foreign notes what of a job nothing here can do.
func (r *reader) foreign(key string, j *Job) {
	for _, f := range foreignReasons {
		if n := f.node(j); n.Kind != 0 {
			r.cfg.note(n, key+"."+f.key, f.why, f.instead)
		}
	}
}

func (r *reader) hasForeign(j *Job) bool {
	for _, f := range foreignReasons {
		if f.node(j).Kind != 0 {
			return true
		}
	}
	return false
}

// check says what is wrong with a job's own settings.
func (j *Job) check() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...)})
	}
	if j.Encoding != "" {
		if e, err := ianaindex.IANA.Encoding(j.Encoding); err != nil || e == nil {
			bad("encoding", "%q is no encoding that can be read; names are IANA's, such as utf-16le or iso-8859-1", j.Encoding)
		}
	}
	if d := j.Decompression; d != nil && d.Enabled && !slices.Contains([]string{"gz", "z", "bz2"}, d.Format) {
		bad("decompression.format", "is %q, want gz, z or bz2", d.Format)
	}
	switch j.Kind {
	case Journal:
		j.Journal.check(bad)
	case Syslog:
		j.Syslog.check(bad)
	case Push:
		if p := j.Push.Server.ListenPort; p < 0 || p > 65535 {
			bad("loki_push_api.server.http_listen_port", "is %d, want 0 to 65535", p)
		}
		labelsOf(j.Push.Labels, "loki_push_api", bad)
	case Gelf:
		if j.Gelf.ListenAddress == "" {
			j.Gelf.ListenAddress = ":12201"
		}
		address(j.Gelf.ListenAddress, "gelf.listen_address", bad)
		labelsOf(j.Gelf.Labels, "gelf", bad)
	case Kafka:
		j.Kafka.check(bad)
	}
	return errors.Join(errs...)
}

type complain = func(key, format string, args ...any)

func labelsOf(labels map[string]string, key string, bad complain) {
	for name := range labels {
		if !model.LegacyValidation.IsValidLabelName(name) {
			bad(key+".labels."+name, "%q is no name of a label", name)
		}
	}
}

func address(addr, key string, bad complain) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		bad(key, "is %q, want host:port", addr)
	}
}

const defaultMaxAge = 7 * time.Hour

// Age is MaxAge as a duration.
func (c *JournalConfig) Age() time.Duration {
	if d, err := time.ParseDuration(c.MaxAge); err == nil {
		return d
	}
	return defaultMaxAge
}

func (c *JournalConfig) check(bad complain) {
	if c.MaxAge != "" {
		if d, err := time.ParseDuration(c.MaxAge); err != nil || d <= 0 {
			bad("journal.max_age", "is %q, want a duration such as 12h", c.MaxAge)
		}
	}
	for _, m := range strings.Fields(c.Matches) {
		if strings.Count(m, "=") != 1 || strings.HasPrefix(m, "=") || strings.HasPrefix(m, "-") {
			bad("journal.matches", "%q is no match, want FIELD=value", m)
		}
	}
	labelsOf(c.Labels, "journal", bad)
}

func (c *SyslogConfig) check(bad complain) {
	if c.ListenProtocol == "" {
		c.ListenProtocol = "tcp"
	}
	if c.Format == "" {
		c.Format = "rfc5424"
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = 2 * time.Minute
	}
	if c.MaxMessageLength == 0 {
		c.MaxMessageLength = 8192
	}
	address(c.ListenAddress, "syslog.listen_address", bad)
	if c.ListenProtocol != "tcp" && c.ListenProtocol != "udp" {
		bad("syslog.listen_protocol", "is %q, want tcp or udp", c.ListenProtocol)
	}
	if !slices.Contains([]string{"rfc5424", "rfc3164", "raw"}, c.Format) {
		bad("syslog.syslog_format", "is %q, want rfc5424, rfc3164 or raw", c.Format)
	}
	if c.MaxMessageLength < 0 || c.MaxMessageLength > 1<<20 {
		bad("syslog.max_message_length", "is %d, want 1 to 1048576", c.MaxMessageLength)
	}
	if c.IdleTimeout < 0 {
		bad("syslog.idle_timeout", "is %s, want more than 0", c.IdleTimeout)
	}
	if t := c.TLS; (t.CertFile == "") != (t.KeyFile == "") || t.CAFile != "" && t.CertFile == "" {
		bad("syslog.tls_config", "a server needs cert_file and key_file")
	}
	labelsOf(c.Labels, "syslog", bad)
}

func (c *KafkaConfig) check(bad complain) {
	if c.GroupID == "" {
		c.GroupID = "promtail"
	}
	if len(c.Brokers) == 0 {
		bad("kafka.brokers", "no broker is named")
	}
	if len(c.Topics) == 0 {
		bad("kafka.topics", "no topic is named")
	}
	if !slices.Contains([]string{"", "range", "roundrobin", "sticky"}, c.Assignor) {
		bad("kafka.assignor", "is %q, want range, roundrobin or sticky", c.Assignor)
	}
	if !slices.Contains([]string{"", "none", "ssl", "sasl"}, c.Authentication.Type) {
		bad("kafka.authentication.type", "is %q, want none, ssl or sasl", c.Authentication.Type)
	}
	if m := c.Authentication.SASL.Mechanism; !slices.Contains([]string{"", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}, m) {
		bad("kafka.authentication.sasl_config.mechanism", "is %q, want PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", m)
	}
	labelsOf(c.Labels, "kafka", bad)
}

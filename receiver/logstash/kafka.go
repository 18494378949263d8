package logstash

import (
	"context"
	"crypto/tls"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/pharosd/pharos/pipeline/logstash"
)

// readKafka reads what consumers and producers have in common.
func readKafka(s *logstash.Settings, v *env) []kgo.Opt {
	var seeds []string
	for _, text := range s.Strings("bootstrap_servers") {
		for one := range strings.SplitSeq(text, ",") {
			if one = strings.TrimSpace(one); one != "" {
				seeds = append(seeds, one)
			}
		}
	}
	if len(seeds) == 0 {
		seeds = []string{"localhost:9092"}
	}
	protocol := s.Enum("security_protocol", "PLAINTEXT", "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
	t := readTLS(s, v, false, strings.HasSuffix(protocol, "SSL"))
	if a := s.String("ssl_endpoint_identification_algorithm", "https"); a == "" && t != nil {
		setVerification(t, "certificate", t.RootCAs)
	}
	opts := []kgo.Opt{kgo.SeedBrokers(seeds...), kgo.ClientID(s.String("client_id", "logstash")), kgo.Dialer(kafkaDialer(v, t)),
		kgo.WithHooks(kafkaHook{v.health})}
	if mechanism := readSASL(s); strings.HasPrefix(protocol, "SASL") && mechanism != nil {
		opts = append(opts, kgo.SASL(mechanism))
	}
	s.Known("connections_max_idle_ms", "metadata_max_age_ms", "receive_buffer_bytes", "send_buffer_bytes", "reconnect_backoff_ms", "retry_backoff_ms",
		"request_timeout_ms", "client_dns_lookup", "ssl_key_password", "jaas_path", "kerberos_config", "sasl_kerberos_service_name",
		"key_deserializer_class", "value_deserializer_class", "key_serializer", "value_serializer", "sasl_oauthbearer_token_endpoint_url")
	s.Unsupported("schema_registry_url", "Avro is not decoded; have the producer write json")
	return opts
}

// kafkaDialer connects to brokers, which name themselves, at the addresses that
// pharos.yml says.
func kafkaDialer(v *env, t *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, host string) (net.Conn, error) {
		if t == nil {
			return dial(ctx, v.address(host), nil)
		}
		own := t.Clone()
		if own.ServerName == "" {
			own.ServerName, _, _ = net.SplitHostPort(host)
		}
		return dial(ctx, v.address(host), own)
	}
}

// kafkaHook tells health of connections.
type kafkaHook struct{ health *health }

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (h kafkaHook) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		h.health.failed(err)
	} else {
		h.health.works()
	}
}

var jaas = regexp.MustCompile(`(username|password)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')`)

// readSASL reads the mechanism and the credentials, which stand in Java's form.
func readSASL(s *logstash.Settings) sasl.Mechanism {
	mechanism := s.String("sasl_mechanism", "")
	config := s.String("sasl_jaas_config", "")
	if mechanism == "" && config == "" {
		return nil
	}
	var user, password string
	for _, m := range jaas.FindAllStringSubmatch(config, -1) {
		value := strings.ReplaceAll(m[2]+m[3], `\"`, `"`)
		if m[1] == "username" {
			user = value
		} else {
			password = value
		}
	}
	switch mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism()
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	}
	s.Errorf("sasl_mechanism", "%q is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512", mechanism)
	return nil
}

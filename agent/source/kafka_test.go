package source

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/pharosd/pharos/agent/conf"
)

// certificate writes a certificate for this machine and returns the paths of it and its
// key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	require.NoError(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), 0o600))
	return cert, key
}

const kafkaRules = `
- {source_labels: [__meta_kafka_topic], target_label: topic}
- {source_labels: [__meta_kafka_partition], target_label: partition}
- {source_labels: [__meta_kafka_message_key], target_label: key}
`

func TestKafkaTakesEachRecordOnce(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "logs-a", "logs-b", "other"), kfake.EnableSASL(),
		kfake.Superuser("SCRAM-SHA-256", "agent", "secret"))
	require.NoError(t, err)
	defer cluster.Close()
	auth := conf.KafkaAuthentication{Type: "sasl", SASL: conf.KafkaSASL{Mechanism: "SCRAM-SHA-256", User: "agent", Password: "secret"}}
	opts, err := kafkaAuth(auth)
	require.NoError(t, err)
	producer, err := kgo.NewClient(append(opts, kgo.SeedBrokers(cluster.ListenAddrs()...))...)
	require.NoError(t, err)
	defer producer.Close()
	n := 0
	var want []string
	produce := func(topic string, count int) {
		var records []*kgo.Record
		for range count {
			n++
			line := fmt.Sprintf("record %d", n)
			if topic != "other" {
				want = append(want, line)
			}
			records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", n%3), Value: []byte(line)})
		}
		require.NoError(t, producer.ProduceSync(context.Background(), records...).FirstErr())
	}
	r := newRig(t, kafkaRules)
	cfg := conf.KafkaConfig{Brokers: cluster.ListenAddrs(), Topics: []string{"^logs-.*"}, GroupID: "g", Authentication: auth,
		Labels: map[string]string{"job": "kafka"}, UseIncomingTimestamp: true}
	run := func() {
		r.start(func(d Deps) Source {
			k, err := NewKafka(cfg, d)
			require.NoError(t, err)
			return k
		})
	}
	produce("logs-a", 100)
	produce("other", 5)
	run()
	r.expect(want...)
	for range 3 { // kills between what the queue has and what Kafka knows
		produce("logs-a", 200)
		produce("logs-b", 50)
		time.Sleep(100 * time.Millisecond)
		r.kill()
		run()
	}
	r.expect(want...)
	e := r.q.entries()[0]
	require.Equal(t, "logs-a", e.Labels.Get("topic"))
	require.Equal(t, "kafka", e.Labels.Get("job"))
	require.Contains(t, e.Labels.Get("key"), "k")
}

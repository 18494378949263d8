package logstash

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/pharosd/pharos/tenant"
)

// newKafka starts a broker and returns the host mapping that leads kafka:9092 to it, and
// a client.
func newKafka(t testing.TB, topics ...string) (map[string]string, *kgo.Client) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, topics...))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.AllowAutoTopicCreation())
	require.NoError(t, err)
	t.Cleanup(cl.Close)
	return map[string]string{"kafka:9092": c.ListenAddrs()[0]}, cl
}

func produce(t testing.TB, cl *kgo.Client, topic string, values ...string) {
	t.Helper()
	var records []*kgo.Record
	for _, v := range values {
		records = append(records, &kgo.Record{Topic: topic, Value: []byte(v)})
	}
	require.NoError(t, cl.ProduceSync(context.Background(), records...).FirstErr())
}

// committed is how many records of a topic a group has done with.
func committed(t testing.TB, cl *kgo.Client, group, topic string) int64 {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = group
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group = group
	gt := kmsg.NewOffsetFetchRequestGroupTopic()
	gt.Topic, gt.Partitions = topic, []int32{0, 1, 2}
	g.Topics = append(g.Topics, gt)
	req.Groups = append(req.Groups, g)
	resp, err := req.RequestWith(context.Background(), cl)
	require.NoError(t, err)
	sum := int64(0)
	for _, g := range resp.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				sum += max(0, p.Offset)
			}
		}
	}
	return sum
}

const steel = `
input { kafka { bootstrap_servers => "kafka:9092" topics => ["application-logs"] codec => json group_id => "logstash-consumer" auto_offset_reset => "earliest" auto_commit_interval_ms => 50 } }
filter {
  grok { match => { "message" => "%{LOGLEVEL:log_level}" } }
  date { match => ["timestamp", "ISO8601"] target => "@timestamp" }
  if [service] =~ /collector/ { mutate { add_field => { "layer" => "collection" } } }
  else if [service] =~ /storage|query/ { mutate { add_field => { "layer" => "storage" } } }
  if [kubernetes] { mutate { add_field => { "pod_name" => "%{[kubernetes][pod][name]}" } } }
}
output { elasticsearch { hosts => ["elasticsearch:9200"] index => "logs-%{layer}-%{+YYYY.MM.dd}" template_name => "logs" } }
`

func steelRecord(n int, at time.Time) string {
	return fmt.Sprintf(`{"timestamp":%q,"level":"INFO","service":"shipping-collector","message":"INFO event %d processed","metadata":{"carrier":"fedex"}}`,
		at.UTC().Format("2006-01-02T15:04:05.000Z"), n)
}

func TestKafkaToIndex(t *testing.T) {
	hosts, cl := newKafka(t, "application-logs")
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Hosts = hosts
	now := time.Now()
	p.run(steel, cfg)
	produce(t, cl, "application-logs", steelRecord(1, now), "no json")
	got := p.wait(2)
	index := "logs-collection-" + now.UTC().Format("2006.01.02")
	var line string
	for _, l := range got {
		if strings.Contains(l, index) {
			line = l
		}
	}
	require.Contains(t, line, `{index="`+index+`", service_name="shipping-collector"}`)
	require.Contains(t, line, `"@timestamp":"`+now.UTC().Format("2006-01-02T15:04:05.000Z")+`"`)
	require.Contains(t, line, `"log_level":"INFO"`)
	require.Contains(t, line, `"metadata":{"carrier":"fedex"}`)
	require.Eventually(t, func() bool { return committed(t, cl, "logstash-consumer", "application-logs") == 2 }, 10*time.Second, 20*time.Millisecond)
	// The index of what is no JSON has an unresolved field and capitals in none.
	require.Contains(t, strings.Join(got, "\n"), `_jsonparsefailure`)
}

// TestKafkaSteelUnchanged runs the file of the stack as it is.
func TestKafkaSteelUnchanged(t *testing.T) {
	path := filepath.Join(os.Getenv("PHAROS_SHARED"), "stacks", "steel", "logstash.conf")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skip("PHAROS_SHARED is not set")
	}
	hosts, cl := newKafka(t, "application-logs")
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Hosts = hosts
	for range 10 {
		produce(t, cl, "application-logs", "from before: a new group begins at the end")
	}
	time.Sleep(50 * time.Millisecond)
	p.run(string(text), cfg)
	produce(t, cl, "application-logs", steelRecord(1, time.Now())) // before the group has joined
	require.Contains(t, p.wait(1)[0], `{index="logs-collection-`)
}

// TestKafkaComesAgain loses the commit of what was stored, as a crash does: what comes
// again is known, and equal records are as many as there were.
func TestKafkaComesAgain(t *testing.T) {
	hosts, cl := newKafka(t, "application-logs")
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Hosts = hosts
	now := time.Now()
	var values []string
	for n := range 500 {
		values = append(values, steelRecord(n/2, now)) // each twice, equal to the byte
	}
	produce(t, cl, "application-logs", values...)
	stop := p.run(steel, cfg)
	p.wait(500)
	stop()
	// Another group has committed nothing.
	again := strings.ReplaceAll(steel, "logstash-consumer", "another")
	stop = p.run(again, cfg)
	require.Eventually(t, func() bool { return committed(t, cl, "another", "application-logs") == 500 }, 20*time.Second, 20*time.Millisecond)
	stop()
	require.Len(t, p.entries(tenant.Default), 500)
}

func TestKafkaWaitsForTheStore(t *testing.T) {
	hosts, cl := newKafka(t, "application-logs")
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Hosts = hosts
	down := errors.New("the disk is away")
	p.fail.Store(&down)
	p.run(steel, cfg)
	produce(t, cl, "application-logs", steelRecord(1, time.Now()), steelRecord(2, time.Now()))
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_stalled", "plugin=output elasticsearch") == 1 }, 10*time.Second, 10*time.Millisecond)
	time.Sleep(200 * time.Millisecond)
	require.LessOrEqual(t, committed(t, cl, "logstash-consumer", "application-logs"), int64(0), "nothing is committed that is not stored")
	p.fail.Store(nil)
	p.wait(2)
	require.Eventually(t, func() bool { return committed(t, cl, "logstash-consumer", "application-logs") == 2 }, 10*time.Second, 20*time.Millisecond)
	require.Zero(t, p.counter("pharos_pipeline_stalled", "plugin=output elasticsearch"))
}

func TestKafkaOutputAndMetadata(t *testing.T) {
	hosts, cl := newKafka(t, "in", "out")
	p := newPlace(t)
	cfg := DefaultConfig()
	cfg.Hosts = hosts
	p.run(`input {
  kafka { bootstrap_servers => "kafka:9092" topics_pattern => "i." decorate_events => extended auto_offset_reset => earliest group_id => "ga" type => first add_field => { "k" => "o" } }
  kafka { bootstrap_servers => "kafka:9092" topics => "out" codec => json auto_offset_reset => earliest group_id => "gb" type => second }
}
output {
  if [type] == "first" { kafka { bootstrap_servers => "kafka:9092" topic_id => "%{[k]}ut" codec => line { format => '{"got":"%{message}","part":"%{[@metadata][kafka][topic]}"}' } } }
  else { pharos { labels => { "app" => "t" } line => "got" metadata => { "topic" => "%{part}" } } }
}`, cfg)
	produce(t, cl, "in", "hello")
	require.Equal(t, []string{`{app="t", service_name="t"} hello`}, p.wait(1))
}

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/pharosd/pharos/internal/testkit"
)

const shippingPipeline = `
input { kafka { bootstrap_servers => "kafka:9092" topics => ["application-logs"] codec => json group_id => "logstash-consumer" auto_offset_reset => "earliest" } }
filter {
  grok { match => { "message" => "%{LOGLEVEL:log_level}" } }
  if [service] =~ /collector/ { mutate { add_field => { "layer" => "collection" } } }
}
output {
  elasticsearch { hosts => ["elasticsearch:9200"] index => "logs-%{layer}" }
  pharos { labels => { "app" => "%{service}" } line => "message" }
}
`

// TestPipelineOutlivesKills kills the process hard while a topic flows through a pipeline:
// each record is stored once, in each output, although none has a time of its own and
// offsets are committed behind what is stored. Half of the records are equal to another.
func TestPipelineOutlivesKills(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(2, 5, 50)
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "application-logs"), kfake.GroupMinSessionTimeout(time.Second))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...))
	require.NoError(t, err)
	t.Cleanup(cl.Close)

	s := testkit.New(t, fmt.Sprintf("pipelines: [shipping.conf]\nlogstash:\n  hosts: {\"kafka:9092\": %q}\n", broker.ListenAddrs()[0]), "--auth=off")
	// A member that died keeps its partitions until its session ends: one with a name
	// takes them over.
	s.Write("shipping.conf", strings.Replace(shippingPipeline, `group_id`, `session_timeout_ms => 2000 heartbeat_interval_ms => 300 group_id`, 1))
	s.Run()

	var sent atomic.Int64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			value := []byte(fmt.Sprintf(`{"service":"shipping-collector","message":"INFO record %d"}`, n))
			for range 1 + n%2 { // every other one twice, equal to the byte
				cl.Produce(context.Background(), &kgo.Record{Topic: "application-logs", Value: value}, func(_ *kgo.Record, err error) {
					if err == nil {
						sent.Add(1)
					}
				})
			}
			time.Sleep(500 * time.Microsecond)
		}
	}()
	for range kills {
		time.Sleep(3 * time.Second)
		s.Kill()
		s.Run()
	}
	time.Sleep(time.Second)
	close(stop)
	<-done
	require.NoError(t, cl.Flush(t.Context()))

	total := int(sent.Load())
	count := func(selector string) int {
		n := 0
		for _, times := range allLines(t, s, selector) {
			n += times
		}
		return n
	}
	require.Eventually(t, func() bool { return count(`{app="shipping-collector"}`) >= total }, 90*time.Second, time.Second, "of %d records", total)
	time.Sleep(time.Second)
	require.Equal(t, total, count(`{app="shipping-collector"}`))
	require.Equal(t, total, count(`{index="logs-collection"}`))
	for line, times := range allLines(t, s, `{app="shipping-collector"}`) {
		n, err := strconv.Atoi(line[strings.LastIndexByte(line, ' ')+1:])
		require.NoError(t, err)
		require.Equal(t, 1+n%2, times, line)
	}
	status, body := s.Do(http.MethodPost, "/elastic/logs-collection/_search", []byte(`{"track_total_hits":true,"size":1,"query":{"match":{"message":"record"}}}`), "Content-Type: application/json")
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, fmt.Sprintf(`"value":%d`, total))
	t.Logf("%d records, %d kills", total, kills)
}

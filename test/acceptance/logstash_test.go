package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestSteelPipelineRunsUnchanged runs the stack's logstash.conf as it is: events of the
// form that its log-format.json shows go by Kafka into an index of the day, where LogQL
// and a search find them.
func TestSteelPipelineRunsUnchanged(t *testing.T) {
	conf := testkit.Shared(t, "stacks", "steel", "logstash.conf")
	text, err := os.ReadFile(testkit.Shared(t, "stacks", "steel", "log-format.json"))
	require.NoError(t, err)
	var sample map[string]any
	require.NoError(t, json.Unmarshal(text, &sample))
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "application-logs"))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...))
	require.NoError(t, err)
	t.Cleanup(cl.Close)

	s := testkit.Start(t, fmt.Sprintf("pipelines: [%q]\nlogstash: {hosts: {\"kafka:9092\": %q}}\n", conf, broker.ListenAddrs()[0]), "--auth=off")
	now := time.Now().UTC()
	index := "logs-collection-" + now.Format("2006.01.02")
	search := func(body string) string {
		_, answer := s.Do(http.MethodPost, "/elastic/"+index+"/_search", []byte(body), "Content-Type: application/json")
		return answer
	}
	sample["timestamp"] = now.Format("2006-01-02T15:04:05.000Z") // what is two years old is not taken
	delete(sample, "layer")                                      // the pipeline adds it
	record, err := json.Marshal(sample)
	require.NoError(t, err)
	// A new group begins at the end of the topic: until it has joined, records are not its.
	require.Eventually(t, func() bool {
		require.NoError(t, cl.ProduceSync(context.Background(), &kgo.Record{Topic: "application-logs", Value: record}).FirstErr())
		return strings.Contains(search(`{"query":{"term":{"event_id":"evt-12345"}}}`), `"event_id":"evt-12345"`)
	}, 30*time.Second, 500*time.Millisecond)

	var answer struct {
		Hits struct {
			Hits []struct {
				Index  string         `json:"_index"`
				Source map[string]any `json:"_source"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(search(`{"query":{"match":{"message":"processed"}}}`)), &answer))
	require.NotEmpty(t, answer.Hits.Hits)
	got := answer.Hits.Hits[0]
	require.Equal(t, index, got.Index)
	require.Equal(t, "collection", got.Source["layer"])
	require.Equal(t, sample["timestamp"], got.Source["@timestamp"])
	for name, want := range sample {
		require.Equal(t, want, got.Source[name], name)
	}
	_, body := s.Get("/loki/api/v1/query_range?limit=1&query=" + url.QueryEscape(`{index="`+index+`"} | json | carrier="fedex" or metadata_carrier="fedex"`))
	require.Contains(t, body, "shipping-collector")
	_, body = s.Get("/health/ready")
	require.Contains(t, body, `"pipelines":"ok"`)
	_, body = s.Get("/metrics")
	require.Contains(t, body, `pharos_pipeline_events_total{pipeline="logstash",stage="out"}`)
}

package logstash

import (
	"testing"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// steelConf is the filter section of the seed "Steel", steelLine its log format.
const steelConf = `filter {
  grok { match => { "message" => "%{LOGLEVEL:log_level}" } }
  date { match => ["timestamp", "ISO8601"] target => "@timestamp" }
  if [service] =~ /collector/ { mutate { add_field => { "layer" => "collection" } } }
  else if [service] =~ /flink|processing/ { mutate { add_field => { "layer" => "processing" } } }
  else if [service] =~ /storage|query/ { mutate { add_field => { "layer" => "storage" } } }
  if [kubernetes] { mutate { add_field => { "pod_name" => "%{[kubernetes][pod][name]}" "namespace" => "%{[kubernetes][namespace]}" } } }
}
output { elasticsearch { index => "logs-%{layer}-%{+YYYY.MM.dd}" } }`

const steelLine = `{"timestamp":"2024-01-15T10:30:00.123Z","level":"INFO","service":"flink-processing","trace_id":"550e8400-e29b-41d4-a716-446655440000","span_id":"7f2a1b3c","message":"INFO Event processed successfully","event_id":"evt-12345","processing_time_ms":125,"metadata":{"tracking_id":"ABC123456789","carrier":"fedex"},"kubernetes":{"namespace":"steel","pod":{"name":"flink-0"}}}`

type counter struct {
	n    int
	last *pipeline.Event
}

func (c *counter) Emit(e *pipeline.Event)           { c.n++; c.last = e }
func (c *counter) Drop(_ *pipeline.Event, _ string) {}

func benchmark(b *testing.B, conf, line string, after func(*pipeline.Event)) {
	p, err := Compile([]Source{{"bench.conf", conf}}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	chain, err := p.NewFilters(0, nil)
	if err != nil {
		b.Fatal(err)
	}
	var out counter
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		v, err := DecodeJSON(line)
		if err != nil {
			b.Fatal(err)
		}
		chain.Process(NewEvent(v.(map[string]any), now), &out)
		after(out.last)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkSteel is one core: JSON to event, all filters, the index name, JSON again.
func BenchmarkSteel(b *testing.B) {
	index, err := ParseTemplate("logs-%{layer}-%{+YYYY.MM.dd}")
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	benchmark(b, steelConf, steelLine, func(e *pipeline.Event) {
		buf = index.Append(buf[:0], e)
		buf = AppendEvent(buf, e)
	})
}

func BenchmarkDecodeOnly(b *testing.B) {
	benchmark(b, "filter { }", steelLine, func(*pipeline.Event) {})
}

func BenchmarkMutate(b *testing.B) {
	benchmark(b, `filter { mutate { rename => { "level" => "[log][level]" } lowercase => ["[log][level]"] convert => { "processing_time_ms" => "float" }
	  gsub => ["message", "\s+", " "] add_tag => ["done"] remove_field => ["trace_id"] } }`, steelLine, func(*pipeline.Event) {})
}

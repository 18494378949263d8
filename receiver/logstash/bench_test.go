package logstash

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkKafkaToStore is the whole way: a topic, the Steel filters with grok and date,
// the write-ahead log. ns/op is for one record.
func BenchmarkKafkaToStore(b *testing.B) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "application-logs"))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...))
	if err != nil {
		b.Fatal(err)
	}
	defer cl.Close()
	now := time.Now()
	for n := range b.N {
		cl.Produce(context.Background(), &kgo.Record{Topic: "application-logs", Value: []byte(steelRecord(n, now.Add(time.Duration(n)*time.Microsecond)))}, nil)
	}
	if err := cl.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	p := newPlace(b)
	p.deps.Log = slog.New(slog.DiscardHandler)
	file := filepath.Join(p.dir, "main.conf")
	if err := os.WriteFile(file, []byte(steel), 0o644); err != nil {
		b.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.Hosts = map[string]string{"kafka:9092": c.ListenAddrs()[0]}
	p.deps.Registry = p.reg
	m, err := New([]string{file}, cfg, p.deps)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	runManager(b, m)
	for p.counter("pharos_pipeline_events_total", "stage=out") < float64(b.N) {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

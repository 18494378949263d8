package ship

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pharosd/pharos/model"
)

// packed does everything that a sender does up to the network.
type packed struct {
	sender
	pack func(body []byte) int
	sent int
}

func (p *packed) send(_ context.Context, s *shipment, body []byte) outcome {
	p.sent += p.pack(body)
	return outcome{status: "200"}
}

func (p *packed) close() error { return nil }

// jsonLines are what a service logs, 200 bytes a line.
func jsonLines(from, n int) Batch {
	var b Batch
	now := time.Now().UnixNano()
	for i := from; i < from+n; i++ {
		line := fmt.Sprintf(`{"time":"2026-11-26T14:%02d:%02d.%03dZ","level":"info","msg":"request served","method":"GET","path":"/api/v1/items/%d","status":200,"duration_ms":%d,"trace_id":"%s"}`,
			i/60%60, i%60, i%1000, i*7919%100000, i*31%250, noise(i, 32))
		b.Entries = append(b.Entries, Entry{Labels: web, Entry: model.LogEntry{Time: now + int64(i), Line: line}})
	}
	return b
}

// BenchmarkAppendAndShip is a line's whole way through the queue: written, synced, read,
// encoded and packed. The figure is CPU and wall time of one line.
func BenchmarkAppendAndShip(b *testing.B) {
	p, err := newPacker()
	if err != nil {
		b.Fatal(err)
	}
	senders := map[string]*packed{
		"grpc": {sender: &otlpSender{}, pack: func(body []byte) int {
			var out bytes.Buffer
			_ = packing{p}.Do(&out, body) // to memory
			return out.Len()
		}},
		"loki": {sender: &lokiSender{}, pack: func(body []byte) int { return len(body) }},
	}
	for name, s := range senders {
		b.Run(name, func(b *testing.B) {
			cfg := testConfig(b.TempDir())
			cfg.Clients[0].BatchWait = time.Second
			q := open(b, cfg, s)
			stop := run(b, q)
			const size = 500
			batches, text := make([]Batch, 40), 0 // more than a window of the packer's
			for i := range batches {
				batches[i] = jsonLines(i*size, size)
			}
			for i := range batches[0].Entries {
				text += len(batches[0].Entries[i].Entry.Line)
			}
			b.SetBytes(int64(text) / size)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i += size {
				if err := q.Append(b.Context(), batches[i/size%len(batches)]); err != nil {
					b.Fatal(err)
				}
			}
			wait(b, "the rest", func() bool { return q.clients[0].acked() == q.end })
			b.StopTimer()
			stop()
			b.ReportMetric(float64(s.sent)/float64(b.N), "sent_B/line")
			if err := q.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

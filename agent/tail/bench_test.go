package tail

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// counter counts what comes and forgets it.
type counter struct {
	n    int
	done chan struct{}
	want int
}

func (c *counter) Append(_ context.Context, b ship.Batch) error {
	if c.n += len(b.Entries); c.n == c.want {
		close(c.done)
	}
	return nil
}

// BenchmarkReadJSON reads a file of JSON lines through the stages that most people
// have; ns/op is for one line.
func BenchmarkReadJSON(b *testing.B) {
	dir := b.TempDir()
	f, err := os.Create(filepath.Join(dir, "a.log"))
	require.NoError(b, err)
	const line = `{"time":"2026-11-26T10:00:00.123456Z","level":"info","logger":"shop.cart","message":"item added to cart","user":"u-12345","latency_ms":12}` + "\n"
	for range b.N {
		_, _ = f.WriteString(line)
	}
	require.NoError(b, f.Close())
	var stages yaml.Node
	require.NoError(b, yaml.Unmarshal([]byte(`
- json: {expressions: {ts: time, level: level, msg: message}}
- labels: {level: }
- timestamp: {source: ts, format: RFC3339Nano}
- output: {source: msg}
`), &stages))
	chain, err := promtail.Compile(stages.Content[0], promtail.Env{})
	require.NoError(b, err)
	q := &counter{want: b.N, done: make(chan struct{})}
	t := New(Config{Job: "j", SyncPeriod: time.Second, MinPoll: 10 * time.Millisecond, MaxPoll: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
		Feed: feed.New(feed.Config{Job: "j", Chain: chain, Queue: q})})
	t.SetTargets([]Target{{Path: filepath.Join(dir, "*.log"), Labels: map[string]string{"job": "j", "host": "h"}}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	b.ResetTimer()
	go func() { ended <- t.Run(ctx) }()
	<-q.done
	b.StopTimer()
	cancel()
	require.NoError(b, <-ended)
}

// TestThousandsOfFilesTakeLittleMemory reads 5,000 files, each line once, with few
// descriptors.
func TestThousandsOfFilesTakeLittleMemory(t *testing.T) {
	const files = 5000
	r := newRig(t, "**/*.log")
	r.cfg.MaxOpen = 256
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range files {
		name := fmt.Sprintf("pod-%d/%d.log", i%100, i)
		if i < 100 {
			r.write(name, fmt.Sprintf("line of %d\n", i))
			continue
		}
		require.NoError(t, os.WriteFile(r.path(name), fmt.Appendf(nil, "line of %d\n", i), 0o644))
	}
	r.start()
	require.Eventually(t, func() bool { return len(r.q.texts()) == files }, 20*time.Second, 10*time.Millisecond)
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d MiB of heap, the test's own queue too", heap>>20)
	require.Less(t, heap, int64(40<<20))
	seen := map[string]bool{}
	for _, line := range r.q.texts() {
		require.False(t, seen[line], "%q is kept twice", line)
		seen[line] = true
	}
	r.kill()
	require.Zero(t, r.tailer.open.n)
}

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/positions"
	"github.com/pharosd/pharos/agent/ship"
)

// sumsKey is the state that says which positions files are the agent's own work.
const sumsKey = "positions"

// positionsKeeper reads the positions that Promtail left behind, and writes its own for
// a way back. What it wrote itself it never reads: the queue knows better.
type positionsKeeper struct {
	cfg     conf.Positions
	log     *slog.Logger
	queue   feed.Queue
	collect func() map[string]string

	foreign bool // the file was written by another agent
	file    positions.File
	sums    []string // of the agent's own last files, newest last

	mu     sync.Mutex
	failed bool
}

func newPositions(cfg conf.Positions, states map[string][]byte, queue feed.Queue, log *slog.Logger) (*positionsKeeper, error) {
	k := &positionsKeeper{cfg: cfg, log: log, queue: queue}
	if text := states[sumsKey]; len(text) > 0 {
		if err := json.Unmarshal(text, &k.sums); err != nil {
			return nil, fmt.Errorf("read state of positions: %w", err)
		}
	}
	file, err := positions.Read(cfg.Filename)
	if err != nil {
		if !cfg.IgnoreInvalidYAML {
			return nil, fmt.Errorf("%w (positions.ignore_invalid_yaml begins with an empty file instead)", err)
		}
		log.Warn("positions file is not valid, it will be overwritten", "error", err)
	}
	k.file = file
	k.foreign = file.Sum != "" && !slices.Contains(k.sums, file.Sum)
	if k.foreign {
		log.Info("positions of another agent are taken over", "file", cfg.Filename, "positions", len(file.Positions))
	}
	return k, nil
}

// offset is where another agent stopped reading a path.
func (k *positionsKeeper) offset(path string) (int64, bool) {
	if !k.foreign {
		return 0, false
	}
	return k.file.Offset(path)
}

// cursor is where another agent stopped reading a source that is no file.
func (k *positionsKeeper) cursor(key string) string {
	if !k.foreign {
		return ""
	}
	return k.file.Cursor(key)
}

// run writes the file each sync period, and at the end.
func (k *positionsKeeper) run(ctx context.Context) error {
	ticker := time.NewTicker(k.cfg.SyncPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			k.write(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			k.write(last)
			return nil
		}
	}
}

// write writes the file. Before, the queue gets to know that it is the agent's own.
func (k *positionsKeeper) write(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, sum, err := positions.Encode(k.merged())
	if err == nil && (len(k.sums) == 0 || k.sums[len(k.sums)-1] != sum) {
		k.sums = append(k.sums[max(0, len(k.sums)-1):], sum)
		var state []byte
		if state, err = json.Marshal(k.sums); err == nil {
			err = k.queue.Append(ctx, ship.Batch{State: []ship.State{{Key: sumsKey, Value: state}}})
		}
		if err == nil {
			err = positions.Write(k.cfg.Filename, text)
		}
	}
	if err != nil && !k.failed && ctx.Err() == nil {
		k.log.Warn("positions file cannot be written; the agent itself does not need it, a way back to Promtail does", "error", err)
	}
	k.failed = err != nil
}

// merged is what is read now, and what the file said of other files that exist.
func (k *positionsKeeper) merged() map[string]string {
	out := map[string]string{}
	for key, value := range k.file.Positions {
		if positions.IsCursor(key) {
			out[key] = value
		} else if _, err := os.Stat(key); err == nil {
			out[key] = value
		}
	}
	for key, value := range k.collect() {
		out[key] = value
	}
	return out
}

package app

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Memory is how one figure is divided, all in bytes. Nothing that a client sends
// can take memory outside its share.
type Memory struct {
	// Total is the cgroup's limit, or --memory, or 60 % of what the machine has.
	Total  int64
	Source string
	// GoLimit is Go's soft limit: the garbage collector works harder near it.
	GoLimit int64
	// EngineCaches is what the log and span engine may use for caches and parts
	// that are not on disk yet.
	EngineCaches int64
	// Ingest bounds the bytes of batches under way between receivers and stores.
	Ingest int64
	// Query bounds what all running queries hold together.
	Query int64
	// Tail bounds the rings of live tails and the queue before them.
	Tail int64
	// Metrics is what the active series of all tenants may take; metrics.Config
	// turns it into a number of series.
	Metrics int64
}

const minMemory = 256 << 20

// divide splits total.
func divide(total int64, source string) Memory {
	return Memory{
		Total: total, Source: source,
		GoLimit:      total / 10 * 9,
		EngineCaches: total / 4,
		Ingest:       total / 10,
		Query:        total / 4,
		Tail:         total / 32,
		Metrics:      total / 4,
	}
}

// readMemory finds the figure; configured (0: not set) wins.
func readMemory(configured int64) (Memory, error) {
	if configured != 0 {
		if configured < minMemory {
			return Memory{}, fmt.Errorf("memory %s is too little, want at least %s", mib(configured), mib(minMemory))
		}
		return divide(configured, "--memory"), nil
	}
	if limit, err := memlimit.FromCgroup(); err == nil && limit > 0 && limit < 1<<50 {
		return divide(int64(limit), "cgroup"), nil
	}
	limit, err := memlimit.FromSystem()
	if err != nil {
		return Memory{}, fmt.Errorf("how much memory is there: %w; set --memory", err)
	}
	return divide(int64(limit)/10*6, "60 % of the machine"), nil
}

// gcPercent is by how much the heap may grow between collections, unless GOGC says so.
// While taking logs, of which the heap holds some 100 MB, Go's own 100 costs a quarter
// more resident memory and saves no processor time that could be measured.
const gcPercent = 60

// apply sets what is process-wide.
func (m Memory) apply(log *slog.Logger) {
	debug.SetMemoryLimit(m.GoLimit)
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	log.Info("memory divided", "total", mib(m.Total), "source", m.Source, "go_limit", mib(m.GoLimit),
		"engine_caches", mib(m.EngineCaches), "ingest", mib(m.Ingest), "query", mib(m.Query), "tail", mib(m.Tail),
		"metrics", mib(m.Metrics))
}

func mib(b int64) string { return fmt.Sprintf("%d MiB", b>>20) }

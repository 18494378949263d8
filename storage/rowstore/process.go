package rowstore

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logger"
)

// engineSetup guards what the engine keeps once for the whole process: it reads
// its memory bound from a command line flag at first use and never again, and it
// has one logger.
var engineSetup struct {
	sync.Mutex
	done bool
}

// defaultEngineMemory is the bound when Setup was not called: small enough for
// tests and tools.
const defaultEngineMemory = 256 << 20

// ErrSetUpTwice is what Setup returns when the engine has already taken its
// memory bound.
var ErrSetUpTwice = errors.New("the row engine is already set up")

// Setup gives the engine its memory bound in bytes (caches and rows that are not
// on disk yet, of all stores in sum) and its logger. It must run before the first
// Open of the process, which otherwise sets a bound of 256 MiB.
func Setup(memory int64, log *slog.Logger) error {
	engineSetup.Lock()
	defer engineSetup.Unlock()
	if engineSetup.done {
		return ErrSetUpTwice
	}
	return setupEngine(memory, log)
}

func ensureSetup(log *slog.Logger) error {
	engineSetup.Lock()
	defer engineSetup.Unlock()
	if engineSetup.done {
		return nil
	}
	return setupEngine(defaultEngineMemory, log)
}

func setupEngine(memory int64, log *slog.Logger) error {
	// The engine panics unless package flag has parsed a command line. Pharos does
	// not use that package: an empty line satisfies it. In a test binary the real
	// line must be parsed, or the test's own flags would be lost.
	if !flag.Parsed() {
		if flag.Lookup("test.v") != nil {
			flag.Parse()
		} else if err := flag.CommandLine.Parse(nil); err != nil {
			return fmt.Errorf("prepare the row engine's flags: %w", err)
		}
	}
	settings := map[string]string{
		"memory.allowedBytes":     strconv.FormatInt(memory, 10),
		"loggerDisableTimestamps": "true",
	}
	for name, value := range settings {
		if err := flag.Set(name, value); err != nil {
			return fmt.Errorf("set the row engine's %s: %w", name, err)
		}
	}
	logger.SetOutputForTests(&engineLog{log: log})
	engineSetup.done = true
	return nil
}

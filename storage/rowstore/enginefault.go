package rowstore

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// The engine merges parts in goroutines of its own, and panics in them if the disk
// gets full meanwhile: that would end the process. It writes the panic's message to
// its log first. There surviveFullDisk ends the goroutine instead, after doing what
// the engine would have done behind the merge. The parts stay as they were, and the
// next part that is added starts a merge again.

// engineFaults remembers which tables of an engine have a list of parts on disk that
// is older than their own.
type engineFaults struct {
	engine *logstorage.Storage
	path   string

	mu       sync.Mutex
	stale    map[string]bool // by the tables' paths
	survived map[string]int  // merges that were ended, by the merger
}

// watched are the engines of the process.
var watched struct {
	sync.Mutex
	engines map[*engineFaults]bool
}

func watchFaults(engine *logstorage.Storage, path string) *engineFaults {
	f := &engineFaults{engine: engine, path: path, stale: map[string]bool{}, survived: map[string]int{}}
	watched.Lock()
	defer watched.Unlock()
	if watched.engines == nil {
		watched.engines = map[*engineFaults]bool{}
	}
	watched.engines[f] = true
	return f
}

func (f *engineFaults) unwatch() {
	watched.Lock()
	defer watched.Unlock()
	delete(watched.engines, f)
}

// merger is a kind of goroutine that merges.
type merger struct {
	function, merge string
	running         *chan struct{}
}

const (
	dataFunctions  = "lib/logstorage.(*datadb)."
	indexFunctions = "lib/mergeset.(*Table)."
)

var mergers = []merger{
	{dataFunctions + "inmemoryPartsMerger", dataFunctions + "mustMergeParts", &datadbMemoryMerges},
	{dataFunctions + "smallPartsMerger", dataFunctions + "mustMergeParts", &datadbSmallMerges},
	{dataFunctions + "bigPartsMerger", dataFunctions + "mustMergeParts", &datadbBigMerges},
	{indexFunctions + "inmemoryPartsMerger", indexFunctions + "mergeParts", &indexMemoryMerges},
	{indexFunctions + "filePartsMerger", indexFunctions + "mergeParts", &indexFileMerges},
}

// surviveFullDisk is called by the goroutine that is about to panic with the message,
// and does not return if it is one of the engine's mergers and the disk is full. A
// panic in what the store itself calls is caught there (onFullDisk).
func surviveFullDisk(message string) {
	if !isDiskFull(message) {
		return
	}
	// Others may want to write to the log who hold what is needed here.
	engineLogLock.Unlock()
	leaveEngineWhole(message)
	engineLogLock.Lock()
}

func leaveEngineWhole(message string) {
	faults := faultyEngine(message)
	if faults == nil {
		return
	}
	stack := functionsAbove()
	if has(stack, "lib/logstorage.(*Storage).getPartitionForDay") {
		_ = removeNamed(filepath.Join(faults.path, "partitions"), message, partitionName)
		unexported[sync.Mutex](reflect.ValueOf(faults.engine).Elem(), "partitionsLock").Unlock()
		return
	}
	table, ok := faults.table(message)
	if !ok {
		return
	}
	if has(stack, ".swapSrcWithDstParts") {
		// The lists in memory are right, the one on disk could not be written; whoever
		// unwinds needs the lock. What is in the old list's parts is still on disk.
		faults.mu.Lock()
		faults.stale[table.path()] = true
		faults.mu.Unlock()
		unexported[sync.Mutex](table.value, "partsLock").Unlock()
	}
	for _, m := range mergers {
		if !has(stack, m.function) {
			continue
		}
		faults.mu.Lock()
		faults.survived[m.function]++
		faults.mu.Unlock()
		_ = removeNamed(table.path(), message, partName)
		if has(stack, m.merge) {
			<-*m.running
		}
		unexported[sync.WaitGroup](table.value, "wg").Done()
		runtime.Goexit()
	}
}

// faultyEngine returns the one that a message about a file is about.
func faultyEngine(message string) *engineFaults {
	watched.Lock()
	defer watched.Unlock()
	for f := range watched.engines {
		if strings.Contains(message, f.path+string(filepath.Separator)) {
			return f
		}
	}
	return nil
}

// table returns the table that a message about a file is about.
func (f *engineFaults) table(message string) (engineTable, bool) {
	days := holdDays(f.engine)
	defer releaseDays(days)
	for _, d := range days {
		for _, t := range []engineTable{d.data, d.index} {
			if strings.Contains(message, t.path()+string(filepath.Separator)) {
				return t, true
			}
		}
	}
	return engineTable{}, false
}

// repair writes the lists that are stale.
func (f *engineFaults) repair(days []engineDay) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range days {
		for _, t := range []engineTable{d.data, d.index} {
			if !f.stale[t.path()] {
				continue
			}
			lock := unexported[sync.Mutex](t.value, "partsLock")
			lock.Lock()
			err := t.guarded(func() error { t.writeNames(); return nil })
			lock.Unlock()
			if err != nil {
				return fmt.Errorf("write list of parts: %w", err)
			}
			delete(f.stale, t.path())
		}
	}
	return nil
}

// functionsAbove returns the names of the functions that are running.
func functionsAbove() []string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var names []string
	for {
		frame, more := frames.Next()
		names = append(names, frame.Function)
		if !more {
			return names
		}
	}
}

func has(stack []string, function string) bool {
	for _, f := range stack {
		if strings.HasSuffix(f, function) {
			return true
		}
	}
	return false
}

// checkLinks says whether the variables of enginelink.go are the engine's.
func checkLinks() error {
	for _, m := range mergers {
		if reflect.ValueOf(m.running).Elem().Cap() == 0 {
			return fmt.Errorf("BUG: the row engine's %s is not what it was", m.function)
		}
	}
	return nil
}

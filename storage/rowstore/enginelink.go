package rowstore

import (
	"context"
	"sync"
	"unsafe"

	// The linked functions must be in the program.
	_ "github.com/VictoriaMetrics/VictoriaMetrics/lib/logger"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	_ "github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset"
)

// The engine writes to disk by a clock of its own and ends the process if it cannot.
// The write-ahead log must be shortened by need, and a full disk must not end
// anything. So the store decides when the engine writes, by functions of it that are
// not exported. Like what enginestate.go reads they belong to one version of the
// module; the linker stops if they are gone, checkEngine if their types changed.

// partList is a []*partWrapper of either package.
type partList []unsafe.Pointer

// storageRunQuery is RunQuery that hands out its results: *blockResult.
//
//go:linkname storageRunQuery github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*Storage).runQuery
func storageRunQuery(s *logstorage.Storage, ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, write func(worker uint, result unsafe.Pointer)) error

//go:linkname resultTimes github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*blockResult).getTimestamps
func resultTimes(result unsafe.Pointer) []int64

//go:linkname resultColumns github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*blockResult).getColumns
func resultColumns(result unsafe.Pointer) []*engineColumn

//go:linkname columnValues github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*blockResultColumn).getValues
func columnValues(c *engineColumn, result unsafe.Pointer) []string

//go:linkname columnEncoded github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*blockResultColumn).getValuesEncoded
func columnEncoded(c *engineColumn, result unsafe.Pointer) []string

//go:linkname datadbMergeParts github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*datadb).mustMergeParts
func datadbMergeParts(datadb unsafe.Pointer, parts partList, isFinal bool)

//go:linkname datadbOptimalMerge github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.getPartsForOptimalMerge
func datadbOptimalMerge(parts partList) (merge, rest partList)

//go:linkname indexOptimalMerge github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.getPartsForOptimalMerge
func indexOptimalMerge(parts partList) (merge, rest partList)

//go:linkname partitionForDay github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*Storage).getPartitionForDay
func partitionForDay(s *logstorage.Storage, day int64) (partitionWrapper unsafe.Pointer)

//go:linkname partitionRelease github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*partitionWrapper).decRef
func partitionRelease(partitionWrapper unsafe.Pointer)

//go:linkname indexMergeParts github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.(*Table).mergeParts
func indexMergeParts(table unsafe.Pointer, parts partList, stop <-chan struct{}, isFinal bool) error

//go:linkname datadbWriteNames github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.mustWritePartNames
func datadbWriteNames(path string, small, big []string)

//go:linkname datadbPartNames github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.getPartNames
func datadbPartNames(parts partList) []string

//go:linkname indexWriteNames github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.mustWritePartNames
func indexWriteNames(parts partList, path string)

// These bound how many merges of each kind run at a time.
var (
	//go:linkname datadbMemoryMerges github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.inmemoryPartsConcurrencyCh
	datadbMemoryMerges chan struct{}
	//go:linkname datadbSmallMerges github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.smallPartsConcurrencyCh
	datadbSmallMerges chan struct{}
	//go:linkname datadbBigMerges github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.bigPartsConcurrencyCh
	datadbBigMerges chan struct{}
	//go:linkname indexMemoryMerges github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.inmemoryPartsConcurrencyCh
	indexMemoryMerges chan struct{}
	//go:linkname indexFileMerges github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.filePartsConcurrencyCh
	indexFileMerges chan struct{}
)

// engineLogLock is held while the engine writes a line of its log.
//
//go:linkname engineLogLock github.com/VictoriaMetrics/VictoriaMetrics/lib/logger.mu
var engineLogLock sync.Mutex

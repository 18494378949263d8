package rowstore

import (
	"sync/atomic"
	"unsafe"

	// The linked functions must be in the program.
	_ "github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	_ "github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset"
)

// The engine writes to disk by a clock of its own and ends the process if it cannot.
// The write-ahead log must be shortened by need, and a full disk must not end
// anything. So the store decides when the engine writes, by functions of it that are
// not exported. Like what enginestate.go reads they belong to one version of the
// module; the linker stops if they are gone, checkEngine if their types changed.

// partList is a []*partWrapper of either package.
type partList []unsafe.Pointer

//go:linkname datadbMergeParts github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*datadb).mustMergeParts
func datadbMergeParts(datadb unsafe.Pointer, parts partList, isFinal bool)

//go:linkname datadbOptimalMerge github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.getPartsForOptimalMerge
func datadbOptimalMerge(parts partList) (merge, rest partList)

//go:linkname indexOptimalMerge github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.getPartsForOptimalMerge
func indexOptimalMerge(parts partList) (merge, rest partList)

//go:linkname partitionRelease github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.(*partitionWrapper).decRef
func partitionRelease(partitionWrapper unsafe.Pointer)

//go:linkname indexMergeParts github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset.(*Table).mergeParts
func indexMergeParts(table unsafe.Pointer, parts partList, stop <-chan struct{}, isFinal bool) error

// engineReserved is what merges of the engine leave free on the disk, in bytes.
//
//go:linkname engineReserved github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage.reservedDiskSpace
var engineReserved atomic.Uint64

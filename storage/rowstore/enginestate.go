package rowstore

import (
	"fmt"
	"reflect"
	"sync"
	"time"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset"
)

// The engine does not say which rows are on disk, and time alone does not tell:
// what is being merged when its flush is due waits for the next one. The
// write-ahead log must know. So this file looks at three unexported fields, with
// the locks that guard them; the module's version is pinned, and Open fails at
// once if they are not what they were.

// enginePart is a day of the engine.
type enginePart struct {
	day   int64
	data  reflect.Value // datadb
	index *mergeset.Table
}

// forEachDay calls fn for each day while the engine cannot drop it.
func forEachDay(s *logstorage.Storage, fn func(enginePart)) {
	storage := reflect.ValueOf(s).Elem()
	lock := unexported[sync.Mutex](storage, "partitionsLock")
	lock.Lock()
	defer lock.Unlock()
	days := field(storage, "partitions")
	for i := range days.Len() {
		day := days.Index(i).Elem()
		partition := field(day, "pt").Elem()
		fn(enginePart{
			day:   *unexported[int64](day, "day"),
			data:  field(partition, "ddb").Elem(),
			index: *unexported[*mergeset.Table](field(partition, "idb").Elem(), "tb"),
		})
	}
}

// oldestInMemory returns the earliest time at which something that is in memory
// only is due to be written; ok is false if nothing is. What is not in a part yet
// does not count: call DebugFlush before.
func oldestInMemory(s *logstorage.Storage) (due time.Time, ok bool) {
	see := func(t time.Time) {
		if !ok || t.Before(due) {
			due, ok = t, true
		}
	}
	forEachDay(s, func(p enginePart) {
		seeParts(p.data, "flushDeadline", see)
		seeParts(reflect.ValueOf(p.index).Elem(), "flushToDiskDeadline", see)
	})
	return due, ok
}

// seeParts reads the deadlines of a table's parts in memory.
func seeParts(table reflect.Value, deadline string, see func(time.Time)) {
	lock := unexported[sync.Mutex](table, "partsLock")
	lock.Lock()
	defer lock.Unlock()
	parts := field(table, "inmemoryParts")
	for i := range parts.Len() {
		see(*unexported[time.Time](parts.Index(i).Elem(), deadline))
	}
}

// checkEngine says whether the engine looks as this file expects.
func checkEngine() (err error) {
	typeOf := func(t reflect.Type, path ...string) reflect.Type {
		for _, name := range path {
			for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
				t = t.Elem()
			}
			f, ok := t.FieldByName(name)
			if !ok {
				err = fmt.Errorf("BUG: the row engine's %s has no field %s", t, name)
				return reflect.TypeFor[int]()
			}
			t = f.Type
		}
		return t
	}
	want := func(typ reflect.Type, path ...string) {
		if got := typeOf(reflect.TypeFor[logstorage.Storage](), path...); err == nil && got != typ {
			err = fmt.Errorf("BUG: the row engine's %v is a %s, not a %s", path, got, typ)
		}
	}
	want(reflect.TypeFor[sync.Mutex](), "partitionsLock")
	want(reflect.TypeFor[int64](), "partitions", "day")
	want(reflect.TypeFor[sync.Mutex](), "partitions", "pt", "ddb", "partsLock")
	want(reflect.TypeFor[time.Time](), "partitions", "pt", "ddb", "inmemoryParts", "flushDeadline")
	want(reflect.TypeFor[*mergeset.Table](), "partitions", "pt", "idb", "tb")
	want(reflect.TypeFor[sync.Mutex](), "partitions", "pt", "idb", "tb", "partsLock")
	want(reflect.TypeFor[time.Time](), "partitions", "pt", "idb", "tb", "inmemoryParts", "flushToDiskDeadline")
	return err
}

// field returns a struct's field so that it can be read although it is
// unexported.
func field(v reflect.Value, name string) reflect.Value {
	f := v.FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// unexported returns a pointer to a struct's field.
func unexported[T any](v reflect.Value, name string) *T {
	return field(v, name).Addr().Interface().(*T)
}

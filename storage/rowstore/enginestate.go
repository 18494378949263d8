package rowstore

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/mergeset"
)

// The engine does not say which rows are on disk; the write-ahead log must know. So
// this file looks at unexported fields, with the locks that guard them; the module's
// version is pinned, and Open fails at once if they are not what they were.

// engineDay is a day of the engine, which cannot drop it until release.
type engineDay struct {
	day     int64
	wrapper unsafe.Pointer
	data    engineTable
	index   engineTable
	// indexTable is index.
	indexTable *mergeset.Table
}

// engineTable is what keeps parts in memory and in files: a datadb or a
// mergeset.Table.
type engineTable struct {
	value    reflect.Value
	deadline string // the parts' field that says when they are due to be written
	// choose takes from parts those that are best written together; merge writes them.
	choose func(parts partList) (merge, rest partList)
	merge  func(table unsafe.Pointer, parts partList) error
}

// holdDays returns the engine's days.
func holdDays(s *logstorage.Storage) []engineDay {
	storage := reflect.ValueOf(s).Elem()
	lock := unexported[sync.Mutex](storage, "partitionsLock")
	lock.Lock()
	defer lock.Unlock()
	days := field(storage, "partitions")
	out := make([]engineDay, days.Len())
	for i := range out {
		wrapper := days.Index(i)
		day := wrapper.Elem()
		unexported[atomic.Int32](day, "refCount").Add(1)
		partition := field(day, "pt").Elem()
		index := *unexported[*mergeset.Table](field(partition, "idb").Elem(), "tb")
		out[i] = engineDay{
			day:        *unexported[int64](day, "day"),
			wrapper:    wrapper.UnsafePointer(),
			indexTable: index,
			data: engineTable{value: field(partition, "ddb").Elem(), deadline: "flushDeadline", choose: datadbOptimalMerge,
				merge: func(t unsafe.Pointer, parts partList) error { datadbMergeParts(t, parts, true); return nil }},
			index: engineTable{value: reflect.ValueOf(index).Elem(), deadline: "flushToDiskDeadline", choose: indexOptimalMerge,
				merge: func(t unsafe.Pointer, parts partList) error { return indexMergeParts(t, parts, nil, true) }},
		}
	}
	return out
}

func releaseDays(days []engineDay) {
	for i := range days {
		partitionRelease(days[i].wrapper)
	}
}

// path is the table's folder.
func (t engineTable) path() string { return *unexported[string](t.value, "path") }

// pointer is the *datadb or *mergeset.Table.
func (t engineTable) pointer() unsafe.Pointer { return t.value.Addr().UnsafePointer() }

// inMemory looks at the parts in memory that are due to be written at mark or before.
// It returns those that nothing else works at, reserved for the caller, and how many
// others there are.
func (t engineTable) inMemory(mark time.Time) (free partList, busy int) {
	t.eachInMemory(mark, func(part unsafe.Pointer, merging *bool) {
		if *merging {
			busy++
			return
		}
		*merging = true
		free = append(free, part)
	})
	return free, busy
}

// giveBack ends the reservation of parts that inMemory returned.
func (t engineTable) giveBack(parts partList) {
	reserved := map[unsafe.Pointer]bool{}
	for _, p := range parts {
		reserved[p] = true
	}
	t.eachInMemory(time.Unix(1<<40, 0), func(part unsafe.Pointer, merging *bool) {
		if reserved[part] {
			*merging = false
		}
	})
}

func (t engineTable) eachInMemory(mark time.Time, fn func(part unsafe.Pointer, merging *bool)) {
	lock := unexported[sync.Mutex](t.value, "partsLock")
	lock.Lock()
	defer lock.Unlock()
	parts := field(t.value, "inmemoryParts")
	for i := range parts.Len() {
		p := parts.Index(i)
		if !unexported[time.Time](p.Elem(), t.deadline).After(mark) {
			fn(p.UnsafePointer(), unexported[bool](p.Elem(), "isInMerge"))
		}
	}
}

// checkEngine says whether the engine looks as this file and enginelink.go expect.
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
	want(reflect.TypeFor[atomic.Int32](), "partitions", "refCount")
	want(reflect.TypeFor[*mergeset.Table](), "partitions", "pt", "idb", "tb")
	for deadline, table := range map[string][]string{
		"flushDeadline": {"partitions", "pt", "ddb"}, "flushToDiskDeadline": {"partitions", "pt", "idb", "tb"},
	} {
		at := func(names ...string) []string { return append(append([]string{}, table...), names...) }
		want(reflect.TypeFor[string](), at("path")...)
		want(reflect.TypeFor[sync.Mutex](), at("partsLock")...)
		want(reflect.TypeFor[time.Time](), at("inmemoryParts", deadline)...)
		want(reflect.TypeFor[bool](), at("inmemoryParts", "isInMerge")...)
	}
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

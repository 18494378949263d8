package logstash

import (
	"container/list"
	"math"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// maxAggregateTasks bounds the maps of one pattern of tasks; the oldest ends for a new
// one.
const maxAggregateTasks = 100_000

// Bounds on memory: of one map, and of all with one pattern.
const (
	maxAggregateMap  = 64 << 20
	maxAggregateMaps = 512 << 20
)

// aggregateTasks are the maps of all filters with one pattern of tasks.
type aggregateTasks struct {
	mu      sync.Mutex
	byID    map[string]*aggregateTask
	order   *list.List // of *aggregateTask, oldest first
	size    int        // of all, at least
	options aggregateOptions
	owner   *Plugin // the filter whose options they are
	flushes *Plugin // the filter that ends tasks: the owner, or the first that asks
}

// aggregateTask is one task.
type aggregateTask struct {
	id     string
	values *ruby.Hash
	size   int // in bytes, at least
	// created and last are times of events, or of the clock; seen and lastSeen are by the
	// clock.
	created, last, seen, lastSeen time.Time
	// timeout and inactivity are set by code, in seconds; nil: as for all.
	timeout, inactivity any
	at                  *list.Element
}

func newAggregateTasks() *aggregateTasks {
	return &aggregateTasks{byID: map[string]*aggregateTask{}, order: list.New(),
		options: aggregateOptions{timeout: aggregateTimeout, inactivity: aggregateTimeout}}
}

// own takes the options of a filter; false: another one's are there.
func (t *aggregateTasks) own(p *Plugin, o aggregateOptions) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.owner != nil && t.owner != p {
		return false
	}
	t.owner, t.flushes, t.options = p, p, o
	return true
}

// flusher reports whether a filter is the one that ends tasks.
func (t *aggregateTasks) flusher(p *Plugin) bool {
	if t.flushes == nil {
		t.flushes = p
	}
	return t.flushes == p
}

func (t *aggregateTasks) add(id string, at, now time.Time) *aggregateTask {
	task := &aggregateTask{id: id, values: ruby.NewHash(), created: at, last: at, seen: now, lastSeen: now}
	task.at = t.order.PushBack(task)
	t.byID[id] = task
	return task
}

func (t *aggregateTasks) remove(id string) {
	if task := t.byID[id]; task != nil {
		t.order.Remove(task.at)
		t.size -= task.size
		delete(t.byID, id)
	}
}

// grow counts what code added to a map and reports whether the map may go on: one that
// became too large is measured first, as code may have removed things too.
func (t *aggregateTasks) grow(task *aggregateTask, by int) bool {
	by = max(by, 0)
	task.size += by
	t.size += by
	if task.size <= maxAggregateMap && t.size <= maxAggregateMaps {
		return true
	}
	size := ruby.Size(task.values)
	t.size += size - task.size
	task.size = size
	return size <= maxAggregateMap && t.size <= maxAggregateMaps
}

func (t *aggregateTasks) oldest() *aggregateTask {
	if e := t.order.Front(); e != nil {
		return e.Value.(*aggregateTask)
	}
	return nil
}

func (t *aggregateTasks) inOrder() []*aggregateTask {
	all := make([]*aggregateTask, 0, t.order.Len())
	for e := t.order.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*aggregateTask))
	}
	return all
}

// expired reports whether a task's time is up: by the clock, or by the times of events.
func (task *aggregateTask) expired(now time.Time, byEvents bool, o aggregateOptions) bool {
	created, last := task.seen, task.lastSeen
	if byEvents {
		created, last = task.created, task.last
	}
	return created.Before(now.Add(-seconds(limitOr(task.timeout, o.timeout)))) ||
		last.Before(now.Add(-seconds(limitOr(task.inactivity, o.inactivity))))
}

// limitOr is a number of seconds that code set, or what holds for all.
func limitOr(v any, def time.Duration) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		if !math.IsNaN(v) {
			return v
		}
	}
	return def.Seconds()
}

// meta is map_meta.
func (task *aggregateTask) meta() *ruby.Record {
	return ruby.NewRecord(map[string]any{
		"task_id": task.id, "creation_timestamp": task.created, "lastevent_timestamp": task.last,
		"timeout": task.timeout, "inactivity_timeout": task.inactivity,
	})
}

func (task *aggregateTask) learn(meta *ruby.Record) {
	task.timeout, task.inactivity = meta.Get("timeout"), meta.Get("inactivity_timeout")
}

// now reports whether code ended the task by a timeout of 0.
func (task *aggregateTask) now() bool {
	return task.timeout == any(int64(0)) || task.inactivity == any(int64(0))
}

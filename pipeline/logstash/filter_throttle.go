package logstash

import (
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// throttleFilter counts events by a key in periods and matches those before or after a
// count. It does not drop: the common options say what happens to those it matches.
type throttleFilter struct {
	key, period   *Template
	before, after int64 // -1: unset
	counters      *throttleCounters
}

// throttleCounters are the counts of all workers.
type throttleCounters struct {
	maxAge int64 // seconds
	max    int   // counters altogether; 0: any number

	mu    sync.Mutex
	keys  map[string]*throttleKey
	total int
	// newest is the latest second of any event: it is the clock of the counters.
	newest int64
}

// throttleKey are the counts of one key by the second at which their period begins.
type throttleKey struct {
	created, latest int64
	slots           map[int64]int64
}

func newThrottle(s *Settings, env *Env) (any, error) {
	s.Required("key")
	f := &throttleFilter{
		key:    s.Template("key", ""),
		period: s.Template("period", "60"),
		before: s.Int("before_count", -1),
		after:  s.Int("after_count", -1),
	}
	maxAge, most := s.Int("max_age", 3600), s.Int("max_counters", 100_000)
	f.counters = env.Shared("counters", func() any {
		return &throttleCounters{maxAge: maxAge, max: max(int(most), 0), keys: map[string]*throttleKey{}}
	}).(*throttleCounters)
	return Func(f.filter), nil
}

func (f *throttleFilter) filter(e *pipeline.Event) bool {
	period := ruby.ParseInt(f.period.Expand(e))
	if period <= 0 {
		period = 60
	}
	at := e.Time
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	count := f.counters.count(f.key.Expand(e), at.Unix(), period)
	return f.before != -1 && count < f.before || f.after != -1 && count > f.after
}

// count adds an event and returns how many its period has.
func (c *throttleCounters) count(key string, at, period int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.newest = max(c.newest, at)
	k := c.keys[key]
	if k == nil {
		c.makeRoom()
		k = &throttleKey{created: at, slots: map[int64]int64{}}
		c.keys[key] = k
	}
	k.latest = max(k.latest, at)
	slot := at - floorMod(at-k.created, period)
	if _, ok := k.slots[slot]; !ok {
		c.total++
	}
	k.slots[slot]++
	count := k.slots[slot]
	for s := range k.slots {
		if s < k.latest-c.maxAge {
			delete(k.slots, s)
			c.total--
		}
	}
	return count
}

func floorMod(a, b int64) int64 { return (a%b + b) % b }

// makeRoom forgets keys that are too old; if that is not enough, those longest unused,
// a twentieth of the age at a time, as Logstash lowers the age.
func (c *throttleCounters) makeRoom() {
	if c.max == 0 || c.total < c.max {
		return
	}
	for age := c.maxAge; c.total >= c.max && age >= 0; age -= max(c.maxAge/20, 1) {
		for key, k := range c.keys {
			if k.latest < c.newest-age || age == 0 {
				c.total -= len(k.slots)
				delete(c.keys, key)
			}
		}
	}
}

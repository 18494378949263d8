package door

import (
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Ticks tells entries apart whose protocol's times are coarse: two equal lines of one
// second are two lines. Their order within the second is that of arrival.
type Ticks struct {
	n    atomic.Int64
	last atomic.Int64 // time that Arrival returned
}

// Arrival returns now in nanoseconds since the Unix epoch, or what is next to the time
// that it returned before: no two entries arrive at once.
func (c *Ticks) Arrival(now time.Time) int64 {
	for {
		last := c.last.Load()
		next := max(now.UnixNano(), last+1)
		if c.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// At returns the nanoseconds since the Unix epoch of the next entry in t's second.
func (c *Ticks) At(t time.Time) int64 {
	return t.Unix()*int64(time.Second) + (c.n.Add(1)-1)%int64(time.Second)
}

// Within is At for times that are multiples of unit, in nanoseconds.
func (c *Ticks) Within(t, unit int64) int64 {
	if unit <= 1 {
		return t
	}
	return t - t%unit + (c.n.Add(1)-1)%unit
}

// Repeats tells equal entries of one request apart in a way that is the same when the
// request is sent again: the second of two gets the next nanosecond.
type Repeats struct{ seen map[repeat]int64 }

type repeat struct {
	time       int64
	line, rest string
}

// At returns the time of an entry; rest is what distinguishes it besides its line.
func (r *Repeats) At(t int64, line, rest string) int64 {
	if r.seen == nil {
		r.seen = map[repeat]int64{}
	}
	k := repeat{t, line, rest}
	n := r.seen[k]
	r.seen[k] = n + 1
	return t + n
}

// Spread returns the nanoseconds within a second of entry i of the request with this
// key: the same each time that the request comes, and others for other requests.
func Spread(key string, i int) int64 {
	const places = 1 << 24
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return int64(h.Sum64()%uint64(int64(time.Second)-places)) + int64(i%places)
}

// Arrivals remembers when requests with a key first came, so that lines without a time
// get the same one when a request comes again. It has two generations: when the younger
// is full it becomes the older.
type Arrivals struct {
	mu         sync.Mutex
	young, old map[string]time.Time
}

const maxArrivals = 10_000

// First returns now, or the time that an earlier call with this key returned.
func (a *Arrivals) First(key string, now time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t, ok := a.young[key]; ok {
		return t
	}
	t, ok := a.old[key]
	if !ok {
		t = now
	}
	if a.young == nil || len(a.young) >= maxArrivals {
		a.old, a.young = a.young, map[string]time.Time{}
	}
	a.young[key] = t
	return t
}

// UnixTime reads seconds since the epoch with an optional fraction, digit by digit. unit
// is what the last digit stands for, in nanoseconds.
func UnixTime(s string) (ns, unit int64, ok bool) {
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 0 || f > 1e11 {
			return 0, 0, false
		}
		return int64(f*1e3) * 1e6, 1e6, true
	}
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds < 0 || seconds > 1e11 {
		return 0, 0, false
	}
	ns, unit = 0, int64(time.Second)
	for i := 0; i < len(fraction) && unit > 1; i++ {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0, 0, false
		}
		unit /= 10
		ns += int64(fraction[i]-'0') * unit
	}
	if seconds > 9e9 { // beyond what fits
		return 0, 0, false
	}
	return seconds*int64(time.Second) + ns, unit, true
}

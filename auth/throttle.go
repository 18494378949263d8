package auth

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Failed sign-ins that are free, for a user from one address and for an address
// over all users; from there on the wait doubles.
const (
	freePerUser    = 5
	freePerAddress = 30
	longestWait    = 5 * time.Minute
	forgetAfter    = 15 * time.Minute
	throttleSize   = 10_000
)

// throttle slows down guessing. An attempt counts as failed until it succeeds, so
// that parallel guesses gain nothing. Its memory is bounded: what was idle longest
// is forgotten first.
type throttle struct {
	now func() time.Time

	mu   sync.Mutex
	seen *simplelru.LRU[string, attempts]
}

type attempts struct {
	failed int
	last   time.Time
}

func newThrottle(now func() time.Time) *throttle {
	seen, err := simplelru.NewLRU[string, attempts](throttleSize, nil)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &throttle{now: now, seen: seen}
}

// attempt counts one and returns nil, or returns how long to wait without
// counting.
func (t *throttle) attempt(user, address string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	userKey, addressKey := throttleKeys(user, address)
	wait := max(t.wait(userKey, freePerUser, now), t.wait(addressKey, freePerAddress, now))
	if wait > 0 {
		return &ThrottledError{RetryAfter: wait}
	}
	t.count(userKey, now)
	t.count(addressKey, now)
	return nil
}

// success takes the attempt back and forgives the user's failures.
func (t *throttle) success(user, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	userKey, addressKey := throttleKeys(user, address)
	t.seen.Remove(userKey)
	if a, ok := t.seen.Peek(addressKey); ok && a.failed > 0 {
		a.failed--
		t.seen.Add(addressKey, a)
	}
}

func (t *throttle) wait(key string, free int, now time.Time) time.Duration {
	a, ok := t.seen.Get(key)
	if !ok || a.failed < free || now.Sub(a.last) > forgetAfter {
		return 0
	}
	wait := min(time.Second<<min(a.failed-free, 16), longestWait)
	return max(wait-now.Sub(a.last), 0)
}

func (t *throttle) count(key string, now time.Time) {
	a, _ := t.seen.Get(key)
	if now.Sub(a.last) > forgetAfter {
		a.failed = 0
	}
	t.seen.Add(key, attempts{failed: a.failed + 1, last: now})
}

// throttleKeys takes an IPv6 address by its /64, which one customer owns whole.
func throttleKeys(user, address string) (userKey, addressKey string) {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Unmap().Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			address = p.String()
		}
	}
	return "u\x00" + address + "\x00" + user, "a\x00" + address
}

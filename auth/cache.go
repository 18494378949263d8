package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	cacheSize = 4096
	cacheTTL  = 30 * time.Second
)

// cache remembers for a short time which credentials are good, so that a busy
// shipper costs one look-up now and then. Every change of users, sessions or
// tokens in this process empties it; such changes are rare.
type cache struct {
	now func() time.Time
	key [32]byte // so that what is in memory is no plain hash of a password

	mu         sync.Mutex
	generation uint64
	entries    *simplelru.LRU[[32]byte, cacheEntry]
}

type cacheEntry struct {
	identity Identity
	until    time.Time
}

func newCache(now func() time.Time) *cache {
	entries, err := simplelru.NewLRU[[32]byte, cacheEntry](cacheSize, nil)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	c := &cache{now: now, entries: entries}
	_, _ = rand.Read(c.key[:]) // never fails: see crypto/rand
	return c
}

// id names credentials; kind keeps the kinds apart.
func (c *cache) id(kind, secret string) (id [32]byte) {
	m := hmac.New(sha256.New, c.key[:])
	m.Write([]byte(kind))
	m.Write([]byte{0})
	m.Write([]byte(secret))
	m.Sum(id[:0])
	return id
}

// get returns the identity, and the generation to hand to put when there is none.
func (c *cache) get(id [32]byte) (Identity, uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries.Get(id)
	if ok && c.now().Before(e.until) {
		return e.identity, c.generation, true
	}
	return Identity{}, c.generation, false
}

// put remembers an identity until expires at the latest, zero meaning never. What
// was looked up before a change is not kept.
func (c *cache) put(id [32]byte, generation uint64, identity Identity, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	until := c.now().Add(cacheTTL)
	if !expires.IsZero() && expires.Before(until) {
		until = expires
	}
	c.entries.Add(id, cacheEntry{identity, until})
}

// clear follows every change.
func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.entries.Purge()
}

package logstash

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// dnsCache remembers answers for a while; the nil cache remembers nothing.
type dnsCache struct {
	size int
	ttl  time.Duration
	now  func() time.Time

	mu      sync.Mutex
	entries map[string]dnsEntry
}

type dnsEntry struct {
	answer string
	until  time.Time
}

// sharedDNSCache reads NAME_size and NAME_ttl (seconds); workers share it.
func sharedDNSCache(s *Settings, env *Env, name string, ttl float64) *dnsCache {
	size := int(s.Int(name+"_size", 0))
	ttl = s.Float(name+"_ttl", ttl)
	if size <= 0 {
		return nil
	}
	return env.Shared(name, func() any {
		return &dnsCache{size: size, ttl: time.Duration(ttl * float64(time.Second)), now: env.Now, entries: map[string]dnsEntry{}}
	}).(*dnsCache)
}

func (c *dnsCache) get(key string) (string, bool) {
	if c == nil {
		return "", false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if ok && c.now().After(e.until) {
		delete(c.entries, key)
		ok = false
	}
	return e.answer, ok
}

func (c *dnsCache) put(key, answer string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= c.size {
		c.makeRoom()
	}
	c.entries[key] = dnsEntry{answer, c.now().Add(c.ttl)}
}

// makeRoom forgets what is too old, and an arbitrary tenth if that is nothing.
func (c *dnsCache) makeRoom() {
	now := c.now()
	before := len(c.entries)
	for key, e := range c.entries {
		if now.After(e.until) {
			delete(c.entries, key)
		}
	}
	for key := range c.entries {
		if len(c.entries) <= before-before/10-1 {
			return
		}
		delete(c.entries, key)
	}
}

// hostsFile is what files in the form of /etc/hosts say.
type hostsFile struct {
	addresses, names map[string]string
}

// maxHostsFile bounds one of these files.
const maxHostsFile = 8 << 20

func (h *hostsFile) read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read hosts: %w", err)
	}
	if info.Size() > maxHostsFile {
		return fmt.Errorf("read hosts %s: it is larger than 8 MiB", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read hosts: %w", err)
	}
	if h.addresses == nil {
		h.addresses, h.names = map[string]string{}, map[string]string{}
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		for i, name := range words {
			if i == 0 {
				continue
			}
			if _, ok := h.addresses[strings.ToLower(name)]; !ok {
				h.addresses[strings.ToLower(name)] = words[0]
			}
			if _, ok := h.names[words[0]]; !ok {
				h.names[words[0]] = name
			}
		}
	}
	return nil
}

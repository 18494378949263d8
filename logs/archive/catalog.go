package archive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/tenant"
)

// Catalog knows which hours a bucket has, and keeps some of their manifests. Safe
// for concurrent use.
type Catalog struct {
	bucket objstore.Bucket

	mu    sync.RWMutex
	hours map[tenant.ID]map[Hour]bool

	cache     sync.Mutex
	manifests *lru.Cache[manifestKey, cachedManifest]
	size      int64
}

type manifestKey struct {
	tenant tenant.ID
	hour   Hour
}

type cachedManifest struct {
	*Manifest
	size int64
}

// maxCachedManifests bounds the manifests that are kept, by their length as JSON.
const maxCachedManifests = 16 << 20

// NewCatalog returns a catalog that knows nothing yet.
func NewCatalog(b objstore.Bucket) *Catalog {
	c := &Catalog{bucket: b, hours: map[tenant.ID]map[Hour]bool{}}
	var err error
	c.manifests, err = lru.NewWithEvict(1<<16, func(_ manifestKey, m cachedManifest) { c.size -= m.size })
	if err != nil {
		panic("BUG: cache of manifests: " + err.Error())
	}
	return c
}

// Refresh lists the whole bucket.
func (c *Catalog) Refresh(ctx context.Context) error {
	tenants, err := c.listTenants(ctx)
	if err != nil {
		return err
	}
	all := map[tenant.ID]map[Hour]bool{}
	for _, t := range tenants {
		hours := map[Hour]bool{}
		err := c.bucket.Iter(ctx, tenantDir(t), func(name string) error {
			if h, ok := parseManifestName(t, name); ok {
				hours[h] = true
			}
			return nil
		}, objstore.WithRecursiveIter())
		if err != nil {
			return fmt.Errorf("list archive of %s: %w", t, err)
		}
		all[t] = hours
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hours = all
	return nil
}

// listTenants returns the tenants that the bucket has folders of.
func (c *Catalog) listTenants(ctx context.Context) ([]tenant.ID, error) {
	var out []tenant.ID
	err := c.bucket.Iter(ctx, root, func(name string) error {
		if t, err := tenant.Parse(strings.TrimSuffix(strings.TrimPrefix(name, root), "/")); err == nil {
			out = append(out, t)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list tenants of the archive: %w", err)
	}
	return out, nil
}

// Tenants are those that have hours, sorted.
func (c *Catalog) Tenants() []tenant.ID {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Sorted(maps.Keys(c.hours))
}

// Hours returns the hours that overlap a range, oldest first.
func (c *Catalog) Hours(t tenant.ID, start, end int64) []Hour {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []Hour
	for h := range c.hours[t] {
		if h.End() > start && int64(h) < end {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return out
}

// has says whether the bucket has an hour.
func (c *Catalog) has(t tenant.ID, h Hour) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.hours[t][h]
}

// Manifest returns an hour's manifest, nil if there is none. It must not be changed.
func (c *Catalog) Manifest(ctx context.Context, t tenant.ID, h Hour) (*Manifest, error) {
	if !c.has(t, h) {
		return nil, nil
	}
	key := manifestKey{t, h}
	c.cache.Lock()
	found, ok := c.manifests.Get(key)
	c.cache.Unlock()
	if ok {
		return found.Manifest, nil
	}
	m, size, err := readManifest(ctx, c.bucket, t, h)
	if err == nil && m != nil {
		c.keep(key, m, size)
	}
	return m, err
}

// cached returns a manifest if it is at hand.
func (c *Catalog) cached(t tenant.ID, h Hour) *Manifest {
	c.cache.Lock()
	defer c.cache.Unlock()
	m, _ := c.manifests.Get(manifestKey{t, h})
	return m.Manifest
}

func (c *Catalog) keep(key manifestKey, m *Manifest, size int64) {
	c.cache.Lock()
	defer c.cache.Unlock()
	c.manifests.Remove(key)
	c.manifests.Add(key, cachedManifest{m, size})
	for c.size += size; c.size > maxCachedManifests && c.manifests.Len() > 1; {
		c.manifests.RemoveOldest()
	}
}

// put notes a manifest that was just written.
func (c *Catalog) put(m *Manifest) {
	h := HourOf(m.Hour.UnixNano())
	c.mu.Lock()
	if c.hours[m.Tenant] == nil {
		c.hours[m.Tenant] = map[Hour]bool{}
	}
	c.hours[m.Tenant][h] = true
	c.mu.Unlock()
	text, err := m.encode()
	if err == nil {
		c.keep(manifestKey{m.Tenant, h}, m, int64(len(text)))
	}
}

// remove notes that an hour is gone.
func (c *Catalog) remove(t tenant.ID, h Hour) {
	c.mu.Lock()
	delete(c.hours[t], h)
	c.mu.Unlock()
	c.cache.Lock()
	defer c.cache.Unlock()
	c.manifests.Remove(manifestKey{t, h})
}

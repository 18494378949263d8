package lokipush

import (
	"fmt"
	"strings"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pharosd/pharos/model"
)

// maxLabels is the longest text of a stream's labels in bytes. Loki takes 16 MB;
// what its other limits accept fits in less.
const maxLabels = 1 << 20

// labelCache remembers the parsed form of streams' labels. It has two
// generations: when the younger is full it becomes the older, whose streams that
// are still used move on.
type labelCache struct {
	parser parser.Parser

	mu         sync.Mutex
	young, old map[string]model.Labels
}

const (
	cacheEntries  = 10_000
	cacheMaxBytes = 4 << 10 // of one text
)

func newLabelCache() *labelCache {
	return &labelCache{parser: parser.NewParser(parser.Options{}), young: map[string]model.Labels{}}
}

// parse reads labels in PromQL's form, {name="value", ...}; labels without a
// value are left out.
func (c *labelCache) parse(s string) (model.Labels, error) {
	if ls, ok := c.get(s); ok {
		return ls, nil
	}
	if len(s) > maxLabels {
		return nil, fmt.Errorf("labels size %d bytes exceeds limit of %d", len(s), maxLabels)
	}
	s = strings.Clone(s) // it is part of a whole request
	parsed, err := c.parser.ParseMetric(s)
	if err != nil {
		return nil, err
	}
	// Two labels of one name stay, for the limits to refuse.
	out := make(model.Labels, 0, parsed.Len())
	parsed.Range(func(l labels.Label) {
		if l.Value != "" {
			out = append(out, model.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)})
		}
	})
	if len(s) <= cacheMaxBytes {
		c.put(s, out)
	}
	return out, nil
}

func (c *labelCache) get(s string) (model.Labels, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ls, ok := c.young[s]; ok {
		return ls, true
	}
	ls, ok := c.old[s]
	if ok {
		c.add(strings.Clone(s), ls)
	}
	return ls, ok
}

func (c *labelCache) put(s string, ls model.Labels) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(s, ls)
}

func (c *labelCache) add(s string, ls model.Labels) {
	if len(c.young) >= cacheEntries {
		c.old, c.young = c.young, make(map[string]model.Labels, cacheEntries)
	}
	c.young[s] = ls
}

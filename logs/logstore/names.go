package logstore

import (
	"strings"
	"sync"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// maxParsedNames bounds the distinct names of parsed fields of one tenant. Lines
// with further names are kept without fields: names may come from hostile lines, and
// the engine keeps at most 2,000 columns in a block.
const maxParsedNames = 1000

// parsedNames are the names of parsed fields that this process has seen. Queries use
// them to leave out columns that they do not need.
type parsedNames struct {
	mu       sync.RWMutex
	byTenant map[tenant.ID]map[string]struct{}
}

// learn remembers names that queries came across.
func (p *parsedNames) learn(t tenant.ID, cs []logs.Column) {
	for i := range cs {
		if !p.has(t, cs[i].Name) {
			p.add(t, cs[i].Name)
		}
	}
}

func (p *parsedNames) has(t tenant.ID, name string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, ok := p.byTenant[t][name]
	return ok
}

// add returns whether the name is, or could be made, one of the tenant's.
func (p *parsedNames) add(t tenant.ID, name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := p.byTenant[t]
	if _, ok := names[name]; ok {
		return true
	}
	if len(names) >= maxParsedNames {
		return false
	}
	if names == nil {
		if p.byTenant == nil {
			p.byTenant = map[tenant.ID]map[string]struct{}{}
		}
		names = map[string]struct{}{}
		p.byTenant[t] = names
	}
	names[strings.Clone(name)] = struct{}{}
	return true
}

// others appends the columns of the tenant's names that are not wanted.
func (p *parsedNames) others(to []string, t tenant.ID, wanted []string) []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	keep := make(map[string]bool, len(wanted))
	for _, name := range wanted {
		keep[name] = true
	}
	for name := range p.byTenant[t] {
		if !keep[name] {
			to = append(to, parsedPrefix+name)
		}
	}
	return to
}

package rowstore

import (
	"maps"
	"slices"

	"github.com/pharosd/pharos/tenant"
)

// Tenants returns all tenants that ever wrote, by name.
func (s *Store) Tenants() []tenant.ID {
	s.tenants.mu.RLock()
	defer s.tenants.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.tenants.numbers))
}

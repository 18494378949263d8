// Package retain decides which entries answers show: those that are not older than
// the retention of their tenant and stream, and that nobody asked to delete. The
// engine drops whole days for all tenants alike; what is to go earlier is masked
// here, below every dialect, from the moment on at which it is due.
//
// Masks are filters of the store's contract, so that they are exact and as fast as
// the store (docs/adr/0015).
package retain

import (
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// Hidden says which of a tenant's entries answers must not show. The zero Hidden
// hides nothing.
type Hidden struct {
	// Before hides everything that is older, nanoseconds since the Unix epoch.
	Before int64
	// Streams hides by stream and time alone: it is made of And, Or, Not, InStreams
	// and Within. nil hides nothing.
	Streams logs.Filter
	// Entries hides by what entries hold, too. nil hides nothing.
	Entries logs.Filter
}

// Source is where masks come from. Hidden is called for each query: it must answer
// at once, from memory. Safe for concurrent use.
type Source interface {
	// Hidden returns what is hidden of t's entries within [start, end). It may hide
	// entries outside of that range or not.
	Hidden(t tenant.ID, start, end int64) Hidden
}

// join is what any of two hides.
func join(a, b Hidden) Hidden {
	return Hidden{Before: max(a.Before, b.Before), Streams: either(a.Streams, b.Streams), Entries: either(a.Entries, b.Entries)}
}

func either(a, b logs.Filter) logs.Filter {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return logs.Or{a, b}
}

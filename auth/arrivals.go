package auth

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Arrival is what one sender brought by one way since the process began. It tells a
// person whose client was just set up whether its data come in, and if not, why.
type Arrival struct {
	// TokenID is the sender's token; "" for users and while authentication is off.
	TokenID string `json:"token_id"`
	// Way is the pattern of the route, or the method of a native port.
	Way string `json:"way"`
	// Accepted and Refused count requests.
	Accepted uint64    `json:"accepted"`
	Refused  uint64    `json:"refused"`
	First    time.Time `json:"first,omitzero"` // accepted
	Last     time.Time `json:"last,omitzero"`  // accepted
	// Refusal is why the last refused request was refused.
	Refusal   string    `json:"refusal,omitempty"`
	RefusedAt time.Time `json:"refused_at,omitzero"`
}

// maxArrivals bounds what is remembered over all tenants; who was silent longest is
// forgotten first.
const maxArrivals = 4096

// maxRefusal bounds the text of a refusal in bytes.
const maxRefusal = 300

type arrivalKey struct {
	tenant     tenant.ID
	token, way string
}

// arrivals remembers who sent what. The zero value is ready.
type arrivals struct {
	mu   sync.Mutex
	seen map[arrivalKey]*Arrival
}

// note counts one request; refusal is "" when it was accepted.
func (a *arrivals) note(identity Identity, way, refusal string, now time.Time) {
	key := arrivalKey{identity.Tenant, identity.TokenID, way}
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.seen[key]
	if one == nil {
		if a.seen == nil {
			a.seen = map[arrivalKey]*Arrival{}
		}
		if len(a.seen) >= maxArrivals {
			a.forget()
		}
		one = &Arrival{TokenID: key.token, Way: way}
		a.seen[key] = one
	}
	if refusal != "" {
		one.Refused++
		one.Refusal, one.RefusedAt = strings.ToValidUTF8(refusal[:min(len(refusal), maxRefusal)], ""), now
		return
	}
	one.Accepted++
	one.Last = now
	if one.First.IsZero() {
		one.First = now
	}
}

// forget drops the eighth that was silent longest, so that it is rarely needed.
func (a *arrivals) forget() {
	keys := slices.SortedFunc(maps.Keys(a.seen), func(x, y arrivalKey) int {
		return cmp.Compare(a.seen[x].latest().UnixNano(), a.seen[y].latest().UnixNano())
	})
	for _, key := range keys[:len(keys)/8] {
		delete(a.seen, key)
	}
}

func (a *Arrival) latest() time.Time {
	if a.RefusedAt.After(a.Last) {
		return a.RefusedAt
	}
	return a.Last
}

// Arrivals returns what came into a tenant, of one token when token is not "",
// newest first.
func (s *Service) Arrivals(t tenant.ID, token string) []Arrival {
	s.arrivals.mu.Lock()
	defer s.arrivals.mu.Unlock()
	out := []Arrival{}
	for key, one := range s.arrivals.seen {
		if key.tenant == t && (token == "" || key.token == token) {
			out = append(out, *one)
		}
	}
	slices.SortFunc(out, func(x, y Arrival) int {
		return cmp.Or(y.latest().Compare(x.latest()), cmp.Compare(x.Way, y.Way), cmp.Compare(x.TokenID, y.TokenID))
	})
	return out
}

// Arrived implements tenant.Witness.
func (s *Service) Arrived(ctx context.Context, get func(name string) string, way, refusal string) {
	identity, err := s.authenticate(ctx, credentials{authorization: get("authorization"), orgID: get("x-scope-orgid")})
	if err == nil && identity.May(httpx.Write) {
		s.arrivals.note(identity, way, refusal, s.now())
	}
}

package app

import (
	"sync"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/tenant"
)

// buildLibrary serves what people keep and show beside dashboards, and removes what
// expired.
func (a *App) buildLibrary(library *dashboards.Library) error {
	a.part("dashboard library", library.Sweep)
	a.routes = append(a.routes, v1.NewFolders(library).Routes()...)
	a.routes = append(a.routes, v1.NewQueryHistory(library).Routes()...)
	a.routes = append(a.routes, v1.NewDashboardCheck(library, QueryParsers()).Routes()...)
	a.routes = append(a.routes, v1.NewAnnotations(library).Routes()...)
	a.routes = append(a.routes, v1.NewCollections(library).Routes()...)
	a.routes = append(a.routes, v1.NewSharing(library, a.auth).Routes()...)

	tokens := readingTokens{auth: a.auth, name: "public link", byTenant: map[tenant.ID]string{}}
	public := v1.NewPublic(library, tokens.of)
	a.buildReports(library, a.buildRender(library))
	a.askers = append(a.askers, public.Open)
	a.routes = append(a.routes, public.Routes()...)
	return nil
}

// readingTokens are the process' own tokens that read what one tenant has.
type readingTokens struct {
	auth *auth.Service
	name string

	mu       sync.Mutex
	byTenant map[tenant.ID]string
}

func (r *readingTokens) of(t tenant.ID) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	secret, ok := r.byTenant[t]
	if !ok {
		secret = auth.NewTokenSecret()
		r.auth.AddProcessToken(secret, auth.Identity{Kind: auth.KindToken, Name: r.name, Tenant: t, Role: auth.Viewer, CanRead: true})
		r.byTenant[t] = secret
	}
	return secret
}

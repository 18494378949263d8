package v1

import (
	"net/http"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Arrivals tells whose data come in, for the page that connects a sender.
type Arrivals struct{ service *auth.Service }

// NewArrivals asks s.
func NewArrivals(s *auth.Service) *Arrivals { return &Arrivals{s} }

// Routes returns the table of routes.
func (a *Arrivals) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "GET /api/pharos/v1/arrivals", Access: httpx.Read, Handler: http.HandlerFunc(a.get)}}
}

// get answers GET /arrivals?token=ID: {"arrivals": [...]} since the process began, newest
// first; of every sender of the tenant without a token's id.
func (a *Arrivals) get(w http.ResponseWriter, r *http.Request) {
	httpx.WriteJSON(w, http.StatusOK, struct {
		Arrivals []auth.Arrival `json:"arrivals"`
	}{a.service.Arrivals(tenant.FromContext(r.Context()), r.URL.Query().Get("token"))})
}

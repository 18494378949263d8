package app

import (
	"net"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/dashboards/render"
	"github.com/pharosd/pharos/tenant"
)

// buildRender wires the pictures of dashboards.
func (a *App) buildRender(library *dashboards.Library) *render.Renderer {
	renderer := render.New(a.cfg.Dashboards.Chromium, render.Deps{
		Library: library, BaseURL: a.ownURL(), SignIn: a.signInFor, Log: a.log.With("component", "render"),
	}, a.registry)
	a.routes = append(a.routes, v1.NewRender(renderer).Routes()...)
	return renderer
}

// ownURL is where this process reaches itself.
func (a *App) ownURL() string {
	ip := a.addr.IP
	if ip == nil || ip.IsUnspecified() {
		ip = net.IPv4(127, 0, 0, 1)
	}
	return "http://" + net.JoinHostPort(ip.String(), strconv.Itoa(a.addr.Port))
}

// signInFor lets the process' own browser read what somebody may read, until end is called.
func (a *App) signInFor(t tenant.ID, who dashboards.Actor) (secret string, end func()) {
	i := auth.Identity{Kind: auth.KindUser, Name: who.User, Tenant: t, Role: auth.Role(who.Role), CanRead: true}
	if who.User == "" {
		i.Kind, i.Name = auth.KindToken, strings.TrimPrefix(who.Owner, "token:")
	}
	secret = auth.NewTokenSecret()
	a.auth.AddProcessToken(secret, i)
	return secret, func() { a.auth.RemoveProcessToken(secret) }
}

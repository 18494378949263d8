package auth

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// SessionCookie is the cookie's name.
const SessionCookie = "pharos_session"

// Identify returns who the request comes from, for public routes; the gate does it
// for all others. Errors are those of the gate: tenant.ErrUnauthenticated and so on.
func (s *Service) Identify(r *http.Request) (Identity, error) {
	return s.authenticate(r.Context(), credentials{
		authorization: r.Header.Get("Authorization"),
		session:       SessionSecret(r),
		orgID:         r.Header.Get("X-Scope-OrgID"),
		address:       s.ClientAddress(r),
	})
}

// SessionSecret returns the session cookie's value, "" without one.
func SessionSecret(r *http.Request) string {
	c, err := r.Cookie(SessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSessionCookie hands a session's secret to the browser; "" takes it back.
func (s *Service) SetSessionCookie(w http.ResponseWriter, r *http.Request, secret string) {
	c := &http.Cookie{
		Name: SessionCookie, Value: secret, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.isSecure(r),
		MaxAge: int(time.Duration(s.cfg.SessionLifetime).Seconds()),
	}
	if secret == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// ClientAddress returns the IP address that the request comes from, through the
// proxies that the configuration trusts.
func (s *Service) ClientAddress(r *http.Request) string {
	address := peer(r)
	// The last entry was written by the proxy that connected to us, and so on
	// leftwards as long as the writer is trusted.
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && s.isTrusted(address); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		address = next.Unmap().String()
	}
	return address
}

// isSecure reports whether the browser used HTTPS.
func (s *Service) isSecure(r *http.Request) bool {
	return r.TLS != nil || s.isTrusted(peer(r)) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

func (s *Service) isTrusted(address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, p := range s.cfg.TrustedProxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// touchAfter is how coarse the times of last use are; each update is a write.
const touchAfter = 5 * time.Minute

// credentials are what a request may carry, over HTTP or gRPC.
type credentials struct {
	authorization string // header
	session       string // cookie
	orgID         string // X-Scope-OrgID
	address       string // the peer's, "" if not known
}

// authenticate returns who the credentials stand for. Authorization wins over the
// cookie. The error wraps tenant.ErrUnauthenticated, tenant.ErrForbidden or
// tenant.ErrInvalidID, or is a *ThrottledError or ErrBusy.
func (s *Service) authenticate(ctx context.Context, c credentials) (Identity, error) {
	if s.cfg.Mode == Off {
		return anonymous(c.orgID)
	}
	identity, err := s.identify(ctx, c)
	if err != nil {
		return Identity{}, err
	}
	if c.orgID != "" && c.orgID != string(identity.Tenant) {
		return Identity{}, fmt.Errorf("X-Scope-OrgID names tenant %q, the credentials are another's: %w", clip(c.orgID), tenant.ErrForbidden)
	}
	return identity, nil
}

// anonymous is everybody while authentication is off.
func anonymous(orgID string) (Identity, error) {
	id := tenant.Default
	if orgID != "" {
		var err error
		if id, err = tenant.Parse(orgID); err != nil {
			return Identity{}, fmt.Errorf("X-Scope-OrgID: %w", err)
		}
	}
	return Identity{Kind: KindAnonymous, Name: "anonymous", Tenant: id, Role: Admin, CanRead: true, CanWrite: true}, nil
}

func (s *Service) identify(ctx context.Context, c credentials) (Identity, error) {
	if c.authorization == "" {
		if c.session == "" {
			return Identity{}, fmt.Errorf("no credentials: %w", tenant.ErrUnauthenticated)
		}
		return s.bySession(ctx, c.session)
	}
	scheme, rest, _ := strings.Cut(c.authorization, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"), strings.EqualFold(scheme, "Splunk"):
		return s.byToken(ctx, rest)
	case strings.EqualFold(scheme, "Basic"):
		decoded, err := base64.StdEncoding.DecodeString(rest)
		name, password, ok := strings.Cut(string(decoded), ":")
		if err != nil || !ok {
			return Identity{}, fmt.Errorf("malformed Basic credentials: %w", tenant.ErrUnauthenticated)
		}
		if strings.HasPrefix(password, tokenPrefix) {
			return s.byToken(ctx, password)
		}
		return s.byPassword(ctx, name, password, c.address)
	case strings.EqualFold(scheme, "ApiKey"):
		// Elasticsearch's clients: base64 of id:key, of which the key is a token.
		decoded, err := base64.StdEncoding.DecodeString(rest)
		_, token, ok := strings.Cut(string(decoded), ":")
		if err != nil || !ok {
			token = rest
		}
		return s.byToken(ctx, token)
	}
	return Identity{}, fmt.Errorf("authorization is neither Bearer, Basic, ApiKey nor Splunk: %w", tenant.ErrUnauthenticated)
}

func (s *Service) byToken(ctx context.Context, secret string) (Identity, error) {
	id := s.cache.id("token", secret)
	identity, generation, ok := s.cache.get(id)
	if ok {
		return identity, nil
	}
	if identity, ok := s.process.get(secret); ok {
		return identity, nil
	}
	t, err := s.db.TokenBySecret(ctx, hashSecret(secret))
	if errors.Is(err, metastore.ErrNotFound) {
		return Identity{}, fmt.Errorf("unknown token: %w", tenant.ErrUnauthenticated)
	}
	if err != nil {
		return Identity{}, err
	}
	now := s.now()
	if !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
		return Identity{}, fmt.Errorf("token %q has expired: %w", t.Name, tenant.ErrUnauthenticated)
	}
	if now.Sub(t.UsedAt) > touchAfter {
		if err := s.db.TouchToken(ctx, t.ID, now); err != nil {
			s.logger.WarnContext(ctx, "cannot note the token's use", "token", t.Name, "error", err)
		}
	}
	scope, err := tenant.ParseScope(t.Selector)
	if err != nil { // was checked when it was made: never let it pass unnarrowed
		return Identity{}, fmt.Errorf("token %q: %w", t.Name, err)
	}
	identity = Identity{
		Kind: KindToken, Name: t.Name, TokenID: t.ID, Tenant: t.Tenant, Role: Role(t.Role), CanRead: t.CanRead, CanWrite: t.CanWrite, Scope: scope,
	}
	s.cache.put(id, generation, identity, t.ExpiresAt)
	return identity, nil
}

func (s *Service) bySession(ctx context.Context, secret string) (Identity, error) {
	id := s.cache.id("session", secret)
	identity, generation, ok := s.cache.get(id)
	if ok {
		return identity, nil
	}
	session, err := s.db.Session(ctx, hashSecret(secret))
	if errors.Is(err, metastore.ErrNotFound) {
		return Identity{}, fmt.Errorf("unknown session: %w", tenant.ErrUnauthenticated)
	}
	if err != nil {
		return Identity{}, err
	}
	now := s.now()
	ends := earlier(session.CreatedAt.Add(time.Duration(s.cfg.SessionLifetime)), session.SeenAt.Add(time.Duration(s.cfg.SessionIdle)))
	if !now.Before(ends) {
		return Identity{}, fmt.Errorf("the session has expired: %w", tenant.ErrUnauthenticated)
	}
	if now.Sub(session.SeenAt) > touchAfter {
		if err := s.db.TouchSession(ctx, session.IDHash, now); err != nil {
			s.logger.WarnContext(ctx, "cannot note the session's use", "user", session.User.Name, "error", err)
		}
	}
	identity = userIdentity(session.User)
	s.cache.put(id, generation, identity, ends)
	return identity, nil
}

func (s *Service) byPassword(ctx context.Context, name, password, address string) (Identity, error) {
	id := s.cache.id("password", name+"\x00"+password)
	identity, generation, ok := s.cache.get(id)
	if ok {
		return identity, nil
	}
	u, err := s.checkPassword(ctx, name, password, address)
	if err != nil {
		return Identity{}, err
	}
	identity = userIdentity(u)
	s.cache.put(id, generation, identity, time.Time{})
	return identity, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// ResolveWrite implements tenant.Resolver.
func (s *Service) ResolveWrite(ctx context.Context, get func(name string) string) (tenant.ID, error) {
	identity, err := s.authenticate(ctx, credentials{authorization: get("authorization"), orgID: get("x-scope-orgid")})
	if err != nil {
		if throttled := (*ThrottledError)(nil); errors.As(err, &throttled) {
			return "", fmt.Errorf("%w: %w", tenant.ErrUnauthenticated, err)
		}
		if errors.Is(err, tenant.ErrInvalidID) {
			return "", fmt.Errorf("%w: %w", tenant.ErrForbidden, err)
		}
		return "", err
	}
	if !identity.May(httpx.Write) {
		return "", fmt.Errorf("%s %q may not push data: %w", identity.Kind, identity.Name, tenant.ErrForbidden)
	}
	if !identity.Scope.IsZero() {
		return "", fmt.Errorf("this token is narrowed to %s; the protocols of native ports cannot be narrowed: %w", identity.Scope, tenant.ErrForbidden)
	}
	return identity.Tenant, nil
}

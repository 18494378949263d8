package auth

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// NewToken is what creating a token takes.
type NewToken struct {
	Name              string
	Role              Role
	Tenant            tenant.ID // "": the administrator's own
	CanRead, CanWrite bool
	ExpiresAt         time.Time // zero: never
	// Selector narrows the token, such as {project="x"}; "" does not.
	Selector string
}

// Tokens returns the tokens that the administrator manages.
func (s *Service) Tokens(ctx context.Context, by Identity) ([]metastore.Token, error) {
	return s.db.Tokens(ctx, by.scope())
}

// CreateToken returns the new token and its secret, which is stored nowhere else.
// The error may be an *httpx.Error, or wrap metastore.ErrExists or
// tenant.ErrForbidden.
func (s *Service) CreateToken(ctx context.Context, by Identity, t NewToken) (metastore.Token, string, error) {
	id, err := chosenTenant(by, t.Tenant)
	if err != nil {
		return metastore.Token{}, "", err
	}
	now := s.now().UTC().Truncate(time.Millisecond)
	if err := checkToken(t, now); err != nil {
		return metastore.Token{}, "", err
	}
	scope, err := tenant.ParseScope(t.Selector)
	if err != nil {
		return metastore.Token{}, "", badInput("bad_selector", err.Error())
	}
	secret := tokenPrefix + newSecret()
	row := metastore.Token{
		ID: ulid.Make().String(), SecretHash: hashSecret(secret), Tenant: id, Name: t.Name, Role: string(t.Role),
		CanRead: t.CanRead, CanWrite: t.CanWrite, CreatedBy: by.Name, CreatedAt: now, ExpiresAt: t.ExpiresAt.UTC().Truncate(time.Millisecond),
		Selector: scope.String(),
	}
	if err := s.db.CreateToken(ctx, row); err != nil {
		return metastore.Token{}, "", err
	}
	s.audit(ctx, "token created", "by", by.Name, "token", t.Name, "tenant", id, "role", t.Role, "read", t.CanRead, "write", t.CanWrite, "selector", row.Selector)
	return row, secret, nil
}

// DeleteToken revokes a token at once.
func (s *Service) DeleteToken(ctx context.Context, by Identity, tokenID string) error {
	defer s.cache.clear()
	if err := s.db.DeleteToken(ctx, by.scope(), tokenID); err != nil {
		return err
	}
	s.audit(ctx, "token deleted", "by", by.Name, "token_id", tokenID)
	return nil
}

func checkToken(t NewToken, now time.Time) error {
	if err := checkName("token", t.Name); err != nil {
		return err
	}
	if _, err := ParseRole(string(t.Role)); err != nil {
		return badInput("bad_role", err.Error())
	}
	if !t.CanRead && !t.CanWrite {
		return badInput("bad_token", "a token must be allowed to read or to write")
	}
	if !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(now) {
		return badInput("bad_token", "the token would have expired already")
	}
	return nil
}

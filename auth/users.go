package auth

import (
	"context"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

const maxName = 64

// NewUser is what creating a user takes.
type NewUser struct {
	Name     string
	Password string
	Role     Role
	Tenant   tenant.ID // "": the administrator's own
}

// Users returns the users whom the administrator manages.
func (s *Service) Users(ctx context.Context, by Identity) ([]metastore.User, error) {
	return s.db.Users(ctx, by.scope())
}

// CreateUser adds a user. The error may be an *httpx.Error, or wrap
// metastore.ErrExists or tenant.ErrForbidden.
func (s *Service) CreateUser(ctx context.Context, by Identity, u NewUser) (metastore.User, error) {
	id, err := chosenTenant(by, u.Tenant)
	if err != nil {
		return metastore.User{}, err
	}
	u.Tenant = id
	if err := s.insertUser(ctx, u); err != nil {
		return metastore.User{}, err
	}
	s.audit(ctx, "user created", "by", by.Name, "user", u.Name, "tenant", id, "role", u.Role)
	return s.db.User(ctx, u.Name)
}

func (s *Service) insertUser(ctx context.Context, u NewUser) error {
	if err := checkName("user", u.Name); err != nil {
		return err
	}
	if err := checkPasswordRules(u.Password); err != nil {
		return err
	}
	if _, err := ParseRole(string(u.Role)); err != nil {
		return badInput("bad_role", err.Error())
	}
	hash, err := s.hasher.hash(ctx, u.Password)
	if err != nil {
		return err
	}
	now := s.now()
	return s.db.CreateUser(ctx, metastore.User{
		Name: u.Name, Tenant: u.Tenant, Role: string(u.Role), PasswordHash: hash, CreatedAt: now, UpdatedAt: now,
	})
}

// UserChange is what UpdateUser changes; nil leaves it as it is.
type UserChange struct {
	Role     *Role
	Password *string
}

// UpdateUser changes another user; metastore.ErrLastAdmin if nobody could appoint
// administrators any more. A new password ends all of the user's sessions.
func (s *Service) UpdateUser(ctx context.Context, by Identity, name string, c UserChange) error {
	if c.Role != nil {
		if _, err := ParseRole(string(*c.Role)); err != nil {
			return badInput("bad_role", err.Error())
		}
	}
	if c.Password != nil {
		if err := checkPasswordRules(*c.Password); err != nil {
			return err
		}
	}
	if _, err := s.managedUser(ctx, by, name); err != nil {
		return err
	}
	defer s.cache.clear()
	if c.Role != nil {
		if err := s.db.SetUserRole(ctx, name, string(*c.Role), string(Admin), s.now()); err != nil {
			return err
		}
		s.audit(ctx, "role changed", "by", by.Name, "user", name, "role", *c.Role)
	}
	if c.Password != nil {
		return s.SetPassword(ctx, by, name, *c.Password)
	}
	return nil
}

// SetPassword changes another user's password and ends all of that user's
// sessions.
func (s *Service) SetPassword(ctx context.Context, by Identity, name, password string) error {
	if _, err := s.managedUser(ctx, by, name); err != nil {
		return err
	}
	if err := s.storePassword(ctx, name, password); err != nil {
		return err
	}
	s.audit(ctx, "password set", "by", by.Name, "user", name)
	return nil
}

// DeleteUser removes a user and ends their sessions; metastore.ErrLastAdmin as
// SetRole.
func (s *Service) DeleteUser(ctx context.Context, by Identity, name string) error {
	if _, err := s.managedUser(ctx, by, name); err != nil {
		return err
	}
	defer s.cache.clear()
	if err := s.db.DeleteUser(ctx, name, string(Admin)); err != nil {
		return err
	}
	s.audit(ctx, "user deleted", "by", by.Name, "user", name)
	return nil
}

// ChangePassword changes the user's own password, ends all of their sessions and
// returns the secret of a new one.
func (s *Service) ChangePassword(ctx context.Context, by Identity, current, next, address string) (string, error) {
	if by.Kind != KindUser {
		return "", badInput("no_user", "only a user who signed in has a password")
	}
	if _, err := s.checkPassword(ctx, by.Name, current, address); err != nil {
		return "", err
	}
	if err := s.storePassword(ctx, by.Name, next); err != nil {
		return "", err
	}
	s.audit(ctx, "password changed", "user", by.Name)
	u, err := s.db.User(ctx, by.Name)
	if err != nil {
		return "", err
	}
	return s.newSession(ctx, u)
}

// ResetPassword gives a user a new random password, ends all of their sessions
// and returns the password. It is for the command line, whose caller owns the
// data directory.
func (s *Service) ResetPassword(ctx context.Context, name string) (string, error) {
	password := newPassword()
	if err := s.storePassword(ctx, name, password); err != nil {
		return "", err
	}
	s.audit(ctx, "password reset", "user", name)
	return password, nil
}

func (s *Service) storePassword(ctx context.Context, name, password string) error {
	if err := checkPasswordRules(password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	defer s.cache.clear()
	return s.db.SetUserPassword(ctx, name, hash, s.now())
}

// managedUser returns the user if the administrator may change it, else
// metastore.ErrNotFound, so that other tenants' names stay unknown.
func (s *Service) managedUser(ctx context.Context, by Identity, name string) (metastore.User, error) {
	u, err := s.db.User(ctx, name)
	if err != nil {
		return u, err
	}
	if scope := by.scope(); scope != "" && scope != u.Tenant {
		return metastore.User{}, fmt.Errorf("user %q: %w", name, metastore.ErrNotFound)
	}
	return u, nil
}

// chosenTenant returns where a new user or token goes.
func chosenTenant(by Identity, want tenant.ID) (tenant.ID, error) {
	if want == "" {
		return by.Tenant, nil
	}
	id, err := tenant.Parse(string(want))
	if err != nil {
		return "", badInput("bad_tenant", err.Error())
	}
	if scope := by.scope(); scope != "" && scope != id {
		return "", fmt.Errorf("tenant %q: %w", id, tenant.ErrForbidden)
	}
	return id, nil
}

func checkName(what, name string) error {
	if len(name) == 0 || len(name) > maxName {
		return badInput("bad_name", fmt.Sprintf("a %s's name has 1 to %d characters", what, maxName))
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-' || c == '@' || c == '+'):
		default:
			return badInput("bad_name", fmt.Sprintf("a %s's name may hold letters, digits and . _ - @ +, and begins with a letter or a digit", what))
		}
	}
	return nil
}

func checkPasswordRules(password string) error {
	if n := utf8.RuneCountInString(password); n < minPassword || len(password) > maxPassword {
		return badInput("bad_password", fmt.Sprintf("a password has %d characters at least and %d bytes at most", minPassword, maxPassword))
	}
	return nil
}

func badInput(code, message string) error {
	return &httpx.Error{Status: http.StatusBadRequest, Code: code, Message: message}
}

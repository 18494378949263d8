package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// sessionsPerUser bounds the table; who signs in more often ends the oldest.
const sessionsPerUser = 50

// Service knows users, sessions and tokens. It is safe for concurrent use.
type Service struct {
	cfg      Config
	db       *metastore.DB
	logger   *slog.Logger
	now      func() time.Time
	hasher   *hasher
	throttle *throttle
	cache    *cache
	checks   singleflight.Group // of passwords
	process  processTokens
	arrivals arrivals
}

// NewService returns a service over db.
func NewService(cfg Config, db *metastore.DB, logger *slog.Logger) *Service {
	return newService(cfg, db, logger, time.Now)
}

func newService(cfg Config, db *metastore.DB, logger *slog.Logger, now func() time.Time) *Service {
	return &Service{
		cfg: cfg, db: db, logger: logger, now: now,
		hasher: newHasher(), throttle: newThrottle(now), cache: newCache(now),
	}
}

// Mode returns whether requests need credentials.
func (s *Service) Mode() Mode { return s.cfg.Mode }

// Bootstrap creates the administrator "admin" if there is no user at all, and
// returns its password, which is stored nowhere else; "" if there was one.
func (s *Service) Bootstrap(ctx context.Context) (password string, err error) {
	n, err := s.db.CountUsers(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	password = newPassword()
	err = s.insertUser(ctx, NewUser{Name: "admin", Password: password, Role: Admin, Tenant: tenant.Default})
	if err != nil {
		return "", fmt.Errorf("create the first administrator: %w", err)
	}
	s.audit(ctx, "first administrator created", "user", "admin")
	return password, nil
}

// SignIn checks name and password and returns a new session's secret for the
// cookie. The error wraps tenant.ErrUnauthenticated whether the user or the
// password is wrong, or is a *ThrottledError or ErrBusy.
func (s *Service) SignIn(ctx context.Context, name, password, address string) (Identity, string, error) {
	u, err := s.checkPassword(ctx, name, password, address)
	if err != nil {
		s.audit(ctx, "sign-in refused", "user", clip(name), "address", address, "reason", err.Error())
		return Identity{}, "", err
	}
	secret, err := s.newSession(ctx, u)
	if errors.Is(err, metastore.ErrNotFound) { // changed or deleted meanwhile
		err = fmt.Errorf("sign in: %w", tenant.ErrUnauthenticated)
	}
	if err != nil {
		return Identity{}, "", err
	}
	s.audit(ctx, "signed in", "user", u.Name, "address", address)
	return userIdentity(u), secret, nil
}

// SignOut ends the session of a cookie's secret.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	defer s.cache.clear()
	return s.db.DeleteSession(ctx, hashSecret(secret))
}

func (s *Service) newSession(ctx context.Context, user metastore.User) (string, error) {
	now := s.now()
	err := s.db.DeleteSessionsBefore(ctx, user.Name, now.Add(-time.Duration(s.cfg.SessionLifetime)), now.Add(-time.Duration(s.cfg.SessionIdle)), sessionsPerUser-1)
	if err != nil {
		return "", fmt.Errorf("remove old sessions: %w", err)
	}
	secret := newSecret()
	session := metastore.Session{IDHash: hashSecret(secret), User: user, CreatedAt: now, SeenAt: now}
	if err := s.db.CreateSession(ctx, session); err != nil {
		return "", fmt.Errorf("create session: %w", err)
	}
	return secret, nil
}

// checkPassword is the only place where passwords are compared. Callers with the
// same credentials share one check.
func (s *Service) checkPassword(ctx context.Context, name, password, address string) (metastore.User, error) {
	if len(name) > maxName || len(password) > maxPassword {
		return metastore.User{}, fmt.Errorf("sign in: %w", tenant.ErrUnauthenticated)
	}
	key := s.cache.id("check", name+"\x00"+password+"\x00"+address)
	// A caller that goes away must not fail the others.
	shared := context.WithoutCancel(ctx)
	v, err, _ := s.checks.Do(string(key[:]), func() (any, error) {
		return s.checkPasswordOnce(shared, name, password, address)
	})
	u, _ := v.(metastore.User)
	return u, err
}

func (s *Service) checkPasswordOnce(ctx context.Context, name, password, address string) (metastore.User, error) {
	if err := s.throttle.attempt(name, address); err != nil {
		return metastore.User{}, err
	}
	u, err := s.db.User(ctx, name)
	hash := u.PasswordHash
	if errors.Is(err, metastore.ErrNotFound) {
		hash = noHash
	} else if err != nil {
		return metastore.User{}, fmt.Errorf("sign in: %w", err)
	}
	ok, err := s.hasher.verify(ctx, password, hash)
	if err != nil {
		return metastore.User{}, fmt.Errorf("sign in: %w", err)
	}
	if !ok || hash == noHash {
		return metastore.User{}, fmt.Errorf("sign in: %w", tenant.ErrUnauthenticated)
	}
	s.throttle.success(name, address)
	return u, nil
}

// userIdentity is what a user may do after signing in.
func userIdentity(u metastore.User) Identity {
	return Identity{Kind: KindUser, Name: u.Name, Tenant: u.Tenant, Role: Role(u.Role), CanRead: true, CanWrite: true}
}

// audit writes one line for each change of who may do what, and each sign-in.
func (s *Service) audit(ctx context.Context, message string, args ...any) {
	s.logger.InfoContext(ctx, message, append([]any{"audit", true}, args...)...)
}

// clip bounds what strangers write into the log.
func clip(text string) string {
	if len(text) > maxName {
		return text[:maxName] + "..."
	}
	return text
}

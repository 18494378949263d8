package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var discard = slog.New(slog.DiscardHandler)

func testService(t *testing.T, cfg Config) (*Service, *clock) {
	t.Helper()
	db, err := metastore.Open(context.Background(), t.TempDir(), discard)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	c := &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	return newService(cfg, db, discard, c.Now), c
}

// root is the first administrator, whose password is the second result.
func root(t *testing.T, s *Service) (Identity, string) {
	t.Helper()
	password, err := s.Bootstrap(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, password)
	return Identity{Kind: KindUser, Name: "admin", Tenant: tenant.Default, Role: Admin, CanRead: true, CanWrite: true}, password
}

func addUser(t *testing.T, s *Service, by Identity, name string, role Role, id tenant.ID) {
	t.Helper()
	_, err := s.CreateUser(t.Context(), by, NewUser{Name: name, Password: name + "-password", Role: role, Tenant: id})
	require.NoError(t, err)
}

func addToken(t *testing.T, s *Service, by Identity, token NewToken) (metastore.Token, string) {
	t.Helper()
	row, secret, err := s.CreateToken(t.Context(), by, token)
	require.NoError(t, err)
	return row, secret
}

func bearer(secret string) credentials { return credentials{authorization: "Bearer " + secret} }

func basic(name, password string) credentials {
	return credentials{authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password)), address: "10.0.0.1"}
}

func TestBootstrapHappensOnce(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	admin, password := root(t, s)
	again, err := s.Bootstrap(t.Context())
	require.NoError(t, err)
	require.Empty(t, again)
	got, _, err := s.SignIn(t.Context(), "admin", password, "10.0.0.1")
	require.NoError(t, err)
	require.Equal(t, admin, got)
}

func TestPasswordsAreKeptAsSaltedHashes(t *testing.T) {
	h := newHasher()
	one, err := h.hash(t.Context(), "secret")
	require.NoError(t, err)
	two, err := h.hash(t.Context(), "secret")
	require.NoError(t, err)
	require.NotEqual(t, one, two)
	require.Contains(t, one, "$argon2id$v=19$m=19456,t=2,p=1$")
	for password, want := range map[string]bool{"secret": true, "Secret": false, "": false} {
		ok, err := h.verify(t.Context(), password, one)
		require.NoError(t, err)
		require.Equal(t, want, ok, password)
	}
	for _, bad := range []string{"", "plain", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=18$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$x$AA$AA"} {
		_, err := h.verify(t.Context(), "secret", bad)
		require.Error(t, err, bad)
	}
}

func TestHashingIsBounded(t *testing.T) {
	h := newHasher()
	require.NoError(t, h.slots.Acquire(t.Context(), parallelHashes))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := h.hash(ctx, "secret")
	require.ErrorIs(t, err, ErrBusy)
}

func TestUnknownUserAndWrongPasswordLookTheSame(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	root(t, s)
	_, _, unknown := s.SignIn(t.Context(), "nobody", "wrong-password", "10.0.0.1")
	_, _, wrong := s.SignIn(t.Context(), "admin", "wrong-password", "10.0.0.1")
	require.ErrorIs(t, unknown, tenant.ErrUnauthenticated)
	require.Equal(t, unknown.Error(), wrong.Error())
}

func TestSessionsExpire(t *testing.T) {
	s, c := testService(t, DefaultConfig())
	_, password := root(t, s)
	_, idle, err := s.SignIn(t.Context(), "admin", password, "a")
	require.NoError(t, err)
	_, used, err := s.SignIn(t.Context(), "admin", password, "a")
	require.NoError(t, err)
	const day = 24 * time.Hour
	for range 9 {
		c.Add(3 * day)
		_, err = s.authenticate(t.Context(), credentials{session: used})
		require.NoError(t, err)
	}
	_, err = s.authenticate(t.Context(), credentials{session: idle})
	require.ErrorContains(t, err, "expired", "unused for 27 days")
	c.Add(3 * day)
	_, err = s.authenticate(t.Context(), credentials{session: used})
	require.ErrorContains(t, err, "expired", "30 days old")
	require.ErrorIs(t, err, tenant.ErrUnauthenticated)
}

func TestSessionsEndAtOnce(t *testing.T) {
	tests := map[string]func(s *Service, by Identity, secret string) error{
		"sign out": func(s *Service, _ Identity, secret string) error { return s.SignOut(t.Context(), secret) },
		"password set": func(s *Service, by Identity, _ string) error {
			p := "other-password"
			return s.UpdateUser(t.Context(), by, "ann", UserChange{Password: &p})
		},
		"password reset": func(s *Service, _ Identity, _ string) error {
			_, err := s.ResetPassword(t.Context(), "ann")
			return err
		},
		"user is deleted": func(s *Service, by Identity, _ string) error { return s.DeleteUser(t.Context(), by, "ann") },
		"password changed": func(s *Service, _ Identity, secret string) error {
			ann, err := s.authenticate(t.Context(), credentials{session: secret})
			require.NoError(t, err)
			fresh, err := s.ChangePassword(t.Context(), ann, "ann-password", "new-password", "a")
			require.NoError(t, err)
			_, err = s.authenticate(t.Context(), credentials{session: fresh})
			return err
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := testService(t, DefaultConfig())
			admin, _ := root(t, s)
			addUser(t, s, admin, "ann", Editor, "")
			_, secret, err := s.SignIn(t.Context(), "ann", "ann-password", "a")
			require.NoError(t, err)
			_, err = s.authenticate(t.Context(), credentials{session: secret}) // now it is cached
			require.NoError(t, err)
			require.NoError(t, end(s, admin, secret))
			_, err = s.authenticate(t.Context(), credentials{session: secret})
			require.ErrorIs(t, err, tenant.ErrUnauthenticated)
		})
	}
}

func TestRoleChangesHoldAtOnce(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	addUser(t, s, admin, "ann", Admin, "")
	_, secret, err := s.SignIn(t.Context(), "ann", "ann-password", "a")
	require.NoError(t, err)
	ann, err := s.authenticate(t.Context(), credentials{session: secret})
	require.NoError(t, err)
	require.True(t, ann.May(httpx.Admin))
	viewer := Viewer
	require.NoError(t, s.UpdateUser(t.Context(), admin, "ann", UserChange{Role: &viewer}))
	ann, err = s.authenticate(t.Context(), credentials{session: secret})
	require.NoError(t, err)
	require.False(t, ann.May(httpx.Edit))
	require.ErrorIs(t, s.UpdateUser(t.Context(), admin, "admin", UserChange{Role: &viewer}), metastore.ErrLastAdmin)
	require.ErrorIs(t, s.DeleteUser(t.Context(), admin, "admin"), metastore.ErrLastAdmin)
}

func TestCredentials(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	admin, password := root(t, s)
	_, secret := addToken(t, s, admin, NewToken{Name: "shipper", Role: Viewer, Tenant: "acme", CanWrite: true})
	tests := map[string]struct {
		c    credentials
		want error
		id   tenant.ID
	}{
		"none":                  {credentials{}, tenant.ErrUnauthenticated, ""},
		"bearer":                {bearer(secret), nil, "acme"},
		"bearer, lower case":    {credentials{authorization: "bearer " + secret}, nil, "acme"},
		"basic with token":      {basic("anyone", secret), nil, "acme"},
		"basic with password":   {basic("admin", password), nil, "default"},
		"basic, wrong password": {basic("admin", "wrong"), tenant.ErrUnauthenticated, ""},
		"basic, malformed":      {credentials{authorization: "Basic %%%"}, tenant.ErrUnauthenticated, ""},
		"unknown scheme":        {credentials{authorization: "Digest x"}, tenant.ErrUnauthenticated, ""},
		"unknown token":         {bearer(tokenPrefix + "x"), tenant.ErrUnauthenticated, ""},
		"token's id":            {bearer("shipper"), tenant.ErrUnauthenticated, ""},
		"unknown session":       {credentials{session: "x"}, tenant.ErrUnauthenticated, ""},
		"matching org":          {credentials{authorization: "Bearer " + secret, orgID: "acme"}, nil, "acme"},
		"another's org":         {credentials{authorization: "Bearer " + secret, orgID: "default"}, tenant.ErrForbidden, ""},
		"several orgs":          {credentials{authorization: "Bearer " + secret, orgID: "acme|default"}, tenant.ErrForbidden, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := s.authenticate(t.Context(), test.c)
			require.ErrorIs(t, err, test.want)
			require.Equal(t, test.id, got.Tenant)
		})
	}
}

func TestTokensExpireAndAreRevokedAtOnce(t *testing.T) {
	s, c := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	_, brief := addToken(t, s, admin, NewToken{Name: "brief", Role: Viewer, CanRead: true, ExpiresAt: c.Now().Add(10 * time.Second)})
	row, lasting := addToken(t, s, admin, NewToken{Name: "lasting", Role: Viewer, CanRead: true})
	for _, secret := range []string{brief, lasting} {
		_, err := s.authenticate(t.Context(), bearer(secret))
		require.NoError(t, err)
	}
	c.Add(10 * time.Second)
	_, err := s.authenticate(t.Context(), bearer(brief))
	require.ErrorContains(t, err, "expired", "although it is cached")
	require.NoError(t, s.DeleteToken(t.Context(), admin, row.ID))
	_, err = s.authenticate(t.Context(), bearer(lasting))
	require.ErrorIs(t, err, tenant.ErrUnauthenticated)
}

func TestLastUseIsNotedCoarsely(t *testing.T) {
	s, c := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	_, secret := addToken(t, s, admin, NewToken{Name: "t", Role: Viewer, CanRead: true})
	used := func() time.Time {
		_, err := s.authenticate(t.Context(), bearer(secret))
		require.NoError(t, err)
		tokens, err := s.Tokens(t.Context(), admin)
		require.NoError(t, err)
		return tokens[0].UsedAt
	}
	first := used()
	require.Equal(t, c.Now(), first)
	c.Add(time.Minute)
	require.Equal(t, first, used())
	c.Add(touchAfter)
	require.Equal(t, c.Now(), used())
}

func TestAdministratorsOfATenantStayInIt(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	addUser(t, s, admin, "ann", Admin, "acme")
	ann := Identity{Kind: KindUser, Name: "ann", Tenant: "acme", Role: Admin, CanRead: true, CanWrite: true}
	row, _ := addToken(t, s, admin, NewToken{Name: "t", Role: Viewer, CanRead: true})

	_, err := s.CreateUser(t.Context(), ann, NewUser{Name: "bob", Password: "bob-password", Role: Admin, Tenant: "default"})
	require.ErrorIs(t, err, tenant.ErrForbidden)
	_, _, err = s.CreateToken(t.Context(), ann, NewToken{Name: "x", Role: Admin, Tenant: "default", CanRead: true})
	require.ErrorIs(t, err, tenant.ErrForbidden)
	require.ErrorIs(t, s.DeleteUser(t.Context(), ann, "admin"), metastore.ErrNotFound)
	viewer := Viewer
	require.ErrorIs(t, s.UpdateUser(t.Context(), ann, "admin", UserChange{Role: &viewer}), metastore.ErrNotFound)
	require.ErrorIs(t, s.DeleteToken(t.Context(), ann, row.ID), metastore.ErrNotFound)
	users, err := s.Users(t.Context(), ann)
	require.NoError(t, err)
	require.Len(t, users, 1)
	tokens, err := s.Tokens(t.Context(), ann)
	require.NoError(t, err)
	require.Empty(t, tokens)
	addUser(t, s, ann, "carl", Viewer, "")
	carl, err := s.db.User(t.Context(), "carl")
	require.NoError(t, err)
	require.Equal(t, tenant.ID("acme"), carl.Tenant)
}

func TestBadUsersAndTokensAreRefused(t *testing.T) {
	s, c := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	users := map[string]NewUser{
		"bad_name":     {Name: "a b", Password: "long-enough", Role: Viewer},
		"bad_password": {Name: "ann", Password: "short", Role: Viewer},
		"bad_role":     {Name: "ann", Password: "long-enough", Role: "king"},
		"bad_tenant":   {Name: "ann", Password: "long-enough", Role: Viewer, Tenant: "A/B"},
	}
	for code, u := range users {
		_, err := s.CreateUser(t.Context(), admin, u)
		var e *httpx.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, code, e.Code)
	}
	tokens := []NewToken{
		{Name: "", Role: Viewer, CanRead: true},
		{Name: "t", Role: Viewer},
		{Name: "t", Role: "", CanRead: true},
		{Name: "t", Role: Viewer, CanRead: true, ExpiresAt: c.Now()},
	}
	for _, token := range tokens {
		_, _, err := s.CreateToken(t.Context(), admin, token)
		require.ErrorAs(t, err, new(*httpx.Error))
	}
}

func TestSignInIsThrottled(t *testing.T) {
	s, c := testService(t, DefaultConfig())
	_, password := root(t, s)
	signIn := func(password, address string) error {
		_, _, err := s.SignIn(t.Context(), "admin", password, address)
		return err
	}
	for range freePerUser {
		require.ErrorIs(t, signIn("wrong", "10.0.0.1"), tenant.ErrUnauthenticated)
	}
	var throttled *ThrottledError
	require.ErrorAs(t, signIn(password, "10.0.0.1"), &throttled, "even the right one must wait")
	require.Equal(t, time.Second, throttled.RetryAfter)
	require.NoError(t, signIn(password, "10.0.0.2"), "others are not locked out")
	c.Add(time.Second)
	require.ErrorIs(t, signIn("wrong", "10.0.0.1"), tenant.ErrUnauthenticated)
	require.ErrorAs(t, signIn(password, "10.0.0.1"), &throttled)
	require.Equal(t, 2*time.Second, throttled.RetryAfter)
	c.Add(2 * time.Second)
	require.NoError(t, signIn(password, "10.0.0.1"))
	require.ErrorIs(t, signIn("wrong", "10.0.0.1"), tenant.ErrUnauthenticated, "success forgives")
}

func TestThrottleIsBoundedAndCountsAddresses(t *testing.T) {
	c := &clock{now: time.Unix(1e9, 0)}
	th := newThrottle(c.Now)
	for i := range freePerAddress {
		require.NoError(t, th.attempt(string(rune('a'+i)), "2001:db8::1"))
	}
	require.Error(t, th.attempt("fresh", "2001:db8::2"), "the same /64")
	require.NoError(t, th.attempt("fresh", "2001:db9::2"))
	c.Add(forgetAfter + time.Second)
	require.NoError(t, th.attempt("fresh", "2001:db8::2"))
	for i := range throttleSize + 10 {
		_ = th.attempt("u", string(rune(i+0x4e00)))
	}
	require.Equal(t, throttleSize, th.seen.Len())
}

func TestParallelGuessesGainNothing(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	root(t, s)
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() {
			_, _, errs[i] = s.SignIn(context.Background(), "admin", "guess"+string(rune('a'+i)), "10.0.0.1")
		})
	}
	wg.Wait()
	checked := 0
	for _, err := range errs {
		if errors.Is(err, tenant.ErrUnauthenticated) {
			checked++
		}
	}
	require.Equal(t, freePerUser, checked)
}

func TestParallelRequestsWithTheRightPasswordAllPass(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	_, password := root(t, s)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.authenticate(context.Background(), basic("admin", password)) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
}

func TestResolveWrite(t *testing.T) {
	s, _ := testService(t, DefaultConfig())
	admin, _ := root(t, s)
	_, writer := addToken(t, s, admin, NewToken{Name: "w", Role: Viewer, Tenant: "acme", CanWrite: true})
	_, reader := addToken(t, s, admin, NewToken{Name: "r", Role: Admin, Tenant: "acme", CanRead: true})
	resolve := func(s *Service, authorization, org string) (tenant.ID, error) {
		return s.ResolveWrite(t.Context(), func(name string) string {
			return map[string]string{"authorization": authorization, "x-scope-orgid": org}[name]
		})
	}
	var _ tenant.Resolver = s
	id, err := resolve(s, "Bearer "+writer, "")
	require.NoError(t, err)
	require.Equal(t, tenant.ID("acme"), id)
	_, err = resolve(s, "Bearer "+reader, "")
	require.ErrorIs(t, err, tenant.ErrForbidden)
	_, err = resolve(s, "Bearer "+writer, "other")
	require.ErrorIs(t, err, tenant.ErrForbidden)
	_, err = resolve(s, "", "")
	require.ErrorIs(t, err, tenant.ErrUnauthenticated)
	for range freePerUser {
		_, err = resolve(s, basic("admin", "wrong").authorization, "")
		require.ErrorIs(t, err, tenant.ErrUnauthenticated)
	}
	_, err = resolve(s, basic("admin", "wrong").authorization, "")
	require.ErrorIs(t, err, tenant.ErrUnauthenticated, "throttled")

	cfg := DefaultConfig()
	cfg.Mode = Off
	off, _ := testService(t, cfg)
	id, err = resolve(off, "", "acme")
	require.NoError(t, err)
	require.Equal(t, tenant.ID("acme"), id)
	id, err = resolve(off, "", "")
	require.NoError(t, err)
	require.Equal(t, tenant.Default, id)
	_, err = resolve(off, "", "A/B")
	require.ErrorIs(t, err, tenant.ErrForbidden)
}

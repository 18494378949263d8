package dashboards

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Share is a public link: who has its key sees one dashboard, as it was when it was shared,
// on live data, without signing in.
type Share struct {
	Key       string          `json:"key,omitempty"`
	Path      string          `json:"path,omitempty"` // of the page
	Dashboard json.RawMessage `json:"dashboard,omitempty"`
	Time      TimeSpan        `json:"time"`
	// FixedTime keeps viewers to Time.
	FixedTime bool      `json:"fixed_time"`
	Expires   time.Time `json:"expires"`
	Created   time.Time `json:"created,omitzero"`
	By        string    `json:"by,omitempty"`
}

// TimeSpan is a dashboard's time as Grafana writes it: "now-6h", milliseconds or RFC 3339.
type TimeSpan struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Bounds of public links.
const (
	maxShares        = 1000
	maxSharesOfOne   = 50
	maxShareBytes    = 256 << 20 // of a tenant
	minShareLifetime = time.Minute
	maxShareLifetime = 366 * 24 * time.Hour
)

// newKey returns 256 random bits: who guesses cannot find a link.
func newKey() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Share makes a public link to the dashboard with that uid, which s.Dashboard shows with
// its variables filled in. Who may edit the dashboard may share it. The error wraps
// ErrNotFound, ErrForbidden, ErrInvalid, ErrBadInput or metastore.ErrFull.
func (l *Library) Share(ctx context.Context, t tenant.ID, who Actor, uid string, s Share) (Share, error) {
	if err := l.needEdit(ctx, t, who, uid); err != nil {
		return s, err
	}
	doc, err := Parse(s.Dashboard)
	if err != nil {
		return s, err
	}
	if err := l.checkExpiry(s.Expires, true); err != nil {
		return s, err
	}
	now := l.now()
	from, errFrom := ParseTime(s.Time.From, now)
	to, errTo := ParseTime(s.Time.To, now)
	if err := errors.Join(errFrom, errTo); err != nil || !from.Before(to) {
		return s, fmt.Errorf("%w: time: %v is not before %v", ErrBadInput, s.Time.From, s.Time.To)
	}
	own, err := l.Shares(ctx, t, who, uid)
	if err != nil {
		return s, err
	}
	if len(own) >= maxSharesOfOne {
		return s, fmt.Errorf("links to this dashboard: %w: the limit is %d", metastore.ErrFull, maxSharesOfOne)
	}
	whole, err := l.Inline(ctx, t, doc)
	if err != nil {
		return s, err
	}
	s.Dashboard, _ = whole.Render()
	s.Key, s.Path, s.Expires = "", "", s.Expires.UTC().Truncate(time.Millisecond)
	o := metastore.Object{Kind: kindShare, ID: newKey(), Name: doc.Title(), Owner: who.Owner, Parent: uid, ExpiresAt: s.Expires}
	if err := l.putObject(ctx, t, o, s, metastore.ObjectLimits{Count: maxShares, Bytes: maxShareBytes}); err != nil {
		return s, err
	}
	l.audit("public link made", t, who, "uid", uid, "expires", s.Expires)
	return Share{Key: o.ID, Path: sharePath(o.ID), Time: s.Time, FixedTime: s.FixedTime, Expires: s.Expires, Created: l.stamp(), By: who.Owner}, nil
}

func sharePath(key string) string { return "/public/" + key }

func (l *Library) audit(message string, t tenant.ID, who Actor, args ...any) {
	l.provisioner.log.Info(message, append([]any{"audit", true, "tenant", t, "by", who.Owner}, args...)...)
}

// needEdit is nil if the actor may edit the dashboard, or what stands in its folder.
func (l *Library) needEdit(ctx context.Context, t tenant.ID, who Actor, uid string) error {
	a, err := l.access(ctx, t, who)
	if err != nil {
		return err
	}
	d, err := l.get(ctx, t, a, uid)
	if err != nil {
		return err
	}
	return a.need(d.Folder.UID, Edit)
}

func (l *Library) checkExpiry(at time.Time, needed bool) error {
	if at.IsZero() && !needed {
		return nil
	}
	if left := at.Sub(l.now()); left < minShareLifetime || left > maxShareLifetime {
		return fmt.Errorf("%w: \"expires\" must be between a minute and a year from now", ErrBadInput)
	}
	return nil
}

// Shares returns the links to a dashboard, without what they show.
func (l *Library) Shares(ctx context.Context, t tenant.ID, who Actor, uid string) ([]Share, error) {
	if err := l.needEdit(ctx, t, who, uid); err != nil {
		return nil, err
	}
	stored, err := l.store.Objects(ctx, t, kindShare, true)
	out := []Share{}
	for _, o := range stored {
		if o.Parent != uid || l.expired(o) {
			continue
		}
		var s Share
		if err := decodeObject(o, &s); err != nil {
			return nil, err
		}
		s.Dashboard, s.Key, s.Path, s.Created, s.By = nil, o.ID, sharePath(o.ID), o.CreatedAt, o.Owner
		out = append(out, s)
	}
	return out, err
}

// Unshare ends a link at once. Who may edit the dashboard may; also who made the link.
func (l *Library) Unshare(ctx context.Context, t tenant.ID, who Actor, key string) error {
	o, err := l.store.Object(ctx, t, kindShare, key)
	if errors.Is(err, metastore.ErrNotFound) {
		return fmt.Errorf("link: %w", ErrMissing)
	}
	if err != nil {
		return err
	}
	if mine(who, o) != nil {
		if err := l.needEdit(ctx, t, who, o.Parent); err != nil {
			return err
		}
	}
	if err := l.deleteObject(ctx, t, kindShare, key); err != nil {
		return err
	}
	l.audit("public link ended", t, who, "uid", o.Parent)
	return nil
}

// Followed is what a public link leads to.
type Followed struct {
	Share
	Tenant tenant.ID
	UID    string // of the dashboard that was shared
	// Made tells the link's content apart from that of any other time.
	Made string
}

// Follow returns what a link's key leads to. A key that never was, one that was ended and
// one that has expired all are ErrMissing with the same text.
func (l *Library) Follow(ctx context.Context, key string) (Followed, error) {
	missing := fmt.Errorf("this link leads nowhere: %w", ErrMissing)
	if len(key) != base64.RawURLEncoding.EncodedLen(32) {
		return Followed{}, missing
	}
	t, o, err := l.store.ObjectByKey(ctx, kindShare, key)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && l.expired(o) {
		return Followed{}, missing
	}
	if err != nil {
		return Followed{}, err
	}
	f := Followed{Tenant: t, UID: o.Parent, Made: key + o.UpdatedAt.String()}
	return f, decodeObject(o, &f.Share)
}

package logs

import (
	"context"
	"sync"
)

// ArchiveUse is how one request stands to archived entries: whether it wants them,
// and what came of it. Stores find it in the context; dialects show it. Answers with
// and without the archive differ, so a cache's key must have Included.
type ArchiveUse struct {
	include bool

	mu              sync.Mutex
	used, available map[int64]struct{} // begins of hours
}

// NewArchiveUse returns the use of a request that wants archived entries, or not.
func NewArchiveUse(include bool) *ArchiveUse { return &ArchiveUse{include: include} }

// Included says whether the request wants archived entries. A nil use does not.
func (u *ArchiveUse) Included() bool { return u != nil && u.include }

// Use notes that the archive answered for the hour that begins at this time.
func (u *ArchiveUse) Use(hour int64) {
	if u != nil {
		u.note(&u.used, hour)
	}
}

// Offer notes that the archive could have answered for an hour and was not asked.
func (u *ArchiveUse) Offer(hour int64) {
	if u != nil {
		u.note(&u.available, hour)
	}
}

func (u *ArchiveUse) note(set *map[int64]struct{}, hour int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if *set == nil {
		*set = map[int64]struct{}{}
	}
	(*set)[hour] = struct{}{}
}

// Hours returns how many hours the archive answered for, and for how many more it
// could have.
func (u *ArchiveUse) Hours() (used, available int) {
	if u == nil {
		return 0, 0
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.used), len(u.available)
}

type archiveUseKey struct{}

// WithArchiveUse returns ctx with the request's use of the archive.
func WithArchiveUse(ctx context.Context, u *ArchiveUse) context.Context {
	return context.WithValue(ctx, archiveUseKey{}, u)
}

// ArchiveUseFrom returns the request's use of the archive, nil if nobody asked.
func ArchiveUseFrom(ctx context.Context) *ArchiveUse {
	u, _ := ctx.Value(archiveUseKey{}).(*ArchiveUse)
	return u
}

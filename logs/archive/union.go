package archive

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Union answers queries from the local store, from restored hours and, where the
// request includes it (logs.ArchiveUse), from the archive. No entry is in the answer
// of two of them: the local store answers from the boundary on, archived parts of the
// same store before it. Parts that came from another store, such as one that was lost,
// are always the archive's.
type Union struct {
	local    logs.Reader
	archived reader
	boundary func(tenant.ID) int64
}

var (
	_ logs.Reader   = (*Union)(nil)
	_ logs.Numbered = (*Union)(nil)
)

// NewUnion returns a reader over local and what a archived or r restored.
func NewUnion(local logs.Reader, a *Archiver, r *Restored) *Union {
	r.catalog.store = a.store
	return &Union{
		local:    local,
		archived: reader{catalog: a.catalog, restored: r, store: a.store, metrics: a.metrics, slots: make(chan struct{}, maxSelects)},
		boundary: a.Boundary,
	}
}

// split returns the local part of a query; here is false if there is none.
func split(q logs.Query, boundary int64) (local logs.Query, here bool) {
	q.Start = max(q.Start, boundary)
	return q, q.Start < q.End
}

// Select implements logs.Reader.
func (u *Union) Select(ctx context.Context, t tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	boundary := u.boundary(t)
	local, here := split(q, boundary)
	touches, err := u.archived.touches(ctx, t, q, boundary)
	if err != nil {
		return err
	}
	if !touches {
		if !here {
			return ctx.Err()
		}
		return u.local.Select(ctx, t, local, emit)
	}
	if q.Limit > 0 {
		return u.selectLimited(ctx, t, q, boundary, emit)
	}
	var stopped atomic.Bool // calls may overlap
	if here {
		err := u.local.Select(ctx, t, local, func(b *logs.Block) error {
			err := emit(b)
			if errors.Is(err, logs.ErrStop) {
				stopped.Store(true)
			}
			return err
		})
		if err != nil || stopped.Load() {
			return err
		}
	}
	return withoutStop(u.archived.selectArchived(ctx, t, q, boundary, emit))
}

// SelectNumbered implements logs.Numbered over the local store, if that does: what is
// archived is long past what live tails resume from.
func (u *Union) SelectNumbered(ctx context.Context, t tenant.ID, q logs.Query, after, upTo uint64, emit func(*logs.Block, []uint64) error) error {
	numbered, ok := u.local.(logs.Numbered)
	if !ok {
		return logs.ErrNotNumbered
	}
	q, here := split(q, u.boundary(t))
	if !here {
		after, upTo = 0, 0
	}
	return numbered.SelectNumbered(ctx, t, q, after, upTo, emit)
}

func withoutStop(err error) error {
	if errors.Is(err, logs.ErrStop) {
		return nil
	}
	return err
}

// selectLimited merges both sides by time: each gives no more than the limit.
func (u *Union) selectLimited(ctx context.Context, t tenant.ID, q logs.Query, boundary int64, emit func(*logs.Block) error) error {
	first := firstEntries{limit: q.Limit, forward: q.Forward}
	local, here := split(q, boundary)
	fromLocal := func() error {
		if !here {
			return nil
		}
		return u.local.Select(ctx, t, first.narrow(local), func(b *logs.Block) error {
			first.add([]logs.Block{cloneBlock(b)})
			return nil
		})
	}
	fromArchive := func() error {
		return u.archived.selectArchived(ctx, t, first.narrow(q), boundary, func(b *logs.Block) error {
			first.add([]logs.Block{*b}) // its memory is its own
			return nil
		})
	}
	steps := []func() error{fromLocal, fromArchive}
	if q.Forward {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	first.trim()
	for _, b := range first.blocks() {
		if err := emit(&b); err != nil {
			return withoutStop(err)
		}
	}
	return nil
}

// cloneBlock copies a block out of the store's memory.
func cloneBlock(b *logs.Block) logs.Block {
	texts := func(in []string) []string {
		if in == nil {
			return nil
		}
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = strings.Clone(s)
		}
		return out
	}
	columns := func(cs []logs.Column) []logs.Column {
		out := make([]logs.Column, len(cs))
		for i, c := range cs {
			out[i] = logs.Column{Name: strings.Clone(c.Name), Values: texts(c.Values), Integers: slices.Clone(c.Integers)}
		}
		return out
	}
	return logs.Block{
		Stream: cloneLabels(b.Stream), Times: slices.Clone(b.Times), Lines: texts(b.Lines), Metadata: columns(b.Metadata),
		Parsed: columns(b.Parsed), Formats: slices.Clone(b.Formats), MaybeEqual: slices.Clone(b.MaybeEqual),
	}
}

// Count implements logs.Reader.
func (u *Union) Count(ctx context.Context, t tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	boundary := u.boundary(t)
	local, here := split(q, boundary)
	var found []logs.Group
	if here {
		var err error
		if found, err = u.local.Count(ctx, t, local, g); err != nil {
			return nil, err
		}
	}
	if touches, err := u.archived.touches(ctx, t, q, boundary); err != nil || !touches {
		return found, errors.Join(err, ctx.Err())
	}
	gs := newGroups(g)
	if err := u.archived.countArchived(ctx, t, q, boundary, gs); err != nil {
		return nil, err
	}
	for i := range found {
		if err := gs.merge(&found[i]); err != nil {
			return nil, err
		}
	}
	return gs.list(), nil
}

// LabelNames implements logs.Reader.
func (u *Union) LabelNames(ctx context.Context, t tenant.ID, q logs.Query) ([]string, error) {
	return u.texts(ctx, t, q, u.local.LabelNames, func(ls model.Labels, add func(string)) {
		for _, l := range ls {
			add(l.Name)
		}
	})
}

// LabelValues implements logs.Reader.
func (u *Union) LabelValues(ctx context.Context, t tenant.ID, q logs.Query, name string) ([]string, error) {
	local := func(ctx context.Context, t tenant.ID, q logs.Query) ([]string, error) {
		return u.local.LabelValues(ctx, t, q, name)
	}
	return u.texts(ctx, t, q, local, func(ls model.Labels, add func(string)) {
		if v := ls.Get(name); v != "" {
			add(v)
		}
	})
}

// texts joins sorted lists.
func (u *Union) texts(ctx context.Context, t tenant.ID, q logs.Query, local func(context.Context, tenant.ID, logs.Query) ([]string, error),
	archived func(model.Labels, func(string)),
) ([]string, error) {
	boundary := u.boundary(t)
	var out []string
	if lq, here := split(q, boundary); here {
		var err error
		if out, err = local(ctx, t, lq); err != nil {
			return nil, err
		}
	}
	if touches, err := u.archived.touches(ctx, t, q, boundary); err != nil || !touches {
		return out, errors.Join(err, ctx.Err())
	}
	seen := map[string]bool{}
	for _, s := range out {
		seen[s] = true
	}
	err := u.archived.streams(ctx, t, q, boundary, func(ls model.Labels) {
		archived(ls, func(s string) {
			if !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		})
	})
	slices.Sort(out)
	return out, err
}

// Series implements logs.Reader.
func (u *Union) Series(ctx context.Context, t tenant.ID, q logs.Query, limit int) ([]model.Labels, error) {
	boundary := u.boundary(t)
	var out []model.Labels
	if lq, here := split(q, boundary); here {
		var err error
		if out, err = u.local.Series(ctx, t, lq, limit); err != nil {
			return nil, err
		}
	}
	if touches, err := u.archived.touches(ctx, t, q, boundary); err != nil || !touches {
		return out, errors.Join(err, ctx.Err())
	}
	seen := map[string]bool{}
	for _, ls := range out {
		seen[ls.String()] = true
	}
	err := u.archived.streams(ctx, t, q, boundary, func(ls model.Labels) {
		if key := ls.String(); !seen[key] && (limit == 0 || len(out) < limit) {
			seen[key] = true
			out = append(out, cloneLabels(ls))
		}
	})
	return out, err
}

package logs

import (
	"context"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Scoped is the front of a store for requests: what a request reads is narrowed by
// the tenant.Scope of its context. It implements Numbered, which a store below that
// does not makes fail with ErrNotNumbered.
func Scoped(r Reader) Reader { return scoped{r} }

type scoped struct{ reader Reader }

var _ Numbered = scoped{}

func narrowed(ctx context.Context, q Query) Query {
	q.Matchers = tenant.ScopeFrom(ctx).Narrow(q.Matchers)
	return q
}

func (s scoped) Select(ctx context.Context, t tenant.ID, q Query, emit func(*Block) error) error {
	return s.reader.Select(ctx, t, narrowed(ctx, q), emit)
}

func (s scoped) Count(ctx context.Context, t tenant.ID, q Query, g Grouping) ([]Group, error) {
	return s.reader.Count(ctx, t, narrowed(ctx, q), g)
}

func (s scoped) LabelNames(ctx context.Context, t tenant.ID, q Query) ([]string, error) {
	return s.reader.LabelNames(ctx, t, narrowed(ctx, q))
}

func (s scoped) LabelValues(ctx context.Context, t tenant.ID, q Query, name string) ([]string, error) {
	return s.reader.LabelValues(ctx, t, narrowed(ctx, q), name)
}

func (s scoped) Series(ctx context.Context, t tenant.ID, q Query, limit int) ([]model.Labels, error) {
	return s.reader.Series(ctx, t, narrowed(ctx, q), limit)
}

func (s scoped) SelectNumbered(ctx context.Context, t tenant.ID, q Query, after, upTo uint64, emit func(*Block, []uint64) error) error {
	n, ok := s.reader.(Numbered)
	if !ok {
		return ErrNotNumbered
	}
	return n.SelectNumbered(ctx, t, narrowed(ctx, q), after, upTo, emit)
}

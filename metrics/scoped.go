package metrics

import (
	"context"
	"fmt"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/pharosd/pharos/tenant"
)

// Scoped is the front of a store for requests: what a request reads and writes is
// narrowed by the tenant.Scope of its context. Admin is not: routes that reach it
// refuse narrowed credentials.
func Scoped(s Store) Store { return scopedStore{s} }

type scopedStore struct{ store Store }

func (s scopedStore) Tenant(t tenant.ID) Tenant { return scopedTenant{s.store.Tenant(t)} }

type scopedTenant struct{ Tenant }

func (s scopedTenant) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := s.Tenant.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return scopedQuerier{scopedLabels{q}, q}, nil
}

func (s scopedTenant) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	q, err := s.Tenant.ChunkQuerier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return scopedChunkQuerier{scopedLabels{q}, q}, nil
}

func (s scopedTenant) ExemplarQuerier(ctx context.Context) (storage.ExemplarQuerier, error) {
	q, err := s.Tenant.ExemplarQuerier(ctx)
	if err != nil {
		return nil, err
	}
	return scopedExemplars{q, tenant.ScopeFrom(ctx)}, nil
}

// within returns the matchers and those of the request's scope.
func within(ctx context.Context, ms []*labels.Matcher) []*labels.Matcher {
	return tenant.ScopeFrom(ctx).Narrow(ms)
}

type scopedLabels struct{ storage.LabelQuerier }

func (q scopedLabels) LabelValues(ctx context.Context, name string, hints *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.LabelQuerier.LabelValues(ctx, name, hints, within(ctx, ms)...)
}

func (q scopedLabels) LabelNames(ctx context.Context, hints *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.LabelQuerier.LabelNames(ctx, hints, within(ctx, ms)...)
}

type scopedQuerier struct {
	scopedLabels
	querier storage.Querier
}

func (q scopedQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	return q.querier.Select(ctx, sorted, hints, within(ctx, ms)...)
}

type scopedChunkQuerier struct {
	scopedLabels
	querier storage.ChunkQuerier
}

func (q scopedChunkQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.ChunkSeriesSet {
	return q.querier.Select(ctx, sorted, hints, within(ctx, ms)...)
}

type scopedExemplars struct {
	storage.ExemplarQuerier
	scope tenant.Scope
}

// Select takes alternatives; each is narrowed.
func (q scopedExemplars) Select(start, end int64, alternatives ...[]*labels.Matcher) ([]exemplar.QueryResult, error) {
	narrowed := make([][]*labels.Matcher, len(alternatives))
	for i, ms := range alternatives {
		narrowed[i] = q.scope.Narrow(ms)
	}
	return q.ExemplarQuerier.Select(start, end, narrowed...)
}

// ScopeError says that a sample was refused because its series is outside of what
// the token is narrowed to. It counts as storage.ErrOutOfOrderSample, for the reason
// that SeriesLimitError does.
type ScopeError struct {
	Scope  tenant.Scope
	Series labels.Labels
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("the token is narrowed to %s, the series is outside", e.Scope)
}

// Is makes the error count as a refusal of one sample.
func (e *ScopeError) Is(target error) bool { return target == storage.ErrOutOfOrderSample }

// Reason is the stable name of the refusal, as ingest counts it.
func (e *ScopeError) Reason() string { return "outside_of_scope" }

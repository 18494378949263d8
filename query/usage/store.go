package usage

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// Store is s, with the reads of marked contexts (see Count) recorded.
func (t *Tracker) Store(s metrics.Store) metrics.Store { return trackedStore{s, t} }

type trackedStore struct {
	metrics.Store
	tracker *Tracker
}

func (s trackedStore) Tenant(id tenant.ID) metrics.Tenant {
	return trackedTenant{s.Store.Tenant(id), s.tracker, id}
}

type trackedTenant struct {
	metrics.Tenant
	tracker *Tracker
	id      tenant.ID
}

func (s trackedTenant) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := s.Tenant.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return trackedQuerier{q, s.tracker, s.id}, nil
}

func (s trackedTenant) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	q, err := s.Tenant.ChunkQuerier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return trackedChunkQuerier{q, s.tracker, s.id}, nil
}

type trackedQuerier struct {
	storage.Querier
	tracker *Tracker
	id      tenant.ID
}

func (q trackedQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	if counts(ctx) {
		q.tracker.record(q.id, ms)
	}
	return q.Querier.Select(ctx, sorted, hints, ms...)
}

type trackedChunkQuerier struct {
	storage.ChunkQuerier
	tracker *Tracker
	id      tenant.ID
}

func (q trackedChunkQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.ChunkSeriesSet {
	if counts(ctx) {
		q.tracker.record(q.id, ms)
	}
	return q.ChunkQuerier.Select(ctx, sorted, hints, ms...)
}

package tsdb

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/index"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// view implements metrics.Tenant.
type view struct {
	store  *Store
	tenant tenant.ID
}

var _ metrics.Tenant = (*view)(nil)

// Querier implements storage.Queryable.
func (v *view) Querier(mint, maxt int64) (storage.Querier, error) {
	in, db, err := v.store.acquire(v.tenant, false)
	if errors.Is(err, errNoData) {
		return storage.NoopQuerier(), nil
	}
	if err != nil {
		return nil, err
	}
	q, err := db.Querier(mint, maxt)
	if err != nil {
		v.store.release(in)
		return nil, err
	}
	return &querier{q, v.store, in}, nil
}

// querier releases its instance when it is closed.
type querier struct {
	storage.Querier
	store *Store
	in    *instance
}

func (q *querier) Close() error {
	defer q.store.release(q.in)
	return q.Querier.Close()
}

// ChunkQuerier implements storage.ChunkQueryable.
func (v *view) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	in, db, err := v.store.acquire(v.tenant, false)
	if errors.Is(err, errNoData) {
		return storage.NoopChunkedQuerier(), nil
	}
	if err != nil {
		return nil, err
	}
	q, err := db.ChunkQuerier(mint, maxt)
	if err != nil {
		v.store.release(in)
		return nil, err
	}
	return &chunkQuerier{q, v.store, in}, nil
}

type chunkQuerier struct {
	storage.ChunkQuerier
	store *Store
	in    *instance
}

func (q *chunkQuerier) Close() error {
	defer q.store.release(q.in)
	return q.ChunkQuerier.Close()
}

// ExemplarQuerier implements storage.ExemplarQueryable. Prometheus' interface has
// no Close, so the instance is held only while Select runs.
func (v *view) ExemplarQuerier(ctx context.Context) (storage.ExemplarQuerier, error) {
	return &exemplarQuerier{ctx, v}, nil
}

type exemplarQuerier struct {
	ctx context.Context
	v   *view
}

func (q *exemplarQuerier) Select(start, end int64, matchers ...[]*labels.Matcher) ([]exemplar.QueryResult, error) {
	var result []exemplar.QueryResult
	err := q.v.with(func(db *tsdb.DB) error {
		eq, err := db.ExemplarQuerier(q.ctx)
		if err != nil {
			return err
		}
		result, err = eq.Select(start, end, matchers...)
		return err
	})
	return result, err
}

// with calls do with the tenant's TSDB, not at all when the tenant has no data.
func (v *view) with(do func(*tsdb.DB) error) error {
	in, db, err := v.store.acquire(v.tenant, false)
	if errors.Is(err, errNoData) {
		return nil
	}
	if err != nil {
		return err
	}
	defer v.store.release(in)
	return do(db)
}

// StartTime implements metrics.Tenant.
func (v *view) StartTime() (int64, error) {
	start := time.Now().UnixMilli()
	err := v.with(func(db *tsdb.DB) error {
		oldest, err := db.StartTime()
		start = min(start, oldest)
		return err
	})
	return start, err
}

// CleanTombstones implements metrics.Admin.
func (v *view) CleanTombstones() error {
	return v.with((*tsdb.DB).CleanTombstones)
}

// Delete implements metrics.Admin.
func (v *view) Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error {
	return v.with(func(db *tsdb.DB) error { return db.Delete(ctx, mint, maxt, ms...) })
}

// Snapshot implements metrics.Admin.
func (v *view) Snapshot(dir string, withHead bool) error {
	return v.with(func(db *tsdb.DB) error { return db.Snapshot(dir, withHead) })
}

// Stats implements metrics.Admin.
func (v *view) Stats(statsByLabelName string, limit int) (*tsdb.Stats, error) {
	// Prometheus' API reads the postings' statistics unasked.
	stats := &tsdb.Stats{IndexPostingStats: &index.PostingsStats{}}
	err := v.with(func(db *tsdb.DB) error {
		stats = db.Head().Stats(statsByLabelName, limit)
		return nil
	})
	return stats, err
}

// BlockMetas implements metrics.Admin.
func (v *view) BlockMetas() ([]tsdb.BlockMeta, error) {
	var metas []tsdb.BlockMeta
	err := v.with(func(db *tsdb.DB) error {
		metas = db.BlockMetas()
		return nil
	})
	return metas, err
}

// WALReplayStatus implements metrics.Admin. It does not wait for the replay.
func (v *view) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	in := v.store.instances[v.tenant]
	if in == nil || in.stats == nil {
		return tsdb.WALReplayStatus{}, nil
	}
	return in.stats.Head.WALReplayStatus.GetWALReplayStatus(), nil
}

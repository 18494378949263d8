package rowstore

import (
	"context"
	"sync/atomic"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/tenant"
)

// engine answers queries in its own language: the storage of this process, or that of
// other servers.
type engine interface {
	RunQuery(context.Context, []logstorage.TenantID, *logstorage.Query, logstorage.WriteDataBlockFunc) error
	GetFieldNames(context.Context, []logstorage.TenantID, *logstorage.Query) ([]logstorage.ValueWithHits, error)
	GetFieldValues(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, name string, limit uint64) ([]logstorage.ValueWithHits, error)
	GetStreamFieldNames(context.Context, []logstorage.TenantID, *logstorage.Query) ([]logstorage.ValueWithHits, error)
	GetStreamFieldValues(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, name string, limit uint64) ([]logstorage.ValueWithHits, error)
	GetStreams(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, limit uint64) ([]logstorage.ValueWithHits, error)
}

// reads is the query side of a store, whatever its engine.
type reads struct {
	source engine
	// checked are the kinds of blocks that were read both ways; see engineBlock.
	checked atomic.Uint32
	// begin precedes the use of source, which then has every row that was appended;
	// end follows it.
	begin func(context.Context) (end func(), err error)
	// find returns the engine's id of a tenant, if it may have rows.
	find func(tenant.ID) (logstorage.TenantID, bool)
	// created is another number whenever there are more streams; see renderStreams.
	created func() uint64
	// distinct says whether rows carry LateColumn, and from which number on.
	distinct func() (bool, uint64)
	// marked says whether rows carry lengthColumn and longColumn, and from which number on.
	marked func() (bool, uint64)
}

var _ Reader = (*reads)(nil)

// newReads is the query side of a store whose engine is open.
func (s *Store) newReads() *reads {
	return &reads{
		source: s.engine,
		begin: func(ctx context.Context) (func(), error) {
			if err := s.enter(); err != nil {
				return nil, err
			}
			if err := s.makeVisible(ctx); err != nil {
				s.leave()
				return nil, err
			}
			return s.leave, nil
		},
		find:     s.tenants.find,
		created:  s.streams.Load,
		distinct: func() (bool, uint64) { return s.cfg.Distinct, s.distinctSince },
		marked:   func() (bool, uint64) { return true, s.markedSince },
	}
}

package logql

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/tenant"
)

// SetLimits gives tenants limits of their own: f returns those of a tenant, for each
// query anew. Call it before the engine is used.
func (e *Engine) SetLimits(f func(tenant.ID) Config) { e.limits = f }

// ConfigOf returns the limits of a tenant's queries.
func (e *Engine) ConfigOf(t tenant.ID) Config {
	if e.limits == nil {
		return e.cfg
	}
	return e.limits(t)
}

// checkLength refuses queries over a longer time than the tenant may ask for: from
// Start to End, or in one range in brackets.
func (q *query) checkLength(x Expr) error {
	length := q.params.End - q.params.Start
	walk(x, func(e Expr) {
		if r, ok := e.(*RangeAggregation); ok {
			length = max(length, r.Range.Interval)
		}
	})
	if limit := q.limits.MaxLength; time.Duration(length) > limit {
		return limitErrorf("the query time range exceeds the limit (query length: %s, limit: %s)", model.Duration(length), model.Duration(limit))
	}
	return nil
}

package tsdb

import (
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"github.com/pharosd/pharos/metrics"
)

// seriesBudget bounds the series in memory of all tenants together, and their
// labels.
type seriesBudget struct {
	labels  metrics.LimitsConfig
	limit   int64
	used    atomic.Int64
	refused atomic.Int64
	err     *metrics.SeriesLimitError
}

func newSeriesBudget(limit int64, labels metrics.LimitsConfig) *seriesBudget {
	return &seriesBudget{labels: labels, limit: limit, err: &metrics.SeriesLimitError{Limit: limit}}
}

// seriesCallback counts the series of one TSDB for the budget. Creations at the
// same moment may overshoot the limit by their number.
type seriesCallback struct {
	budget *seriesBudget
	own    atomic.Int64
	// replaying is true while the log is read back: series that were acknowledged
	// are not refused.
	replaying atomic.Bool
}

// PreCreation refuses a series past the budget or with too many or too long labels.
func (c *seriesCallback) PreCreation(ls labels.Labels) error {
	if c.replaying.Load() {
		return nil
	}
	if c.budget.used.Load() >= c.budget.limit {
		c.budget.refused.Add(1)
		return c.budget.err
	}
	return c.budget.labels.Check(ls)
}

// PostCreation counts a series.
func (c *seriesCallback) PostCreation(labels.Labels) {
	c.own.Add(1)
	c.budget.used.Add(1)
}

// PostDeletion takes series out of the count.
func (c *seriesCallback) PostDeletion(deleted map[chunks.HeadSeriesRef]labels.Labels) {
	c.own.Add(-int64(len(deleted)))
	c.budget.used.Add(-int64(len(deleted)))
}

// forget takes all series of a closed TSDB out of the count.
func (c *seriesCallback) forget() {
	c.budget.used.Add(-c.own.Swap(0))
}

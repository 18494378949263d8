package app

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/api/loki"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// buildDrilldown wires what Grafana's Logs Drilldown asks of a Loki.
func (a *App) buildDrilldown(context.Context) error {
	a.routes = append(a.routes, loki.DrilldownRoute(a.drilldownLimits))
	return nil
}

func (a *App) drilldownLimits(t tenant.ID) loki.DrilldownLimits {
	all := a.limits.Load()
	own, ok := all.Tenants[t]
	if !ok {
		own = all.LogLimits
	}
	query := all.QueryLimits(t)
	duration := func(d time.Duration) string { return model.Duration(d).String() }
	fields := ingest.LevelFields()
	if !own.Limits.DiscoverLogLevels {
		fields = []string{}
	}
	return loki.DrilldownLimits{
		DiscoverLogLevels: own.Limits.DiscoverLogLevels, DiscoverServiceName: append([]string{}, own.Limits.DiscoverServiceName...), LogLevelFields: fields,
		MaxEntriesLimitPerQuery: query.MaxEntries, MaxLineSizeTruncate: own.Limits.MaxLineSizeTruncate,
		MaxQueryBytesRead: strconv.FormatInt(query.MaxBytes, 10) + "B",
		MaxQueryLength:    duration(query.MaxLength), MaxQueryLookback: duration(time.Duration(own.Retention)), MaxQueryRange: "0s",
		MaxQuerySeries: query.MaxSeries, QueryTimeout: duration(time.Duration(query.Timeout)),
		RetentionPeriod: duration(time.Duration(own.Retention)), VolumeEnabled: true, VolumeMaxSeries: query.MaxSeries,
	}
}

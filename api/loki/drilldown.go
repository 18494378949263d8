package loki

import (
	"net/http"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// DrilldownLimits are the limits that Grafana's Logs Drilldown asks for before it shows
// anything, under Loki's names.
type DrilldownLimits struct {
	DiscoverLogLevels       bool     `json:"discover_log_levels"`
	DiscoverServiceName     []string `json:"discover_service_name"`
	LogLevelFields          []string `json:"log_level_fields"`
	MaxEntriesLimitPerQuery int      `json:"max_entries_limit_per_query"`
	MaxLineSizeTruncate     bool     `json:"max_line_size_truncate"`
	MaxQueryBytesRead       string   `json:"max_query_bytes_read"`
	MaxQueryLength          string   `json:"max_query_length"`
	MaxQueryLookback        string   `json:"max_query_lookback"`
	MaxQueryRange           string   `json:"max_query_range"`
	MaxQuerySeries          int      `json:"max_query_series"`
	QueryTimeout            string   `json:"query_timeout"`
	RetentionPeriod         string   `json:"retention_period"`
	VolumeEnabled           bool     `json:"volume_enabled"`
	VolumeMaxSeries         int      `json:"volume_max_series"`
	MetricAggregation       bool     `json:"metric_aggregation_enabled"`
	PatternPersistence      bool     `json:"pattern_persistence_enabled"`
}

type drilldownAnswer struct {
	Limits                 DrilldownLimits `json:"limits"`
	PatternIngesterEnabled bool            `json:"pattern_ingester_enabled"`
	Version                string          `json:"version"`
}

// DrilldownRoute serves the limits of the caller's tenant. Patterns are always there:
// they are found when they are asked for.
func DrilldownRoute(limits func(tenant.ID) DrilldownLimits) httpx.Route {
	return httpx.Route{Pattern: "GET /loki/api/v1/drilldown-limits", Access: httpx.Read, Scoped: true,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			httpx.WriteJSON(w, http.StatusOK, drilldownAnswer{limits(tenant.FromContext(r.Context())), true, lokiVersion})
		})}
}

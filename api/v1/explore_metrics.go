package v1

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/query/usage"
	"github.com/pharosd/pharos/tenant"
)

const (
	// maxUsageNames bounds an answer of usage.
	maxUsageNames = 50_000
	// maxReferences bounds the rules and dashboards that are named for a metric.
	maxReferences  = 20
	maxDaysOfUsage = 365
)

// Reference is what reads or writes metrics.
type Reference struct {
	Kind    string // "rule", "log rule", "dashboard" or "library panel"
	Name    string
	UID     string   // of a dashboard
	Texts   []string // in which the metrics are named that are read
	Records string   // the metric that a rule writes, "" if none
}

// MetricsDeps is what Metrics is given.
type MetricsDeps struct {
	Store metrics.Store
	Usage *usage.Tracker
	// References returns the rules and dashboards of a tenant.
	References func(ctx context.Context, t tenant.ID) ([]Reference, error)
}

// Metrics says what metrics cost and who reads them.
type Metrics struct {
	deps MetricsDeps
	now  func() time.Time
}

// NewMetrics returns the routes over a tenant's series.
func NewMetrics(deps MetricsDeps) *Metrics { return &Metrics{deps, time.Now} }

// Routes returns the table of routes.
func (m *Metrics) Routes() []httpx.Route {
	return []httpx.Route{
		{Pattern: "GET /api/pharos/v1/metrics/usage", Access: httpx.Read, Handler: http.HandlerFunc(m.usage)},
		{Pattern: "GET /api/pharos/v1/metrics/cardinality", Access: httpx.Read, Scoped: true, Handler: http.HandlerFunc(m.cardinality)},
	}
}

// reference is where a metric is used, without the texts.
type reference struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	UID  string `json:"uid,omitempty"`
}

type metricUsage struct {
	Name       string      `json:"name"`
	LastRead   *time.Time  `json:"last_read,omitempty"`
	Reads      uint64      `json:"reads"`
	Read       bool        `json:"read"` // by a query within the days asked for, a rule or a dashboard
	References []reference `json:"references"`
	// RecordedBy are the rules that write the metric: without it they can go too.
	RecordedBy []reference `json:"recorded_by,omitempty"`
}

type usageAnswer struct {
	// Since is from when on queries are recorded, absent before the first.
	Since     *time.Time    `json:"since,omitempty"`
	Days      int           `json:"days"`
	Metrics   []metricUsage `json:"metrics"`
	Truncated bool          `json:"truncated"`
}

// usage answers GET /metrics/usage?days=30: every metric name, when a query read it
// last, and the rules and dashboards that name it.
func (m *Metrics) usage(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(orDefault(r.URL.Query().Get("days"), "30"))
	if err != nil || days < 1 || days > maxDaysOfUsage {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_days", Message: fmt.Sprintf("days: want 1 to %d", maxDaysOfUsage)})
		return
	}
	t := tenant.FromContext(r.Context())
	names, truncated, err := m.names(r.Context(), t)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	used, recorded, err := m.references(r.Context(), t, names)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	report := m.deps.Usage.Report(t)
	out := usageAnswer{Days: days, Metrics: make([]metricUsage, 0, len(names)), Truncated: truncated}
	if !report.Since.IsZero() {
		out.Since = &report.Since
	}
	oldest := m.now().Add(-time.Duration(days) * 24 * time.Hour)
	for _, name := range names {
		u := metricUsage{Name: name, References: orNoReferences(used[name]), RecordedBy: recorded[name]}
		if read, known := report.Of(name); known {
			u.LastRead, u.Reads, u.Read = &read.Last, read.Count, read.Last.After(oldest)
		}
		u.Read = u.Read || len(u.References) > 0
		out.Metrics = append(out.Metrics, u)
	}
	httpx.WriteJSON(w, http.StatusOK, out)
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func orNoReferences(r []reference) []reference {
	if r == nil {
		return []reference{}
	}
	return r
}

func (m *Metrics) names(ctx context.Context, t tenant.ID) (names []string, truncated bool, _ error) {
	q, err := m.deps.Store.Tenant(t).Querier(m.now().Add(-24*time.Hour).UnixMilli(), m.now().UnixMilli())
	if err != nil {
		return nil, false, err
	}
	defer q.Close()
	names, _, err = q.LabelValues(ctx, labels.MetricName, &storage.LabelHints{Limit: maxUsageNames + 1})
	if len(names) > maxUsageNames {
		names, truncated = names[:maxUsageNames], true
	}
	return slices.Clone(names), truncated, err
}

// references says by metric name who names it and which rules write it. It looks for names
// as words, so that expressions with variables and broken ones count too. A histogram's
// family counts for its parts.
func (m *Metrics) references(ctx context.Context, t tenant.ID, names []string) (used, recorded map[string][]reference, _ error) {
	if m.deps.References == nil {
		return nil, nil, nil
	}
	all, err := m.deps.References(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[string]bool, len(names))
	for _, n := range names {
		known[n] = true
	}
	used, recorded = map[string][]reference{}, map[string][]reference{}
	add := func(to map[string][]reference, name string, ref Reference) {
		if known[name] && len(to[name]) < maxReferences {
			to[name] = append(to[name], reference{ref.Kind, ref.Name, ref.UID})
		}
	}
	for _, ref := range all {
		seen := map[string]bool{}
		for _, text := range ref.Texts {
			for word := range words(text) {
				if !seen[word] {
					seen[word] = true
					add(used, word, ref)
				}
			}
		}
		add(recorded, ref.Records, ref)
	}
	return used, recorded, nil
}

// words yields what may be metric names in an expression.
func words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != ':'
		}) {
			if !yield(word) {
				return
			}
		}
	}
}

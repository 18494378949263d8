package v1

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

const (
	// maxCounted bounds the series that one request looks at, maxDistinct the label
	// values that it tells apart: what is more is said.
	maxCounted  = 500_000
	maxDistinct = 1_000_000
	// maxNamed bounds the values of one label whose series are counted each.
	maxNamed          = 20_000
	defaultTopValues  = 10
	maxTopValues      = 200
	cardinalityRange  = time.Hour
	maxSelectorLength = 8 << 10
)

type valueCount struct {
	Value  string `json:"value"`
	Series int    `json:"series"`
}

type labelCost struct {
	Name string `json:"name"`
	// Values is the number of distinct values, Series how many series have the label.
	Values int `json:"values"`
	Series int `json:"series"`
	// Top are the values with the most series.
	Top []valueCount `json:"top"`
	// Capped says that there are more values than could be told apart.
	Capped bool `json:"capped"`
}

type cardinalityAnswer struct {
	Selector string       `json:"selector"`
	Series   int          `json:"series"`
	Metrics  []valueCount `json:"metrics"`
	Labels   []labelCost  `json:"labels"`
	// Partial says that not all series were looked at, or not all values told apart.
	Partial bool `json:"partial"`
}

// cardinality answers GET /metrics/cardinality?match=SELECTOR&top=10: the series that
// match had in the last hour, by metric name, and each label's values by series.
func (m *Metrics) cardinality(w http.ResponseWriter, r *http.Request) {
	match := r.URL.Query().Get("match")
	top, err := strconv.Atoi(orDefault(r.URL.Query().Get("top"), strconv.Itoa(defaultTopValues)))
	if err != nil || top < 1 || top > maxTopValues {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_top", Message: fmt.Sprintf("top: want 1 to %d", maxTopValues)})
		return
	}
	if len(match) > maxSelectorLength {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_selector", Message: fmt.Sprintf("match has %d bytes, at most %d", len(match), maxSelectorLength)})
		return
	}
	ms, err := parser.NewParser(parser.Options{}).ParseMetricSelector(match)
	if err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_selector", Message: err.Error(), Hint: "match is a selector, such as http_requests_total or {job=\"web\"}"})
		return
	}
	out, err := m.count(r.Context(), tenant.FromContext(r.Context()), ms, top)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	out.Selector = match
	httpx.WriteJSON(w, http.StatusOK, out)
}

func (m *Metrics) count(ctx context.Context, t tenant.ID, ms []*labels.Matcher, top int) (*cardinalityAnswer, error) {
	now := m.now()
	start, end := now.Add(-cardinalityRange).UnixMilli(), now.UnixMilli()
	q, err := m.deps.Store.Tenant(t).Querier(start, end)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	// "series" tells the store that no samples are wanted.
	set := q.Select(ctx, false, &storage.SelectHints{Start: start, End: end, Func: "series", Limit: maxCounted + 1}, ms...)
	c := newCounter()
	for set.Next() {
		if c.series == maxCounted {
			c.partial = true
			break
		}
		c.add(set.At().Labels())
		if c.series%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if err := set.Err(); err != nil {
		return nil, err
	}
	return c.answer(top), nil
}

// counter counts series by their labels within bounds.
type counter struct {
	seed     maphash.Seed
	series   int
	distinct int
	partial  bool
	labels   map[string]*labelCounter
}

// labelCounter counts a label's values: as texts with their series up to maxNamed, and
// beyond as hashes, which only tell that they differ.
type labelCounter struct {
	series int
	named  map[string]int
	hashed map[uint64]struct{}
	capped bool
}

func newCounter() *counter {
	return &counter{seed: maphash.MakeSeed(), labels: map[string]*labelCounter{}}
}

func (c *counter) add(ls labels.Labels) {
	c.series++
	ls.Range(func(l labels.Label) {
		one := c.labels[l.Name]
		if one == nil {
			one = &labelCounter{named: map[string]int{}}
			c.labels[l.Name] = one
		}
		one.series++
		if _, known := one.named[l.Value]; known {
			one.named[l.Value]++
			return
		}
		if c.distinct >= maxDistinct {
			one.capped, c.partial = true, true
			return
		}
		if len(one.named) < maxNamed {
			c.distinct++
			one.named[l.Value] = 1
			return
		}
		if one.hashed == nil {
			one.hashed = map[uint64]struct{}{}
		}
		h := maphash.String(c.seed, l.Value)
		if _, known := one.hashed[h]; !known {
			c.distinct++
			one.hashed[h] = struct{}{}
		}
	})
}

func (c *counter) answer(top int) *cardinalityAnswer {
	out := &cardinalityAnswer{Series: c.series, Metrics: []valueCount{}, Labels: []labelCost{}, Partial: c.partial}
	for name, one := range c.labels {
		values := one.top(top)
		if name == labels.MetricName {
			out.Metrics = one.top(maxTopValues)
			continue
		}
		out.Labels = append(out.Labels, labelCost{Name: name, Values: len(one.named) + len(one.hashed), Series: one.series, Top: values, Capped: one.capped})
	}
	slices.SortFunc(out.Labels, func(a, b labelCost) int { return cmp.Or(b.Values-a.Values, cmp.Compare(a.Name, b.Name)) })
	return out
}

func (c *labelCounter) top(n int) []valueCount {
	all := make([]valueCount, 0, len(c.named))
	for _, value := range slices.Sorted(maps.Keys(c.named)) {
		all = append(all, valueCount{value, c.named[value]})
	}
	slices.SortStableFunc(all, func(a, b valueCount) int { return b.Series - a.Series })
	return all[:min(n, len(all))]
}

package v1

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

const (
	overviewInterval = 2 * time.Second
	overviewPoints   = 301 // ten minutes of intervals
)

// Signal is a rate that the overview shows, with the counters that it adds up.
type Signal struct {
	// Name is its key in the answer: "samples", "log_lines", "spans".
	Name string
	// Counters are names of Pharos' own metrics; all their series are added up. A
	// series with a label "tenant" counts for that tenant, one without it tells of the
	// process and counts for the default tenant.
	Counters []string
	// Labels select series; each label named must have the value.
	Labels map[string]string
}

// Overview samples Pharos' own counters, so that the first page shows what
// arrives right now without anybody scraping Pharos.
type Overview struct {
	gatherer prometheus.Gatherer
	signals  []Signal
	log      *slog.Logger
	now      func() time.Time

	mu     sync.RWMutex // guards what follows
	points []overviewPoint
	err    error
}

// overviewPoint holds the counters' values at one moment, one for each signal.
type overviewPoint struct {
	at     time.Time
	totals []signalTotal
}

type signalTotal map[tenant.ID]float64

// NewOverview samples signals from g while Run runs.
func NewOverview(g prometheus.Gatherer, signals []Signal, log *slog.Logger) *Overview {
	return &Overview{gatherer: g, signals: signals, log: log, now: time.Now}
}

// Run samples until ctx is done.
func (o *Overview) Run(ctx context.Context) error {
	ticker := time.NewTicker(overviewInterval)
	defer ticker.Stop()
	for {
		o.sample()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (o *Overview) sample() {
	families, err := o.gatherer.Gather() // what it could gather comes with an error
	point := overviewPoint{at: o.now(), totals: make([]signalTotal, len(o.signals))}
	for i, s := range o.signals {
		point.totals[i] = signalTotal{}
		for _, name := range s.Counters {
			for _, f := range families {
				if f.GetName() == name {
					point.totals[i].add(f, s.Labels)
				}
			}
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil && (o.err == nil || o.err.Error() != err.Error()) {
		o.log.Warn("gather own metrics", "error", err)
	}
	o.err = err
	if len(o.points) == overviewPoints {
		o.points = append(o.points[:0], o.points[1:]...)
	}
	o.points = append(o.points, point)
}

func (t signalTotal) add(f *dto.MetricFamily, labels map[string]string) {
series:
	for _, m := range f.GetMetric() {
		owner, matched := tenant.Default, 0
		for _, l := range m.GetLabel() {
			if want, named := labels[l.GetName()]; named {
				if want != l.GetValue() {
					continue series
				}
				matched++
			}
			if l.GetName() == "tenant" {
				owner = tenant.ID(l.GetValue())
			}
		}
		if matched != len(labels) {
			continue
		}
		t[owner] += m.GetCounter().GetValue() + m.GetUntyped().GetValue()
	}
}

// signalRate is one signal's answer. Points are [milliseconds since the epoch,
// per second], oldest first.
type signalRate struct {
	Name   string       `json:"name"`
	Rate   float64      `json:"rate"`
	Total  float64      `json:"total"`
	Points [][2]float64 `json:"points"`
}

// Routes returns the table of routes.
func (o *Overview) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "GET /api/pharos/v1/overview", Access: httpx.Read, Handler: http.HandlerFunc(o.get)}}
}

// get answers the signals' rates over the last ten minutes. rate is over the last
// ten seconds, total since the process began.
func (o *Overview) get(w http.ResponseWriter, r *http.Request) {
	id := tenant.FromContext(r.Context())
	o.mu.RLock()
	defer o.mu.RUnlock()
	out := struct {
		IntervalSeconds float64      `json:"interval_seconds"`
		Signals         []signalRate `json:"signals"`
		Error           string       `json:"error,omitempty"`
	}{overviewInterval.Seconds(), make([]signalRate, len(o.signals)), ""}
	if o.err != nil && id == tenant.Default {
		out.Error = fmt.Sprintf("some of Pharos' own metrics could not be gathered: %s", o.err)
	}
	for i, s := range o.signals {
		out.Signals[i] = o.rate(i, s.Name, id)
	}
	httpx.WriteJSON(w, http.StatusOK, out)
}

// recent is over how many intervals the headline rate is taken.
const recent = 5

func (o *Overview) rate(signal int, name string, id tenant.ID) signalRate {
	out := signalRate{Name: name, Points: [][2]float64{}}
	value := func(i int) float64 { return o.points[i].totals[signal][id] }
	perSecond := func(from, to int) float64 {
		seconds := o.points[to].at.Sub(o.points[from].at).Seconds()
		return max(0, value(to)-value(from)) / seconds
	}
	last := len(o.points) - 1
	for i := 1; i <= last; i++ {
		out.Points = append(out.Points, [2]float64{float64(o.points[i].at.UnixMilli()), perSecond(i-1, i)})
	}
	if last >= 0 {
		out.Total = value(last)
	}
	if last >= 1 {
		out.Rate = perSecond(max(0, last-recent), last)
	}
	return out
}

package dashfeed

import (
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/prompb"
)

// maxSeriesPerMetric bounds the combinations of values of one metric's labels.
const maxSeriesPerMetric = 60

var bounds = []string{"0.005", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"}

// series is one time series with how its values grow.
type series struct {
	labels []prompb.Label
	at     func(t time.Time) float64
}

// series returns what answers the dashboard's PromQL.
func (f *Feed) series(begin time.Time) []series {
	var out []series
	for _, name := range f.order {
		m := f.metrics[name]
		for _, ls := range m.combinations() {
			s := m.value(ls, begin)
			if !m.buckets {
				out = append(out, series{toLabels(name, ls), s})
				continue
			}
			les := slices.Clone(bounds)
			for _, le := range m.labels["le"] {
				if _, err := strconv.ParseFloat(le, 64); err == nil && !slices.Contains(les, le) {
					les = append(les, le)
				}
			}
			for _, le := range les {
				bound, _ := strconv.ParseFloat(le, 64)
				share := 1 - math.Exp(-2*bound) // latencies with a mean of half a second
				with := copyOf(ls)
				with["le"] = le
				out = append(out, series{toLabels(name, with), func(t time.Time) float64 { return math.Floor(s(t) * share) }})
			}
		}
	}
	return out
}

// combinations returns every combination of the labels' values.
func (m *metric) combinations() []map[string]string {
	names := make([]string, 0, len(m.labels))
	for l := range m.labels {
		if l != "le" || !m.buckets {
			names = append(names, l)
		}
	}
	slices.Sort(names)
	out := []map[string]string{{}}
	for _, l := range names {
		values := m.labels[l]
		for len(values) > 1 && len(out)*len(values) > maxSeriesPerMetric {
			values = values[:len(values)-1]
		}
		var next []map[string]string
		for _, have := range out {
			for _, v := range values {
				with := copyOf(have)
				with[l] = v
				next = append(next, with)
			}
			if m.absent[l] {
				next = append(next, have)
			}
		}
		if len(values) > 0 {
			out = next
		}
	}
	return out
}

func copyOf(m map[string]string) map[string]string {
	out := make(map[string]string, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	return out
}

func toLabels(name string, ls map[string]string) []prompb.Label {
	out := []prompb.Label{{Name: "__name__", Value: name}}
	for k, v := range ls {
		out = append(out, prompb.Label{Name: k, Value: v})
	}
	slices.SortFunc(out, func(a, b prompb.Label) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// value returns how a series grows, by its name's customs.
func (m *metric) value(ls map[string]string, begin time.Time) func(time.Time) float64 {
	h := fnv.New32a()
	for _, l := range toLabels("", ls) {
		h.Write([]byte(l.Name + l.Value))
	}
	seed := float64(h.Sum32()%97) / 97
	wave := func(t time.Time) float64 { return 0.5 + 0.4*math.Sin(float64(t.Unix())/180+6*seed) }
	name := m.name
	is := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(name, p) })
	}
	switch {
	case m.counter || m.buckets:
		rate := 1 + 9*seed
		if is("_seconds") && strings.HasSuffix(name, "_sum") {
			rate /= 3
		}
		if is("bytes") {
			rate *= 20000
		}
		return func(t time.Time) float64 { return rate*t.Sub(begin).Seconds() + 5*wave(t) }
	case m.hasLike:
		return func(time.Time) float64 { return m.like }
	case strings.HasSuffix(name, "_info") || name == "up" || strings.HasSuffix(name, "_up"):
		return func(time.Time) float64 { return 1 }
	case is("timestamp", "start_time", "boot_time", "time_seconds", "created"):
		return func(time.Time) float64 { return float64(begin.Add(-26 * time.Hour).Unix()) }
	case is("bytes", "memory", "size"):
		return func(t time.Time) float64 { return (1 + 3*seed) * 1e9 * wave(t) }
	case is("ratio", "utilization", "usage"):
		return wave
	}
	return func(t time.Time) float64 { return math.Round(100 * (0.2 + seed) * wave(t)) }
}

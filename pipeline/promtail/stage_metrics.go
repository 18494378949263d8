package promtail

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// metricIdle is how long a series is kept without a change by default.
const metricIdle = 5 * time.Minute

// metricsStage counts extracted values, lines or their bytes in metrics that whoever
// runs the pipeline exposes.
type metricsStage struct{ rules []metricRule }

// metricRule is how one metric is counted.
type metricRule struct {
	metric     *customMetric
	source     string
	matchAll   bool    // each line, whatever was extracted
	countBytes bool    // the line's bytes, with matchAll
	value      *string // what the extracted value must be; nil: anything
	action     string
}

type metricSettings struct {
	Type            string
	Description     string
	Source          *string
	Prefix          string
	MaxIdleDuration *string `yaml:"max_idle_duration"`
	Config          struct {
		MatchAll        *bool `yaml:"match_all"`
		CountEntryBytes *bool `yaml:"count_entry_bytes"`
		Value           *string
		Action          string
		Buckets         []float64
	}
}

func (cfg *config) metrics() pipeline.Stage {
	var settings map[string]metricSettings
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	s := &metricsStage{}
	ok := true
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		one := &metricConfig{config: cfg.within(name), name: name, settings: settings[name], ok: true}
		rule := one.rule()
		ok = ok && one.ok
		s.rules = append(s.rules, rule)
	}
	if !ok {
		return nil
	}
	return s
}

// metricConfig is one metric's part of the configuration.
type metricConfig struct {
	*config
	name     string
	settings metricSettings
	ok       bool
}

func (m *metricConfig) refuse(key, message, hint string) {
	if inner, nested := strings.CutPrefix(key, "config."); nested {
		m.within("config").problem(inner, message, hint)
	} else {
		m.problem(key, message, hint)
	}
	m.ok = false
}

func (m *metricConfig) rule() metricRule {
	def := m.definition()
	c := m.settings.Config
	r := metricRule{source: m.name, value: c.Value, action: strings.ToLower(c.Action)}
	if m.settings.Source != nil {
		r.source = *m.settings.Source
	}
	r.matchAll = c.MatchAll != nil && *c.MatchAll
	r.countBytes = c.CountEntryBytes != nil && *c.CountEntryBytes
	switch def.kind {
	case counter:
		m.action(r.action, "inc", "add")
		m.counter(r)
	case gauge:
		m.action(r.action, "set", "inc", "dec", "add", "sub")
		r.matchAll = false
	case histogram:
		r.action, r.matchAll = "observe", false
	}
	if !m.ok {
		return r
	}
	if r.metric = m.c.env.Metrics.metric(def); r.metric == nil {
		m.refuse("", fmt.Sprintf("the metric %s is already defined with another type, description or buckets", def.name), "give one of them another name or prefix")
	}
	return r
}

func (m *metricConfig) definition() metricDefinition {
	def := metricDefinition{name: "promtail_custom_" + m.name, help: m.settings.Description,
		kind: metricKind(strings.ToLower(m.settings.Type)), idle: metricIdle}
	if m.settings.Prefix != "" {
		def.name = m.settings.Prefix + m.name
	}
	if !model.LegacyValidation.IsValidMetricName(def.name) {
		m.refuse("", fmt.Sprintf("%q is no name of a metric", def.name), "letters, digits, underscores and colons, no digit first")
	}
	kinds := []string{string(counter), string(gauge), string(histogram)}
	if !slices.Contains(kinds, string(def.kind)) {
		m.refuse("type", fmt.Sprintf("expected counter, gauge or histogram, found %q", m.settings.Type), strictyaml.Suggest(m.settings.Type, kinds))
	}
	if idle := m.settings.MaxIdleDuration; idle != nil {
		d, ok := m.duration("max_idle_duration", *idle)
		m.ok = m.ok && ok
		if ok && d < time.Second {
			m.refuse("max_idle_duration", "the duration must be a second at least", "")
		}
		def.idle = d.Truncate(time.Second)
	}
	if def.kind == histogram {
		def.buckets = m.buckets()
	}
	return def
}

// buckets are the upper bounds of a histogram without the last, infinite one.
func (m *metricConfig) buckets() []float64 {
	buckets := m.settings.Config.Buckets
	if len(buckets) == 0 {
		return slices.Clone(prometheus.DefBuckets)
	}
	for i := 1; i < len(buckets); i++ {
		if !(buckets[i] > buckets[i-1]) {
			m.refuse("config.buckets", fmt.Sprintf("bounds must grow, %v does not exceed %v", buckets[i], buckets[i-1]), "")
			break
		}
	}
	if last := len(buckets) - 1; math.IsInf(buckets[last], +1) {
		buckets = buckets[:last]
	}
	return slices.Clone(buckets)
}

func (m *metricConfig) action(action string, known ...string) {
	if !slices.Contains(known, action) {
		m.refuse("config.action", fmt.Sprintf("expected one of %s, found %q", strings.Join(known, ", "), action), strictyaml.Suggest(action, known))
	}
}

func (m *metricConfig) counter(r metricRule) {
	switch {
	case r.matchAll && r.value != nil:
		m.refuse("config.match_all", "match_all and value cannot both be set", "remove one of them")
	case r.countBytes && !r.matchAll:
		m.refuse("config.count_entry_bytes", "count_entry_bytes needs match_all: true", "")
	case r.countBytes && r.action != "add":
		m.refuse("config.count_entry_bytes", "count_entry_bytes needs action: add", "")
	}
}

func (s *metricsStage) Process(e *pipeline.Event, out pipeline.Output) {
	for i := range s.rules {
		s.rules[i].count(e)
	}
	out.Emit(e)
}

func (r *metricRule) count(e *pipeline.Event) {
	v, ok := e.Fields[r.source]
	switch {
	case r.matchAll && r.countBytes:
		v = int64(len(e.Line))
	case r.matchAll:
		v = nil
	case !ok:
		return
	}
	if r.value != nil {
		if t, ok := text(v); !ok || t != *r.value {
			return
		}
	}
	n, ok := 1.0, true
	if r.action != "inc" && r.action != "dec" {
		n, ok = number(v)
	}
	// A counter only grows.
	if !ok || n < 0 && r.metric.def.kind == counter {
		return
	}
	r.metric.update(e.Labels, func(s *customSeries) {
		switch r.action {
		case "inc", "add":
			s.value += n
		case "dec", "sub":
			s.value -= n
		case "set":
			s.value = n
		case "observe":
			r.metric.observe(s, n)
		}
	})
}

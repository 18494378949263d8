package alerting

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the service's own. What Alertmanager's packages count is
// registered once for each tenant under Alertmanager's names with a label tenant.
type metrics struct {
	refused          prometheus.Counter
	reloadSuccessful prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	m := &metrics{
		refused: f.NewCounter(prometheus.CounterOpts{
			Name: "pharos_alerting_alerts_refused_total",
			Help: "Alerts refused because their tenant holds alerting.max_alerts alerts.",
		}),
		reloadSuccessful: f.NewGauge(prometheus.GaugeOpts{
			Name: "pharos_alerting_config_last_reload_successful",
			Help: "1 if the last reload of the alertmanager configurations succeeded, 0 if the previous ones stay in use.",
		}),
	}
	m.reloadSuccessful.Set(1)
	return m
}

func (m *metrics) reloaded(err error) {
	if err != nil {
		m.reloadSuccessful.Set(0)
		return
	}
	m.reloadSuccessful.Set(1)
}

// instanceMetrics are those that Alertmanager's main program registers rather
// than its packages, under the same names.
type instanceMetrics struct {
	requestDuration *prometheus.HistogramVec
	receivers       prometheus.Gauge
	integrations    prometheus.Gauge
	inhibitionRules prometheus.Gauge
	lastReload      prometheus.Gauge
}

func newInstanceMetrics(reg prometheus.Registerer) *instanceMetrics {
	f := promauto.With(reg)
	gauge := func(name, help string) prometheus.Gauge {
		return f.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	return &instanceMetrics{
		requestDuration: f.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "alertmanager_http_request_duration_seconds",
			Help:    "Histogram of latencies for HTTP requests.",
			Buckets: prometheus.DefBuckets,
		}, []string{"handler", "method", "code"}),
		receivers:       gauge("alertmanager_receivers", "Number of configured receivers."),
		integrations:    gauge("alertmanager_integrations", "Number of configured integrations."),
		inhibitionRules: gauge("alertmanager_inhibition_rules", "Number of configured inhibition rules."),
		lastReload:      gauge("alertmanager_config_last_reload_success_timestamp_seconds", "Timestamp of the last successful configuration reload."),
	}
}

func (m *instanceMetrics) applied(s *settings) {
	m.receivers.Set(float64(len(s.receivers)))
	m.integrations.Set(float64(s.integrations))
	m.inhibitionRules.Set(float64(len(s.conf.InhibitRules)))
	m.lastReload.SetToCurrentTime()
}

package alerting

import (
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
)

// settings is what one configuration file turns into before anything runs.
type settings struct {
	conf         *config.Config
	tmpl         *template.Template
	routes       *dispatch.Route
	receivers    map[string][]notify.Integration
	integrations int
	intervener   *timeinterval.Intervener
}

// parseSettings does all of applying a configuration that can fail and that
// leaves no trace: parse templates, build the receivers that routes use.
func parseSettings(conf *config.Config, externalURL *url.URL) (*settings, error) {
	tmpl, err := template.FromGlobs(conf.Templates)
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	tmpl.ExternalURL = externalURL
	s := &settings{
		conf:      conf,
		tmpl:      tmpl,
		routes:    dispatch.NewRoute(conf.Route, nil),
		receivers: make(map[string][]notify.Integration),
	}
	used := make(map[string]bool)
	s.routes.Walk(func(r *dispatch.Route) { used[r.RouteOpts.Receiver] = true })
	for _, rcv := range conf.Receivers {
		if !used[rcv.Name] {
			continue
		}
		integrations, err := receiver.BuildReceiverIntegrations(rcv, tmpl, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, fmt.Errorf("build receiver %q: %w", rcv.Name, err)
		}
		s.receivers[rcv.Name] = integrations
		s.integrations += len(integrations)
	}
	intervals := make(map[string][]timeinterval.TimeInterval, len(conf.MuteTimeIntervals)+len(conf.TimeIntervals))
	for _, ti := range conf.MuteTimeIntervals {
		intervals[ti.Name] = ti.TimeIntervals
	}
	for _, ti := range conf.TimeIntervals {
		intervals[ti.Name] = ti.TimeIntervals
	}
	s.intervener = timeinterval.NewIntervener(intervals)
	return s, nil
}

// warn logs what the file asks for and does not get.
func (s *settings) warn(logger *slog.Logger, retention time.Duration) {
	if s.conf.TracingConfig.Endpoint != "" {
		logger.Warn("alertmanager configuration's tracing section is not used: the process has one tracer, which Pharos configures", "endpoint", s.conf.TracingConfig.Endpoint)
	}
	if ev := s.conf.EventRecorder; len(ev.FileOutputs)+len(ev.WebhookOutputs)+len(ev.KafkaOutputs) > 0 {
		logger.Warn("alertmanager configuration's event_recorder section is not used, as by Alertmanager without --enable-feature=event-recorder")
	}
	for _, rcv := range s.conf.Receivers {
		if _, ok := s.receivers[rcv.Name]; !ok {
			logger.Warn("receiver is not used by any route", "receiver", rcv.Name)
		}
	}
	s.routes.Walk(func(r *dispatch.Route) {
		if r.RouteOpts.RepeatInterval > retention {
			logger.Warn("repeat_interval is longer than alerting.retention, so that notifications may repeat early",
				"route", r.Key(), "repeat_interval", r.RouteOpts.RepeatInterval, "retention", retention)
		}
		if r.RouteOpts.RepeatInterval < r.RouteOpts.GroupInterval {
			logger.Warn("repeat_interval is shorter than group_interval, so that notifications repeat at group_interval only",
				"route", r.Key(), "repeat_interval", r.RouteOpts.RepeatInterval, "group_interval", r.RouteOpts.GroupInterval)
		}
	})
}

// generation is what a change of configuration replaces as a whole: the routing
// tree with its groups, the inhibition rules, the receivers.
type generation struct {
	*settings
	source     string
	inhibitor  *inhibit.Inhibitor
	dispatcher *dispatch.Dispatcher
}

// stop ends the generation. It waits for notifications that are under way, for
// drainTimeout at most; one that is cancelled then is sent again by the
// generation that follows.
func (g *generation) stop() {
	if g == nil {
		return
	}
	g.inhibitor.Stop()
	g.dispatcher.Stop()
}

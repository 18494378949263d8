package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/api"
	"github.com/prometheus/alertmanager/cluster"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/marker"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"

	"github.com/pharosd/pharos/tenant"
)

const (
	// Alertmanager's own defaults.
	maintenanceInterval         = 15 * time.Minute
	alertGCInterval             = 30 * time.Minute
	dispatchMaintenanceInterval = 30 * time.Second

	// nflogDelay is how long after a notification its entry is on disk: what a
	// crash may repeat.
	nflogDelay = time.Second

	maxSilenceSize = 64 << 10
)

type instanceOptions struct {
	tenant      tenant.ID
	dir         string
	cfg         Config
	externalURL *url.URL
	logger      *slog.Logger
	registerer  prometheus.Registerer // labels everything with the tenant
	metrics     *metrics
	cluster     *gossip
	started     time.Time
}

// instance is one tenant's Alertmanager. What holds state lives as long as the
// instance; what a configuration file describes is a generation and is replaced
// by apply.
type instance struct {
	instanceOptions
	registry *prometheus.Registry

	alerts    *boundedAlerts
	silences  *silence.Silences
	silencer  *silence.Silencer
	nflog     *nflog.Log
	groups    marker.GroupMarker
	api       *api.API
	handler   http.Handler
	pipelines *notify.PipelineBuilder
	dispatch  *dispatch.DispatcherMetrics
	own       *instanceMetrics

	silenceFile *stateFile
	nflogFile   *stateFile
	nflogDirty  chan struct{} // holds one element when the log is newer than its file

	done chan struct{} // closed by stop: ends upkeep
	wg   sync.WaitGroup

	applying sync.Mutex
	current  atomic.Pointer[generation]
}

// openInstance starts a tenant's Alertmanager with the state in o.dir.
func openInstance(o instanceOptions, f *file) (*instance, error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, fmt.Errorf("create state folder: %w", err)
	}
	inst := &instance{
		instanceOptions: o,
		registry:        prometheus.NewRegistry(),
		groups:          marker.NewGroupMarker(),
		nflogDirty:      make(chan struct{}, 1),
		done:            make(chan struct{}),
	}
	next, err := inst.build(f)
	if err != nil {
		return nil, err
	}
	if err := inst.openState(); err != nil {
		return nil, err
	}
	if err := inst.openAPI(); err != nil {
		inst.alerts.Close()
		return nil, err
	}
	if err := o.registerer.Register(inst.registry); err != nil {
		inst.alerts.Close()
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	inst.wg.Go(inst.upkeepSilences)
	inst.wg.Go(inst.upkeepNotificationLog)
	inst.wg.Go(inst.saveNotificationLogWhenDirty)
	if err := inst.apply(next); err != nil {
		return nil, errors.Join(err, inst.stop())
	}
	return inst, nil
}

// openState reads the silences and the notification log from disk and creates
// the store of alerts.
func (inst *instance) openState() error {
	retention := time.Duration(inst.cfg.Retention)
	silencePath, nflogPath := filepath.Join(inst.dir, "silences"), filepath.Join(inst.dir, "nflog")
	var err error
	inst.nflog, err = nflog.New(nflog.Options{
		SnapshotFile: nflogPath,
		Retention:    retention,
		Logger:       inst.logger.With("component", "nflog"),
		Metrics:      inst.registry,
	})
	if err != nil {
		return fmt.Errorf("read notification log %s: %w", nflogPath, err)
	}
	inst.silences, err = silence.New(silence.Options{
		SnapshotFile: silencePath,
		Retention:    retention,
		Limits: silence.Limits{
			MaxSilences:         func() int { return inst.cfg.MaxSilences },
			MaxSilenceSizeBytes: func() int { return maxSilenceSize },
		},
		Logger:  inst.logger.With("component", "silences"),
		Metrics: inst.registry,
	})
	if err != nil {
		return fmt.Errorf("read silences %s: %w", silencePath, err)
	}
	inst.silenceFile = &stateFile{path: silencePath, write: inst.silences.Snapshot}
	inst.nflogFile = &stateFile{path: nflogPath, write: inst.nflog.Snapshot}

	gossipLog := inst.cluster.share(inst.tenant, "nfl", inst.nflog, inst.registry)
	inst.nflog.SetBroadcast(func(entry []byte) {
		select {
		case inst.nflogDirty <- struct{}{}:
		default:
		}
		gossipLog(entry)
	})
	inst.silences.SetBroadcast(inst.cluster.share(inst.tenant, "sil", inst.silences, inst.registry))

	inst.silencer = silence.NewSilencer(inst.silences, inst.logger, eventrecorder.Recorder{})
	inst.alerts, err = newBoundedAlerts(inst.cfg.MaxAlerts, inst.silencer, inst.logger, inst.registry, inst.metrics)
	if err != nil {
		return fmt.Errorf("create store of alerts: %w", err)
	}
	return nil
}

// openAPI creates what every generation shares besides the state.
func (inst *instance) openAPI() error {
	inst.own = newInstanceMetrics(inst.registry)
	inst.pipelines = notify.NewPipelineBuilder(inst.registry, featurecontrol.NoopFlags{}, eventrecorder.Recorder{})
	inst.dispatch = dispatch.NewDispatcherMetrics(false, inst.registry, featurecontrol.NoopFlags{})
	var peer cluster.ClusterPeer // an interface that holds a nil *cluster.Peer would count as a peer
	if p := inst.cluster.peer(); p != nil {
		peer = p
	}
	var err error
	inst.api, err = api.New(api.Options{
		Alerts:          inst.alerts,
		Silences:        inst.silences,
		GroupMutedFunc:  inst.groups.Muted,
		Peer:            peer,
		Logger:          inst.logger.With("component", "api"),
		Registry:        inst.registry,
		RequestDuration: inst.own.requestDuration,
		GroupFunc: func(ctx context.Context, byRoute func(*dispatch.Route) bool, byAlert func(*alert.Alert, time.Time) bool) (dispatch.AlertGroups, map[model.Fingerprint][]string, error) {
			return inst.current.Load().dispatcher.Groups(ctx, byRoute, byAlert)
		},
	})
	if err != nil {
		return fmt.Errorf("create API: %w", err)
	}
	inst.handler = inst.durable(inst.api.Register(route.New(), "/"))
	return nil
}

// build does what can fail in applying f, and starts nothing.
func (inst *instance) build(f *file) (*generation, error) {
	s, err := parseSettings(f.conf, inst.externalURL)
	if err != nil {
		return nil, fmt.Errorf("apply %s: %w", f.source(), err)
	}
	return &generation{settings: s, source: f.source()}, nil
}

// apply replaces the running generation by next. The order is Alertmanager's:
// the new inhibitor knows all alerts before the new dispatcher starts, lest it
// notifies of what is inhibited; both are published when they know all alerts,
// so that the API never shows half of them.
func (inst *instance) apply(next *generation) error {
	inst.applying.Lock()
	defer inst.applying.Unlock()
	select {
	case <-inst.done:
		return ErrNotRunning
	default:
	}
	previous := inst.current.Load()
	previous.stop()

	var peer notify.Peer // see openAPI
	if p := inst.cluster.peer(); p != nil {
		peer = p
	}
	next.inhibitor = inhibit.NewInhibitor(inst.alerts, next.conf.InhibitRules, inst.logger, eventrecorder.Recorder{})
	pipeline := inst.pipelines.New(next.receivers, inst.cluster.wait, next.inhibitor, inst.silencer,
		next.intervener, inst.groups, inst.nflog, peer)
	timeout := func(d time.Duration) time.Duration { return max(d, notify.MinTimeout) + inst.cluster.wait() }
	next.dispatcher = dispatch.NewDispatcher(inst.alerts, next.routes, drained{pipeline}, inst.groups, timeout,
		dispatchMaintenanceInterval, nil, inst.logger, eventrecorder.Recorder{}, inst.dispatch, next.tmpl)

	inst.wg.Go(next.inhibitor.Run)
	next.inhibitor.WaitForLoading()
	inst.wg.Go(func() { next.dispatcher.Run(inst.started) })
	next.dispatcher.WaitForLoading()
	inst.current.Store(next)
	inst.api.Update(next.conf, func(ctx context.Context, labels model.LabelSet) {
		inst.current.Load().inhibitor.Mutes(ctx, labels)
		inst.silencer.Mutes(ctx, labels)
	})
	inst.own.applied(next.settings)
	next.warn(inst.logger, time.Duration(inst.cfg.Retention))
	inst.logger.Info("alertmanager configuration applied", "file", next.source)
	return nil
}

// stop ends the instance and writes its state.
func (inst *instance) stop() error {
	inst.applying.Lock()
	close(inst.done)
	inst.current.Load().stop()
	inst.applying.Unlock()
	inst.alerts.Close()
	inst.wg.Wait()
	inst.registerer.Unregister(inst.registry)
	_, errSilences := inst.silenceFile.save()
	_, errLog := inst.nflogFile.save()
	return errors.Join(errSilences, errLog)
}

// upkeepSilences collects expired silences now and then, and snapshots.
func (inst *instance) upkeepSilences() {
	inst.silences.Maintenance(maintenanceInterval, "", inst.done, func() (int64, error) {
		if _, err := inst.silences.GC(); err != nil {
			return 0, err
		}
		return inst.silenceFile.save()
	})
}

// upkeepNotificationLog collects expired entries now and then, and snapshots.
func (inst *instance) upkeepNotificationLog() {
	inst.nflog.Maintenance(maintenanceInterval, "", inst.done, func() (int64, error) {
		if _, err := inst.nflog.GC(); err != nil {
			return 0, err
		}
		return inst.nflogFile.save()
	})
}

// saveNotificationLogWhenDirty snapshots the notification log shortly after it
// changed, so that a crash repeats few notifications.
func (inst *instance) saveNotificationLogWhenDirty() {
	for {
		select {
		case <-inst.done:
			return
		case <-inst.nflogDirty:
		}
		select {
		case <-inst.done:
			return // stop saves
		case <-time.After(nflogDelay):
		}
		if _, err := inst.nflogFile.save(); err != nil {
			inst.logger.Error("notification log not saved; a crash would repeat notifications", "error", err)
		}
	}
}

// source names where the configuration comes from, for logs and errors.
func (f *file) source() string {
	if f.name == "" {
		return "embedded default"
	}
	return f.name
}

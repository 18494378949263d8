package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/storage/rowstore"
)

// buildMeta opens the relational state and what needs nothing else.
func (a *App) buildMeta(ctx context.Context) error {
	db, err := metastore.Open(ctx, a.cfg.Data, a.log.With("component", "metastore"))
	if err != nil {
		return err
	}
	a.meta = db
	a.closer("metastore", db.Close)
	a.check("metastore", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return db.Ping(ctx)
	})
	a.auth = auth.NewService(a.cfg.Auth, db, a.log.With("component", "auth"))
	if a.FirstPassword, err = a.auth.Bootstrap(ctx); err != nil {
		return err
	}
	if a.cfg.Auth.Mode == auth.Off {
		a.log.Warn("authentication is off: every program on this machine is an administrator")
	}
	a.routes = append(a.routes, v1.NewIdentity(a.auth).Routes()...)
	return nil
}

// buildStores opens the two row stores.
func (a *App) buildStores(context.Context) error {
	if err := rowstore.Setup(a.mem.EngineCaches, a.log.With("component", "row engine")); err != nil {
		return err
	}
	open := func(name string, retention time.Duration, maxSize int64) (*rowstore.Store, error) {
		cfg := rowstore.DefaultConfig()
		cfg.Path = a.dir(name)
		cfg.Retention = retention
		cfg.MaxSize = maxSize
		cfg.MaxInFlight = a.mem.Ingest / 2
		// A span has an id of its own, a line has not: a client's repeat of lines must be
		// told from them.
		if name == "logs" {
			cfg.Distinct, cfg.Derived = true, logstore.DerivedFields
		}
		a.disk(name).Apply(&cfg)
		s, err := rowstore.Open(cfg, a.log.With("component", name), prometheus.WrapRegistererWith(prometheus.Labels{"store": name}, a.registry))
		if err != nil {
			return nil, err
		}
		a.closer(name+" store", s.Close)
		return s, nil
	}
	var err error
	if a.cfg.Logs.Engine == config.VictoriaLogs {
		a.logRows, err = a.remoteLogs()
	} else {
		a.logRows, err = open("logs", a.logStoreRetention(), int64(a.cfg.Logs.MaxSize))
	}
	if err != nil {
		return err
	}
	a.spanRows, err = open("traces", time.Duration(a.cfg.Traces.Retention), 0)
	return err
}

// buildDashboards reads provisioned dashboards and serves them.
func (a *App) buildDashboards(context.Context) error {
	provisioner, err := dashboards.NewProvisioner(a.cfg.Dashboards, a.log.With("component", "dashboards"), a.opts.LookupEnv)
	if err != nil {
		return err
	}
	a.part("dashboards", provisioner.Run)
	a.onReload("dashboards", func(c *config.Config) error { return provisioner.Reload(c.Dashboards) })
	library := dashboards.NewLibrary(provisioner, a.meta)
	a.exploring.library = library
	a.routes = append(a.routes, v1.NewDashboards(library, a.scrapeInterval).Routes()...)
	a.buildDatasourceProxy(library)
	return a.buildLibrary(library)
}

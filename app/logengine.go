package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/logs/remote"
	"github.com/pharosd/pharos/storage/rowstore"
)

// logStore is where log lines are kept, here or on other servers.
type logStore interface {
	rowstore.Reader
	rowstore.Writer
	Health() error
}

// remoteLogs opens the store on the servers that the configuration names.
func (a *App) remoteLogs() (logStore, error) {
	rows := rowstore.RemoteConfig{Path: a.dir("logs-sent"), Retention: time.Duration(a.cfg.Logs.Retention),
		FutureLimit: rowstore.DefaultConfig().FutureLimit, MaxInFlight: a.mem.Ingest / 2}
	s, err := remote.Open(a.cfg.Logs.VictoriaLogs, rows, a.log.With("component", "logs"),
		prometheus.WrapRegistererWith(prometheus.Labels{"store": "logs"}, a.registry))
	if err != nil {
		return nil, err
	}
	a.closer("logs store", s.Close)
	return s, nil
}

package app

import (
	"context"
	"errors"

	api "github.com/pharosd/pharos/api/pipelines"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/receiver/elastic"
	"github.com/pharosd/pharos/receiver/logstash"
	"github.com/pharosd/pharos/tenant"
)

// buildLogstash runs Logstash's pipelines. They write to the stores as the receivers do.
// What a pipeline waits for, such as a broker that is away, does not make the process
// unready: its state stands beside.
func (a *App) buildLogstash(context.Context) error {
	documents := elastic.New(a.cfg.Logs.Elastic, elastic.Deps{
		Sink: a.logItems, Catalog: elasticTargets{a.elasticCatalog}, Log: a.log.With("component", "pipelines"), Metrics: a.ingestMetrics, MaxInFlight: a.mem.Ingest / 4,
	})
	pipelines, err := logstash.New(a.cfg.Pipelines, a.cfg.Logstash, logstash.Deps{
		Logs: a.logItems, Documents: documents, Log: a.log.With("component", "pipelines"), Registry: a.registry,
		Dir: a.dir("pipelines"), Lookup: a.opts.LookupEnv, MaxInFlight: a.mem.Ingest / 4,
	})
	if err != nil {
		return err
	}
	a.pipelines = runningPipelines{pipelines}
	a.part("pipelines", pipelines.Run)
	a.onReload("pipelines", func(c *config.Config) error { return pipelines.Reload(c.Pipelines, c.Logstash) })
	a.note("pipelines", func() (string, bool) {
		err := pipelines.Err()
		if err == nil {
			err = errors.New("ok")
		}
		return err.Error(), pipelines.Len() > 0
	})
	return nil
}

// runningPipelines are the pipelines as the API shows them.
type runningPipelines struct{ manager *logstash.Manager }

func (r runningPipelines) Pipelines(t tenant.ID) []api.Status {
	var out []api.Status
	for _, s := range r.manager.Statuses(t) {
		out = append(out, api.Status{ID: s.ID, Source: s.Source, Workers: s.Workers, Since: s.Since, Inputs: s.Inputs, Filters: s.Filters, Outputs: s.Outputs,
			In: s.In, Out: s.Out, Dropped: s.Dropped, Failing: s.Failing})
	}
	return out
}

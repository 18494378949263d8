// Package simulator is the demonstration system: a small logistics platform that
// runs inside `pharos demo` and is observed like any customer's. Its services are
// real HTTP servers on loopback ports that call each other, expose Prometheus
// metrics, ship logs through Loki's and OTLP's endpoints and send spans with the
// OpenTelemetry SDK (one service still speaks the Jaeger agent's UDP protocol).
// Nothing is written into a store behind a protocol's back.
//
//	visitors -> webapp -> query-api -> storage
//	carriers <- {shipping,inventory,supplier}-collector -> broker
//	broker -> processing-pipeline (validation, transformation, enrichment)
//	       -> storage-router -> {timescaledb, postgres, s3, redis}
//
// Incidents (a slow database, a failing dependency, an error burst) come and go
// on a seeded schedule or on request.
package simulator

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
)

// Config says whom the system reports to and how lively it is.
type Config struct {
	// Pharos is the base URL of the server, such as http://127.0.0.1:8400.
	Pharos string
	// Token is sent as a bearer token with pushes; empty when the server runs
	// without authentication.
	Token string
	// OTLP is the base URL for spans and logs over OTLP/HTTP, such as
	// http://127.0.0.1:4318.
	OTLP string
	// JaegerAgent is the host:port of the Jaeger agent protocol (compact thrift over
	// UDP).
	JaegerAgent string
	// Seed makes the schedule of incidents repeatable.
	Seed uint64
	// Rate is how many requests a second the web application's visitors make at
	// start.
	Rate int
	// EventRate is how many events a second each collector receives.
	EventRate float64
}

// DefaultConfig is lively enough to watch and quiet enough for a laptop.
func DefaultConfig() Config {
	return Config{
		Pharos: "http://127.0.0.1:8400", OTLP: "http://127.0.0.1:4318", JaegerAgent: "127.0.0.1:6831",
		Seed: 20240115, Rate: 20, EventRate: 8,
	}
}

// Target is a service's metrics endpoint, for the scrape configuration.
type Target struct {
	Job  string
	Addr string
}

// System is the whole of it. Create it with New, which binds the services' ports,
// so that Targets is known before Run.
type System struct {
	cfg       Config
	log       *slog.Logger
	services  []*service
	broker    *broker
	incidents *incidents
	web       *webapp
	visitors  *visitors
	traffic   *traffic
	ships     []*shipper
	loops     []func(context.Context)
}

// New binds the services' ports on 127.0.0.1 and wires them; nothing runs yet.
func New(cfg Config, log *slog.Logger) (*System, error) {
	s := &System{cfg: cfg, log: log}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("spans were not exported", "error", err) }))
	s.incidents = newIncidents(newRand(cfg.Seed))
	loki, otlp := newShipper(cfg, lokiEncoder{}, log), newShipper(cfg, otlpEncoder{}, log)
	s.ships = []*shipper{loki, otlp}
	s.broker = newBroker()
	s.traffic = newTraffic(cfg, log)
	s.loops = append(s.loops, s.traffic.run)

	add := func(name, layer string, ship *shipper, agent bool) (*service, error) {
		svc, err := newService(cfg, name, layer, ship, agent)
		if err != nil {
			return nil, fmt.Errorf("start simulated service %s: %w", name, err)
		}
		s.services = append(s.services, svc)
		return svc, nil
	}
	type spec struct {
		name, layer string
		ship        *shipper
		agent       bool
		build       func(*service)
	}
	var store *storage
	specs := []spec{
		{"carrier-api", "external", loki, false, func(v *service) { newCarrierAPI(v, s.incidents) }},
		{"storage-router", "storage", otlp, false, func(v *service) {
			store = newStorage(v, s.incidents)
			s.loops = append(s.loops, store.run)
		}},
		{"query-api", "storage", otlp, false, func(v *service) { newQueryAPI(v, store) }},
		{"processing-pipeline", "processing", loki, false, func(v *service) {
			s.loops = append(s.loops, newPipeline(v, s.broker, s.find("storage-router"), s.incidents).run)
		}},
		{"shipping-collector", "collection", loki, false, s.collector("fedex", "ups", "dhl")},
		{"inventory-collector", "collection", loki, false, s.collector("warehouse-north", "warehouse-south")},
		// The old agent protocol, as many services that nobody dares to touch.
		{"supplier-collector", "collection", otlp, true, s.collector("acme", "globex", "initech")},
		{"webapp", "application", loki, false, func(v *service) {
			s.web = newWebapp(v, s.find("query-api"), s.incidents)
			s.visitors = newVisitors(v.url(), s.web, cfg)
			s.loops = append(s.loops, s.visitors.run)
		}},
	}
	for _, p := range specs {
		v, err := add(p.name, p.layer, p.ship, p.agent)
		if err != nil {
			s.close()
			return nil, err
		}
		p.build(v)
	}
	// Exporters beside the machinery, as one finds them on real nodes.
	exporters := map[string]*service{}
	for _, name := range exporterNames {
		v, err := add(name, "infrastructure", loki, false)
		if err != nil {
			s.close()
			return nil, err
		}
		exporters[name] = v
	}
	s.loops = append(s.loops, newInfrastructure(exporters, s.broker, s.incidents, cfg.Seed).run)
	return s, nil
}

func (s *System) collector(sources ...string) func(*service) {
	return func(v *service) {
		s.loops = append(s.loops, newCollector(v, s.find("carrier-api").url(), s.broker, s.incidents, sources, s.cfg.EventRate, s.cfg.Seed).run)
	}
}

func (s *System) find(name string) *service {
	for _, v := range s.services {
		if v.name == name {
			return v
		}
	}
	panic("BUG: no simulated service " + name)
}

// Targets are the endpoints to scrape, under the job names that the seed's
// configuration gives them.
func (s *System) Targets() []Target {
	var out []Target
	for _, v := range s.services {
		job := v.name
		if job == "processing-pipeline" {
			job = "flink-metrics"
		}
		out = append(out, Target{Job: job, Addr: v.addr()})
	}
	return out
}

// Run serves and simulates until ctx is done, then ships what is queued.
func (s *System) Run(ctx context.Context) error {
	defer s.close()
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var loops, servers, ships sync.WaitGroup
	for _, v := range s.services {
		servers.Go(v.serve)
	}
	shipCtx, stopShips := context.WithCancel(context.WithoutCancel(ctx))
	defer stopShips()
	for _, sh := range s.ships {
		ships.Go(func() { sh.run(shipCtx) })
	}
	for _, loop := range append(s.loops, s.incidents.run) {
		loops.Go(func() { loop(work) })
	}
	<-ctx.Done()
	stopWork()
	loops.Wait()
	for _, v := range s.services {
		v.shutdown()
	}
	servers.Wait()
	stopShips()
	ships.Wait()
	return nil
}

func (s *System) close() {
	for _, v := range s.services {
		_ = v.listener.Close()
	}
}

// every calls f at the given rate until ctx is done. The pace bends with load,
// it never bursts to catch up.
func every(ctx context.Context, interval time.Duration, f func(now time.Time)) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			f(now)
		}
	}
}

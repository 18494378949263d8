package config

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pharosd/pharos/api/jaeger"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/collectorfile"
	jaegerreceiver "github.com/pharosd/pharos/receiver/jaeger"
	"github.com/pharosd/pharos/receiver/otlp"
	"github.com/pharosd/pharos/receiver/zipkin"
	"github.com/pharosd/pharos/traces/traceql"
	"github.com/pharosd/pharos/traces/tracestore"
)

// Traces is the section `traces:` of pharos.yml, with the native ports of OTLP
// (which brings logs and metrics too), Jaeger and Zipkin.
type Traces struct {
	// Retention is how long spans are kept; older ones are refused.
	Retention strictyaml.Duration `yaml:"retention"`
	// Disk is how the store of spans uses the disk.
	Disk Disk `yaml:",inline"`
	// CollectorConfig is the path of an OpenTelemetry Collector's configuration. Its
	// receivers take the place of those below that they are of one kind with.
	CollectorConfig string `yaml:"collector_config"`
	// OTLP is the protocol's own ports, for traces, logs and metrics.
	OTLP otlp.Config `yaml:"otlp"`
	// Jaeger is the ports of Jaeger's collector and agent.
	Jaeger jaegerreceiver.Config `yaml:"jaeger"`
	// Zipkin is Zipkin's port.
	Zipkin zipkin.Config `yaml:"zipkin"`
	// OTLPHTTP bounds the protocol's bodies on the main port.
	OTLPHTTP otlp.HTTPConfig `yaml:"otlp_http"`
	// Store bounds answers.
	Store tracestore.Config `yaml:"store"`
	// Query is how traces are shown.
	Query jaeger.Config `yaml:"query"`
	// TraceQL bounds queries in that language.
	TraceQL traceql.Config `yaml:"traceql"`
	// Tempo is a port for Grafana Tempo's API.
	Tempo Tempo `yaml:"tempo"`
}

func defaultTraces() Traces {
	return Traces{
		Retention: strictyaml.Duration(15 * 24 * time.Hour),
		OTLP:      otlp.DefaultConfig(), OTLPHTTP: otlp.DefaultHTTPConfig(),
		Jaeger: jaegerreceiver.DefaultConfig(), Zipkin: zipkin.DefaultConfig(),
		Store: tracestore.DefaultConfig(), Query: jaeger.DefaultConfig(),
		Disk: defaultDisk(), TraceQL: traceql.DefaultConfig(),
	}
}

// Validate says what is wrong with the section, all at once.
func (t *Traces) Validate() error {
	return errors.Join(
		retention(t.Retention),
		t.Disk.Validate(),
		strictyaml.Prefix("otlp", t.OTLP.Validate()),
		strictyaml.Prefix("jaeger", t.Jaeger.Validate()),
		strictyaml.Prefix("zipkin", t.Zipkin.Validate()),
		strictyaml.Prefix("otlp_http", t.OTLPHTTP.Validate()),
		strictyaml.Prefix("store", t.Store.Validate()),
		strictyaml.Prefix("query", t.Query.Validate()),
		strictyaml.Prefix("traceql", t.TraceQL.Validate()),
		strictyaml.Prefix("tempo", t.Tempo.Validate()),
	)
}

func (t *Traces) listeners() []string {
	var out []string
	for _, l := range []string{
		t.OTLP.GRPC, t.OTLP.HTTP, t.Jaeger.GRPC, t.Jaeger.ThriftHTTP, t.Jaeger.ThriftCompact, t.Jaeger.ThriftBinary, t.Zipkin.HTTP, t.Tempo.Listen,
	} {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Ingest is what ingest takes: the limits of logs, with the retention of spans.
func (t *Traces) Ingest(logs *Logs, maxInFlight int64) ingest.Config {
	c := ingestConfig(logs, time.Duration(t.Retention), maxInFlight)
	c.Limits.MaxAge = time.Duration(t.Retention)
	for id, own := range c.Tenants {
		own.MaxAge = time.Duration(t.Retention)
		c.Tenants[id] = own
	}
	return c
}

// LoadCollector reads CollectorConfig; without one the answer is empty.
func (t *Traces) LoadCollector(lookupEnv func(string) (string, bool)) (*collectorfile.File, error) {
	if t.CollectorConfig == "" {
		return &collectorfile.File{}, nil
	}
	text, err := os.ReadFile(t.CollectorConfig)
	if err != nil {
		return nil, fmt.Errorf("read collector configuration (traces.collector_config): %w", err)
	}
	return collectorfile.Read(t.CollectorConfig, text, lookupEnv)
}

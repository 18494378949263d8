// Package logstash runs Logstash's pipelines inside the process: their inputs and
// outputs, and between them the filters that pipeline/logstash compiles.
//
// An input hands batches to its pipeline's queue; workers run the filters and hand what
// comes out to the outputs. An input is told that a batch is done, upon which it commits
// an offset or answers its client, when every output has every event of it: for outputs
// into Pharos, when the write-ahead log has it. An output that cannot take events stops
// its pipeline, which goes on asking it; nothing is dropped for that. What an output
// refuses for good goes to the dead letters, counted.
package logstash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
)

// Config is what pharos.yml says of pipelines beside their own files.
type Config struct {
	// Hosts says where addresses that the files name are really: "kafka:9092" ->
	// "127.0.0.1:9092". A name without a port stands for every port of that host.
	Hosts map[string]string `yaml:"hosts"`
	// ExternalElasticsearch are hosts, as the files name them, that output elasticsearch
	// is to speak to. All others are Pharos itself: what is sent there is stored here.
	ExternalElasticsearch []string `yaml:"external_elasticsearch"`
	// Workers is how many goroutines run a pipeline's filters and outputs; 0: one for
	// each processor.
	Workers int `yaml:"workers"`
	// BatchSize is how many events a worker takes at once.
	BatchSize int `yaml:"batch_size"`
	// ECSCompatibility is v8, v1 or disabled, for pipelines that do not say it.
	ECSCompatibility string `yaml:"ecs_compatibility"`
	// DeadLetters bounds the file of events that an output refused for good, for each
	// pipeline; 0: they are only counted.
	DeadLetters strictyaml.Bytes `yaml:"dead_letters"`
	// Pipelines are settings of single pipelines by their id.
	Pipelines map[string]PipelineConfig `yaml:"settings"`
}

// PipelineConfig are settings of one pipeline; what is not set comes from Config, or from
// pipelines.yml.
type PipelineConfig struct {
	// Tenant is whose the pipeline's events are; empty: the default tenant.
	Tenant string `yaml:"tenant"`
	// Workers is how many goroutines run filters and outputs; 0: as for all.
	Workers int `yaml:"workers"`
	// BatchSize is how many events a worker takes at once; 0: as for all.
	BatchSize int `yaml:"batch_size"`
	// ECSCompatibility is v8, v1 or disabled; empty: as for all.
	ECSCompatibility string `yaml:"ecs_compatibility"`
}

// DefaultConfig returns batches of 1000, the Elastic Common Schema as in Logstash 8, and
// 64 MiB of dead letters.
func DefaultConfig() Config {
	return Config{BatchSize: 1000, ECSCompatibility: "v8", DeadLetters: 64 << 20}
}

const (
	maxWorkers   = 256
	maxBatchSize = 100_000
)

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...)})
	}
	number := func(key string, n, most int) {
		if n < 0 || n > most {
			bad(key, "is %d, want 0 to %d", n, most)
		}
	}
	mode := func(key, v string) {
		if v != "" && v != "v8" && v != "v1" && v != "disabled" {
			bad(key, "%q is none of v8, v1, disabled", v)
		}
	}
	number("workers", c.Workers, maxWorkers)
	number("batch_size", c.BatchSize, maxBatchSize)
	mode("ecs_compatibility", c.ECSCompatibility)
	for from, to := range c.Hosts {
		if from == "" || to == "" {
			bad("hosts", "%q: %q has an empty side", from, to)
		}
		if _, _, err := net.SplitHostPort(from); err == nil {
			if _, _, err := net.SplitHostPort(to); err != nil {
				bad("hosts."+from, "%q needs a port as %q has one", to, from)
			}
		}
	}
	for id, p := range c.Pipelines {
		key := "settings." + id + "."
		number(key+"workers", p.Workers, maxWorkers)
		number(key+"batch_size", p.BatchSize, maxBatchSize)
		mode(key+"ecs_compatibility", p.ECSCompatibility)
		if p.Tenant != "" {
			if _, err := tenant.Parse(p.Tenant); err != nil {
				bad(key+"tenant", "%w", err)
			}
		}
	}
	return errors.Join(errs...)
}

// DocumentStore takes Elasticsearch's documents into Pharos.
type DocumentStore interface {
	// Store stores documents and says of each what became of it, nil: it is on disk.
	Store(ctx context.Context, t tenant.ID, docs []esapi.Document) []*esapi.Error
}

// Deps are what pipelines need.
type Deps struct {
	Logs      ingest.LogItemSink
	Documents DocumentStore
	Log       *slog.Logger
	Registry  prometheus.Registerer
	// Dir is the folder of the pipelines' state: positions of files, dead letters.
	Dir string
	// Lookup finds environment variables.
	Lookup func(name string) (string, bool)
	// MaxInFlight bounds the bytes of events between inputs and outputs, of all
	// pipelines.
	MaxInFlight int64
	Now         func() time.Time
}

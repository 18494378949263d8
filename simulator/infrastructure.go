package simulator

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var exporterNames = []string{"kafka", "postgres", "timescaledb", "redis", "kubernetes-pods"}

// infrastructure plays the exporters of the machinery below the services.
type infrastructure struct {
	in     *incidents
	broker *broker
	rng    *rand.Rand
	begin  time.Time

	backends *prometheus.GaugeVec
	tsdb     *prometheus.GaugeVec
	redis    prometheus.Gauge
	cpu      *prometheus.CounterVec
	mem      *prometheus.GaugeVec
	rx, tx   *prometheus.CounterVec
}

var pods = []string{"shipping-collector-0", "inventory-collector-0", "supplier-collector-0", "processing-pipeline-0", "processing-pipeline-1", "storage-router-0", "query-api-0", "webapp-0"}

func newInfrastructure(exporters map[string]*service, b *broker, in *incidents, seed uint64) *infrastructure {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"namespace", "pod"})
	}
	x := &infrastructure{in: in, broker: b, rng: rand.New(rand.NewPCG(seed, 7)), begin: time.Now(),
		backends: gauge("pg_stat_database_numbackends", "Backends connected to this database.", "datname"),
		tsdb:     gauge("pg_stat_database_numbackends", "Backends connected to this database.", "datname"),
		redis:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "redis_memory_used_bytes", Help: "Bytes that Redis uses."}),
		cpu:      counter("container_cpu_usage_seconds_total", "CPU time."),
		mem:      gauge("container_memory_working_set_bytes", "Working set.", "namespace", "pod"),
		rx:       counter("container_network_receive_bytes_total", "Bytes received."),
		tx:       counter("container_network_transmit_bytes_total", "Bytes sent."),
	}
	up := gauge("kafka_broker_up", "1 when the broker answers.", "broker")
	for _, name := range []string{"kafka-0", "kafka-1", "kafka-2"} {
		up.WithLabelValues(name).Set(1)
	}
	exporters["kafka"].registry.MustRegister(up,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kafka_brokers", Help: "Brokers in the cluster."}, func() float64 { return 3 }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kafka_consumergroup_lag", Help: "Records behind the head.",
			ConstLabels: prometheus.Labels{"consumergroup": "event-processing", "topic": "application-events"}}, func() float64 { return float64(b.lag()) }))
	exporters["postgres"].registry.MustRegister(x.backends)
	exporters["timescaledb"].registry.MustRegister(x.tsdb)
	exporters["redis"].registry.MustRegister(x.redis,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "redis_memory_max_bytes", Help: "Redis' limit."}, func() float64 { return 8 << 30 }))
	exporters["kubernetes-pods"].registry.MustRegister(x.cpu, x.mem, x.rx, x.tx)
	return x
}

func (x *infrastructure) run(ctx context.Context) {
	x.step(1)
	every(ctx, time.Second, func(time.Time) { x.step(1) })
}

// step moves the machinery's figures by seconds: slow waves with noise.
func (x *infrastructure) step(seconds float64) {
	wave := func(period float64) float64 {
		return math.Sin(time.Since(x.begin).Seconds() / period * 2 * math.Pi)
	}
	busy := 18 + 4*wave(300)
	if x.in.active(slowDatabase) {
		busy += 55
	}
	x.backends.WithLabelValues("shipments").Set(math.Round(busy + x.rng.Float64()*3))
	x.tsdb.WithLabelValues("events").Set(math.Round(12 + 3*wave(420) + x.rng.Float64()*2))
	x.redis.Set(3.1*(1<<30) + 2e8*wave(600) + x.rng.Float64()*1e7)
	for i, pod := range pods {
		load := 0.12 + 0.05*float64(i%4) + 0.04*wave(180+40*float64(i))
		x.cpu.WithLabelValues("data-ingestion", pod).Add(seconds * max(0.01, load+x.rng.Float64()*0.03))
		x.mem.WithLabelValues("data-ingestion", pod).Set(float64(180+60*i)*(1<<20) + 2e7*wave(500+30*float64(i)))
		x.rx.WithLabelValues("data-ingestion", pod).Add(seconds * (60e3 + 20e3*(1+wave(240)) + x.rng.Float64()*8e3))
		x.tx.WithLabelValues("data-ingestion", pod).Add(seconds * (45e3 + 15e3*(1+wave(260)) + x.rng.Float64()*6e3))
	}
}

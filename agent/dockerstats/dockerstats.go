// Package dockerstats gathers what containers use from the Docker API, under the names
// that cAdvisor gave these metrics.
package dockerstats

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Job is the label that dashboards of cAdvisor's metrics expect.
const Job = "cadvisor"

// DefaultHost is where Docker listens unless told otherwise.
const DefaultHost = "unix:///var/run/docker.sock"

// parallel is how many containers are asked about at a time.
const parallel = 8

// gatherTimeout bounds one scrape.
const gatherTimeout = 14 * time.Second

// Collector asks Docker at each scrape. It implements prometheus.Collector.
type Collector struct {
	client *client
	log    *slog.Logger
	up     *prometheus.Desc
	now    func() time.Time
}

// New returns the metrics of the containers of the Docker at host.
func New(host string, log *slog.Logger) (prometheus.Gatherer, error) {
	c, err := newClient(host)
	if err != nil {
		return nil, err
	}
	reg := prometheus.NewRegistry()
	return reg, reg.Register(&Collector{client: c, log: log, now: time.Now,
		up: prometheus.NewDesc("docker_up", "Whether Docker answered.", nil, nil)})
}

// Describe implements prometheus.Collector: what is there depends on the containers.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) { ch <- c.up }

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherTimeout)
	defer cancel()
	all, err := c.client.containers(ctx)
	up := 1.0
	if err != nil {
		c.log.Warn("docker does not answer", "error", err)
		up = 0
	}
	ch <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, up)
	var wg sync.WaitGroup
	free := make(chan struct{}, parallel)
	for _, one := range all {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			st, err := c.client.stats(ctx, one.ID)
			if err != nil {
				// It may have ended meanwhile.
				c.log.Debug("no statistics of a container", "container", one.ID, "error", err)
				return
			}
			newEmitter(ch, &one).all(st, c.now())
		})
	}
	wg.Wait()
}

// emitter writes one container's metrics.
type emitter struct {
	ch     chan<- prometheus.Metric
	names  []string
	values []string
	one    *container
}

func newEmitter(ch chan<- prometheus.Metric, one *container) *emitter {
	e := &emitter{ch: ch, one: one}
	name := ""
	if len(one.Names) > 0 {
		name = strings.TrimPrefix(one.Names[0], "/")
	}
	e.label("id", "/docker/"+one.ID)
	e.label("image", one.Image)
	e.label("name", name)
	// cAdvisor has all of a container's labels; these are the ones that people select by.
	for from, to := range map[string]string{
		"com.docker.compose.project":    "container_label_com_docker_compose_project",
		"com.docker.compose.service":    "container_label_com_docker_compose_service",
		"com.docker.swarm.service.name": "container_label_com_docker_swarm_service_name",
	} {
		if v := one.Labels[from]; v != "" {
			e.label(to, v)
		}
	}
	return e
}

func (e *emitter) label(name, value string) {
	e.names, e.values = append(e.names, name), append(e.values, value)
}

// emit writes a metric with further labels, given as name and value in turn.
func (e *emitter) emit(kind prometheus.ValueType, name, help string, v float64, more ...string) {
	names, values := e.names[:len(e.names):len(e.names)], e.values[:len(e.values):len(e.values)]
	for i := 0; i+1 < len(more); i += 2 {
		names, values = append(names, more[i]), append(values, more[i+1])
	}
	m, err := prometheus.NewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, v, values...)
	if err != nil {
		m = prometheus.NewInvalidMetric(prometheus.NewDesc(name, help, nil, nil), err)
	}
	e.ch <- m
}

func (e *emitter) counter(name, help string, v float64, more ...string) {
	e.emit(prometheus.CounterValue, name, help, v, more...)
}

func (e *emitter) gauge(name, help string, v float64, more ...string) {
	e.emit(prometheus.GaugeValue, name, help, v, more...)
}

func (e *emitter) all(st *stats, now time.Time) {
	e.cpu(&st.CPU)
	e.memory(&st.Memory)
	for device, n := range st.Networks {
		e.counter("container_network_receive_bytes_total", "Bytes received.", float64(n.RxBytes), "interface", device)
		e.counter("container_network_receive_packets_total", "Packets received.", float64(n.RxPackets), "interface", device)
		e.counter("container_network_receive_errors_total", "Errors while receiving.", float64(n.RxErrors), "interface", device)
		e.counter("container_network_receive_packets_dropped_total", "Packets dropped while receiving.", float64(n.RxDropped), "interface", device)
		e.counter("container_network_transmit_bytes_total", "Bytes transmitted.", float64(n.TxBytes), "interface", device)
		e.counter("container_network_transmit_packets_total", "Packets transmitted.", float64(n.TxPackets), "interface", device)
		e.counter("container_network_transmit_errors_total", "Errors while transmitting.", float64(n.TxErrors), "interface", device)
		e.counter("container_network_transmit_packets_dropped_total", "Packets dropped while transmitting.", float64(n.TxDropped), "interface", device)
	}
	e.block("container_fs_reads_bytes_total", "Bytes read.", st.Block.Bytes, "read")
	e.block("container_fs_writes_bytes_total", "Bytes written.", st.Block.Bytes, "write")
	e.block("container_fs_reads_total", "Reads completed.", st.Block.Ops, "read")
	e.block("container_fs_writes_total", "Writes completed.", st.Block.Ops, "write")
	e.gauge("container_processes", "Processes and threads in the container.", float64(st.PIDs.Current))
	e.gauge("container_last_seen", "When the container was last seen, in seconds since the epoch.", float64(now.Unix()))
	e.gauge("container_start_time_seconds", "When the container was created, in seconds since the epoch.", float64(e.one.Created))
}

func (e *emitter) cpu(c *cpuStats) {
	const second = 1e9
	e.counter("container_cpu_usage_seconds_total", "Processor time used.", float64(c.Usage.Total)/second, "cpu", "total")
	e.counter("container_cpu_user_seconds_total", "Processor time used in user mode.", float64(c.Usage.User)/second)
	e.counter("container_cpu_system_seconds_total", "Processor time used in the kernel.", float64(c.Usage.Kernel)/second)
	e.counter("container_cpu_cfs_periods_total", "Elapsed periods of the processor's quota.", float64(c.Throttling.Periods))
	e.counter("container_cpu_cfs_throttled_periods_total", "Periods in which the container was throttled.", float64(c.Throttling.ThrottledPeriods))
	e.counter("container_cpu_cfs_throttled_seconds_total", "Time for which the container was throttled.", float64(c.Throttling.ThrottledTime)/second)
}

// memory follows cAdvisor: the working set is what is used without the files' pages that
// were not touched lately.
func (e *emitter) memory(m *memoryStats) {
	first := func(names ...string) uint64 {
		for _, name := range names {
			if v, ok := m.Stats[name]; ok {
				return v
			}
		}
		return 0
	}
	inactive := first("total_inactive_file", "inactive_file")
	e.gauge("container_memory_usage_bytes", "Memory used, whatever it is used for.", float64(m.Usage))
	e.gauge("container_memory_working_set_bytes", "Memory used without file pages that may be given up.", float64(m.Usage-min(m.Usage, inactive)))
	e.gauge("container_memory_cache", "Memory of file pages.", float64(first("total_cache", "cache", "file")))
	e.gauge("container_memory_rss", "Anonymous memory.", float64(first("total_rss", "rss", "anon")))
	e.gauge("container_memory_mapped_file", "Memory of mapped files.", float64(first("total_mapped_file", "mapped_file", "file_mapped")))
	e.counter("container_memory_failcnt", "How often the limit was reached.", float64(m.FailCnt))
	limit := m.Limit
	if limit > 1<<62 { // no limit, in cgroup v1
		limit = 0
	}
	e.gauge("container_spec_memory_limit_bytes", "The container's limit, the host's memory if it has none.", float64(limit))
}

// block adds up one operation by device. Docker writes it in either case.
func (e *emitter) block(name, help string, entries []blockEntry, op string) {
	byDevice := map[string]uint64{}
	for _, b := range entries {
		if strings.EqualFold(b.Op, op) {
			byDevice[strconv.FormatUint(b.Major, 10)+":"+strconv.FormatUint(b.Minor, 10)] += b.Value
		}
	}
	for device, v := range byDevice {
		e.counter(name, help, float64(v), "device", device)
	}
}

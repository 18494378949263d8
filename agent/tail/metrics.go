package tail

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the metrics of all tailers of a process, under Promtail's names. Those of
// single files are made when they are asked for.
type Metrics struct {
	mu      sync.Mutex
	tailers map[*Tailer]int // how many targets each has

	readBytes, fileBytes, readLines, filesActive, targetsActive *prometheus.Desc

	encodingFailures, splitLines, readErrors, truncations, truncatedUnread prometheus.Counter
}

// NewMetrics registers the metrics; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	perFile := []string{"path"}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &Metrics{
		tailers:          map[*Tailer]int{},
		readBytes:        prometheus.NewDesc("promtail_read_bytes_total", "Bytes read of a file.", perFile, nil),
		fileBytes:        prometheus.NewDesc("promtail_file_bytes_total", "Size of a file in bytes.", perFile, nil),
		readLines:        prometheus.NewDesc("promtail_read_lines_total", "Lines read of a file.", perFile, nil),
		filesActive:      prometheus.NewDesc("promtail_files_active_total", "Files that are read.", nil, nil),
		targetsActive:    prometheus.NewDesc("promtail_targets_active_total", "Targets that are files.", nil, nil),
		encodingFailures: counter("promtail_encoding_failures_total", "Lines that are not in the encoding that is configured."),
		splitLines:       counter("pharos_agent_split_lines_total", "Pieces that lines longer than 1 MiB were cut into."),
		readErrors:       counter("pharos_agent_file_errors_total", "Files that could not be opened or read for a while."),
		truncations:      counter("pharos_agent_truncated_files_total", "Files that were truncated and of which no copy was found."),
		truncatedUnread:  counter("pharos_agent_truncated_unread_bytes_total", "Bytes that were seen in a file and truncated before they were read."),
	}
	if reg != nil {
		reg.MustRegister(m)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.readBytes, m.fileBytes, m.readLines, m.filesActive, m.targetsActive} {
		ch <- d
	}
	for _, c := range m.counters() {
		c.Describe(ch)
	}
}

func (m *Metrics) counters() []prometheus.Counter {
	return []prometheus.Counter{m.encodingFailures, m.splitLines, m.readErrors, m.truncations, m.truncatedUnread}
}

// Collect implements prometheus.Collector. Files of one path (the old and the new one
// during a rotation) are one.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	type sums struct{ read, size, lines int64 }
	files := map[string]*sums{}
	active, targets := 0, 0
	m.mu.Lock()
	tailers := make([]*Tailer, 0, len(m.tailers))
	for t, n := range m.tailers {
		tailers = append(tailers, t)
		targets += n
	}
	m.mu.Unlock()
	for _, t := range tailers {
		for _, f := range t.Files() {
			active++
			s := files[f.Path]
			if s == nil {
				s = &sums{}
				files[f.Path] = s
			}
			s.lines += f.Lines
			if f.Current {
				s.read, s.size = f.Read, f.Size
			}
		}
	}
	for path, s := range files {
		ch <- prometheus.MustNewConstMetric(m.readBytes, prometheus.GaugeValue, float64(s.read), path)
		ch <- prometheus.MustNewConstMetric(m.fileBytes, prometheus.GaugeValue, float64(s.size), path)
		ch <- prometheus.MustNewConstMetric(m.readLines, prometheus.CounterValue, float64(s.lines), path)
	}
	ch <- prometheus.MustNewConstMetric(m.filesActive, prometheus.GaugeValue, float64(active))
	ch <- prometheus.MustNewConstMetric(m.targetsActive, prometheus.GaugeValue, float64(targets))
	for _, c := range m.counters() {
		ch <- c
	}
}

func (m *Metrics) add(t *Tailer) { m.targets(t, 0) }

func (m *Metrics) targets(t *Tailer, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tailers[t] = n
}

func (m *Metrics) remove(t *Tailer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.tailers, t)
}

func (m *Metrics) encoding() { m.encodingFailures.Inc() }
func (m *Metrics) split()    { m.splitLines.Inc() }
func (m *Metrics) failed()   { m.readErrors.Inc() }
func (m *Metrics) truncated(unread int64) {
	m.truncations.Inc()
	m.truncatedUnread.Add(float64(unread))
}

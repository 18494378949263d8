package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/app"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/storage/objects"
)

//go:embed metrics.md
var metricsHead string

// metric is one line of the page.
type metric struct {
	name, kind, help string
	labels           []string
}

// metricsPage lists the metrics that a process of default settings registers.
func metricsPage(_ string, p *process) (string, error) {
	var b strings.Builder
	b.WriteString(metricsHead)
	b.WriteString("\n| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, m := range p.metrics {
		labels := ""
		if len(m.labels) > 0 {
			labels = "`" + strings.Join(m.labels, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, labels, m.help)
	}
	return b.String(), nil
}

// process is what a wired process has.
type process struct {
	metrics []metric
	routes  []httpx.Route
}

// wire wires a whole process over an empty data directory, without ports that
// others may hold, reads it and closes it. It works once: the row engine is set up
// for the life of the process that it runs in.
func wire() (p *process, err error) {
	dir, err := os.MkdirTemp("", "pharos-docgen-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	load := func() (*config.Config, error) {
		cfg := config.Default()
		cfg.Data, cfg.Listen = dir, "127.0.0.1:0"
		cfg.Archive.Storage = objects.Config{Type: objects.Directory, Directory: dir}
		ports := &cfg.Traces
		for _, p := range []*string{&ports.OTLP.GRPC, &ports.OTLP.HTTP, &ports.Jaeger.GRPC, &ports.Jaeger.ThriftHTTP, &ports.Zipkin.HTTP} {
			*p = ""
		}
		// Jaeger's datagrams have metrics of their own.
		ports.Jaeger.ThriftCompact, ports.Jaeger.ThriftBinary = "127.0.0.1:0", ""
		return cfg, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, app.Options{Load: load, LookupEnv: os.LookupEnv, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		cancel()
		return nil, err
	}
	p = &process{routes: a.Routes()}
	p.metrics, err = describe(a.Registry())
	cancel()
	return p, errors.Join(err, a.Run(ctx)) // a process that is told to stop only closes
}

// describe reads the descriptions of all pharos_* metrics, sorted by name. Those
// of one name that differ in fixed labels are one.
func describe(reg *prometheus.Registry) ([]metric, error) {
	kinds, err := gatheredKinds(reg)
	if err != nil {
		return nil, err
	}
	byName := map[string]*metric{}
	for _, d := range descs(reg) {
		m, perr := parseDesc(d.String())
		if perr != nil {
			err = errors.Join(err, perr)
			continue
		}
		if !strings.HasPrefix(m.name, "pharos_") {
			continue
		}
		if known, ok := byName[m.name]; ok {
			known.labels = union(known.labels, m.labels)
			continue
		}
		m.kind = kinds[m.name]
		if m.kind == "" {
			m.kind = kindOfVec(reg, m)
		}
		byName[m.name] = &m
	}
	var out []metric
	for _, m := range byName {
		if m.kind == "" {
			err = errors.Join(err, fmt.Errorf("the type of %s is not known before it is first used", m.name))
		}
		out = append(out, *m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, err
}

// descs reads all descriptions before any is looked at: the registry is locked
// until then.
func descs(reg *prometheus.Registry) []*prometheus.Desc {
	ch := make(chan *prometheus.Desc)
	go func() { defer close(ch); reg.Describe(ch) }()
	var all []*prometheus.Desc
	for d := range ch {
		all = append(all, d)
	}
	return all
}

// gatheredKinds are the types of metrics that have a value already.
func gatheredKinds(reg *prometheus.Registry) (map[string]string, error) {
	families, err := reg.Gather()
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{}
	for _, f := range families {
		kinds[f.GetName()] = strings.ToLower(f.GetType().String())
	}
	return kinds, nil
}

// kindOfVec finds the type of metrics that have no value yet: the registry says
// what it has under a name when the same is registered again.
func kindOfVec(reg *prometheus.Registry, m metric) string {
	if strings.HasSuffix(m.name, "_total") {
		return "counter"
	}
	err := reg.Register(prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: m.name, Help: m.help}, m.labels))
	var already prometheus.AlreadyRegisteredError
	if !errors.As(err, &already) {
		return ""
	}
	switch already.ExistingCollector.(type) {
	case *prometheus.HistogramVec:
		return "histogram"
	case *prometheus.GaugeVec:
		return "gauge"
	}
	return ""
}

// descPattern is how the client library prints a description; it has no other
// way of reading one.
var descPattern = regexp.MustCompile(`^Desc\{fqName: ("(?:[^"\\]|\\.)*"), help: ("(?:[^"\\]|\\.)*"), (?:unit: "[^"]*", )?constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

var constLabel = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="`)

func parseDesc(text string) (metric, error) {
	p := descPattern.FindStringSubmatch(text)
	if p == nil {
		return metric{}, fmt.Errorf("description of a metric: %s", text)
	}
	name, nameErr := strconv.Unquote(p[1])
	help, helpErr := strconv.Unquote(p[2])
	m := metric{name: name, help: help}
	for _, l := range constLabel.FindAllStringSubmatch(p[3], -1) {
		m.labels = append(m.labels, l[1])
	}
	if p[4] != "" {
		m.labels = append(m.labels, strings.Split(p[4], ",")...)
	}
	return m, errors.Join(nameErr, helpErr)
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

package logstash

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/elastic"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// place is the real store behind the real ingest step and the real receiver of
// documents. It outlives the managers of a test, as a disk outlives processes.
type place struct {
	t     testing.TB
	store *logstore.Store
	fail  atomic.Pointer[error] // what appending answers
	reg   *prometheus.Registry
	deps  Deps
	dir   string
}

// Append stores, or fails as it was told.
func (p *place) Append(ctx context.Context, t tenant.ID, s []model.LogStream) error {
	if err := p.fail.Load(); err != nil {
		return *err
	}
	return p.store.Append(ctx, t, s)
}

type everyIndex struct{}

func (everyIndex) Target(_ context.Context, _ tenant.ID, name string) (elastic.Target, error) {
	return elastic.Target{Index: name, DataStream: strings.HasPrefix(name, "logs-generic-")}, nil
}

func newPlace(t testing.TB) *place {
	rows := rowstore.DefaultConfig()
	rows.Path = t.TempDir()
	rows.Distinct = true
	rs, err := rowstore.Open(rows, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rs.Close() })
	p := &place{t: t, store: logstore.New(rs, rs), reg: prometheus.NewRegistry(), dir: t.TempDir()}
	m := ingest.NewMetrics(nil)
	sink := ingest.NewLogs(ingest.NewBudget(ingest.DefaultConfig()), p, nil, m)
	p.deps = Deps{Logs: sink, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Dir: filepath.Join(p.dir, "state"), MaxInFlight: 64 << 20,
		Lookup: func(string) (string, bool) { return "", false },
		Documents: elastic.New(elastic.DefaultConfig(), elastic.Deps{Sink: sink, Catalog: everyIndex{}, Log: slog.New(slog.DiscardHandler), Metrics: m,
			MaxInFlight: 64 << 20})}
	return p
}

// run runs one pipeline until stop is called, or the test ends.
func (p *place) run(config string, cfg Config) (stop func()) {
	p.t.Helper()
	file := filepath.Join(p.dir, "main.conf")
	require.NoError(p.t, os.WriteFile(file, []byte(config), 0o644))
	p.reg = prometheus.NewRegistry()
	p.deps.Registry = p.reg
	m, err := New([]string{file}, cfg, p.deps)
	require.NoError(p.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = m.Run(ctx)
	}()
	var stopped atomic.Bool
	stop = func() {
		if stopped.CompareAndSwap(false, true) {
			cancel()
			<-done
		}
	}
	p.t.Cleanup(stop)
	return stop
}

// entries are what a tenant's store has, as "{labels} line", sorted.
func (p *place) entries(id tenant.ID) []string {
	p.t.Helper()
	var out []string
	err := p.store.Select(p.t.Context(), id, logs.Query{Start: math.MinInt64 / 2, End: math.MaxInt64 / 2}, func(b *logs.Block) error {
		for i := range b.Times {
			out = append(out, fmt.Sprintf("%s %s", b.Stream, b.Lines[i]))
		}
		return nil
	})
	require.NoError(p.t, err)
	slices.Sort(out)
	return out
}

// wait waits until so many entries are there.
func (p *place) wait(n int) []string {
	p.t.Helper()
	var got []string
	require.Eventually(p.t, func() bool { got = p.entries(tenant.Default); return len(got) >= n }, 20*time.Second, 20*time.Millisecond, "want %d entries", n)
	require.Len(p.t, got, n)
	return got
}

// counter is the sum of a counter over the labels that are given as name=value.
func (p *place) counter(name string, labels ...string) float64 {
	families, err := p.reg.Gather()
	require.NoError(p.t, err)
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			has := map[string]bool{}
			for _, l := range m.GetLabel() {
				has[l.GetName()+"="+l.GetValue()] = true
			}
			if !slices.ContainsFunc(labels, func(l string) bool { return !has[l] }) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// connect dials until somebody listens.
func connect(t testing.TB, port int) net.Conn {
	t.Helper()
	var c net.Conn
	require.Eventually(t, func() bool {
		var err error
		c, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// plainPharos is an output that stores the message.
const plainPharos = `output { pharos { labels => { "app" => "t" } line => "message" } }`

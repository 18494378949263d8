package archive

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// benchLines is how many lines an hour of the benchmark has.
const benchLines = 300_000

// fillHour pushes an hour of access logs, JSON application logs and syslog in 100
// streams.
func fillHour(b *testing.B, f *fixture, h Hour) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	const batch = 10_000
	for i := 0; i < benchLines; i += batch {
		streams := make([]model.LogStream, 100)
		for s := range streams {
			streams[s].Labels = labelsOf("service_name", fmt.Sprint("service-", s%20), "pod", fmt.Sprint("pod-", s), "env", "prod")
		}
		for j := i; j < i+batch; j++ {
			e := model.LogEntry{Time: int64(h) + int64(j)*(hourLength/benchLines)}
			trace := fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64())
			switch j % 3 {
			case 0:
				e.Line = fmt.Sprintf(`10.%d.%d.%d - - "GET /api/v1/items/%d?page=%d HTTP/1.1" %d %d "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" %d.%03d`,
					random.IntN(256), random.IntN(256), random.IntN(256), random.IntN(5000), random.IntN(20), 200+random.IntN(4)*100, random.IntN(90000), random.IntN(3), random.IntN(1000))
			case 1:
				e.Line = fmt.Sprintf(`{"ts":"2026-11-01T10:00:00Z","level":"info","caller":"handler.go:%d","msg":"request done","trace_id":"%s","user":{"id":%d,"plan":"pro"},"took_ms":%d.%d}`,
					random.IntN(400), trace, random.IntN(100000), random.IntN(900), random.IntN(10))
			default:
				e.Line = fmt.Sprintf("<%d>Nov  1 10:00:%02d host-%d sshd[%d]: Accepted publickey for deploy from 10.0.%d.%d port %d ssh2", 8+random.IntN(100), random.IntN(60), random.IntN(30), random.IntN(30000), random.IntN(256), random.IntN(256), 1024+random.IntN(60000))
			}
			e.Metadata = labelsOf("detected_level", "info", "trace_id", trace)
			s := random.IntN(len(streams))
			streams[s].Entries = append(streams[s].Entries, e)
		}
		f.push("a", streams...)
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkArchiveHour archives an hour to a directory: reading, sorting, writing
// Parquet, uploading, reading back.
func BenchmarkArchiveHour(b *testing.B) {
	f := newFixture(b)
	h := hoursAgo(5)
	fillHour(b, f, h)
	var m *Manifest
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		f.dir = b.TempDir()
		require.NoError(b, f.bucket.Delete(b.Context(), "logs"))
		a := f.archiver(f.bucket)
		runtime.GC()
		before := cpu()
		b.StartTimer()
		require.NoError(b, a.RunOnce(b.Context()))
		used += cpu() - before
		var err error
		m, err = a.Catalog().Manifest(b.Context(), "a", h)
		require.NoError(b, err)
	}
	lines := int64(0)
	for _, p := range m.Parts {
		lines += p.LineBytes
	}
	n := float64(b.N)
	b.ReportMetric(float64(lines)*n/b.Elapsed().Seconds()/1e6, "MB/s")
	b.ReportMetric(used.Seconds()/n*1e6/float64(m.Rows), "cpu-s/Mline")
	b.ReportMetric(float64(m.Bytes)/float64(m.Rows), "B/line")
	b.ReportMetric(float64(lines)/float64(m.Rows), "raw-B/line")
}

// BenchmarkArchiveQuery asks an archived hour.
func BenchmarkArchiveQuery(b *testing.B) {
	f := newFixture(b)
	h := hoursAgo(5)
	fillHour(b, f, h)
	a := f.archiver(f.bucket)
	require.NoError(b, a.RunOnce(b.Context()))
	r, err := OpenRestored(b.Context(), b.TempDir(), 1<<30, quiet)
	require.NoError(b, err)
	u := f.union(a, r, h.End())
	base := logs.Query{Start: int64(h), End: h.End()}
	service := base
	service.Matchers = []*labels.Matcher{match(labels.MatchEqual, "service_name", "service-7")}
	tail, text, needle := service, base, base
	tail.Limit = 100
	text.Lines = []logs.LineFilter{{Text: "deploy from 10.0.7.7 "}}
	needle.Where = logs.Equals{Field: logs.Field{Kind: logs.Metadata, Name: "trace_id"}, Value: "none"}
	count := func(q logs.Query) func() error {
		return func() error {
			_, err := u.Count(including(b.Context()), "a", q, logs.Grouping{Step: int64(time.Minute)})
			return err
		}
	}
	read := func(q logs.Query) func() error {
		return func() error {
			return u.Select(including(b.Context()), tenant.ID("a"), q, func(*logs.Block) error { return nil })
		}
	}
	for _, c := range []struct {
		name string
		run  func() error
	}{{"count", count(base)}, {"tail of a service", read(tail)}, {"substring", read(text)}, {"needle", read(needle)}, {"service", read(service)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, c.run())
			}
			b.ReportMetric(benchLines*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mlines/s")
		})
	}
}

package archive

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/thanos-io/objstore"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// fixture is a local store, a bucket and an archiver between them.
type fixture struct {
	t      testing.TB
	rows   *rowstore.Store
	store  *logstore.Store
	bucket objstore.Bucket
	dir    string
	cfg    Config
	// retention is what the archiver believes; the store keeps everything.
	retention time.Duration
	now       func() time.Time
}

var quiet = slog.New(slog.DiscardHandler)

func openRows(t testing.TB, dir string) *rowstore.Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = dir
	rows, err := rowstore.Open(cfg, quiet, prometheus.NewRegistry())
	require.NoError(t, err)
	return rows
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, rows: openRows(t, t.TempDir()), dir: t.TempDir(), cfg: DefaultConfig(), retention: 12 * time.Hour, now: time.Now}
	t.Cleanup(func() { require.NoError(t, f.rows.Close()) })
	f.store = logstore.New(f.rows, f.rows)
	var err error
	f.bucket, err = objects.Open(objects.Config{Type: objects.Directory, Directory: t.TempDir(), Prefix: "some/prefix"})
	require.NoError(t, err)
	return f
}

func (f *fixture) archiver(b objstore.Bucket) *Archiver {
	f.t.Helper()
	a, err := NewArchiver(f.cfg, Deps{
		Source: logstore.NewNumbered(f.rows), Bucket: b, Dir: f.dir, Logger: quiet,
		Retention: func(tenant.ID) time.Duration { return f.retention }, StoreRetention: 30 * 24 * time.Hour,
	})
	require.NoError(f.t, err)
	a.now = f.now
	return a
}

func (f *fixture) restored() *Restored {
	f.t.Helper()
	r, err := OpenRestored(f.t.Context(), f.dir+"/restored", 1<<30, quiet)
	require.NoError(f.t, err)
	return r
}

func (f *fixture) push(id tenant.ID, streams ...model.LogStream) {
	f.t.Helper()
	require.NoError(f.t, f.store.Append(f.t.Context(), id, streams))
}

func labelsOf(pairs ...string) model.Labels {
	var ls []model.Label
	for i := 0; i+1 < len(pairs); i += 2 {
		ls = append(ls, model.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return model.NewLabels(ls...)
}

// including asks for the archive too.
func including(ctx context.Context) context.Context {
	return logs.WithArchiveUse(ctx, logs.NewArchiveUse(true))
}

// texts returns what a query selects, one text for each entry, sorted unless the
// query has a limit.
func texts(ctx context.Context, t testing.TB, r selecter, id tenant.ID, q logs.Query) []string {
	t.Helper()
	var out []string
	require.NoError(t, r.Select(ctx, id, q, func(b *logs.Block) error {
		for i, at := range b.Times {
			line := "-"
			if b.Lines != nil {
				line = fmt.Sprintf("%q", b.Lines[i])
			}
			var meta []string
			for _, c := range b.Metadata {
				if c.Values[i] != "" {
					meta = append(meta, fmt.Sprintf("%q=%q", c.Name, c.Values[i]))
				}
			}
			slices.Sort(meta)
			out = append(out, fmt.Sprintf("%d %s %s %s", at, b.Stream, line, strings.Join(meta, ",")))
		}
		return nil
	}))
	if q.Limit == 0 {
		slices.Sort(out)
	}
	return out
}

// hoursAgo is the begin of the hour so many hours before now's.
func hoursAgo(n int) Hour { return HourOf(time.Now().UnixNano()) - Hour(int64(n)*hourLength) }

// someStreams makes entries over an hour: several streams, hostile lines, metadata.
func someStreams(h Hour, n int, salt string) []model.LogStream {
	streams := []model.LogStream{
		{Labels: labelsOf("service_name", "web", "env", "prod", "level", "info")},
		{Labels: labelsOf("service_name", "db", "é", "ü\"{}", "_msg", "x")},
		{Labels: labelsOf("job", "raw")},
	}
	lines := []string{"GET /a 200", "POST /b 500 error", "", "line\nbreak \x00 end", "broken \xff\xfe utf", `{"level":"error","took":12.5}`, "ÉTÉ"}
	for i := range n {
		e := model.LogEntry{Time: int64(h) + int64(i)*(hourLength/int64(n)), Line: fmt.Sprintf("%s %s %d", lines[i%len(lines)], salt, i)}
		if i%7 == 2 {
			e.Line = "" // the same line at other times
		}
		switch i % 3 {
		case 0:
			e.Metadata = labelsOf("trace_id", fmt.Sprintf("%032x", i), "detected_level", "error")
		case 1:
			e.Metadata = labelsOf("took", fmt.Sprint(i), "m:n", "=,}")
		}
		s := &streams[i%len(streams)]
		s.Entries = append(s.Entries, e)
		if i%50 == 0 { // there twice
			s.Entries = append(s.Entries, e)
		}
	}
	return streams
}

func everything() logs.Query {
	return logs.Query{Start: 0, End: time.Now().Add(time.Hour).UnixNano()}
}

// boundaryAt is a union whose local side answers from a time on.
func (f *fixture) union(a *Archiver, r *Restored, boundary int64) *Union {
	u := NewUnion(f.store, a, r)
	u.boundary = func(tenant.ID) int64 { return boundary }
	return u
}

// selecter is what texts needs of a reader.
type selecter interface {
	Select(ctx context.Context, t tenant.ID, q logs.Query, emit func(*logs.Block) error) error
}
